// SPDX-License-Identifier: Apache-2.0

/// A parsed regular expression.
indirect enum PatternTree: Equatable {
  case empty
  case scalars(ScalarSet)
  case sequence([PatternTree])
  case alternatives([PatternTree])
  /// `maximum` nil: without end.
  case repeated(PatternTree, minimum: Int, maximum: Int?)
  case start
  case end
}

/// A set of Unicode scalars, as ascending ranges that neither touch nor overlap.
struct ScalarSet: Equatable {
  private(set) var ranges: [ClosedRange<UInt32>] = []

  static let surrogates: ClosedRange<UInt32> = 0xD800...0xDFFF
  static let last: UInt32 = 0x10FFFF

  init(_ ranges: [ClosedRange<UInt32>] = []) {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let before = merged.last, range.lowerBound <= before.upperBound + 1 {
        merged[merged.count - 1] = before.lowerBound...max(before.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
  }

  init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  var inverted: ScalarSet {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= ScalarSet.last { gaps.append(next...ScalarSet.last) }
    return ScalarSet(gaps)
  }

  static let digits = ScalarSet([48...57])
  static let wordCharacters = ScalarSet([48...57, 65...90, 95...95, 97...122])
  static let whiteSpace = ScalarSet([9...13, 32...32])
  static let allButLineFeed = ScalarSet([10...10]).inverted

  static let letters = ScalarSet(where: { $0.isLetter })
  static let capitals = ScalarSet(where: { $0 == .uppercaseLetter })
  static let smallLetters = ScalarSet(where: { $0 == .lowercaseLetter })
  static let numbers = ScalarSet(where: { $0 == .decimalNumber || $0 == .letterNumber || $0 == .otherNumber })
  static let decimalDigits = ScalarSet(where: { $0 == .decimalNumber })
  static let marks = ScalarSet(where: { $0 == .nonspacingMark || $0 == .spacingMark || $0 == .enclosingMark })

  /// Every scalar whose general category fits, up to the last plane in which letters are assigned.
  private init(where fits: (Unicode.GeneralCategory) -> Bool) {
    var found: [ClosedRange<UInt32>] = []
    for value in UInt32(0)...0x323AF {
      guard let scalar = Unicode.Scalar(value), fits(scalar.properties.generalCategory) else { continue }
      if let before = found.last, before.upperBound + 1 == value {
        found[found.count - 1] = before.lowerBound...value
      } else {
        found.append(value...value)
      }
    }
    ranges = found
  }
}

extension Unicode.GeneralCategory {
  var isLetter: Bool {
    switch self {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
