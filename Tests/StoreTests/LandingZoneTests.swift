// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Testing

@testable import Store

@Suite struct LandingZoneTests {
  let temporary: TemporaryHome
  let zone: LandingZone

  init() throws {
    temporary = try TemporaryHome()
    zone = try LandingZone(home: temporary.home)
  }

  @Test("names a payload by the SHA-256 of its bytes")
  func digest() throws {
    let landed = try zone.land(Array("abc".utf8))
    #expect(landed.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(landed.bytes == 3)
  }

  @Test("gives back the bytes of payloads of any size", arguments: [0, 1, 1 << 20, (1 << 20) + 1, 2_500_000])
  func roundTrip(size: Int) throws {
    let bytes = sampleBytes(size)
    let landed = try zone.land(bytes, pieces: 70_001)
    #expect(try zone.bytes(landed.digest) == bytes)
    try zone.verify(landed.digest)
    #expect(
      landed.storedBytes
        == Int64(try Data(contentsOf: URL(fileURLWithPath: landingFile(temporary.home, landed.digest))).count)
    )
  }

  @Test("reads any range by its offset, and nothing behind the end")
  func randomAccess() throws {
    let bytes = sampleBytes(2_300_000)
    let reader = try zone.reader(try zone.land(bytes, pieces: 1 << 20).digest)
    for (offset, length) in [
      (0, 10), (1_048_570, 12), (1_000_000, 1_200_000), (2_299_999, 50), (2_300_000, 5),
    ] {
      let expected = Array(bytes[min(offset, bytes.count)..<min(offset + length, bytes.count)])
      #expect(try reader.read(offset: Int64(offset), length: length) == expected)
    }
    #expect(try reader.readAll() == bytes)
  }

  @Test("reads at an offset without moving the sequential reading")
  func mixedReading() throws {
    let bytes = sampleBytes(1_500_000)
    let reader = try zone.reader(try zone.land(bytes, pieces: 1 << 20).digest)
    var read: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 300_000)
    while true {
      let count = try piece.withUnsafeMutableBytes { try reader.read(into: $0) }
      if count == 0 { break }
      read += piece[..<count]
      _ = try reader.read(offset: 1_200_000, length: 10)
    }
    #expect(read == bytes)
  }

  @Test("keeps one file for two payloads of the same bytes")
  func sameBytesTwice() throws {
    let first = try zone.land(sampleBytes(5000))
    let second = try zone.land(sampleBytes(5000))
    #expect(first == second)
    #expect(try files() == [first.digest])
  }

  @Test("replaces a damaged file when its payload is landed again")
  func heals() throws {
    let landed = try zone.land(sampleBytes(5000))
    let path = landingFile(temporary.home, landed.digest)
    try Data("junk".utf8).write(to: URL(fileURLWithPath: path))
    _ = try zone.land(sampleBytes(5000))
    try zone.verify(landed.digest)
  }

  @Test("leaves nothing behind when a payload is discarded or its writer forgotten")
  func discarded() throws {
    let writer = try zone.makeWriter()
    try sampleBytes(10).withUnsafeBytes { try writer.append($0) }
    writer.discard()
    writer.discard()
    _ = try zone.makeWriter()
    #expect(try files() == [])
  }

  @Test("removes unfinished files of writers that died, and no others")
  func abandonedFiles() throws {
    let abandoned = temporary.home.landingPath + "/.incoming-dead"
    try Data("half".utf8).write(to: URL(fileURLWithPath: abandoned))
    let writer = try zone.makeWriter()
    try sampleBytes(10).withUnsafeBytes { try writer.append($0) }
    _ = try LandingZone(home: temporary.home)
    #expect(!FileManager.default.fileExists(atPath: abandoned))
    #expect(try zone.bytes(try writer.finish().digest) == sampleBytes(10))
  }

  @Test("makes folders and files that only their owner can read")
  func modes() throws {
    let landed = try zone.land(sampleBytes(10))
    let path = landingFile(temporary.home, landed.digest)
    for (path, mode) in [
      (temporary.path, 0o700), (temporary.home.landingPath, 0o700), (path, 0o600),
      ((path as NSString).deletingLastPathComponent, 0o700),
    ] {
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
    }
  }

  @Test("says what to do when a payload is not there")
  func missing() throws {
    let digest = String(repeating: "0", count: 64)
    #expect(!zone.contains(digest))
    #expect(failure { _ = try zone.reader(digest) }?.id == "store.payload-missing")
    try zone.remove(digest)
    let landed = try zone.land(sampleBytes(10))
    try zone.remove(landed.digest)
    #expect(!zone.contains(landed.digest))
  }

  @Test(
    "never leaves its folder, whatever it is given for a digest",
    arguments: ["../../ledger.db", "", "AB", "/etc/passwd"])
  func hostileDigest(digest: String) throws {
    #expect(!zone.contains(digest))
    try zone.remove(digest)
    #expect(failure { _ = try zone.reader(digest) }?.id == "store.payload-missing")
  }

  @Test("names a format that a newer program wrote, and one that is encrypted")
  func otherFormats() throws {
    let landed = try zone.land(sampleBytes(10))
    let path = URL(fileURLWithPath: landingFile(temporary.home, landed.digest))
    let good = try Data(contentsOf: path)
    for (at, id, exit) in [
      (8, "store.landing-newer", ExitCode.files), (16, "store.landing-encrypted", .files),
    ] {
      var header = Array(good.prefix(40))
      header[at] = 9
      let checksum = header.withUnsafeBytes { XXHash64.hash($0) }
      let bytes = header + withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
      try (Data(bytes) + good.dropFirst(48)).write(to: path)
      let found = failure { _ = try zone.reader(landed.digest) }
      #expect(found?.id == id && found?.exit == exit)
    }
  }

  private func files() throws -> [String] {
    let all =
      FileManager.default.enumerator(atPath: temporary.home.landingPath)?.allObjects as? [String] ?? []
    return all.map { ($0 as NSString).lastPathComponent }.filter { $0.utf8.count > 2 }
  }
}

@Suite struct XXHash64Tests {
  @Test(
    "gives the published values",
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func vectors(text: String, expected: UInt64) {
    #expect(Array(text.utf8).withUnsafeBytes { XXHash64.hash($0) } == expected)
  }
}
