// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("Files")
struct FileExtractorTests {
  private func extractor(_ written: Written) throws -> FileExtractor {
    try FileExtractor(written.settings("extractor 'file'"))
  }

  private func run(
    _ written: Written, in folder: TemporaryFolder, since checkpoint: Checkpoint? = nil, isFull: Bool = false
  ) throws -> MemoryLanding {
    let landing = MemoryLanding(baseFolder: folder.path, isFull: isFull)
    try extractor(written).extract(since: checkpoint, into: landing)
    landing.close()
    #expect(landing.violations == [])
    return landing
  }

  private func failure(_ written: Written, in folder: TemporaryFolder) throws -> StageFailure? {
    let landing = MemoryLanding(baseFolder: folder.path)
    defer { landing.close() }
    do {
      try extractor(written).extract(since: nil, into: landing)
      return nil
    } catch let failure as StageFailure { return failure }
  }

  @Test("keeps the promises of an extractor")
  func kit() throws {
    let folder = try TemporaryFolder(["in/a.xml": "<a/>", "in/b.xml": "<b/>"])
    let kit = ExtractorKit(
      try extractor(["path": "in/*.xml"]),
      broken: [
        "no file": try extractor(["path": "in/none.xml"]), "no folder": try extractor(["path": "out/*.xml"]),
        "a folder for a file": try extractor(["path": "in"]),
        "broken gzip": try extractor(["path": "in/a.xml", "compression": "gzip"]),
      ]
    ) { MemoryLanding(baseFolder: folder.path) }
    #expect(kit.violations() == [])
  }

  @Test("lands each file that matches, by name, with its origin")
  func lands() throws {
    let folder = try TemporaryFolder([
      "in/b.xml": "<b/>", "in/a.xml": "<a/>", "in/c.txt": "c", "in/.d.xml": "d", "in/e.xml/f": "",
    ])
    let landing = try run(["path": "./in/*.xml"], in: folder)
    #expect(landing.payloads.map(\.head.origin) == ["file:in/a.xml", "file:in/b.xml"])
    #expect(landing.payloads.map(\.head.name) == ["a.xml", "b.xml"])
    #expect(landing.payloads.map(\.text) == ["<a/>", "<b/>"])
    #expect(landing.payloads.map(\.head.expectedBytes) == [4, 4])
  }

  @Test(
    "matches names",
    arguments: [
      ("*", "a.b", true), ("*", "", true), ("a*c", "abbc", true), ("a*c", "abb", false), ("?", "ầ", true),
      ("??", "a", false),
      ("*.x*l", "a.xml", true), ("**", "ab", true), ("a*b*c", "aXbXbc", true), ("*", ".a", false),
      (".*", ".a", true),
    ])
  func names(_ pattern: String, _ name: String, _ expected: Bool) {
    #expect(FilePattern.matches(name, pattern) == expected)
  }

  @Test("goes down into folders with **, and round no circle")
  func folders() throws {
    let folder = try TemporaryFolder([
      "in/x.xml": "1", "in/1/x.xml": "2", "in/1/2/x.xml": "3", "in/1/y.txt": "4", "in/.h/x.xml": "5",
    ])
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/in/1/loop", withDestinationPath: folder.path + "/in")
    let landing = try run(["path": "in/**/*.xml"], in: folder)
    #expect(landing.payloads.map(\.head.origin) == ["file:in/1/2/x.xml", "file:in/1/x.xml", "file:in/x.xml"])
    #expect(try run(["path": "in/*/x.xml"], in: folder).payloads.map(\.text) == ["2"])
    #expect(try run(["path": "in/**"], in: folder).payloads.count == 4)
  }

