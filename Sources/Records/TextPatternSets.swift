// SPDX-License-Identifier: Apache-2.0

/// What kind of character a scalar is, as far as patterns ask.
enum ScalarCategory: UInt8, CaseIterable {
  case other, capital, small, otherLetter, markOrConnector, digit, otherNumber

  var mask: UInt8 { 1 << rawValue }

  init(_ scalar: UInt32) {
    guard let scalar = Unicode.Scalar(scalar) else {
      self = .other
      return
    }
    self =
      switch scalar.properties.generalCategory {
      case .uppercaseLetter: .capital
      case .lowercaseLetter: .small
      case .titlecaseLetter, .modifierLetter, .otherLetter: .otherLetter
      case .nonspacingMark, .spacingMark, .enclosingMark, .connectorPunctuation: .markOrConnector
      case .decimalNumber: .digit
      case .letterNumber, .otherNumber: .otherNumber
      default: .other
      }
  }

  static let letters = capital.mask | small.mask | otherLetter.mask
  static let word = letters | markOrConnector.mask | digit.mask
  static let numbers = digit.mask | otherNumber.mask
  static let all: UInt8 = 0x7F
}

/// A set of Unicode scalars: some ranges, and whole categories.
struct ScalarSet: Hashable {
  var ranges: [ClosedRange<UInt32>] = []
  /// Masks of ``ScalarCategory``.
  var categories: UInt8 = 0
  var isNegated = false

  static let last: UInt32 = 0x10FFFF
  static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
  /// The property White_Space.
  static let blanks: [ClosedRange<UInt32>] = [
    0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
  ]

  init(_ ranges: [ClosedRange<UInt32>] = [], categories: UInt8 = 0, isNegated: Bool = false) {
    self.ranges = ranges
    self.categories = categories
    self.isNegated = isNegated
  }

  /// What lies between ascending ranges.
  static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var left: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { left.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= last { left.append(next...last) }
    return left
  }

  func contains(_ scalar: UInt32, category: ScalarCategory) -> Bool {
    (categories & category.mask != 0 || ranges.contains { $0.contains(scalar) }) != isNegated
  }
}

/// The characters sorted into classes that no set of a pattern tells apart, so that tables have few columns.
struct ScalarClasses: Sendable {
  /// Number of classes.
  let count: Int
  /// Whether a set has a class, at `set * count + class`.
  let members: [Bool]
  /// First scalars of the intervals between all bounds of the sets.
  private let starts: [UInt32]
  /// Class of an interval, or of an interval and category.
  private let table: [UInt16]
  private let usesCategories: Bool
  private let ascii: [UInt16]

  init(_ sets: [ScalarSet]) {
    var bounds: Set<UInt32> = [0]
    for range in sets.lazy.flatMap(\.ranges) {
      bounds.insert(range.lowerBound)
      if range.upperBound < ScalarSet.last { bounds.insert(range.upperBound + 1) }
    }
    let starts = bounds.sorted()
    let usesCategories = sets.contains { $0.categories != 0 }
    var known: [[Bool]: UInt16] = [:]
    var signatures: [[Bool]] = []
    var table: [UInt16] = []
    for start in starts {
      for category in usesCategories ? ScalarCategory.allCases : [.other] {
        let signature = sets.map { $0.contains(start, category: category) }
        if let found = known[signature] {
          table.append(found)
        } else {
          known[signature] = UInt16(signatures.count)
          table.append(UInt16(signatures.count))
          signatures.append(signature)
        }
      }
    }
    count = signatures.count
    members = sets.indices.flatMap { set in signatures.map { $0[set] } }
    self.starts = starts
    self.table = table
    self.usesCategories = usesCategories
    ascii = (0..<128).map { Self.find($0, starts, table, usesCategories) }
  }

  private static func find(_ scalar: UInt32, _ starts: [UInt32], _ table: [UInt16], _ usesCategories: Bool)
    -> UInt16
  {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle } else { high = middle }
    }
    guard usesCategories else { return table[low] }
    return table[low * ScalarCategory.allCases.count + Int(ScalarCategory(scalar).rawValue)]
  }

  /// Class of the character at a place, which moves on behind it.
  @inline(__always)
  func next(_ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int) -> Int {
    let byte = bytes[at]
    if byte < 0x80 {
      at += 1
      return Int(ascii[Int(byte)])
    }
    return wide(bytes, &at, end)
  }

  @inline(never)
  private func wide(_ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int) -> Int {
    let lead = bytes[at]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    var scalar = UInt32(lead) & (0xFF >> (UInt32(length) + 1))
    var isSound = lead >= 0xC2 && lead <= 0xF4 && at + length <= end
    if isSound {
      for index in 1..<length {
        if bytes[at + index] & 0xC0 != 0x80 { isSound = false }
        scalar = scalar << 6 | UInt32(bytes[at + index] & 0x3F)
      }
    }
    at += isSound ? length : 1
    return Int(Self.find(isSound ? scalar : 0xFFFD, starts, table, usesCategories))
  }
}
