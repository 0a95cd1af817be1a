// SPDX-License-Identifier: Apache-2.0

import CZlib
import Diagnostics

/// Undoes gzip (and zlib's own wrapping) piece by piece, with bounds that a bomb meets before the disk does.
final class GzipInflater: BodyInflater {
  enum Wrapping {
    /// gzip or zlib, told apart by the first bytes.
    case either
    /// None at all.
    case raw
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let output: UnsafeMutableRawBufferPointer
  private var bounds: GrowthBounds
  private let place: String
  private var consumed = 0
  private var isBetweenMembers = true

  /// - Parameters:
  ///   - limit: most bytes of output.
  ///   - mostGrowth: times that the output may be larger than the input.
  ///   - place: file or URL, for messages.
  init(limit: Int, mostGrowth: Int = 100, wrapping: Wrapping = .either, place: String) throws(StageFailure) {
    bounds = GrowthBounds(limit: limit, mostGrowth: mostGrowth, place: place)
    self.place = place
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    output = .allocate(byteCount: 256 << 10, alignment: 16)
    // 15 bits of window; 32 lets zlib tell gzip from zlib by the first bytes.
    let window: Int32 = wrapping == .raw ? -15 : 15 + 32
    guard inflateInit2_(stream, window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw ExtractDiagnostics.brokenCompression("zlib cannot begin", at: place)
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  /// Takes the next compressed bytes and hands on what they hold.
  func feed(_ bytes: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let base = bytes.baseAddress else { return }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: base.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    repeat {
      if isBetweenMembers, consumed > 0, stream.pointee.avail_in > 0 {
        // Files are padded with zeros on some tapes and disks; anything else must be another member.
        if stream.pointee.next_in.pointee == 0 {
          stream.pointee.next_in += 1
          stream.pointee.avail_in -= 1
          continue
        }
        inflateReset(stream)
      }
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(output.count)
      let before = stream.pointee.avail_in
      let result = inflate(stream, Z_NO_FLUSH)
      consumed += Int(before - stream.pointee.avail_in)
      isBetweenMembers = result == Z_STREAM_END
      guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
        throw ExtractDiagnostics.brokenCompression("the data are damaged", at: place)
      }
      let count = output.count - Int(stream.pointee.avail_out)
      try bounds.add(produced: count, consumed: consumed)
      if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<count])) }
      if result == Z_BUF_ERROR { break }
    } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
    stream.pointee.next_in = nil
  }

  /// Says that there is no more.
  func finish() throws(StageFailure) {
    // Nothing at all is an empty answer, not a broken one.
    guard isBetweenMembers else {
      throw ExtractDiagnostics.brokenCompression("the data end before the compressed stream does", at: place)
    }
  }
}
