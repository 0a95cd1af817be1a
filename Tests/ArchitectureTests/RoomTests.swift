// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The rooms by layer, as docs/ARCHITECTURE.md draws them. A room imports rooms of lower layers only.
private let layers: [[String]] = [
  ["Records", "Diagnostics", "Paths"],
  ["Expressions", "PipelineFiles", "Store"],
  ["Components"],
  ["Extractors", "Decoders", "Transformers", "Validators", "Loaders", "Planning"],
  ["BuiltIns", "Engine", "Sandbox"],
  ["TerraceCLI"],
  ["terrace", "Terrace"],
]

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

private func sources(of room: String) throws -> [URL] {
  let folder = root.appending(path: "Sources/\(room)")
  let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
  return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
}

private func imports(in file: URL) throws -> [String] {
  try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
    let words = line.split(separator: " ").filter { !$0.hasPrefix("@") && $0 != "public" && $0 != "internal" }
    guard words.first == "import", let last = words.last else { return nil }
    return String(last.split(separator: ".")[0])
  }
}

@Suite("The house")
struct RoomTests {
  @Test("imports point from a room to rooms of lower layers only", arguments: layers.indices)
  func importsPointDown(layer: Int) throws {
    let above = Set(layers[layer...].joined())
    for room in layers[layer] {
      let files = try sources(of: room)
      #expect(!files.isEmpty, "\(room) has no sources")
      for file in files {
        for name in try imports(in: file) where above.contains(name) {
          Issue.record("\(room)/\(file.lastPathComponent) imports \(name), which is not in a lower layer")
        }
      }
    }
  }

  @Test("only PipelineFiles knows Yams, and only Store knows GRDB")
  func thirdPartyModulesHaveOneRoom() throws {
    for room in layers.joined() {
      for file in try sources(of: room) {
        let names = try imports(in: file)
        if room != "PipelineFiles" { #expect(!names.contains("Yams"), "\(room)/\(file.lastPathComponent)") }
        if room != "Store" { #expect(!names.contains("GRDB"), "\(room)/\(file.lastPathComponent)") }
      }
    }
  }

  @Test("every folder of Sources is a room of the drawing or a C library")
  func everyFolderIsKnown() throws {
    let known = Set(layers.joined()).union(["PipelineTesting"])
    for folder in try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path())
    {
      #expect(known.contains(folder) || folder.hasPrefix("C"), "\(folder) is not in docs/ARCHITECTURE.md")
    }
  }

  @Test("no source file is longer than 500 lines")
  func filesStaySmall() throws {
    for room in layers.joined() {
      for file in try sources(of: room) {
        let lines = try String(contentsOf: file, encoding: .utf8).split(
          separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 500, "\(room)/\(file.lastPathComponent) has \(lines.count) lines")
      }
    }
  }

  @Test("no room is called Utils, Common, Helpers, Core or Shared")
  func noNamelessRooms() {
    for name in ["Utils", "Common", "Helpers", "Core", "Shared"] { #expect(!layers.joined().contains(name)) }
  }
}
