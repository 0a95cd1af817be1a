// SPDX-License-Identifier: Apache-2.0

/// Finds the first byte that is not well-formed UTF-8 (Unicode 15, table 3-7) in text that comes in pieces.
///
/// Sixteen bytes at a time: each byte is judged with the three before it, which needs loads and
/// comparisons only.
/// Text of ASCII alone is passed over at the speed of memory.
public struct UTF8Validator {
  /// A character cut by the end of a piece: its bytes so far, the first in the lowest byte.
  private var tail: UInt32 = 0
  private var tailCount = 0

  public init() {}

  /// Bytes of a character that the last piece cut.
  public var pendingBytes: Int { tailCount }

  /// Checks the next piece.
  ///
  /// - Returns: nil, or the offset within the piece at which the first malformed sequence begins;
  /// negative when it
  ///   began in an earlier piece. The validator is of no more use then.
  public mutating func check(_ piece: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let base = piece.baseAddress, piece.count > 0 else { return nil }
    var at = 0
    while tailCount > 0 {
      if at == piece.count { return nil }
      tail |= UInt32(base[at]) << UInt32(8 * tailCount)
      tailCount += 1
      at += 1
      let step = withUnsafeBytes(of: tail.littleEndian) {
        Self.sequence($0.baseAddress?.assumingMemoryBound(to: UInt8.self), count: tailCount)
      }
      switch step {
      case .malformed: return at - tailCount
      case .incomplete: continue
      case .length: (tail, tailCount) = (0, 0)
      }
    }
    let (end, malformed) = Self.scan(base, from: at, count: piece.count)
    if malformed { return end }
    tailCount = piece.count - end
    for index in 0..<tailCount { tail |= UInt32(base[end + index]) << UInt32(8 * index) }
    return nil
  }

  private enum Step {
    case length(Int), incomplete, malformed
  }

