// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

// Components that do nothing: planning makes them, nobody runs them.

struct FakeFile: Extractor {
  static let path = Setting.text("path", "Files to read.")
  static let description = ComponentDescription("file", "Reads files.", [path.description])
  let isPaging = false

  init(_ settings: Settings) throws(Diagnostic) { _ = try settings[Self.path] }

  func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {}
}

struct FakeHTTP: Extractor {
  static let system = Setting.text("system", "System to ask.")
  static let path = Setting.text("path", "Path of the request.")
  static let anything: [SettingDescription] = ["paginate", "since"].map { name in
    Setting<Bool>(
      name, "Whatever.", shape: .map(.text), default: nil, isRequired: false,
      read: { _ throws(Diagnostic) in true }
    ).description
  }
  static let description = ComponentDescription(
    "http", "Asks a system.", [system.description, path.description] + anything)
  let isPaging: Bool

  init(_ settings: Settings) throws(Diagnostic) {
    isPaging = settings.tree["paginate"] != nil
    let system = try settings[Self.system]
    if system == "nowhere" {
      throw Diagnostic(id: "http.unknown-system", "no system", at: settings.tree.position, help: "name one")
    }
  }

  func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {}
}

struct FakeXML: RecordDecoder {
  static let description = ComponentDescription("xml", "Reads XML.", [])
  static let defaultRecords: String? = nil
  static let isMarkup = true

  init(_ settings: Settings) throws(Diagnostic) {}

  func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String? { nil }

  func session(_ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink) throws(StageFailure)
    -> any DecodingSession
  { throw StageFailure(id: "test.unused", "unused", help: "do not call it", exit: .bug) }
}

struct FakeNDJSON: RecordDecoder {
  static let description = ComponentDescription("ndjson", "Reads lines of JSON.", [])
  static let defaultRecords: String? = "/"

  init(_ settings: Settings) throws(Diagnostic) {}

  func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String? { nil }

  func session(_ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink) throws(StageFailure)
    -> any DecodingSession
  { throw StageFailure(id: "test.unused", "unused", help: "do not call it", exit: .bug) }
}

struct FakeCSV: RecordDecoder {
  static let description = ComponentDescription("csv", "Reads rows.", [])
  static let defaultRecords: String? = "/"
  static let hasCells = true

  init(_ settings: Settings) throws(Diagnostic) {}

  func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String? { nil }

  func session(_ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink) throws(StageFailure)
    -> any DecodingSession
  { throw StageFailure(id: "test.unused", "unused", help: "do not call it", exit: .bug) }
}

struct FakeCenter: Loader {
  static let description = ComponentDescription("center", "Loads into the center.", [])

  init(_ settings: Settings) throws(Diagnostic) {}

  func connect(center: String, plan: LoadPlan) throws(StageFailure) -> any LoadConnection {
    throw StageFailure(id: "test.unused", "unused", help: "do not call it", exit: .bug)
  }
}

let fakes = Catalog(
  extractors: [FakeFile.self, FakeHTTP.self], decoders: [FakeXML.self, FakeNDJSON.self, FakeCSV.self],
  loaders: [FakeCenter.self])
