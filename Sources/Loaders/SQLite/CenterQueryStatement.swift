// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Records

/// Makes a statement of a query that somebody wrote into a pipeline, if it does nothing but read entities.
struct CenterQueryStatement {
  let handle: OpaquePointer
  let facts: CenterQueryFacts

  /// - Parameter entities: names of the tables that may be read.
  init(
    _ query: String, on database: OpaquePointer, entities: Set<String>
  ) throws(CenterQueryFault) {
    let reads = Reads(entities)
    sqlite3_set_authorizer(
      database,
      { context, action, first, _, _, _ in
        guard let context else { return SQLITE_DENY }
        return Unmanaged<Reads>.fromOpaque(context).takeUnretainedValue()
          .judge(action, first.map { String(cString: $0) })
      }, Unmanaged.passUnretained(reads).toOpaque())
    defer { sqlite3_set_authorizer(database, nil, nil) }
    handle = try Self.prepare(query, database, reads)
    do throws(CenterQueryFault) {
      guard sqlite3_stmt_readonly(handle) != 0, sqlite3_stmt_isexplain(handle) == 0 else { throw .noSelect }
      facts = CenterQueryFacts(entities: reads.met, columns: try Self.columns(handle))
    } catch {
      sqlite3_finalize(handle)
      throw error
    }
  }

  private static func prepare(
    _ query: String, _ database: OpaquePointer, _ reads: Reads
  ) throws(CenterQueryFault) -> OpaquePointer {
    var statement: OpaquePointer?
    var isOne = true
    let code = query.withCString { text in
      var rest: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v2(database, text, -1, &statement, &rest)
      if code == SQLITE_OK, let rest {
        // What is left over may be nothing but blanks and comments.
        var next: OpaquePointer?
        let after = sqlite3_prepare_v2(database, rest, -1, &next, nil)
        isOne = after == SQLITE_OK && next == nil
        sqlite3_finalize(next)
      }
      return code
    }
    if code == SQLITE_OK, let statement {
      if isOne { return statement }
      sqlite3_finalize(statement)
      throw CenterQueryFault(
        "the query is more than one statement", help: "write one SELECT; 'with … as (…) select' is one")
    }
    if code == SQLITE_OK { throw .noSelect }
    if let refused = reads.refused { throw refused }
    let place = sqlite3_error_offset(database)
    let line = place < 0 ? 1 : 1 + query.utf8.prefix(Int(place)).count { $0 == UInt8(ascii: "\n") }
    throw .refused(String(cString: sqlite3_errmsg(database)), line: line, known: reads.entities.sorted())
  }

  private static func columns(
    _ statement: OpaquePointer
  ) throws(CenterQueryFault) -> [CenterQueryFacts.Column] {
    var columns: [CenterQueryFacts.Column] = []
    for index in 0..<sqlite3_column_count(statement) {
      let name = sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      guard name.utf8.allSatisfy({ Self.isNamePart($0) }) else {
        throw CenterQueryFault(
          "column \(index + 1) of the query, '\(name)', has no name that a path could say",
          help: "add 'as name' behind it, of letters, digits and '_'")
      }
      if columns.contains(where: { $0.name == name }) {
        throw CenterQueryFault(
          "two columns of the query are called '\(name)'", help: "add 'as …' behind one of them")
      }
      var origin: EntityReference?
      if let table = sqlite3_column_table_name(statement, index),
        let field = sqlite3_column_origin_name(statement, index)
      {
        origin = EntityReference(entity: String(cString: table), field: String(cString: field))
      }
      columns.append(CenterQueryFacts.Column(name: name, origin: origin))
    }
    return columns
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: byte >= 0x80
    }
  }

  /// What SQLite asks leave for while it compiles.
  private final class Reads {
    let entities: Set<String>
    private(set) var met: Set<String> = []
    private(set) var refused: CenterQueryFault?

    init(_ entities: Set<String>) { self.entities = entities }

    func judge(_ action: Int32, _ name: String?) -> Int32 {
      switch action {
      case SQLITE_SELECT, SQLITE_RECURSIVE, SQLITE_FUNCTION: return SQLITE_OK
      case SQLITE_READ:
        guard let name else { return SQLITE_OK }
        if let entity = entities.first(where: { $0.lowercased() == name.lowercased() }) {
          met.insert(entity)
          return SQLITE_OK
        }
        refused =
          refused
          ?? CenterQueryFault(
            "'\(name)' is no entity of the shared schema",
            help: Suggestion.help(for: name, among: entities.sorted()))
      default: refused = refused ?? .noSelect
      }
      return SQLITE_DENY
    }
  }
}

extension CenterQueryFault {
  fileprivate static let noSelect = CenterQueryFault(
    "the query is no SELECT",
    help: "write one SELECT over entities of the shared schema: the center is only read"
  )

  fileprivate static func refused(_ cause: String, line: Int, known: [String]) -> CenterQueryFault {
    let table = "no such table: "
    guard cause.hasPrefix(table) else {
      return CenterQueryFault(
        "the query is not understood, at its line \(line): \(cause)",
        help: "correct it; fields are called as in the shared schema, and tables as its entities")
    }
    let name = String(cause.dropFirst(table.count))
    return CenterQueryFault(
      "'\(name)' is no entity of the shared schema", help: Suggestion.help(for: name, among: known))
  }
}
