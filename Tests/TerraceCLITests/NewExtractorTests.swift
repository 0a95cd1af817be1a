// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// That what is written compiles and its tests pass is shown by `scripts/examples`.
@Suite("terrace new extractor")
struct NewExtractorTests {
  private static let list = """
    public let allExtractors: [any Extractor.Type] = [
      FileExtractor.self,
      HTTPExtractor.self,
    ]

    """

  @Test("writes a package of its own, and no second one over it")
  func package() throws {
    let program = try Program()
    let first = try program.run("new", "extractor", "tide_gauge", "--terrace", "/src/terrace")
    #expect(first.exit == 0, "\(first.errors)")
    #expect(
      try files(program, "tide_gauge") == [
        ".gitignore", "Package.swift", "Pipelines/schema/tide_gauge_record.yaml", "Pipelines/tide_gauge.yaml",
        "Samples/tide_gauge/first.csv", "Sources/TideGaugeSource/TideGaugeExtractor.swift",
        "Sources/tide_gauge/main.swift", "Tests/TideGaugeSourceTests/TideGaugeExtractorTests.swift",
      ])
    let manifest = try program.text("tide_gauge/Package.swift")
    #expect(manifest.contains(#".package(name: "terrace", path: "/src/terrace")"#))
    try program.write("tide_gauge/Package.swift", "mine")
    let second = try program.run("new", "extractor", "tide_gauge", "--terrace", "/src/terrace")
    #expect(second.exit == 64)
    #expect(second.errors.contains("Package.swift' is already there; nothing was written"))
    #expect(try program.text("tide_gauge/Package.swift") == "mine")
  }

  @Test("inside the sources writes the four places")
  func inside() throws {
    let program = try Program(["Sources/Extractors/AllExtractors.swift": Self.list])
    let ended = try program.run("new", "extractor", "ftp_drop")
    #expect(ended.exit == 0, "\(ended.errors)")
    #expect(
      try files(program, ".").filter { !$0.hasPrefix(".") } == [
        "Samples/ftp_drop/first.csv", "Sources/Extractors/AllExtractors.swift",
        "Sources/Extractors/FtpDropExtractor.swift", "Tests/ExtractorsTests/FtpDropExtractorTests.swift",
      ])
    #expect(
      try program.text("Sources/Extractors/AllExtractors.swift")
        == Self.list.replacing("  HTTP", with: "  FtpDropExtractor.self,\n  HTTP"))
  }

  @Test("leaves everything as it is when the list is not as it was")
  func unknownList() throws {
    let program = try Program(["Sources/Extractors/AllExtractors.swift": "let allExtractors = more()\n"])
    let ended = try program.run("new", "extractor", "ftp_drop")
    #expect(ended.exit == 64 && ended.errors.contains("new.unknown-list"))
    #expect(
      try files(program, ".").filter { !$0.hasPrefix(".") } == ["Sources/Extractors/AllExtractors.swift"])
  }

  @Test(
    "refuses names that are none, or taken",
    arguments: [
      ("Tide", "new.bad-name"), ("tide-gauge", "new.bad-name"), ("../tide", "new.bad-name"),
      ("1tide", "new.bad-name"), ("tide_", "new.bad-name"), ("http", "new.name-taken"),
      ("terrace", "new.name-taken"),
    ])
  func names(_ name: String, _ id: String) throws {
    let program = try Program()
    let ended = try program.run("new", "extractor", name, "--terrace", "/src/terrace")
    #expect(ended.exit == 64 && ended.errors.contains("[\(id)]"), "\(ended.errors)")
    #expect(try files(program, ".").filter { !$0.hasPrefix(".") }.isEmpty)
  }

  private func files(_ program: Program, _ folder: String) throws -> [String] {
    let root = program.folder.appending(path: folder)
    return try FileManager.default.subpathsOfDirectory(atPath: root.path()).filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: root.appending(path: $0).path(), isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }
}

extension Program {
  fileprivate func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appending(path: path), encoding: .utf8)
  }
}
