// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// A strict push tokenizer for RFC 8259: pieces of any size in, tokens out, with exact offsets and lines.
///
/// A token cut by the end of a piece is carried over and completed from the next; everything else is
/// read where it
/// stands. Expects well-formed UTF-8 (``PayloadTextConverter`` sees to it) and keeps memory safe without.
struct JSONTokenizer<Consumer: JSONConsumer> {
  /// What may come next.
  enum Expectation: UInt8 {
    /// A root value, or nothing more.
    case root
    /// White space only (or in NDJSON, the end of the line).
    case rootEnd
    /// The first key of an object, or its end.
    case firstKey
    case key
    case colon
    case value
    /// The first item of an array, or its end.
    case firstItem
    case objectNext
    case arrayNext
  }

  var consumer: Consumer
  /// Each line holds one root value.
  let isLines: Bool
  let depthLimit: Int
  let textLimit: Int

  private(set) var expectation = Expectation.root
  /// Containers open, innermost last: true for objects.
  private(set) var open: GrowableBuffer<Bool>
  private(set) var hasRoot = false
  var isCarrying: Bool { carry.count > 0 }

  /// Offset of the current piece's first byte.
  private(set) var pieceOffset: Int64 = 0
  private(set) var line: Int64 = 1
  private var carry: GrowableBuffer<UInt8>
  private var carryOffset: Int64 = 0
  private var isEscapeCut = false
  private var hasEscapes = false
  private var scratch: GrowableBuffer<UInt8>

  init(_ consumer: Consumer, isLines: Bool, depthLimit: Int, textLimit: Int) {
    self.consumer = consumer
    self.isLines = isLines
    self.depthLimit = depthLimit
    self.textLimit = textLimit
    open = GrowableBuffer(capacity: max(depthLimit, 1))
    carry = GrowableBuffer(capacity: 256)
    scratch = GrowableBuffer(capacity: 256)
  }

  func deallocate() {
    open.deallocate()
    carry.deallocate()
    scratch.deallocate()
  }

  /// Where the token begins that the last piece cut, or where that piece ended.
  var heldOffset: Int64 { carry.count > 0 ? carryOffset : pieceOffset }

  // MARK: Pieces

  mutating func feed(_ piece: UnsafeBufferPointer<UInt8>) throws {
    guard let base = piece.baseAddress, piece.count > 0 else { return }
    let end = base + piece.count
    var at = base
    if carry.count > 0 { at = try resume(base, end) }
    try run(from: at, base: base, end: end)
    pieceOffset += Int64(piece.count)
  }

  /// Says that the text is complete.
  mutating func finish() throws {
    if carry.count > 0, carry.base[0] != UInt8(ascii: "\""), open.count == 0 {
      try completeCarry()
    }
    guard carry.count == 0, open.count == 0, hasRoot || isLines else { throw truncated() }
  }

  private mutating func run(
    from start: UnsafePointer<UInt8>, base: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
  ) throws {
    var at = start
    while true {
      // White space between tokens; the only place where a line feed can stand.
      while at < end, at.pointee <= 0x20 {
        let byte = at.pointee
        if byte == 0x0A {
          if isLines { try lineEnds(pieceOffset + Int64(at - base)) }
          line += 1
        } else if byte != 0x20, byte != 0x0D, byte != 0x09 {
          throw unexpected(byte, pieceOffset + Int64(at - base))
        }
        at += 1
      }
      if at == end { return }
      let byte = at.pointee
      switch expectation {
      case .objectNext:
        if byte == UInt8(ascii: ",") {
          at += 1
          expectation = .key
        } else if byte == UInt8(ascii: "}") {
          at += 1
          try close(at, pieceOffset + Int64(at - base))
        } else {
          throw unexpected(byte, pieceOffset + Int64(at - base))
        }
      case .key, .firstKey:
        if byte == UInt8(ascii: "\"") {
          at = try string(at, base, end, isKey: true)
          // The usual `":` without white space, taken here to save a round.
          if at < end, at.pointee == UInt8(ascii: ":"), expectation == .colon {
            at += 1
            expectation = .value
          }
        } else if byte == UInt8(ascii: "}"), expectation == .firstKey {
          at += 1
          try close(at, pieceOffset + Int64(at - base))
        } else {
          throw unexpected(byte, pieceOffset + Int64(at - base))
        }
      case .colon:
        guard byte == UInt8(ascii: ":") else { throw unexpected(byte, pieceOffset + Int64(at - base)) }
        at += 1
        expectation = .value
      case .arrayNext:
        if byte == UInt8(ascii: ",") {
          at += 1
          expectation = .value
        } else if byte == UInt8(ascii: "]") {
          at += 1
          try close(at, pieceOffset + Int64(at - base))
        } else {
          throw unexpected(byte, pieceOffset + Int64(at - base))
        }
      case .value, .firstItem, .root:
        at = try value(byte, at, base, end)
      case .rootEnd:
        throw unexpected(byte, pieceOffset + Int64(at - base))
      }
    }
  }

