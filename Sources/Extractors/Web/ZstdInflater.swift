// SPDX-License-Identifier: Apache-2.0

import CZstd
import Diagnostics

/// Undoes zstd piece by piece.
final class ZstdInflater: BodyInflater {
  /// RFC 9659: whoever sends zstd over HTTP keeps to a window of 8 MiB.
  private static let windowLog: Int32 = 23

  private let stream: OpaquePointer
  private let output: UnsafeMutableRawBufferPointer
  private var bounds: GrowthBounds
  private let place: String
  private var consumed = 0
  private var isWithinFrame = false

  /// - Parameters:
  ///   - limit: most bytes of output.
  ///   - mostGrowth: times that the output may be larger than the input.
  ///   - place: URL, for messages.
  init(limit: Int, mostGrowth: Int, place: String) throws(StageFailure) {
    guard let stream = ZSTD_createDStream() else {
      throw ExtractDiagnostics.brokenCompression("zstd cannot begin", format: "zstd", at: place)
    }
    self.stream = stream
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowLog)
    bounds = GrowthBounds(limit: limit, mostGrowth: mostGrowth, place: place)
    self.place = place
    output = .allocate(byteCount: 256 << 10, alignment: 16)
  }

  deinit {
    ZSTD_freeDStream(stream)
    output.deallocate()
  }

  func feed(_ bytes: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    var isFull = false
    // What is left behind a full piece comes without further input, until the frame is over.
    while input.pos < input.size || (isFull && isWithinFrame) {
      let before = input.pos
      var piece = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
      let left = ZSTD_decompressStream(stream, &piece, &input)
      guard ZSTD_isError(left) == 0 else {
        throw ExtractDiagnostics.brokenCompression("the data are damaged", format: "zstd", at: place)
      }
      consumed += input.pos - before
      isWithinFrame = left != 0
      isFull = piece.pos == output.count
      try bounds.add(produced: piece.pos, consumed: consumed)
      if piece.pos > 0 { try sink(UnsafeRawBufferPointer(rebasing: output[..<piece.pos])) }
    }
  }

  func finish() throws(StageFailure) {
    guard !isWithinFrame else {
      throw ExtractDiagnostics.brokenCompression(
        "the data end before the compressed stream does", format: "zstd", at: place)
    }
  }
}
