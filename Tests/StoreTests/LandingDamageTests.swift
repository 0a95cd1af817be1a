// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Testing

@testable import Store

/// P18: any flipped, cut, swapped or added byte of a landed file is found before it is used.
@Suite struct LandingDamageTests {
  let temporary: TemporaryHome
  let zone: LandingZone

  init() throws {
    temporary = try TemporaryHome()
    zone = try LandingZone(home: temporary.home)
  }

  @Test("finds every flipped byte of a small file")
  func everyByte() throws {
    let (digest, path, good) = try landed(size: 900)
    for index in good.indices {
      var bytes = good
      bytes[index] ^= UInt8(1 << (index % 8))
      #expect(isFound(bytes, path, digest), "byte \(index) of \(good.count)")
    }
  }

  @Test("finds a cut at every length, and bytes added at the end")
  func everyCut() throws {
    let (digest, path, good) = try landed(size: 900)
    for length in good.indices {
      #expect(isFound(Array(good[..<length]), path, digest), "cut to \(length) of \(good.count)")
    }
    #expect(isFound(good + [0], path, digest))
    #expect(isFound(good + good, path, digest))
  }

  @Test("finds exchanged frames of equal length, and a whole other payload under the name")
  func exchanged() throws {
    // Two frames of the same bytes have the same compressed bytes: only their numbers tell them apart.
    var bytes = [UInt8](repeating: 65, count: 2 << 20)
    bytes[0] = 66
    bytes[1 << 20] = 67
    let digest = try zone.land(bytes, pieces: 1 << 20).digest
    let path = landingFile(temporary.home, digest)
    let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let length = (good.count - 48 - 72 - 32) / 2
    let frames = 48..<(48 + length), others = (48 + length)..<(48 + 2 * length)
    #expect(isFound(good[..<48] + good[others] + good[frames] + good[(48 + 2 * length)...], path, digest))
    let other = landingFile(temporary.home, try zone.land(sampleBytes(10)).digest)
    #expect(isFound([UInt8](try Data(contentsOf: URL(fileURLWithPath: other))), path, digest))
  }

  @Test("finds random damage to a file of several frames", arguments: 1...60)
  func random(seed: UInt64) throws {
    let (digest, path, good) = try landed(size: 1_200_000)
    var bytes = good
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    switch next(4) {
    case 0: for _ in 0...next(3) { bytes[next(bytes.count)] &+= UInt8(1 + next(255)) }
    case 1: bytes.removeSubrange(next(bytes.count)...)
    case 2: bytes.remove(at: next(bytes.count))
    default: bytes.insert(UInt8(next(256)), at: next(bytes.count))
    }
    #expect(bytes == good || isFound(bytes, path, digest), "seed \(seed)")
  }

  private func landed(size: Int) throws -> (String, String, [UInt8]) {
    let digest = try zone.land(sampleBytes(size), pieces: 1 << 20).digest
    let path = landingFile(temporary.home, digest)
    return (digest, path, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  /// Reads without `verify`: the loads must find it too.
  private func isFound(_ bytes: some Sequence<UInt8>, _ path: String, _ digest: String) -> Bool {
    guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { return false }
    let ids = ["store.landing-damaged", "store.landing-newer", "store.landing-encrypted"]
    return failure { _ = try zone.bytes(digest) }.map { ids.contains($0.id) && !$0.help.isEmpty } ?? false
  }
}
