// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Glibc
import PipelineTesting
import Records

@testable import Loaders

/// A center in a file that goes away with it.
final class TemporaryCenter {
  let path: String

  init() {
    var template = Array("/tmp/terrace-center-XXXXXX".utf8CString)
    path =
      template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
      } + "/center.db"
  }

  deinit {
    for suffix in ["", "-journal"] { unlink(path + suffix) }
    rmdir(String(path.dropLast("/center.db".count)))
  }

  var url: String { "sqlite:" + path }

  var kitCenter: LoaderKit.Center {
    LoaderKit.Center(url: url) { try self.columns("SELECT * FROM \"\($0)\"") }
  }

  func columns(_ sql: String) throws -> [[String: String?]] {
    let database = try SQLiteDatabase(path: path)
    let statement = try database.prepare(sql)
    var rows: [[String: String?]] = []
    while try statement.step() {
      var row: [String: String?] = [:]
      for column in 0..<sqlite3_column_count(statement.handle) {
        row[String(cString: sqlite3_column_name(statement.handle, column))] = .some(statement.text(column))
      }
      rows.append(row)
    }
    return rows
  }

  /// The rows of a query, each as its values between bars.
  func rows(_ sql: String) throws -> [String] {
    let database = try SQLiteDatabase(path: path)
    let statement = try database.prepare(sql)
    var rows: [String] = []
    while try statement.step() {
      rows.append(
        (0..<sqlite3_column_count(statement.handle)).map { statement.text($0) ?? "NULL" }
          .joined(separator: " | "))
    }
    return rows
  }

  func execute(_ sql: String) throws { try SQLiteDatabase(path: path).execute(sql) }
}

extension FilePosition {
  static let nowhere = FilePosition(file: "test.yaml", line: 1, column: 1)
}

extension CenterLoader {
  init() throws {
    try self.init(
      Settings(
        Tree(
          .mapping([
            .init(
              key: "mode", keyPosition: .nowhere, value: Tree(.scalar("merge", isPlain: true), at: .nowhere))
          ]), at: .nowhere), owner: "loader 'center'"))
  }
}
