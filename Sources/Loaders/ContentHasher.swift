// SPDX-License-Identifier: Apache-2.0

import Records

/// A 64-bit digest of all that a record would write, by which two records of one key are told to be the same.
struct ContentHasher: BitwiseCopyable {
  private var state: UInt64

  init(seed: UInt64) { state = seed ^ 0x9E37_79B9_7F4A_7C15 }

  @inline(__always)
  mutating func mix(_ word: UInt64) {
    let product = (state ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    state = (product.high ^ product.low) &+ 0xE703_7ED1_A0B4_28DB
  }

  @inline(__always)
  mutating func combine(_ bytes: UnsafeBufferPointer<UInt8>) {
    mix(UInt64(bytes.count))
    guard let base = bytes.baseAddress else { return }
    let raw = UnsafeRawPointer(base)
    var at = 0
    while at + 8 <= bytes.count {
      mix(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at += 8
    }
    if at < bytes.count { mix(KeyHasher.tail(raw, from: at, to: bytes.count)) }
  }

  var digest: UInt64 { state }
}
