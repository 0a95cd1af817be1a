// SPDX-License-Identifier: Apache-2.0

import BuiltIns
import CSQLite
import Components
import Diagnostics
import Engine
import Foundation
import Glibc
import PipelineFiles
import Planning
import Records
import Store
import Testing

/// A folder of its own with pipelines, payloads, home and center, and the ways tests work in it.
final class Workbench {
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  let folder: String
  /// Seconds that the engine's clock shows.
  var now: Int64 = 1_767_571_200  // 2026-01-05T00:00:00Z

  init(_ files: [String: String] = [:]) throws {
    folder = Self.root + "terrace-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (path, text) in files { try write(path, text) }
  }

  /// In memory where the system has such a folder: hundreds of runs make thousands of small files durable, and what
  /// a killed process leaves there is the same.
  private static let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ path: String, _ text: String) throws { try write(path, Data(text.utf8)) }

  func write(_ path: String, _ data: Data) throws {
    let url = URL(filePath: folder + "/" + path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: folder + "/" + path) }

  var pipelines: String { folder + "/Pipelines" }
  var home: String { folder + "/home" }
  var center: String { home + "/center.db" }

  func plan(_ name: String) throws -> Plan {
    let resolver = ReferenceResolver(environment: [:], secretsFolder: nil)
    let planner = Planner(
      catalog: BuiltIns.catalog, folder: PipelineFolder(pipelines, resolver: resolver), resolver: resolver)
    let planned = planner.plan([name])
    let errors = planned.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty, let plan = planned.plans.first else {
      throw Problem(
        description: errors.map { "\($0.position?.description ?? ""): \($0.message)" }.joined(separator: "\n")
      )
    }
    return plan
  }

  func environment() throws -> EngineEnvironment {
    let home = try Home(self.home)
    let seconds = now
    return EngineEnvironment(
      home: home, ledger: try Ledger(home: home), landing: try LandingZone(home: home),
      center: "sqlite:" + center,
      baseFolder: folder, clock: EngineClock(seconds: { seconds }))
  }

  @discardableResult
  func run(_ name: String, full: Bool = false, limit: Int? = nil) throws -> RunReport {
    try PipelineRunner(environment(), plan(name)).run(RunOptions(isFull: full, limit: limit))
  }

  @discardableResult
  func replay(_ name: String, _ request: ReplayRequest) throws -> RunReport {
    try PipelineRunner(environment(), plan(name)).replay(request)
  }

  func ledger() throws -> Ledger { try Ledger(home: Home(home)) }

  /// Rows of the center as text, columns joined by `|`, null as `∅`.
  func rows(_ sql: String) throws -> [String] { try Self.rows(sql, in: center) }

  static func rows(_ sql: String, in path: String) throws -> [String] {
    var database: OpaquePointer?
    guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      throw Problem(description: "cannot open \(path)")
    }
    defer { sqlite3_close(database) }
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else {
      throw Problem(description: String(cString: sqlite3_errmsg(database)))
    }
    defer { sqlite3_finalize(statement) }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(
        (0..<sqlite3_column_count(statement)).map { column in
          sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "∅"
        }.joined(separator: "|"))
    }
    return rows
  }
}

/// The files of a small pipeline that most engine tests use: people with a version, from XML.
enum People {
  static let schema = """
    entity: person
    key: [code]
    fields:
      code: { type: text }
      name: { type: text }
      born: { type: date }
      updated: { type: date }
    """

  static func pipeline(path: String = "in/*.xml", load: String = "{ mode: merge }", extra: String = "")
    -> String
  {
    """
    pipeline: people
    extract: { file: { path: "\(path)" } }
    decode:
      xml: { records: /p/r }
    transform:
      to: person
      dates: dd/MM/yyyy
      map: { code: "@c", name: n, born: b, updated: u }
    \(extra)
    load: { center: \(load) }
    """
  }

  static func payload(_ rows: [(code: String, name: String, born: String, updated: String)]) -> String {
    "<p>\n"
      + rows.map { "<r c='\($0.code)'><n>\($0.name)</n><b>\($0.born)</b><u>\($0.updated)</u></r>\n" }.joined()
      + "</p>"
  }

  static func bench(
    _ rows: [(code: String, name: String, born: String, updated: String)], load: String = "{ mode: merge }"
  )
    throws -> Workbench
  {
    try Workbench([
      "Pipelines/people.yaml": pipeline(load: load), "Pipelines/schema/person.yaml": schema,
      "in/1.xml": payload(rows),
    ])
  }
}
