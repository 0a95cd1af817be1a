// SPDX-License-Identifier: Apache-2.0

import Foundation
import Terrace

/// Reads drops: a system puts a folder for each day, `2026-11-20`, with files of fixed names and, when all are
/// there, a manifest with a line `<bytes> <name>` for each.
///
/// Drops are taken in the order of their names. One without its manifest is still being written: it and those behind
/// it wait for the next run.
public struct DailyDropExtractor: Extractor {
  static let folder = Setting.text("folder", "Folder that holds a folder for each drop.")
  static let manifest = Setting.text("manifest", "Name of the manifest.", default: "MANIFEST")

  public static let description = ComponentDescription(
    "daily_drop", "Reads drops: a folder a day, complete when its manifest is there.",
    example: "daily_drop: { folder: drops }", [folder.description, manifest.description])

  let folder: String
  let manifest: String

  public init(_ settings: Settings) throws(Diagnostic) {
    folder = try settings[Self.folder]
    manifest = try settings[Self.manifest]
  }

  /// Each file is a payload of its own, with records of its own.
  public var isPaging: Bool { false }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    let known = try checkpoint.map(DropCheckpoint.init)
    let root = folder.hasPrefix("/") ? folder : "\(landing.baseFolder)/\(folder)"
    for drop in try drops(in: root) where drop >= known?.drop ?? "" {
      guard let files = try listed("\(root)/\(drop)", drop) else { return }
      for (number, file) in files.enumerated() {
        if drop == known?.drop, number < known?.files ?? 0 { continue }
        if landing.isCancelled { return }
        let next = DropCheckpoint(drop: drop, files: number + 1)
        try land(file, "\(root)/\(drop)/\(file.name)", "\(drop)/\(file.name)", next, landing)
      }
    }
  }

  private struct ListedFile {
    var name: String
    var bytes: Int
  }

  private func drops(in root: String) throws -> [String] {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: root)
      return names.filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      throw StageFailure(
        id: "daily-drop.no-folder", "the folder '\(folder)' cannot be read", at: folder,
        help: "make it or mount it, or correct 'folder'", exit: .unavailable)
    }
  }

  /// The files of a drop; nil while it has no manifest.
  private func listed(_ path: String, _ drop: String) throws -> [ListedFile]? {
    guard let text = try? String(contentsOfFile: "\(path)/\(manifest)", encoding: .utf8) else { return nil }
    return try text.split(whereSeparator: \.isNewline).map { line in
      let words = line.split(separator: " ", maxSplits: 1)
      // A name that leaves the folder is not one of this drop.
      guard words.count == 2, let bytes = Int(words[0]), !words[1].contains("/"), words[1] != ".." else {
        throw StageFailure(
          id: "daily-drop.bad-manifest", "a line of the manifest is not '<bytes> <name>'",
          at: "\(drop)/\(manifest)", help: "let the sender correct its manifest", exit: .sourceProtocol)
      }
      return ListedFile(name: String(words[1]), bytes: bytes)
    }
  }

  private func land(
    _ file: ListedFile, _ path: String, _ origin: String, _ next: DropCheckpoint, _ landing: any LandingWriter
  ) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw incomplete(origin, "is not there, though the manifest lists it")
    }
    defer { try? handle.close() }
    try landing.begin(
      PayloadHead(origin: "drop:\(origin)", name: file.name, expectedBytes: Int64(file.bytes)))
    var bytes = 0
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
      if landing.isCancelled { return landing.discard() }
      try piece.withUnsafeBytes { try landing.write($0) }
      bytes += piece.count
    }
    guard bytes == file.bytes else {
      landing.discard()
      throw incomplete(origin, "has \(bytes) bytes, and \(file.bytes) in the manifest")
    }
    try landing.end(resume: next.checkpoint)
  }

  private func incomplete(_ origin: String, _ fact: String) -> StageFailure {
    StageFailure(
      id: "daily-drop.incomplete", "'\(origin)' \(fact)", at: origin,
      help: "run again when it is complete; the manifest must be written last", exit: .tryAgain,
      isTransient: true)
  }
}

/// How far the drops have been read: this many files of this drop, and all drops before it.
struct DropCheckpoint: Codable {
  var drop: String
  var files: Int

  init(drop: String, files: Int) {
    self.drop = drop
    self.files = files
  }

  init(_ checkpoint: Checkpoint) throws {
    do { self = try JSONDecoder().decode(Self.self, from: Data(checkpoint.json.utf8)) } catch {
      throw StageFailure(
        id: "daily-drop.bad-checkpoint", "the checkpoint is none of this extractor",
        help: "'terrace checkpoint reset' begins anew; what was loaded is met again and stays as it is",
        exit: .files)
    }
  }

  var checkpoint: Checkpoint { Checkpoint(json: "{\"drop\":\"\(drop)\",\"files\":\(files)}") }
}
