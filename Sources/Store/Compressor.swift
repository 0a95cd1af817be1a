// SPDX-License-Identifier: Apache-2.0

import CZstd

/// Turns blocks of at most one frame into zstd frames.
final class Compressor {
  /// Level 1 measures 840 MB/s on the sector systems' XML at a ratio of 8; the levels below are a third
  /// faster and keep a third more on disk.
  private static let level: Int32 = 1
  /// Most bytes that a frame of ``LandingFormat/frameSize`` can take.
  static let bound = ZSTD_compressBound(LandingFormat.frameSize)

  private let context: OpaquePointer
  private let output: UnsafeMutableRawBufferPointer

  init?() {
    guard let context = ZSTD_createCCtx() else { return nil }
    self.context = context
    output = .allocate(byteCount: Self.bound, alignment: 16)
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
  }

  deinit {
    ZSTD_freeCCtx(context)
    output.deallocate()
  }

  /// The frame, valid until the next call; nil when zstd has no memory.
  func frame(_ block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let size = ZSTD_compress2(context, output.baseAddress, output.count, block.baseAddress, block.count)
    guard ZSTD_isError(size) == 0 else { return nil }
    return UnsafeRawBufferPointer(rebasing: output[..<size])
  }
}

/// Turns zstd frames back into blocks.
final class Decompressor {
  private let context: OpaquePointer

  init?() {
    guard let context = ZSTD_createDCtx() else { return nil }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  /// Fills `block`; false when the frame is not whole or gives another number of bytes.
  func fill(_ block: UnsafeMutableRawBufferPointer, from frame: UnsafeRawBufferPointer) -> Bool {
    let size = ZSTD_decompressDCtx(context, block.baseAddress, block.count, frame.baseAddress, frame.count)
    return ZSTD_isError(size) == 0 && size == block.count
  }
}