  /// Judges the sequence that begins at `base`, of which `count` bytes are there.
  @inline(__always)
  private static func sequence(_ base: UnsafePointer<UInt8>?, count: Int) -> Step {
    guard let base else { return .malformed }
    let lead = base[0]
    if lead < 0x80 { return .length(1) }
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, low) = (3, 0xA0)
    case 0xED: (length, high) = (3, 0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, low) = (4, 0x90)
    case 0xF4: (length, high) = (4, 0x8F)
    case 0xF1...0xF3: length = 4
    default: return .malformed
    }
    if count > 1, base[1] < low || base[1] > high { return .malformed }
    var index = 2
    while index < min(length, count) {
      if base[index] & 0xC0 != 0x80 { return .malformed }
      index += 1
    }
    return count < length ? .incomplete : .length(length)
  }

  /// Walks character by character up to `limit`.
  ///
  /// - Returns: the first character boundary at or after `limit`, or where a sequence is malformed or cut.
  private static func walk(
    _ base: UnsafePointer<UInt8>, from start: Int, to limit: Int, count: Int
  ) -> (end: Int, malformed: Bool) {
    var at = start
    while at < limit {
      switch sequence(base + at, count: count - at) {
      case .length(let length): at += length
      case .incomplete: return (at, false)
      case .malformed: return (at, true)
      }
    }
    return (at, false)
  }

  private static func scan(
    _ base: UnsafePointer<UInt8>, from start: Int, count: Int
  ) -> (end: Int, malformed: Bool) {
    // The block test looks back three bytes, which must be there and well-formed.
    var (at, malformed) = walk(base, from: start, to: min(start + 3, count), count: count)
    if malformed || count - at < 16 {
      return malformed ? (at, true) : walk(base, from: at, to: count, count: count)
    }
    if at < 3 { return walk(base, from: at, to: count, count: count) }
    var isCarried = false
    while at + 16 <= count {
      let block = UnsafeRawPointer(base + at).loadUnaligned(as: SIMD16<UInt8>.self)
      if !isCarried {
        var ascii = block
        while !hasHighBit(ascii) {
          at += 16
          guard at + 16 <= count else { break }
          ascii = UnsafeRawPointer(base + at).loadUnaligned(as: SIMD16<UInt8>.self)
        }
        guard at + 16 <= count else { break }
        if isMalformed(ascii, at: base + at) { return backtrack(base, at, count) }
        isCarried = true
      } else {
        if isMalformed(block, at: base + at) { return backtrack(base, at, count) }
        isCarried = hasHighBit(block)
      }
      at += 16
    }
    return backtrack(base, at, count)
  }

  /// Finds the exact end of what is well-formed, knowing that everything up to 16 bytes before it is.
  private static func backtrack(
    _ base: UnsafePointer<UInt8>, _ at: Int, _ count: Int
  ) -> (end: Int, malformed: Bool) {
    var start = at
    var back = 0
    while back < 3, start > 0, base[start - 1] >= 0x80 {
      start -= 1
      back += 1
      if base[start] >= 0xC0 { break }
    }
    // Continuation bytes of a complete character before `at` were accepted by the block test.
    if start < at, base[start] & 0xC0 == 0x80 { start = at }
    return walk(base, from: start, to: count, count: count)
  }

  @inline(__always)
  private static func hasHighBit(_ block: SIMD16<UInt8>) -> Bool {
    let words = unsafeBitCast(block, to: SIMD2<UInt64>.self)
    return (words[0] | words[1]) & 0x8080_8080_8080_8080 != 0
  }

  /// What is common in one pass of few comparisons: characters of two and three bytes, but for the leads whose
  /// second byte is restricted. Whatever else stands here is looked at closely.
  @inline(__always)
  private static func isMalformed(_ block: SIMD16<UInt8>, at base: UnsafePointer<UInt8>) -> Bool {
    typealias Bytes = SIMD16<UInt8>
    let one = UnsafeRawPointer(base - 1).loadUnaligned(as: Bytes.self)
    let two = UnsafeRawPointer(base - 2).loadUnaligned(as: Bytes.self)
    let three = UnsafeRawPointer(base - 3).loadUnaligned(as: Bytes.self)
    let isContinuation = (block & Bytes(repeating: 0xC0)) .== Bytes(repeating: 0x80)
    let isDue = (one .>= Bytes(repeating: 0xC0)) .| (two .>= Bytes(repeating: 0xE0))
    let isNever = (block & Bytes(repeating: 0xFE)) .== Bytes(repeating: 0xC0)
    let isRestricted = (one .== Bytes(repeating: 0xE0)) .| (one .== Bytes(repeating: 0xED))
    let isLong = (block .>= Bytes(repeating: 0xF0)) .| (three .>= Bytes(repeating: 0xF0))
    let odd = (isContinuation .^ isDue) .| isNever .| isRestricted .| isLong
    let words = unsafeBitCast(odd, to: SIMD2<UInt64>.self)
    return words[0] | words[1] != 0 && isMalformed(block, one, two, three)
  }

  @inline(never)
  private static func isMalformed(
    _ block: SIMD16<UInt8>, _ one: SIMD16<UInt8>, _ two: SIMD16<UInt8>, _ three: SIMD16<UInt8>
  ) -> Bool {
    typealias Bytes = SIMD16<UInt8>
    let isContinuation = (block & Bytes(repeating: 0xC0)) .== Bytes(repeating: 0x80)
    let isDue =
      (one .>= Bytes(repeating: 0xC0)) .| (two .>= Bytes(repeating: 0xE0))
      .| (three .>= Bytes(repeating: 0xF0))
    let isLowSecond =
      ((one .== Bytes(repeating: 0xE0)) .& (block .< Bytes(repeating: 0xA0)))
      .| ((one .== Bytes(repeating: 0xF0)) .& (block .< Bytes(repeating: 0x90)))
    let isHighSecond =
      ((one .== Bytes(repeating: 0xED)) .& (block .>= Bytes(repeating: 0xA0)))
      .| ((one .== Bytes(repeating: 0xF4)) .& (block .>= Bytes(repeating: 0x90)))
    let isNever =
      ((block & Bytes(repeating: 0xFE)) .== Bytes(repeating: 0xC0)) .| (block .>= Bytes(repeating: 0xF5))
    let bad = (isContinuation .^ isDue) .| isLowSecond .| isHighSecond .| isNever
    let words = unsafeBitCast(bad, to: SIMD2<UInt64>.self)
    return (words[0] | words[1]) != 0
  }
}
