// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Makes zip archives for tests, whole or with something wrong.
enum Zip {
  struct Entry {
    var name: String
    var bytes: [UInt8]
    var method: UInt16 = 8
    var flags: UInt16 = 0
    /// In place of the right ones.
    var checksum: UInt32?
    var declared: Int?

    init(_ name: String, _ text: String, method: UInt16 = 8) {
      self.name = name
      bytes = Array(text.utf8)
      self.method = method
    }
  }

  static func archive(_ entries: [Entry], comment: String = "") -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let stored = entry.method == 8 ? deflated(entry.bytes) : entry.bytes
      let checksum = entry.checksum ?? UInt32(truncatingIfNeeded: crc32_z(0, entry.bytes, entry.bytes.count))
      let name = Array(entry.name.utf8)
      // Sizes stand only in the directory and behind the data, as programs that stream write them (bit 3).
      let offset = file.count
      file += u32(0x0403_4B50) + u16(20) + u16(entry.flags | 8) + u16(entry.method) + u32(0) + u32(0) + u32(0)
      file += u32(0) + u16(UInt16(name.count)) + u16(3) + name + [0, 0, 0] + stored
      file += u32(0x0807_4B50) + u32(checksum) + u32(UInt32(stored.count)) + u32(UInt32(entry.bytes.count))
      directory += u32(0x0201_4B50) + u16(20) + u16(20) + u16(entry.flags | 8) + u16(entry.method) + u32(0)
      directory +=
        u32(checksum) + u32(UInt32(stored.count)) + u32(UInt32(entry.declared ?? entry.bytes.count))
      directory += u16(UInt16(name.count)) + u16(0) + u16(2) + u16(0) + u16(0) + u32(0)
      directory += u32(UInt32(offset)) + name + [1, 2]
    }
    let start = file.count
    file += directory + u32(0x0605_4B50) + u16(0) + u16(0)
    file += u16(UInt16(entries.count)) + u16(UInt16(entries.count)) + u32(UInt32(directory.count))
    file += u32(UInt32(start)) + u16(UInt16(comment.utf8.count)) + Array(comment.utf8)
    return file
  }

  private static func u16(_ number: UInt16) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8)] }
  private static func u32(_ number: UInt32) -> [UInt8] {
    u16(UInt16(number & 0xFFFF)) + u16(UInt16(number >> 16))
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + 1024)
    let capacity = output.count
    return input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(capacity)
        deflate(&stream, Z_FINISH)
        return Array(output[..<(capacity - Int(stream.avail_out))])
      }
    }
  }
}
