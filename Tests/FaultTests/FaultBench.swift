// SPDX-License-Identifier: Apache-2.0

import BuiltIns
import CSQLite
import Components
import Diagnostics
import Engine
import Foundation
import PipelineFiles
import Planning
import Records
import Sandbox
import Store
import Testing

/// A source on loopback that can go wrong, and a folder with a pipeline that asks it, a home and a center.
final class FaultBench {
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  enum Format { case json, xml }

  let folder: String
  let front: FaultFront

  private static let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()

  /// - Parameters:
  ///   - records: where JSON has its records.
  ///   - extract: settings of `http` behind its system.
  ///   - system: keys of the system behind its address; `@URL` stands for the source's.
  init(
    _ format: Format = .json, records: String = "/items", extract: String, system: String = "",
    tls: TLSServer? = nil,
    faults: [Fault] = [], authority: String? = nil,
    origin: @escaping @Sendable (WireRequest) -> WireAnswer = { _ in WireAnswer(404, "text/plain", "no\n") }
  ) throws {
    folder = Self.root + "terrace-fault-" + UUID().uuidString
    front = try FaultFront(origin: .computed(origin), faults: faults, tls: tls)
    let errors = ", errors: { when: /status, is: error, message: /message }"
    let decode =
      format == .json
      ? "json: { records: \(records)\(records == "/items" ? errors : "") }"
      : "xml: { records: /ds/r }"
    let map =
      format == .json ? "{ code: code, name: name }" : "{ code: \"@code\", name: n }"
    try write(
      "Pipelines/things.yaml",
      """
      pipeline: things
      extract: { http: { system: source, \(extract) } }
      decode:
        \(decode)
      transform: { to: thing, map: \(map) }
      load: { center: { mode: merge } }
      """)
    try write(
      "Pipelines/schema/thing.yaml",
      "entity: thing\nkey: [code]\nfields: { code: { type: text }, name: { type: text } }\n")
    // All runs of a test are of one process, which would leave a system in peace after giving up on it.
    try write(
      "Pipelines/systems.yaml",
      """
      source:
        base_url: \(front.url)
        retries: { attempts: 2, first_wait: 5ms, longest_wait: 50ms, cool_down: 1ms }
        timeouts: { connect: 500ms, first_byte: 500ms, stall: 500ms, whole: 10s }
      \(authority.map { "  tls: { ca_file: \($0) }\n" } ?? "")\(system.replacing("@URL", with: front.url))
      """)
  }

  deinit {
    front.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func write(_ path: String, _ text: String) throws {
    let url = URL(filePath: folder + "/" + path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private var home: String { folder + "/home" }

  /// A run as `terrace run things` makes it, everything opened anew.
  @discardableResult
  func run() throws -> RunReport {
    let resolver = ReferenceResolver(environment: ["TERRACE_SECRET_S": "sandbox"], secretsFolder: nil)
    let planner = Planner(
      catalog: BuiltIns.catalog, folder: PipelineFolder(folder + "/Pipelines", resolver: resolver),
      resolver: resolver)
    let planned = planner.plan(["things"])
    guard let plan = planned.plans.first, planned.diagnostics.requiringSecrets().exit == nil else {
      throw Problem(description: planned.diagnostics.map(\.message).joined(separator: "\n"))
    }
    let home = try Home(self.home)
    let environment = EngineEnvironment(
      home: home, ledger: try Ledger(home: home), landing: try LandingZone(home: home),
      center: "sqlite:\(self.home)/center.db", baseFolder: folder, clock: EngineClock())
    return PipelineRunner(environment, plan).run(RunOptions())
  }

  /// What the center has, `code name`; nothing when there is none.
  func rows() throws -> [String] {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    guard sqlite3_open_v2(home + "/center.db", &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      return []
    }
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard
      sqlite3_prepare_v2(database, "SELECT code || ' ' || name FROM thing ORDER BY code", -1, &statement, nil)
        == SQLITE_OK
    else { return [] }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "∅")
    }
    return rows
  }

  /// Begins anew with an empty home.
  func forget() throws {
    if FileManager.default.fileExists(atPath: home) { try FileManager.default.removeItem(atPath: home) }
  }

  /// As if the time were over for which a system that failed is left in peace.
  func forgetPeace() throws { try FileManager.default.removeItem(atPath: home + "/systems") }

  /// Files in the landing zone that are no payload.
  func leftovers() -> [String] {
    let files = (try? FileManager.default.subpathsOfDirectory(atPath: home + "/landing")) ?? []
    return files.filter { $0.contains("tmp") || $0.contains("part") }.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(home)/landing/\($0)", isDirectory: &isFolder)
        && !isFolder.boolValue
    }
  }
}

/// Why a run failed, from its error or that of a batch.
extension RunReport {
  var failureID: String? { error?.id ?? batches.compactMap(\.error).first?.id }
  var failure: StageFailure? { error ?? batches.compactMap(\.error).first }
}
