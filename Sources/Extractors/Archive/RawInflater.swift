// SPDX-License-Identifier: Apache-2.0

import CZlib
import Diagnostics

/// Undoes deflate without any wrapping, as a member of an archive has it, piece by piece and within bounds.
final class RawInflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private let output: UnsafeMutableRawBufferPointer
  private let place: String
  private let declared: Int
  private var bounds: GrowthBounds
  private var produced = 0
  private var consumed = 0
  private var isOver = false

  /// - Parameters:
  ///   - limit: most bytes of output; more are damage, for the archive says how many there are.
  ///   - place: file or address, for messages.
  init(limit: Int, place: String) throws(StageFailure) {
    self.place = place
    declared = limit
    bounds = GrowthBounds(limit: .max, mostGrowth: 100, place: place)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    output = .allocate(byteCount: 256 << 10, alignment: 16)
    // A negative number of window bits means: no wrapping.
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw ArchiveDiagnostics.broken("zlib cannot begin", at: place)
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  /// Takes the next compressed bytes and hands on what they hold.
  func feed(_ bytes: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    if isOver { throw ArchiveDiagnostics.broken("a member goes on behind its end", at: place) }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    repeat {
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(output.count)
      let before = stream.pointee.avail_in
      let result = inflate(stream, Z_NO_FLUSH)
      consumed += Int(before - stream.pointee.avail_in)
      let count = output.count - Int(stream.pointee.avail_out)
      isOver = result == Z_STREAM_END
      let isSound = isOver ? stream.pointee.avail_in == 0 : result == Z_OK || result == Z_BUF_ERROR
      produced += count
      guard isSound, produced <= declared else {
        throw ArchiveDiagnostics.broken("a member's compressed data are damaged", at: place)
      }
      try bounds.add(produced: count, consumed: consumed)
      if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<count])) }
      if result == Z_BUF_ERROR { break }
    } while !isOver && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
    stream.pointee.next_in = nil
  }

  /// Says that there is no more.
  func finish() throws(StageFailure) {
    guard isOver else { throw ArchiveDiagnostics.broken("a member ends early", at: place) }
  }
}
