// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What a tap did against the Singer specification, or against what was asked; sorted by id.
enum SingerDiagnostics {
  static func batch(at place: String) -> StageFailure {
    StageFailure(
      id: "singer.batch", "the tap names files (BATCH) instead of sending records", at: place,
      help: "take 'batch_config' out of its configuration", exit: .sourceProtocol)
  }

  static func countDiffers(said: Int, came: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "singer.count-differs", "the tap says that it sent \(said) records; \(came) came", at: place,
      help:
        "run again; if it stays, compare with the source; if the tap counts otherwise, write 'counts: ignore'",
      exit: .sourceProtocol)
  }

  static func lineTooLong(_ limit: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "singer.line-too-long", "a line of the tap has more than \(ByteCount.text(limit))", at: place,
      help: "raise 'line_bytes' if that is right", exit: .sourceProtocol)
  }

  static func noFolder(_ path: String, _ reason: String, at place: String) -> StageFailure {
    StageFailure(
      id: "singer.no-folder", "the tap's configuration cannot be written to '\(path)': \(reason)", at: place,
      help: "make room there, or let TMPDIR name a folder that may be written", exit: .storage)
  }

  static func noSuchStream(_ name: String, among names: [String], at position: FilePosition) -> StageFailure {
    StageFailure(
      id: "singer.no-such-stream", "the tap has no stream '\(name)'", at: position.description,
      help: names.isEmpty
        ? "it spoke of no stream at all: look whether 'catalog' selects one, and what '--discover' prints"
        : "it has \(names.prefix(20).joined(separator: ", ")); correct 'stream', or select it in 'catalog'",
      exit: .files)
  }

  static func notAMessage(_ fact: String, at place: String) -> StageFailure {
    StageFailure(
      id: "singer.not-a-message", "this line is no Singer message: \(fact)", at: place,
      help: "run the tap by hand and look at this line; what is no message belongs on standard error",
      exit: .sourceProtocol)
  }
}
