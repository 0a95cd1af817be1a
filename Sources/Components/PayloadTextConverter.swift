// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Records

/// Turns payload bytes of any size of piece into well-formed UTF-8, before any decoder sees them.
///
/// All text passes here, UTF-8 too: this is the one place that judges whether it is well-formed, so
/// that decoders
/// need not. UTF-8 is handed on as it came, its byte order mark included (decoders pass over it), so
/// that offsets
/// are the file's own; other encodings lose their mark.
public final class PayloadTextConverter {
  public typealias Output = (UnsafeBufferPointer<UInt8>) throws -> Void

  private enum Stage {
    /// UTF-16 whose byte order is not known yet, and perhaps the first byte of its mark.
    case undecided([UInt8])
    case utf8(UTF8Validator)
    case system(SystemConverter)
    case legacy(LegacyTextReader)
  }

  private let encoding: PayloadEncoding
  private var stage: Stage
  private var offset: Int64 = 0
  private var lines: Int64 = 0
  private var output = GrowableBuffer<UInt8>(capacity: 4096)

  /// - Throws: a ``StageFailure`` when this system's iconv lacks the encoding.
  public init(_ encoding: PayloadEncoding) throws(StageFailure) {
    self.encoding = encoding
    switch encoding.reading {
    case .utf8: stage = .utf8(UTF8Validator())
    case .utf16: stage = .undecided([])
    case .system(let name): stage = .system(try SystemConverter(name))
    case .legacy(let legacy): stage = .legacy(LegacyTextReader(legacy))
    }
  }

  deinit { output.deallocate() }

  /// Takes the next bytes and hands on the text they complete. A character cut by the end of a piece waits.
  ///
  /// - Throws: a ``StageFailure`` (65) at the first byte that is no text in this encoding, with its line and
  ///   offset in the payload; or whatever `body` throws.
  public func convert(_ piece: UnsafeBufferPointer<UInt8>, into body: Output) throws {
    guard piece.count > 0 else { return }
    output.count = 0
    switch stage {
    case .undecided(let head):
      let bytes = head + piece
      guard bytes.count >= 2 else {
        stage = .undecided(bytes)
        return
      }
      let isBig = bytes[0] == 0xFE && bytes[1] == 0xFF
      stage = .system(try SystemConverter(isBig ? "UTF-16BE" : "UTF-16LE"))
      try bytes.withUnsafeBufferPointer { try convert($0, into: body) }
      return
    case .utf8(var validator):
      let bad = validator.check(piece)
      stage = .utf8(validator)
      if let bad {
        let good = UnsafeBufferPointer(rebasing: piece.prefix(max(bad, 0)))
        throw failure(at: offset + Int64(bad), line: lines + Self.newlines(in: good))
      }
      lines += Self.newlines(in: piece)
      offset += Int64(piece.count)
      return try body(piece)
    case .system(let converter):
      if let bad = converter.append(piece, to: &output) {
        throw failure(at: offset + Int64(bad), line: lines + Self.newlines(in: written))
      }
    case .legacy(var reader):
      reader.append(piece, to: &output)
      stage = .legacy(reader)
    }
    offset += Int64(piece.count)
    try handOn(body)
  }

  /// Says that the payload is complete, and hands on what waited for more.
  ///
  /// - Throws: a ``StageFailure`` (65) when the payload ends within a character.
  public func finish(into body: Output) throws {
    output.count = 0
    var missing = 0
    switch stage {
    case .undecided(let head): missing = head.count
    case .utf8(let validator): missing = validator.pendingBytes
    case .system(let converter): missing = converter.finish(to: &output)
    case .legacy(var reader): reader.finish(to: &output)
    }
    if missing > 0 {
      let place = "line \(lines + 1 + Self.newlines(in: written)) (offset \(offset - Int64(missing)))"
      throw StageFailure(
        id: invalidID, "the payload ends within a character of \(encoding.name)", at: place,
        help: "look whether the transfer was cut short, and fetch the payload again", exit: .data)
    }
    try handOn(body)
  }

  private var written: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: output.base, count: output.count)
  }

  private func handOn(_ body: Output) throws {
    guard output.count > 0 else { return }
    lines += Self.newlines(in: written)
    try body(written)
  }

  private var invalidID: String {
    encoding.reading == .utf8 ? "decode.invalid-utf8" : "decode.invalid-text"
  }

  private func failure(at offset: Int64, line: Int64) -> StageFailure {
    StageFailure(
      id: invalidID, "the payload is not \(encoding.name) text: a byte here belongs to no character",
      at: "line \(line + 1) (offset \(offset))",
      help: "ask the source for UTF-8, or declare what it sends with 'encoding' under 'decode' "
        + "(known: \(PayloadEncoding.names.joined(separator: ", ")))",
      exit: .data)
  }

  private static func newlines(in bytes: UnsafeBufferPointer<UInt8>) -> Int64 {
    guard let base = bytes.baseAddress else { return 0 }
    return Int64(NewlineCounter.count(base, bytes.count))
  }
}

/// An iconv conversion to UTF-8 that keeps the incomplete tail between pieces.
private final class SystemConverter {
  private let handle: iconv_t
  private var tail: [UInt8] = []
  private var isAtStart = true

  init(_ name: String) throws(StageFailure) {
    let opened: iconv_t? = iconv_open("UTF-8", name)
    guard let opened, Int(bitPattern: opened) != -1 else {
      throw StageFailure(
        id: "decode.encoding-unavailable", "this system's iconv does not know the encoding \(name)",
        help: "install the system's character set modules (Debian: libc-bin, locales)", exit: .files)
    }
    handle = opened
  }

  deinit { iconv_close(handle) }

  /// - Returns: nil, or the offset within the piece of the first byte that is no text.
  func append(_ piece: UnsafeBufferPointer<UInt8>, to output: inout GrowableBuffer<UInt8>) -> Int? {
    if tail.isEmpty {
      return run(piece, to: &output)
    }
    let kept = tail.count
    let joined = tail + piece
    tail = []
    return joined.withUnsafeBufferPointer { run($0, to: &output) }.map { $0 - kept }
  }

  private func run(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout GrowableBuffer<UInt8>) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let first = output.count
    var source: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: base)
      .assumingMemoryBound(to: CChar.self)
    var left = bytes.count
    while left > 0 {
      output.reserve(left * 2 + 16)
      var room = output.capacity - output.count
      var target: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(output.base + output.count)
        .assumingMemoryBound(to: CChar.self)
      let result = iconv(handle, &source, &left, &target, &room)
      output.count = output.capacity - room
      if result != -1 { break }
      switch errno {
      case E2BIG: continue
      case EINVAL:
        tail = Array(bytes.suffix(left))
        left = 0
      default: return bytes.count - left
      }
    }
    dropMark(from: first, in: &output)
    return nil
  }

  /// A byte order mark becomes U+FEFF, which is no text.
  private func dropMark(from first: Int, in output: inout GrowableBuffer<UInt8>) {
    guard isAtStart, output.count > first else { return }
    isAtStart = false
    let base = output.base + first
    guard output.count - first >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF else { return }
    memmove(base, base + 3, output.count - first - 3)
    output.count -= 3
  }

  /// Flushes the letter that a combining mark might have followed.
  ///
  /// - Returns: bytes of an incomplete character.
  func finish(to output: inout GrowableBuffer<UInt8>) -> Int {
    output.reserve(64)
    var room = output.capacity - output.count
    var target: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(output.base + output.count)
      .assumingMemoryBound(to: CChar.self)
    _ = iconv(handle, nil, nil, &target, &room)
    output.count = output.capacity - room
    return tail.count
  }
}
