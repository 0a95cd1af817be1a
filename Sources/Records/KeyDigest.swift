// SPDX-License-Identifier: Apache-2.0

/// A 128-bit digest of a record's key, wide enough that two keys of a province's data never share one by chance.
///
/// The same key gives the same digest in every process and version: digests are compared with stored ones.
@frozen
public struct KeyDigest: Hashable, Sendable, BitwiseCopyable {
  public var high: UInt64
  public var low: UInt64

  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// 32 hexadecimal digits.
  public var hexadecimal: String {
    func digits(_ word: UInt64) -> String {
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
    return digits(high) + digits(low)
  }
}

/// Feeds the cells of a key into a digest, each with its length, so that `ab`+`c` and `a`+`bc` differ.
@frozen
public struct KeyHasher {
  @usableFromInline var first: UInt64 = 0x9E37_79B9_7F4A_7C15
  @usableFromInline var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F

  @inlinable
  public init() {}

  @inlinable
  mutating func mix(_ word: UInt64) {
    // Two independent multiply-fold lanes (the 128-bit product folded by exclusive or).
    let one = (first ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    first = one.high ^ one.low
    let two = (second &+ word).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    second = (two.high ^ two.low) &+ (first &>> 7)
  }

  /// Adds one cell's bytes.
  @inlinable
  public mutating func combine(_ bytes: UnsafeBufferPointer<UInt8>) {
    mix(UInt64(bytes.count) | 1 << 63)
    guard let base = bytes.baseAddress else { return }
    var at = 0
    while at + 8 <= bytes.count {
      mix(UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self).littleEndian)
      at += 8
    }
    if at < bytes.count { mix(Self.tail(UnsafeRawPointer(base), from: at, to: bytes.count)) }
  }

  /// The last one to seven of `count` bytes as a little-endian number, by two or three loads that overlap.
  @inlinable
  @inline(__always)
  public static func tail(_ bytes: UnsafeRawPointer, from at: Int, to count: Int) -> UInt64 {
    let rest = count - at
    if count >= 8 {
      let last = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self).littleEndian
      return last >> UInt64(64 - rest * 8)
    }
    if rest >= 4 {
      let low = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian
      let high = bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self).littleEndian
      return UInt64(low) | UInt64(high) << UInt64((rest - 4) * 8)
    }
    let low = UInt64(bytes.load(fromByteOffset: at, as: UInt8.self))
    let middle = UInt64(bytes.load(fromByteOffset: at + rest / 2, as: UInt8.self))
    let high = UInt64(bytes.load(fromByteOffset: count - 1, as: UInt8.self))
    return low | middle << UInt64(rest / 2 * 8) | high << UInt64((rest - 1) * 8)
  }

  /// Adds one fixed-width cell.
  @inlinable
  public mutating func combine(_ value: Int128) {
    mix(UInt64(truncatingIfNeeded: value))
    mix(UInt64(truncatingIfNeeded: value >> 64))
  }

  /// Adds a cell without a value.
  @inlinable
  public mutating func combineNull() { mix(0x6E75_6C6C) }

  @inlinable
  public func finish() -> KeyDigest {
    var copy = self
    copy.mix(0x5445_5252)
    copy.mix(0x4143_4521)
    return KeyDigest(high: copy.first, low: copy.second)
  }

  /// Adds the cell of a typed column.
  @inlinable
  public mutating func combine(_ column: Column, row: Int) {
    guard column.state(row) == .value else { return combineNull() }
    switch column {
    case .text(let text): combine(text.bytes(row))
    case .integer(let column), .timestamp(let column):
      combine(Int128(column.storage.pointee.values[row]))
    case .decimal(let column, _): combine(column.storage.pointee.values[row])
    case .boolean(let column): combine(Int128(column.storage.pointee.values[row]))
    case .date(let column): combine(Int128(column.storage.pointee.values[row]))
    }
  }
}
