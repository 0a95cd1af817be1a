// SPDX-License-Identifier: Apache-2.0

/// The source text that a parser has been given but not yet consumed, for values taken as they stand.
final class RawSource {
  /// How far raw values have got their text.
  var frontier: Int64 = 0
  private var piece = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var pieceStart: Int64 = 0
  /// What the piece before left unconsumed; it ends where the piece begins.
  private var tail: [UInt8] = []

  func begin(_ piece: UnsafeBufferPointer<UInt8>, at offset: Int64) {
    self.piece = piece
    pieceStart = offset
  }

  /// Gives the open raw values their text up to an offset.
  func flush(to end: Int64, _ driver: CaptureDriver) {
    guard end > frontier else { return }
    let tailStart = pieceStart - Int64(tail.count)
    if frontier < pieceStart, frontier >= tailStart {
      let from = Int(frontier - tailStart)
      let to = Int(min(end, pieceStart) - tailStart)
      tail.withUnsafeBufferPointer { driver.raw(UnsafeBufferPointer(rebasing: $0[from..<to])) }
      frontier = min(end, pieceStart)
    }
    if frontier >= pieceStart, end > frontier {
      let from = Int(frontier - pieceStart)
      driver.raw(UnsafeBufferPointer(rebasing: piece[from..<Int(end - pieceStart)]))
      frontier = end
    }
  }

  /// Keeps what the parser still waits with, before the piece's memory goes away.
  func end(keepingFrom offset: Int64) {
    if offset < pieceStart {
      tail.removeFirst(tail.count - Int(pieceStart - offset))
      tail += piece
    } else {
      tail = Array(piece[Int(offset - pieceStart)...])
    }
    pieceStart += Int64(piece.count)
    piece = UnsafeBufferPointer(start: nil, count: 0)
  }
}
