// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Glibc
import Records

/// A query of a center: looked at without one, and asked of one without writing to it.
struct SQLiteCenterRows {
  let query: String
  let entities: [String: EntitySchema]

  /// Holds the query against tables as the shared schema makes them.
  func examine() throws(CenterQueryFault) -> CenterQueryFacts {
    let database: SQLiteDatabase
    do throws(StageFailure) {
      database = try SQLiteDatabase(inMemory: ())
      for name in entities.keys.sorted() {
        guard let columns = columns(of: name) else { continue }
        let names = columns.map(quoted).joined(separator: ", ")
        try database.execute("CREATE TABLE \(quoted(name)) (\(names))")
      }
    } catch {
      throw CenterQueryFault("the query cannot be looked at: \(error.message)", help: error.help)
    }
    let statement = try CenterQueryStatement(query, on: database.handle, entities: Set(entities.keys))
    sqlite3_finalize(statement.handle)
    return statement.facts
  }

  /// Columns of an entity's table, those of bookkeeping included; nil for an entity that can have none.
  private func columns(of name: String) -> [String]? {
    guard let entity = entities[name], let layout = try? TableLayout(entity, among: entities) else {
      return nil
    }
    return layout.columns.map(\.name) + TableLayout.bookkeeping + [TableLayout.deletedAt]
  }

  /// Hands over the rows as NDJSON. They are put aside until the last has come, so that the center is not held while
  /// they are landed: the run that asks for them may have to write to it meanwhile.
  ///
  /// - Returns: entities of the query that the center has no table of.
  func rows(
    center path: String, isCancelled: () -> Bool, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    let aside = RowsAside()
    let missing = try withoutActuallyEscaping(isCancelled) { isCancelled throws(StageFailure) in
      // Where nothing was loaded yet there is no file.
      let database =
        access(path, F_OK) == 0
        ? try SQLiteDatabase(reading: path) : try SQLiteDatabase(inMemory: ())
      let watch = Watch(isCancelled)
      sqlite3_progress_handler(
        database.handle, 100_000,
        { context in
          guard let context else { return 0 }
          return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().isCancelled() ? 1 : 0
        }, Unmanaged.passUnretained(watch).toOpaque())
      defer { sqlite3_progress_handler(database.handle, 0, nil, nil) }
      return try collect(from: database, into: aside)
    }
    try aside.handOver(take)
    return missing
  }

  private final class Watch {
    let isCancelled: () -> Bool
    init(_ isCancelled: @escaping () -> Bool) { self.isCancelled = isCancelled }
  }

  private func collect(from database: SQLiteDatabase, into aside: RowsAside) throws(StageFailure) -> [String]
  {
    var missing: [String] = []
    let statement: SQLiteStatement
    let facts: CenterQueryFacts
    do throws(CenterQueryFault) {
      facts = try examine()
    } catch {
      throw Self.failure(error, database)
    }
    for entity in facts.entities.sorted() where try !fit(entity, in: database) { missing.append(entity) }
    do throws(CenterQueryFault) {
      let made = try CenterQueryStatement(query, on: database.handle, entities: Set(entities.keys))
      statement = SQLiteStatement(made.handle, database: database)
    } catch {
      throw Self.failure(error, database)
    }
    while try statement.step() {
      try aside.append(statement, columns: facts.columns.map(\.name))
    }
    return missing
  }

  private static func failure(_ fault: CenterQueryFault, _ database: SQLiteDatabase) -> StageFailure {
    StageFailure(
      id: "extract.bad-query", fault.message, at: database.path, help: fault.help, exit: .files)
  }

