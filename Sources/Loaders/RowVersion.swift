// SPDX-License-Identifier: Apache-2.0

import Records

/// The value of a row's version field; of two states of a row the higher stands, and null is the lowest.
enum RowVersion {
  case none
  case number(Int128)
  case text(UnsafeBufferPointer<UInt8>)

  /// Negative when older than the other, 0 when equal.
  func compare(_ other: RowVersion) -> Int {
    switch (self, other) {
    case (.none, .none): return 0
    case (.none, _): return -1
    case (_, .none): return 1
    case (.number(let left), .number(let right)): return left < right ? -1 : (left == right ? 0 : 1)
    case (.text(let left), .text(let right)):
      if left.elementsEqual(right) { return 0 }
      return left.lexicographicallyPrecedes(right) ? -1 : 1
    // One field has one type, so the two never meet.
    case (.number, .text): return -1
    case (.text, .number): return 1
    }
  }
}
