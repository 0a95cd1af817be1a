// SPDX-License-Identifier: Apache-2.0

import Records

/// What a batch has brought of one group: the sum of its parts, its total, and whom to tell. Of plain values, so that
/// it can wait in a file; of two halves of a group the one that was met first takes the other in.
struct SumGroup: BitwiseCopyable {
  /// How a group was found to be.
  enum Verdict: Equatable {
    /// The sum is the total, or one of them is unknown.
    case stands
    case differs
    case hasTwoTotals
    /// There is none, and the rule requires one.
    case hasNoTotal
    /// A part that is there could not be read.
    case lacksPart
    /// The total is there and could not be read.
    case lacksTotal

    var isBroken: Bool { self == .differs || self == .hasTwoTotals || self == .hasNoTotal }
  }

  private struct Marks: OptionSet {
    var rawValue: Int64

    static let total = Marks(rawValue: 1)
    static let otherTotal = Marks(rawValue: 2)
    static let nullPart = Marks(rawValue: 4)
    static let unreadablePart = Marks(rawValue: 8)
    static let unreadableTotal = Marks(rawValue: 16)
  }

  /// Stands first: entries of files begin with it.
  let digest: KeyDigest
  private(set) var sum = WideSum()
  private(set) var total: Int128 = 0
  /// A second total that differs from the first.
  private(set) var otherTotal: Int128 = 0
  private(set) var parts: Int64 = 0
  private var marks: Int64 = 0
  /// Ordinals of the first record that is neither filtered nor left out, of the first one still to be loaded, and of
  /// the first of these that carries the total; 0 for none.
  private var firstRecord: Int64 = 0
  private var firstLive: Int64 = 0
  private var firstWithTotal: Int64 = 0

  init(_ digest: KeyDigest) { self.digest = digest }

  /// The record that is told of the group.
  var spokesman: Int64 { firstWithTotal != 0 ? firstWithTotal : firstLive != 0 ? firstLive : firstRecord }

  // MARK: Gathering

  @inline(__always)
  mutating func add(part: Int128) {
    sum.add(part)
    parts += 1
  }

  mutating func addUnknownPart(isUnreadable: Bool) { mark(isUnreadable ? .unreadablePart : .nullPart) }

  @inline(__always)
  mutating func add(total: Int128) {
    if !has(.total) {
      self.total = total
      mark(.total)
    } else if total != self.total, !has(.otherTotal) {
      otherTotal = total
      mark(.otherTotal)
    }
  }

  mutating func addUnreadableTotal() { mark(.unreadableTotal) }

  /// - Parameter carriesTotal: whether the record has a total that is known.
  @inline(__always)
  mutating func add(record ordinal: Int64, isLive: Bool, carriesTotal: Bool) {
    if firstRecord == 0 { firstRecord = ordinal }
    guard isLive else { return }
    if firstLive == 0 { firstLive = ordinal }
    if carriesTotal, firstWithTotal == 0 { firstWithTotal = ordinal }
  }

  /// Takes in what a later part of the batch brought of the same group.
  mutating func combine(_ later: SumGroup) {
    sum.add(later.sum)
    parts += later.parts
    if later.has(.total) { add(total: later.total) }
    if later.has(.otherTotal) { add(total: later.otherTotal) }
    marks |= later.marks & ~(Marks.total.rawValue | Marks.otherTotal.rawValue)
    if firstRecord == 0 { firstRecord = later.firstRecord }
    if firstLive == 0 { firstLive = later.firstLive }
    if firstWithTotal == 0 { firstWithTotal = later.firstWithTotal }
  }

  @inline(__always)
  private func has(_ mark: Marks) -> Bool { marks & mark.rawValue != 0 }

  private mutating func mark(_ mark: Marks) { marks |= mark.rawValue }

  // MARK: Judging

  func verdict(_ scales: SumScales, requiresTotal: Bool = false) -> Verdict {
    // A group of filtered records alone has nothing to be kept out.
    if firstRecord == 0 { return .stands }
    if has(.otherTotal) { return .hasTwoTotals }
    if has(.total) {
      if has(.unreadablePart) { return .lacksPart }
      if has(.nullPart) || parts == 0 { return .stands }
      return difference(scales) == 0 ? .stands : .differs
    }
    guard parts > 0 || has(.nullPart) || has(.unreadablePart) else { return .stands }
    return has(.unreadableTotal) ? .lacksTotal : requiresTotal ? .hasNoTotal : .stands
  }

  /// Sum less total at the larger of the two scales; nil where that needs more than 128 bits.
  func difference(_ scales: SumScales) -> Int128? {
    guard let sum = sum.exact, let one = scales.aligned(sum, from: scales.parts),
      let other = scales.aligned(total, from: scales.total)
    else { return nil }
    let (difference, overflow) = one.subtractingReportingOverflow(other)
    return overflow ? nil : difference
  }
}

/// A sum of 128-bit numbers in 192 bits: exact in any order of up to 2^63 of them.
struct WideSum: BitwiseCopyable, Equatable {
  private var low: UInt128 = 0
  private var high: Int64 = 0

  @inline(__always)
  mutating func add(_ value: Int128) { add(UInt128(truncatingIfNeeded: value), value < 0 ? -1 : 0) }

  mutating func add(_ other: WideSum) { add(other.low, other.high) }

  @inline(__always)
  private mutating func add(_ low: UInt128, _ high: Int64) {
    let (sum, carry) = self.low.addingReportingOverflow(low)
    self.low = sum
    self.high = self.high &+ high &+ (carry ? 1 : 0)
  }

  /// The sum, or nil where it does not fit into 128 bits.
  var exact: Int128? {
    let value = Int128(truncatingIfNeeded: low)
    return high == (value < 0 ? -1 : 0) ? value : nil
  }
}

/// Digits after the point of the parts and of the total.
struct SumScales {
  let parts: Int
  let total: Int
  var common: Int { max(parts, total) }

  /// The same number at the common scale; nil where that needs more than 128 bits.
  func aligned(_ unscaled: Int128, from scale: Int) -> Int128? {
    guard let factor = ExactDecimal.powerOfTen(common - scale) else { return nil }
    let (aligned, overflow) = unscaled.multipliedReportingOverflow(by: factor)
    return overflow ? nil : aligned
  }
}