  @Test("takes an absolute path, and the oldest first when asked")
  func order() throws {
    let folder = try TemporaryFolder(["a": "new", "b": "old"])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: folder.path + "/b")
    let landing = try run(["path": "\(folder.path)/*", "order": "modified"], in: folder)
    #expect(landing.payloads.map(\.text) == ["old", "new"])
  }

  @Test("lands only what is new or changed, and everything when all is wanted")
  func incremental() throws {
    let folder = try TemporaryFolder(["a": "1", "b": "2"])
    let first = try run(["path": "*"], in: folder)
    let nothing = try run(["path": "*"], in: folder, since: first.checkpoint)
    #expect(nothing.payloads == [] && !nothing.hasFinished)
    try folder.write("b", Data("3".utf8))
    try folder.write("c", Data("4".utf8))
    try FileManager.default.removeItem(atPath: folder.path + "/a")
    let second = try run(["path": "*"], in: folder, since: first.checkpoint)
    #expect(second.payloads.map(\.text) == ["3", "4"])
    #expect(try run(["path": "*"], in: folder, since: second.checkpoint).payloads == [])
    #expect(try run(["path": "*"], in: folder, since: second.checkpoint, isFull: true).payloads.count == 2)
    #expect(second.checkpoint?.json.utf8.count ?? 0 < 100)
  }

  @Test("succeeds with nothing where a pattern matches nothing, and fails for a file that is missing")
  func missing() throws {
    let folder = try TemporaryFolder(["in/a": "1"])
    #expect(try run(["path": "in/*.xml"], in: folder).payloads == [])
    let file = try failure(["path": "in/a.xml"], in: folder)
    #expect(file?.id == "extract.no-such-file" && file?.exit == .unavailable)
    let absent = try failure(["path": "out/*.xml"], in: folder)
    #expect(absent?.id == "extract.no-such-folder" && absent?.exit == .unavailable)
  }

  @Test("refuses what is no file, without waiting for it")
  func notFiles() throws {
    let folder = try TemporaryFolder(["in/a": "1"])
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(try failure(["path": "pipe"], in: folder)?.message == "'pipe' is a pipe, not a file")
    #expect(try failure(["path": "*"], in: folder)?.id == "extract.not-a-file")
    #expect(try failure(["path": "in"], in: folder)?.message == "'in' is a folder, not a file")
    #expect(try failure(["path": "/dev/null"], in: folder)?.message == "'/dev/null' is a device, not a file")
  }

  @Test("drops a file that changes while it is read, lands the others, and asks to be run again")
  func changing() throws {
    let folder = try TemporaryFolder(["a": "1", "b": "2"])
    let landing = MemoryLanding(baseFolder: folder.path)
    landing.onWrite = { _ in if landing.payloads.isEmpty { try folder.write("a", Data("longer".utf8)) } }
    var failure: StageFailure?
    do { try extractor(["path": "*"]).extract(since: nil, into: landing) } catch {
      failure = error as? StageFailure
    }
    #expect(
      failure?.id == "extract.file-changed" && failure?.exit == .tryAgain && failure?.isTransient == true)
    #expect(landing.discarded.map(\.name) == ["a"])
    #expect(landing.payloads.map(\.text) == ["2"])
    #expect(landing.hasFinished && landing.violations == [])
    #expect(try run(["path": "*"], in: folder, since: landing.checkpoint).payloads.map(\.text) == ["longer"])
  }

  @Test("lands the files beside those that cannot be taken, and names each of these")
  func refused() throws {
    let folder = try TemporaryFolder([
      "a.gz": "no gzip", "b": "1", "e.gz": "none either", "f": "3",
    ])
    #expect(mkfifo(folder.path + "/c", 0o600) == 0)
    let landing = MemoryLanding(baseFolder: folder.path)
    var failure: StageFailure?
    do { try extractor(["path": "*"]).extract(since: nil, into: landing) } catch {
      failure = error as? StageFailure
    }
    #expect(landing.payloads.map(\.text) == ["1", "3"])
    #expect(failure?.id == "extract.broken-compression" && failure?.exit == .sourceProtocol)
    #expect(failure?.place == "a.gz")
    for other in ["e.gz: not gzip", "'c' is a pipe"] {
      #expect(failure?.message.contains(other) == true, "\(failure?.message ?? "")")
    }
    try folder.write("e.gz", Data(Gzip.compress("4")))
    var next = MemoryLanding(baseFolder: folder.path)
    try? extractor(["path": "*"]).extract(since: landing.checkpoint, into: next)
    #expect(next.payloads.map(\.text) == ["4"])
    try FileManager.default.removeItem(atPath: folder.path + "/a.gz")
    try FileManager.default.removeItem(atPath: folder.path + "/c")
    next = try run(["path": "*"], in: folder, since: next.checkpoint)
    #expect(next.payloads == [])
  }

  @Test("undoes zstd by suffix or when told, and refuses what is none or is cut")
  func zstd() throws {
    let frame = Zstd.compress("<a>Hà Giang</a>")
    let folder = try TemporaryFolder([:])
    try folder.write("a.xml.zst", Data(frame))
    try folder.write("b", Data(frame))
    try folder.write("cut.zst", Data(frame.dropLast(3)))
    try folder.write("none.zst", Data("<a/>".utf8))
    #expect(try run(["path": "a.xml.zst"], in: folder).payloads.map(\.text) == ["<a>Hà Giang</a>"])
    #expect(
      try run(["path": "b", "compression": "zstd"], in: folder).payloads.map(\.text) == ["<a>Hà Giang</a>"])
    for name in ["cut", "none"] {
      let failure = try failure(["path": "\(name).zst"], in: folder)
      #expect(failure?.id == "extract.broken-compression" && failure?.place == "\(name).zst")
    }
  }

  @Test("undoes gzip by suffix or when told, also in several members")
  func gzip() throws {
    let folder = try TemporaryFolder()
    let member = Gzip.compress("<a>Hà Giang</a>")
    try folder.write("a.xml.gz", Data(member + member))
    try folder.write("b", Data(member))
    #expect(
      try run(["path": "a.xml.gz"], in: folder).payloads.map(\.text) == ["<a>Hà Giang</a><a>Hà Giang</a>"])
    #expect(
      try run(["path": "b", "compression": "gzip"], in: folder).payloads.map(\.text) == ["<a>Hà Giang</a>"])
    #expect(
      try run(["path": "a.xml.gz", "compression": "none"], in: folder).payloads.map(\.bytes) == [
        member + member
      ])
  }

  @Test("refuses compressed data that are cut, damaged or none")
  func brokenGzip() throws {
    let folder = try TemporaryFolder(["plain.gz": "<a/>"])
    let member = Gzip.compress(String(repeating: "Hà Giang", count: 100))
    try folder.write("cut.gz", Data(member.dropLast(9)))
    var damaged = member
    damaged[damaged.count - 6] ^= 0xFF
    try folder.write("damaged.gz", Data(damaged))
    for name in ["plain", "cut", "damaged"] {
      let failure = try failure(["path": "\(name).gz"], in: folder)
      #expect(failure?.id == "extract.broken-compression" && failure?.exit == .sourceProtocol, "\(name)")
    }
  }

  @Test("stops a decompression bomb before it is landed, and what passes the limit")
  func bomb() throws {
    let folder = try TemporaryFolder()
    try folder.write("bomb.gz", Data(Gzip.compress(String(repeating: "0", count: 8 << 20))))
    #expect(try failure(["path": "bomb.gz"], in: folder)?.id == "extract.decompression-bomb")
    try folder.write("a.gz", Data(Gzip.compress("0123456789")))
    try folder.write("b", Data("0123456789".utf8))
    #expect(try failure(["path": "a.gz", "limit_bytes": "9"], in: folder)?.id == "extract.too-large")
    #expect(try failure(["path": "b", "limit_bytes": "9"], in: folder)?.id == "extract.too-large")
    #expect(try run(["path": "b", "limit_bytes": "10"], in: folder).payloads.count == 1)
  }

  @Test("drops the payload when it is cancelled in the middle")
  func cancelled() throws {
    let folder = try TemporaryFolder(["a": "1"])
    let landing = MemoryLanding(baseFolder: folder.path)
    landing.cancelsWithinPayload = true
    try extractor(["path": "a"]).extract(since: nil, into: landing)
    landing.close()
    #expect(
      landing.payloads == [] && landing.discarded.count == 1 && !landing.hasFinished
        && landing.violations == [])
  }
}
