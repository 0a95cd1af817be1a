// SPDX-License-Identifier: Apache-2.0

import CZlib
import Diagnostics
import Glibc

/// Reads a zip archive by its central directory, which tells of every member before any is read. Names are only ever
/// compared and shown; no file is made of them.
///
/// Refused: encryption, methods other than stored and deflate, ZIP64, members that overlap or go by one name, names
/// that would lead out of a folder. Shapes and names of fields are those of PKWARE's APPNOTE.TXT, 4.3.
final class ZipReader {
  /// More members than any sector system sends.
  static let mostMembers = 10_000

  struct Member: Equatable {
    var name: String
    var method: UInt16
    var checksum: UInt32
    var stored: Int
    var bytes: Int
    /// Where its local header begins.
    fileprivate var offset: Int
  }

  /// Folders are left out; in the order of the directory.
  let members: [Member]
  private let descriptor: Int32
  private let size: Int
  private let place: String

  private static let endSize = 22
  private static let entrySize = 46
  private static let localSize = 30
  private static let pieceSize = 256 << 10

  /// - Parameters:
  ///   - descriptor: of an open file that can be read at any place; stays open.
  ///   - place: file or address, for messages.
  init(_ descriptor: Int32, place: String) throws(StageFailure) {
    self.descriptor = descriptor
    self.place = place
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw ArchiveDiagnostics.unreadable(errno, at: place) }
    size = Int(facts.st_size)
    let directory = try Self.directory(descriptor, size: size, place)
    members = try Self.members(directory.bytes, count: directory.count, size: size, place)
  }

  /// Hands on what a member holds, uncompressed, and compares its length and checksum.
  ///
  /// - Throws: a ``StageFailure`` (76) for a member that is damaged; what the sink throws.
  func read(_ member: Member, into sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    let header = try Self.read(descriptor, at: member.offset, count: Self.localSize, place)
    guard header.u32(0) == 0x0403_4B50 else { throw damaged("a member's header is not where it should be") }
    let start = member.offset + Self.localSize + Int(header.u16(26)) + Int(header.u16(28))
    guard start + member.stored <= size else { throw damaged("a member reaches beyond the end") }
    let inflater = member.method == 8 ? try RawInflater(limit: member.bytes, place: place) : nil
    var checksum: UInt = 0
    var bytes = 0
    func take(_ piece: UnsafeRawBufferPointer) throws {
      bytes += piece.count
      guard bytes <= member.bytes else { throw damaged("'\(member.name)' holds more than it declares") }
      checksum = crc32_z(checksum, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), piece.count)
      try sink(piece)
    }
    var offset = start
    while offset < start + member.stored {
      let count = min(Self.pieceSize, start + member.stored - offset)
      let piece = try Self.read(descriptor, at: offset, count: count, place)
      offset += count
      try piece.withUnsafeBytes { piece in
        if let inflater { try inflater.feed(piece, into: take) } else { try take(piece) }
      }
    }
    try inflater?.finish()
    guard bytes == member.bytes, UInt32(truncatingIfNeeded: checksum) == member.checksum else {
      throw damaged("'\(member.name)' does not match its checksum")
    }
  }

  private func damaged(_ fact: String) -> StageFailure { ArchiveDiagnostics.broken(fact, at: place) }

  // MARK: - The central directory

  private static func directory(
    _ descriptor: Int32, size: Int, _ place: String
  ) throws(StageFailure) -> (bytes: [UInt8], count: Int) {
    guard size >= endSize else { throw ArchiveDiagnostics.broken("it is too short", at: place) }
    // A comment of at most 65,535 bytes may stand behind the record that ends an archive.
    let tail = try read(
      descriptor, at: max(0, size - endSize - 65_535), count: min(size, endSize + 65_535), place)
    var end: Int?
    for at in stride(from: tail.count - endSize, through: 0, by: -1)
    where tail.u32(at) == 0x0605_4B50 && Int(tail.u16(at + 20)) == tail.count - at - endSize {
      end = at
      break
    }
    guard let end else { throw ArchiveDiagnostics.broken("it has no end record", at: place) }
    let (count, length, offset) = (tail.u16(end + 10), tail.u32(end + 12), tail.u32(end + 16))
    if count == .max || length == .max || offset == .max { throw ArchiveDiagnostics.tooLarge(at: place) }
    guard tail.u16(end + 4) == 0, tail.u16(end + 6) == 0, tail.u16(end + 8) == count else {
      throw ArchiveDiagnostics.broken("it is one part of several", at: place)
    }
    guard Int(count) <= mostMembers else { throw ArchiveDiagnostics.tooMany(Int(count), at: place) }
    let endOffset = size - tail.count + end
    guard Int(offset) + Int(length) <= endOffset, Int(length) <= 64 << 20 else {
      throw ArchiveDiagnostics.broken("its directory is not where it should be", at: place)
    }
    return (try read(descriptor, at: Int(offset), count: Int(length), place), Int(count))
  }

  private static func members(
    _ directory: [UInt8], count: Int, size: Int, _ place: String
  ) throws(StageFailure) -> [Member] {
    var members: [Member] = []
    var names: Set<String> = []
    var at = 0
    var stored = 0
    for _ in 0..<count {
      guard at + entrySize <= directory.count, directory.u32(at) == 0x0201_4B50 else {
        throw ArchiveDiagnostics.broken("its directory is damaged", at: place)
      }
      let nameLength = Int(directory.u16(at + 28))
      let next = at + entrySize + nameLength + Int(directory.u16(at + 30)) + Int(directory.u16(at + 32))
      guard next <= directory.count else {
        throw ArchiveDiagnostics.broken("its directory is damaged", at: place)
      }
      let name = String(decoding: directory[(at + entrySize)..<(at + entrySize + nameLength)], as: UTF8.self)
      let flags = directory.u16(at + 8)
      let member = Member(
        name: name, method: directory.u16(at + 10), checksum: directory.u32(at + 16),
        stored: Int(directory.u32(at + 20)), bytes: Int(directory.u32(at + 24)),
        offset: Int(directory.u32(at + 42)))
      at = next
      if [member.stored, member.bytes, member.offset].contains(Int(UInt32.max)) {
        throw ArchiveDiagnostics.tooLarge(at: place)
      }
      guard isPlain(name) else { throw ArchiveDiagnostics.badName(at: place) }
      if name.hasSuffix("/") { continue }
      // Bit 0: encrypted; bit 13: the directory is.
      guard flags & 0x2001 == 0 else { throw ArchiveDiagnostics.encrypted(name, at: place) }
      guard member.method == 0 || member.method == 8 else {
        throw ArchiveDiagnostics.unknownMethod(name, member.method, at: place)
      }
      guard names.insert(name).inserted else {
        throw ArchiveDiagnostics.broken("two members are called '\(name)'", at: place)
      }
      // Members that share bytes make much of little: what all of them hold cannot be more than there is.
      stored += member.stored
      guard stored <= size, member.offset + localSize + member.stored <= size else {
        throw ArchiveDiagnostics.broken("its members overlap, or reach beyond its end", at: place)
      }
      members.append(member)
    }
    return members
  }

  /// Whether a name stays within the folder it would be put into, and can be shown.
  private static func isPlain(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return !name.isEmpty && !name.hasPrefix("/") && !parts.contains("..") && !parts.contains(".")
      && !name.unicodeScalars.contains { $0.value < 32 || $0 == "\\" || $0 == "\u{7F}" }
      && !(name.utf8.count > 1 && name.utf8.dropFirst().first == UInt8(ascii: ":"))
  }

  private static func read(
    _ descriptor: Int32, at offset: Int, count: Int, _ place: String
  ) throws(StageFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw ArchiveDiagnostics.unreadable(errno, at: place) }
      guard got > 0 else { throw ArchiveDiagnostics.broken("it ends early", at: place) }
      done += got
    }
    return bytes
  }
}

extension [UInt8] {
  /// Little-endian numbers; the caller has seen to it that they are there.
  fileprivate func u16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
  fileprivate func u32(_ at: Int) -> UInt32 { UInt32(u16(at)) | UInt32(u16(at + 2)) << 16 }
}
