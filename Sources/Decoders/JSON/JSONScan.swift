// SPDX-License-Identifier: Apache-2.0

import Records

/// The byte-level loops under ``JSONTokenizer``, without state.
enum JSONScan {
  enum Word { case number, boolean, null, nothing }

  /// Finds the first `"`, `\` or control character, or `end` (never beyond).
  @inline(__always)
  static func textEnd(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8> {
    // The type must be written out: only then is a comparison one instruction instead of sixteen.
    typealias Bytes = SIMD16<UInt8>
    var at = start
    while end - at >= 16 {
      let block = UnsafeRawPointer(at).loadUnaligned(as: Bytes.self)
      let hits =
        (block .== Bytes(repeating: UInt8(ascii: "\""))) .| (block .== Bytes(repeating: UInt8(ascii: "\\")))
        .| (block .< Bytes(repeating: 0x20))
      let words = unsafeBitCast(hits, to: SIMD2<UInt64>.self)
      if words[0] != 0 { return at + words[0].trailingZeroBitCount >> 3 }
      if words[1] != 0 { return at + 8 + words[1].trailingZeroBitCount >> 3 }
      at += 16
    }
    while at < end {
      let byte = at.pointee
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return at }
      at += 1
    }
    return at
  }

  /// Finds the end of the letters, digits and signs that numbers and literals are made of.
  @inline(__always)
  static func wordEnd(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> UnsafePointer<UInt8> {
    var at = start
    while at < end {
      switch at.pointee {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
        at += 1
      default: return at
      }
    }
    return at
  }

  @inline(__always)
  static func kind(of word: UnsafeBufferPointer<UInt8>) -> Word {
    guard let base = word.baseAddress, word.count > 0 else { return .nothing }
    switch base[0] {
    case UInt8(ascii: "t"):
      return word.count == 4 && base[1] == UInt8(ascii: "r") && base[2] == UInt8(ascii: "u")
        && base[3] == UInt8(ascii: "e") ? .boolean : .nothing
    case UInt8(ascii: "f"):
      return word.count == 5 && base[1] == UInt8(ascii: "a") && base[2] == UInt8(ascii: "l")
        && base[3] == UInt8(ascii: "s") && base[4] == UInt8(ascii: "e") ? .boolean : .nothing
    case UInt8(ascii: "n"):
      return word.count == 4 && base[1] == UInt8(ascii: "u") && base[2] == UInt8(ascii: "l")
        && base[3] == UInt8(ascii: "l") ? .null : .nothing
    default:
      return isNumber(base, word.count) ? .number : .nothing
    }
  }

  /// RFC 8259, section 6.
  @inline(__always)
  static func isNumber(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var at = 0
    @inline(__always) func digits() -> Bool {
      let first = at
      while at < count, base[at] &- UInt8(ascii: "0") <= 9 { at += 1 }
      return at > first
    }
    if base[0] == UInt8(ascii: "-") { at = 1 }
    guard at < count else { return false }
    if base[at] == UInt8(ascii: "0") {
      at += 1
    } else if !digits() {
      return false
    }
    if at < count, base[at] == UInt8(ascii: ".") {
      at += 1
      if !digits() { return false }
    }
    if at < count, base[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < count, base[at] == UInt8(ascii: "+") || base[at] == UInt8(ascii: "-") { at += 1 }
      if !digits() { return false }
    }
    return at == count
  }

  /// What is wrong with an escape, and where in the text its backslash stands.
  struct EscapeFault {
    enum Fact { case unknown(UInt8), notHex, loneSurrogate }
    var fact: Fact
    var at: Int
  }

  /// Undoes the escapes of a string's text.
  static func undoEscapes(
    _ text: UnsafeBufferPointer<UInt8>, into output: inout GrowableBuffer<UInt8>
  ) -> EscapeFault? {
    guard let base = text.baseAddress else { return nil }
    let end = base + text.count
    output.reserve(text.count)
    var at = base
    while at < end {
      let stop = textEnd(at, end)
      output.append(at, count: stop - at)
      if stop == end { break }
      // The tokenizer stopped at control characters and bare quotes already; this is a backslash.
      let fault = { EscapeFault(fact: $0, at: stop - base) }
      guard stop + 1 < end else { return fault(.unknown(0)) }
      at = stop + 2
      switch stop[1] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(stop[1])
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "u"):
        guard var scalar = hex(at, end) else { return fault(.notHex) }
        at += 4
        if scalar & 0xF800 == 0xD800 {
          guard scalar < 0xDC00, end - at >= 6, at[0] == UInt8(ascii: "\\"), at[1] == UInt8(ascii: "u"),
            let low = hex(at + 2, end), low & 0xFC00 == 0xDC00
          else { return fault(.loneSurrogate) }
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
          at += 6
        }
        append(scalar, to: &output)
      default: return fault(.unknown(stop[1]))
      }
    }
    return nil
  }

  private static func hex(_ at: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UInt32? {
    guard end - at >= 4 else { return nil }
    var value: UInt32 = 0
    for index in 0..<4 {
      let byte = at[index]
      let lower = byte | 0x20
      if byte &- UInt8(ascii: "0") <= 9 {
        value = value << 4 | UInt32(byte &- UInt8(ascii: "0"))
      } else if lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "f") {
        value = value << 4 | UInt32(lower - UInt8(ascii: "a") + 10)
      } else {
        return nil
      }
    }
    return value
  }

  private static func append(_ scalar: UInt32, to output: inout GrowableBuffer<UInt8>) {
    guard let scalar = Unicode.Scalar(scalar), let encoded = UTF8.encode(scalar) else { return }
    for byte in encoded { output.append(byte) }
  }
}