  /// Puts a view in front of a table that has not all columns of the schema, for nothing was loaded into them yet, or
  /// that is not there.
  ///
  /// - Returns: whether the table is there.
  private func fit(_ entity: String, in database: SQLiteDatabase) throws(StageFailure) -> Bool {
    let isThere = try database.hasTable(entity)
    let standing = isThere ? try StandingTable(entity, in: database).columns : [:]
    let wanted = columns(of: entity) ?? []
    if isThere, wanted.allSatisfy({ standing[$0.lowercased()] != nil }) { return true }
    let selected = wanted.map { standing[$0.lowercased()] == nil ? "NULL AS \(quoted($0))" : quoted($0) }
      .joined(separator: ", ")
    let source = isThere ? "FROM main.\(quoted(entity))" : "WHERE 0"
    try database.execute("CREATE TEMP VIEW \(quoted(entity)) AS SELECT \(selected) \(source)")
    return isThere
  }
}

/// Rows as NDJSON in a temporary file.
private final class RowsAside {
  private static let blockBytes = 1 << 16

  private var block = GrowableBuffer<UInt8>(capacity: RowsAside.blockBytes)
  private var file: TemporaryFile?
  private var written = 0

  deinit { block.deallocate() }

  func append(_ row: SQLiteStatement, columns: [String]) throws(StageFailure) {
    block.append(UInt8(ascii: "{"))
    for (index, name) in columns.enumerated() {
      if index > 0 { block.append(UInt8(ascii: ",")) }
      var name = name
      name.withUTF8 { appendText($0) }
      block.append(UInt8(ascii: ":"))
      try appendCell(row, Int32(index), name)
    }
    append("}\n")
    if block.count >= Self.blockBytes { try put() }
  }

  private func appendCell(_ row: SQLiteStatement, _ column: Int32, _ name: String) throws(StageFailure) {
    switch sqlite3_column_type(row.handle, column) {
    case SQLITE_NULL: append("null")
    case SQLITE_INTEGER: append(String(row.integer(column)))
    case SQLITE_TEXT: appendText(row.bytes(column))
    case let type:
      let isBinary = type == SQLITE_FLOAT
      throw StageFailure(
        id: "extract.inexact-column",
        isBinary
          ? "column '\(name)' of the query is a binary number, which holds no decimal fraction exactly"
          : "column '\(name)' of the query is bytes, not text",
        help: isBinary
          ? "count in whole numbers, or say how many digits are wanted: printf('%.2f', …) as \(name)"
          : "select another column", exit: .files)
    }
  }

  private func appendText(_ text: UnsafeBufferPointer<UInt8>) {
    block.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        block.append(UInt8(ascii: "\\"))
        block.append(byte)
      case ..<0x20:
        append("\\u00")
        append(String(byte >> 4, radix: 16))
        append(String(byte & 15, radix: 16))
      default: block.append(byte)
      }
    }
    block.append(UInt8(ascii: "\""))
  }

  private var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: block.base, count: block.count)
  }

  private func append(_ text: String) {
    for byte in text.utf8 { block.append(byte) }
  }

  private func put() throws(StageFailure) {
    do throws(TemporaryFileFailure) {
      if file == nil { file = try TemporaryFile() }
      try file?.write(bytes, at: written)
      written += block.count
      block.count = 0
    } catch { throw Self.failure(error) }
  }

  func handOver(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    var piece = [UInt8](repeating: 0, count: Self.blockBytes)
    var at = 0
    while let file, at < written {
      let count = min(piece.count, written - at)
      try piece.withUnsafeMutableBytes { bytes in
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
        do throws(TemporaryFileFailure) { try file.read(part, at: at) } catch { throw Self.failure(error) }
        try take(UnsafeRawBufferPointer(part))
      }
      at += count
    }
    if block.count > 0 { try take(bytes) }
  }

  private static func failure(_ failure: TemporaryFileFailure) -> StageFailure {
    StageFailure(
      id: "load.temporary-file",
      "cannot \(failure.action) the temporary file for rows of the center: \(failure.cause)",
      help: "free space in the folder for temporary files, or name another by TMPDIR, then run again",
      exit: .storage)
  }
}
