// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Foundation
import PipelineTesting
import Testing

@testable import Extractors

@Suite("Archives")
struct ArchiveTests {
  private func unzip(
    _ archive: [UInt8], _ pattern: String = "**", limit: Int = 1 << 30,
    prepare: (MemoryLanding) -> Void = { _ in }
  ) throws -> (landing: MemoryLanding, failure: StageFailure?) {
    let landing = MemoryLanding()
    prepare(landing)
    let spool = SpoolTarget(folder: NSTemporaryDirectory())
    try spool.begin()
    try archive.withUnsafeBytes { try spool.write($0) }
    var failure: StageFailure?
    do {
      _ = try ArchiveMembers(pattern: pattern).land(
        spool.descriptor, PayloadHead(origin: "file:a.zip", name: "a.zip"), limit: limit, place: "a.zip",
        landing)
    } catch let found as StageFailure { failure = found }
    landing.close()
    #expect(landing.violations == [])
    return (landing, failure)
  }

  private static let long = (0..<60_000).map { "Tài sản số \($0 &* 7919)" }.joined()

  @Test("lands the members that match, stored or compressed, with their names in their origins")
  func members() throws {
    let archive = Zip.archive(
      [
        Zip.Entry("x/", "", method: 0), Zip.Entry("x/á.xml", Self.long),
        Zip.Entry("b.xml", "<b/>", method: 0),
        Zip.Entry("c.txt", "c"), Zip.Entry("x/y/d.xml", ""),
      ], comment: "PK\u{5}\u{6} a comment")
    let (landing, failure) = try unzip(archive, "**/*.xml")
    #expect(failure == nil)
    #expect(
      landing.payloads.map(\.head.origin) == [
        "file:a.zip!x/á.xml", "file:a.zip!b.xml", "file:a.zip!x/y/d.xml",
      ])
    #expect(landing.payloads.map(\.text) == [Self.long, "<b/>", ""])
    #expect(landing.payloads.dropFirst().first?.head.request == ["member": "b.xml"])
    #expect(try unzip(archive, "*.xml").landing.payloads.map(\.head.name) == ["b.xml"])
    #expect(try unzip(archive, "x/*.xml").landing.payloads.count == 1)
    #expect(try unzip(archive, "*.csv").failure?.id == "archive.no-member")
  }

  @Test(
    "refuses names that lead out of a folder, or cannot be shown",
    arguments: ["../a", "/a", "a/../../b", "C:\\a", "a\\b", "C:a", "a\u{0}", "a\nb", "./a", ""])
  func names(_ name: String) throws {
    #expect(try unzip(Zip.archive([Zip.Entry(name, "x")])).failure?.id == "archive.bad-name")
  }

  @Test("refuses what it does not read, by its name")
  func refusals() throws {
    func failure(_ change: (inout Zip.Entry) -> Void) throws -> String? {
      var entry = Zip.Entry("a", String(repeating: "abc", count: 1000))
      change(&entry)
      return try unzip(Zip.archive([entry])).failure?.id
    }
    #expect(try failure { $0.flags = 1 } == "archive.encrypted")
    #expect(try failure { $0.method = 12 } == "archive.unknown-method")
    #expect(try failure { $0.checksum = 1 } == "archive.broken")
    #expect(try failure { $0.declared = 10 } == "archive.broken")
    #expect(try failure { $0.declared = 10_000 } == "archive.broken")
    #expect(try failure { $0.declared = Int(UInt32.max) } == "archive.too-large")
    #expect(
      try unzip(Zip.archive([Zip.Entry("a", "1"), Zip.Entry("a", "2")])).failure?.id == "archive.broken")
    let many = Zip.archive((0...10_000).map { Zip.Entry("\($0)", "", method: 0) })
    #expect(try unzip(many).failure?.id == "archive.too-many-members")
    #expect(try unzip(Zip.archive([])).failure?.id == "archive.no-member")
  }

  @Test("stops a bomb, and what passes the limit, before it is landed")
  func bombs() throws {
    let bomb = try unzip(Zip.archive([Zip.Entry("a", String(repeating: "a", count: 8 << 20))]))
    #expect(bomb.failure?.id == "extract.decompression-bomb" && bomb.landing.payloads.isEmpty)
    let large = try unzip(
      Zip.archive([Zip.Entry("a", Self.long), Zip.Entry("b", Self.long)]), limit: Self.long.utf8.count + 1)
    #expect(large.failure?.id == "extract.too-large" && large.landing.payloads.isEmpty)
  }

  @Test("a run that is cut short, or fails to land, leaves nothing begun")
  func cancelled() throws {
    let archive = Zip.archive([Zip.Entry("a", Self.long), Zip.Entry("b", "b")])
    #expect(try unzip(archive) { $0.cancelsWithinPayload = true }.landing.payloads.isEmpty)
    #expect(try unzip(archive) { $0.cancelsAfter = 1 }.landing.payloads.count == 1)
  }

  @Test("never traps, hangs or lands wrong bytes, whatever bytes change or are missing", arguments: 1...20)
  func damage(seed: UInt64) throws {
    let whole = Zip.archive([Zip.Entry("a.xml", "<a>\(seed)</a>"), Zip.Entry("b.xml", "<b/>", method: 0)])
    var random = HTTPExtractorTests.Generator(state: seed)
    for _ in 0..<300 {
      var archive = whole
      let at = Int.random(in: archive.indices, using: &random)
      if Bool.random(using: &random) {
        archive.removeSubrange(at...)
      } else {
        archive[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
      }
      let (landing, _) = try unzip(archive)
      for payload in landing.payloads {
        #expect(["<a>\(seed)</a>", "<b/>"].contains(payload.text), "seed \(seed)")
      }
    }
  }

  @Test("reads files that are archives, and again only when they change")
  func files() throws {
    let folder = try TemporaryFolder()
    try folder.write("in/a.zip", Data(Zip.archive([Zip.Entry("a.xml", "<a/>"), Zip.Entry("b.xml", "<b/>")])))
    try folder.write("in/b.zip", Data("no archive".utf8))
    let written: Written = ["path": "in/*.zip", "unzip": "*.xml"]
    let extractor = try FileExtractor(written.settings("extractor 'file'"))
    let landing = MemoryLanding(baseFolder: folder.path)
    #expect { try extractor.extract(since: nil, into: landing) } throws: {
      ($0 as? StageFailure)?.id == "archive.broken"
    }
    #expect(landing.payloads.map(\.head.origin) == ["file:in/a.zip!a.xml", "file:in/a.zip!b.xml"])
    #expect(landing.payloads.first?.head.request == ["path": "in/a.zip", "member": "a.xml"])
    #expect {
      try FileExtractor((["path": "a", "unzip": "*", "compression": "gzip"] as Written).settings("x"))
    } throws: {
      ($0 as? Diagnostic)?.id == "archive.beside-compression"
    }
  }

  @Test(
    "matches names of members folder by folder",
    arguments: [
      ("a.xml", "*.xml", true), ("x/a.xml", "*.xml", false), ("x/a.xml", "**/*.xml", true),
      ("a.xml", "**/*.xml", true),
      ("x/y/a.xml", "x/**", true), ("x/y/a.xml", "**/y/**/a.xml", true), ("x/a.xml", "y/*", false),
      ("a", "**/**/**", true),
    ])
  func patterns(_ name: String, _ pattern: String, _ isMatch: Bool) {
    #expect(ArchiveMembers.matches(name, pattern) == isMatch)
  }
}