  @inline(__always)
  private mutating func value(
    _ byte: UInt8, _ at: UnsafePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) throws -> UnsafePointer<UInt8> {
    switch byte {
    case UInt8(ascii: "\""):
      return try string(at, base, end, isKey: false)
    case UInt8(ascii: "{"):
      let offset = pieceOffset + Int64(at - base)
      try push(isObject: true, offset)
      try consumer.beginObject(offset: offset, line: line, start: at)
      return at + 1
    case UInt8(ascii: "["):
      let offset = pieceOffset + Int64(at - base)
      try push(isObject: false, offset)
      try consumer.beginArray(offset: offset, line: line, start: at)
      return at + 1
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "t"), UInt8(ascii: "f"),
      UInt8(ascii: "n"):
      let stop = JSONScan.wordEnd(at, end)
      let offset = pieceOffset + Int64(at - base)
      if stop == end {
        try hold(at, end, offset)
        return end
      }
      try word(UnsafeBufferPointer(start: at, count: stop - at), offset)
      return stop
    case UInt8(ascii: "]") where expectation == .firstItem:
      try close(at + 1, pieceOffset + Int64(at + 1 - base))
      return at + 1
    default:
      let offset = pieceOffset + Int64(at - base)
      if isMark(byte, at: offset) { return at + 1 }
      throw unexpected(byte, offset)
    }
  }

  /// A byte order mark at the very start is passed over; it counts in offsets.
  private func isMark(_ byte: UInt8, at offset: Int64) -> Bool {
    guard expectation == .root, !hasRoot else { return false }
    return (offset == 0 && byte == 0xEF) || (offset == 1 && byte == 0xBB) || (offset == 2 && byte == 0xBF)
  }

  @inline(__always)
  private mutating func string(
    _ at: UnsafePointer<UInt8>, _ base: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, isKey: Bool
  ) throws -> UnsafePointer<UInt8> {
    var stop = at + 1
    hasEscapes = false
    while true {
      stop = JSONScan.textEnd(stop, end)
      if stop == end { break }
      if stop.pointee == UInt8(ascii: "\"") {
        let offset = pieceOffset + Int64(at - base)
        let source = UnsafeBufferPointer(start: at, count: stop + 1 - at)
        try deliver(JSONToken(source: source, offset: offset, line: line), isKey: isKey)
        return stop + 1
      }
      guard stop.pointee == UInt8(ascii: "\\") else {
        throw controlCharacter(
          stop.pointee, pieceOffset + Int64(stop - base), token: pieceOffset + Int64(at - base),
          escaped: hasEscapes)
      }
      try checkLimit(stop - at - 1, pieceOffset + Int64(at - base))
      hasEscapes = true
      stop += 2
      if stop > end {
        isEscapeCut = true
        break
      }
    }
    try hold(at, end, pieceOffset + Int64(at - base))
    return end
  }

  @inline(__always)
  private mutating func deliver(_ token: JSONToken, isKey: Bool) throws {
    var text = UnsafeBufferPointer(rebasing: token.source[1..<token.source.count - 1])
    if hasEscapes {
      try undoEscapes(text, token.offset)
      text = UnsafeBufferPointer(start: scratch.base, count: scratch.count)
    }
    if text.count > textLimit { throw tooLong(token.offset) }
    if isKey {
      expectation = .colon
      try consumer.key(text, token)
    } else {
      valueEnded()
      try consumer.string(text, token)
    }
  }

  /// A number, `true`, `false` or `null`, complete.
  @inline(__always)
  private mutating func word(
    _ source: UnsafeBufferPointer<UInt8>, _ offset: Int64, isCarried: Bool = false
  ) throws {
    if source.count > textLimit { throw tooLong(offset) }
    let token = JSONToken(source: source, offset: offset, line: line, isCarried: isCarried)
    switch JSONScan.kind(of: source) {
    case .number, .boolean:
      valueEnded()
      try consumer.literal(token)
    case .null:
      valueEnded()
      try consumer.null(token)
    case .nothing: throw badWord(source, offset)
    }
  }

  // MARK: Tokens cut by the end of a piece

  private mutating func hold(
    _ at: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ offset: Int64
  ) throws {
    carryOffset = offset
    carry.append(at, count: end - at)
    try checkLimit(carry.count - 1, carryOffset)
  }

  /// Bounds a string before its end is known.
  private func checkLimit(_ count: Int, _ offset: Int64) throws {
    if passesLimit(count, escaped: hasEscapes) { throw tooLong(offset) }
  }

  private mutating func resume(
    _ base: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) throws -> UnsafePointer<UInt8> {
    if carry.base[0] != UInt8(ascii: "\"") {
      let stop = JSONScan.wordEnd(base, end)
      carry.append(base, count: stop - base)
      if stop == end {
        try checkLimit(carry.count - 1, carryOffset)
      } else {
        try completeCarry()
      }
      return stop
    }
    var stop = base
    if isEscapeCut {
      isEscapeCut = false
      stop += 1
    }
    while true {
      stop = JSONScan.textEnd(stop, end)
      if stop == end { break }
      if stop.pointee == UInt8(ascii: "\"") {
        carry.append(base, count: stop + 1 - base)
        try completeCarry()
        return stop + 1
      }
      guard stop.pointee == UInt8(ascii: "\\") else {
        throw controlCharacter(
          stop.pointee, pieceOffset + Int64(stop - base), token: carryOffset, escaped: hasEscapes)
      }
      try checkLimit(carry.count - 1 + (stop - base), carryOffset)
      hasEscapes = true
      stop += 2
      if stop > end {
        isEscapeCut = true
        break
      }
    }
    carry.append(base, count: end - base)
    try checkLimit(carry.count - 1, carryOffset)
    return end
  }

  private mutating func completeCarry() throws {
    let source = UnsafeBufferPointer(start: UnsafePointer(carry.base), count: carry.count)
    if carry.base[0] == UInt8(ascii: "\"") {
      let isKey = expectation == .key || expectation == .firstKey
      try deliver(JSONToken(source: source, offset: carryOffset, line: line, isCarried: true), isKey: isKey)
    } else {
      try word(source, carryOffset, isCarried: true)
    }
    carry.count = 0
  }

  // MARK: Structure

  @inline(__always)
  private mutating func push(isObject: Bool, _ offset: Int64) throws {
    if open.count >= depthLimit { throw tooDeep(offset) }
    if open.count == 0 { hasRoot = true }
    open.append(isObject)
    expectation = isObject ? .firstKey : .firstItem
  }

  @inline(__always)
  private mutating func close(_ end: UnsafePointer<UInt8>, _ offset: Int64) throws {
    let wasObject = open.base[open.count - 1]
    open.count -= 1
    valueEnded()
    if wasObject {
      try consumer.endObject(offset: offset, end: end)
    } else {
      try consumer.endArray(offset: offset, end: end)
    }
  }

  @inline(__always)
  private mutating func valueEnded() {
    if open.count > 0 {
      expectation = open.base[open.count - 1] ? .objectNext : .arrayNext
    } else {
      hasRoot = true
      expectation = .rootEnd
    }
  }

  private mutating func lineEnds(_ offset: Int64) throws {
    if open.count > 0 { throw brokenLine(offset) }
    expectation = .root
  }

  private mutating func undoEscapes(_ text: UnsafeBufferPointer<UInt8>, _ offset: Int64) throws {
    scratch.count = 0
    if let fault = JSONScan.undoEscapes(text, into: &scratch) {
      throw badEscape(fault, offset + 1 + Int64(fault.at))
    }
  }
}
