// SPDX-License-Identifier: Apache-2.0

/// The bytes of a landed file: header, frames, index, trailer. All numbers are little-endian.
///
/// - Header (48 bytes): magic (8), version (4), frame size (4), key id (16, zero: not encrypted), zero (8), XXH64
///   of these 40 (8).
/// - Frames: zstd, each of `frame size` uncompressed bytes but the last.
/// - Index (16 bytes a frame): compressed length (4), uncompressed length (4), XXH64 of the compressed bytes,
///   seeded with the frame's number (8).
/// - Trailer (72 bytes): frames (8), uncompressed bytes (8), bytes of all frames (8), SHA-256 of the uncompressed
///   bytes (32), XXH64 of header, index and these 56 (8), end magic (8).
///
/// Every byte is covered by a checksum or compared, and the number in a frame's seed ties it to its place.
enum LandingFormat {
  static let version: UInt32 = 1
  static let frameSize = 1 << 20
  static let headerSize = 48
  static let entrySize = 16
  static let trailerSize = 72
  static let magic: UInt64 = 0x444E_414C_4352_5254  // TRRCLAND
  static let endMagic: UInt64 = 0x454E_4F44_4352_5254  // TRRCDONE

  struct Frame: Equatable {
    var stored: UInt32
    var bytes: UInt32
    var checksum: UInt64
  }

  /// What stands behind the frames.
  struct Trailer: Equatable {
    var frames: [Frame]
    var bytes: UInt64
    var digest: [UInt8]
  }

  static func header() -> [UInt8] {
    var bytes: [UInt8] = []
    append(magic, to: &bytes)
    append(version, to: &bytes)
    append(UInt32(frameSize), to: &bytes)
    bytes.append(contentsOf: [UInt8](repeating: 0, count: 24))
    append(bytes.withUnsafeBytes { XXHash64.hash($0) }, to: &bytes)
    return bytes
  }

  /// Index and trailer.
  static func ending(_ trailer: Trailer) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(trailer.frames.count * entrySize + trailerSize)
    for frame in trailer.frames {
      append(frame.stored, to: &bytes)
      append(frame.bytes, to: &bytes)
      append(frame.checksum, to: &bytes)
    }
    append(UInt64(trailer.frames.count), to: &bytes)
    append(trailer.bytes, to: &bytes)
    append(trailer.frames.reduce(0) { $0 + UInt64($1.stored) }, to: &bytes)
    bytes.append(contentsOf: trailer.digest)
    append((header() + bytes).withUnsafeBytes { XXHash64.hash($0) }, to: &bytes)
    append(endMagic, to: &bytes)
    return bytes
  }

  enum HeaderFinding: Equatable {
    case good
    case damaged(String)
    case newer(version: UInt32)
    case encrypted
  }

  static func inspect(header bytes: UnsafeRawBufferPointer) -> HeaderFinding {
    guard bytes.count == headerSize, word(bytes, 0) == magic else {
      return .damaged("it does not begin as one")
    }
    guard word(bytes, 40) == XXHash64.hash(UnsafeRawBufferPointer(rebasing: bytes[..<40])) else {
      return .damaged("its header does not match its checksum")
    }
    guard half(bytes, 8) == version else { return .newer(version: half(bytes, 8)) }
    guard bytes[16..<32].allSatisfy({ $0 == 0 }) else { return .encrypted }
    guard half(bytes, 12) == frameSize else { return .damaged("its frame size is \(half(bytes, 12))") }
    return .good
  }

  /// The frame count a trailer gives, when the file's size allows it.
  static func frameCount(trailer bytes: UnsafeRawBufferPointer, fileSize: UInt64) -> Int? {
    guard bytes.count == trailerSize, word(bytes, 64) == endMagic else { return nil }
    let count = word(bytes, 0)
    guard count <= fileSize / UInt64(entrySize) else { return nil }
    let (framesAndIndex, overflow) = word(bytes, 16).addingReportingOverflow(count * UInt64(entrySize))
    let rest = UInt64(headerSize + trailerSize)
    guard !overflow, fileSize >= rest, framesAndIndex == fileSize - rest else { return nil }
    return Int(count)
  }

  /// Reads index and trailer, or nil when anything in them does not agree with the rest.
  static func parse(ending bytes: UnsafeRawBufferPointer, frames count: Int) -> Trailer? {
    let base = count * entrySize
    guard bytes.count == base + trailerSize else { return nil }
    let covered = header() + bytes[..<(base + 56)]
    guard covered.withUnsafeBytes({ XXHash64.hash($0) }) == word(bytes, base + 56) else { return nil }
    var frames: [Frame] = []
    frames.reserveCapacity(count)
    var total: UInt64 = 0
    var stored: UInt64 = 0
    for index in 0..<count {
      let at = index * entrySize
      let frame = Frame(stored: half(bytes, at), bytes: half(bytes, at + 4), checksum: word(bytes, at + 8))
      guard frame.bytes > 0, Int(frame.bytes) <= frameSize,
        Int(frame.bytes) == frameSize || index == count - 1,
        Int(frame.stored) <= Compressor.bound
      else { return nil }
      total += UInt64(frame.bytes)
      stored += UInt64(frame.stored)
      frames.append(frame)
    }
    guard total == word(bytes, base + 8), stored == word(bytes, base + 16) else { return nil }
    return Trailer(frames: frames, bytes: total, digest: Array(bytes[(base + 24)..<(base + 56)]))
  }

  private static func append<Word: FixedWidthInteger>(_ word: Word, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  private static func half(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
  }
}

/// Lower-case hexadecimal digits, as digests are written.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  var text: [UInt8] = []
  for byte in bytes {
    for nibble in [byte >> 4, byte & 15] { text.append(nibble < 10 ? 48 + nibble : 87 + nibble) }
  }
  return String(decoding: text, as: UTF8.self)
}
