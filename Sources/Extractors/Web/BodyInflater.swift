// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Undoes the compression of a body piece by piece.
protocol BodyInflater: AnyObject {
  /// Takes the next compressed bytes and hands on what they hold.
  func feed(_ bytes: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) throws -> Void) throws
  /// Says that there is no more.
  func finish() throws(StageFailure)
}

/// Bounds that a bomb meets before the disk does.
struct GrowthBounds {
  /// Output that may come of any input.
  static let free = 1 << 20

  /// Most bytes of output.
  let limit: Int
  /// Times that the output may be larger than the input.
  let mostGrowth: Int
  let place: String
  private var produced = 0

  init(limit: Int, mostGrowth: Int, place: String) {
    self.limit = limit
    self.mostGrowth = mostGrowth
    self.place = place
  }

  /// - Parameter consumed: bytes of input so far.
  mutating func add(produced count: Int, consumed: Int) throws(StageFailure) {
    produced += count
    guard produced <= limit else { throw ExtractDiagnostics.tooLarge(limit: limit, at: place) }
    guard produced <= Self.free || produced / mostGrowth <= consumed else {
      throw ExtractDiagnostics.bomb(mostGrowth, at: place)
    }
  }
}

/// Undoes what servers call `deflate`: zlib's format as RFC 9110 wants it, or its bare stream, as many send it.
final class DeflateInflater: BodyInflater {
  private let limit: Int
  private let mostGrowth: Int
  private let place: String
  private var first: [UInt8] = []
  private var inflater: GzipInflater?

  init(limit: Int, mostGrowth: Int, place: String) {
    self.limit = limit
    self.mostGrowth = mostGrowth
    self.place = place
  }

  func feed(_ bytes: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    if let inflater { return try inflater.feed(bytes, into: sink) }
    first += bytes
    // Two bytes tell: method 8 and a check of RFC 1950.
    guard first.count >= 2 else { return }
    try begin(sink)
  }

  func finish() throws(StageFailure) {
    if inflater == nil, !first.isEmpty {
      throw ExtractDiagnostics.brokenCompression(
        "the data end before the compressed stream does", format: "deflate", at: place)
    }
    try inflater?.finish()
  }

  private func begin(_ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    let isWrapped = first[0] & 15 == 8 && (Int(first[0]) << 8 | Int(first[1])) % 31 == 0
    let inflater = try GzipInflater(
      limit: limit, mostGrowth: mostGrowth, wrapping: isWrapped ? .either : .raw, place: place)
    self.inflater = inflater
    try first.withUnsafeBytes { try inflater.feed($0, into: sink) }
    first = []
  }
}
