// SPDX-License-Identifier: Apache-2.0

/// A LIKE pattern: `%` any text, `_` one scalar, everything else itself. Case counts.
struct LikePattern: Sendable {
  private enum Piece: Sendable { case byte(UInt8), one, any }

  private let pieces: [Piece]

  init(_ text: String) {
    pieces = text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "%"): .any
      case UInt8(ascii: "_"): .one
      default: .byte(byte)
      }
    }
  }

  /// Greedy with a return to the last `%` only: at most pattern × text steps, no blow-up.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    var piece = 0
    var restart: (piece: Int, at: Int)?
    while true {
      if piece < pieces.count {
        switch pieces[piece] {
        case .any:
          restart = (piece, at)
          piece += 1
          continue
        case .one where at < text.count:
          at += 1
          while at < text.count, text[at] & 0xC0 == 0x80 { at += 1 }
          piece += 1
          continue
        case .byte(let byte) where at < text.count && text[at] == byte:
          at += 1
          piece += 1
          continue
        default: break
        }
      } else if at == text.count {
        return true
      }
      guard let from = restart, from.at < text.count else { return false }
      var next = from.at + 1
      while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
      restart = (from.piece, next)
      at = next
      piece = from.piece + 1
    }
  }
}
