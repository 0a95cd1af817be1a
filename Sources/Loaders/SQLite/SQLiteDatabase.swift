// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Diagnostics
import Glibc
import Records

/// One open SQLite file, used by one thread at a time. Every error becomes a ``StageFailure`` that names the
/// file.
final class SQLiteDatabase {
  let handle: OpaquePointer
  let path: String

  /// Opens a file, making it readable by its owner only where it does not exist.
  init(path: String, busyMilliseconds: Int32 = 60_000) throws(StageFailure) {
    // Made by us and not by SQLite, so that it is private from its first moment; journals inherit its mode.
    let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      Glibc.close(descriptor)
    } else if errno != EEXIST {
      throw SQLiteFailure.opening(path, errno: errno)
    }
    handle = try Self.open(path, SQLITE_OPEN_READWRITE)
    self.path = path
    sqlite3_busy_timeout(handle, busyMilliseconds)
  }

  /// Opens an existing file that is not to be written.
  init(reading path: String) throws(StageFailure) {
    handle = try Self.open(path, SQLITE_OPEN_READONLY)
    self.path = path
    sqlite3_busy_timeout(handle, 60_000)
  }

  /// Opens a database that goes away with this.
  init(inMemory: Void) throws(StageFailure) {
    path = ":memory:"
    handle = try Self.open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY)
  }

  private static func open(_ path: String, _ flags: Int32) throws(StageFailure) -> OpaquePointer {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    if code == SQLITE_OK, let opened { return opened }
    let cause = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
    sqlite3_close_v2(opened)
    throw SQLiteFailure.make(code, cause: cause, doing: "opening", path: path)
  }

  deinit { sqlite3_close_v2(handle) }

  func execute(_ sql: String) throws(StageFailure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw failure(code, doing: sql) }
  }

  func prepare(_ sql: String) throws(StageFailure) -> SQLiteStatement {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code, doing: sql) }
    return SQLiteStatement(statement, database: self)
  }

  /// Rows that the last statement changed.
  var changes: Int { Int(sqlite3_changes(handle)) }
  var lastRowid: Int64 { sqlite3_last_insert_rowid(handle) }
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Ends a transaction without effect, whatever state an error left it in.
  func rollBack() {
    if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
  }

  func hasTable(_ name: String) throws(StageFailure) -> Bool {
    let statement = try prepare(
      "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE")
    statement.bind(name, at: 1)
    return try statement.step()
  }

  /// Marks a durable step, at which tests make the disk fail.
  func step(_ name: StaticString) throws(StageFailure) {
    do { try FailPoint.check(name) } catch { throw SQLiteFailure.injected(error, path: path) }
  }

  func failure(_ code: Int32, doing: String) -> StageFailure {
    SQLiteFailure.make(code, cause: String(cString: sqlite3_errmsg(handle)), doing: doing, path: path)
  }
}

/// A prepared statement. Its bindings stay over ``reset()``; text bound from memory must outlive the step.
final class SQLiteStatement {
  let handle: OpaquePointer
  private let database: SQLiteDatabase

  init(_ handle: OpaquePointer, database: SQLiteDatabase) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Goes to the next row.
  ///
  /// - Returns: false when there is none; the statement is then reset.
  func step() throws(StageFailure) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    // Made before the reset: its message is the connection's last one.
    let failure = code == SQLITE_DONE ? nil : self.failure(code)
    sqlite3_reset(handle)
    if let failure { throw failure }
    return false
  }

  /// Runs a statement that answers no rows, and resets it.
  func run() throws(StageFailure) {
    if try step() { sqlite3_reset(handle) }
  }

  func reset() { sqlite3_reset(handle) }

  private func failure(_ code: Int32) -> StageFailure {
    database.failure(code, doing: String(cString: sqlite3_sql(handle)))
  }

  func bind(_ text: String, at index: Int32) {
    // Copied by SQLite (its SQLITE_TRANSIENT): the string's memory ends with this call.
    let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), copies)
  }

  func bind(_ number: Int64, at index: Int32) { sqlite3_bind_int64(handle, index, number) }
  /// Binds a column of another statement's row.
  func bind(_ row: SQLiteStatement, _ column: Int32, at index: Int32) {
    sqlite3_bind_value(handle, index, sqlite3_column_value(row.handle, column))
  }
  func bindNull(at index: Int32) { sqlite3_bind_null(handle, index) }

  /// Binds bytes that stay where they are until the step, or a copy of them.
  func bind(blob: UnsafeRawBufferPointer, at index: Int32, copies: Bool = false) {
    let count = Int32(truncatingIfNeeded: blob.count)
    if copies {
      sqlite3_bind_blob(
        handle, index, blob.baseAddress, count, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    } else {
      sqlite3_bind_blob(handle, index, blob.baseAddress, count, nil)
    }
  }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func text(_ column: Int32) -> String? {
    isNull(column) ? nil : String(decoding: bytes(column), as: UTF8.self)
  }

  /// The bytes of a text or blob; valid until the next step or reset.
  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    let start = sqlite3_column_blob(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    return UnsafeBufferPointer(
      start: start?.assumingMemoryBound(to: UInt8.self), count: start == nil ? 0 : count)
  }
}

/// A name as SQL writes it, whatever stands in it.
func quoted(_ name: String) -> String {
  var text = "\""
  for character in name.unicodeScalars {
    if character == "\"" { text.unicodeScalars.append(character) }
    text.unicodeScalars.append(character)
  }
  return text + "\""
}
