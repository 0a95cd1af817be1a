// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// One entry of `transform`, or one of its `children`: the records of one kind and how they become an entity.
public struct TransformSpec: Sendable, Equatable {
  public var position: FilePosition
  public var to: Located<String>?
  /// Places of the records: where several are named, they are one list that may stand in any of them.
  public var records: [Located<String>] = []
  /// `empty`; nil: as the decode section says.
  public var allowsEmpty: Bool?
  public var formats = FormatsSpec()
  public var lets: [EntrySpec] = []
  public var map: [EntrySpec] = []
  /// Place of the `map` key, for what is missing in it.
  public var mapPosition: FilePosition
  public var filter: Located<String>?
  public var delete: Located<String>?
  /// Field with the version of what these records write of a row, where that changes apart from the rest.
  public var version: Located<String>?
  public var carry: [Located<String>] = []
  public var children: [TransformSpec] = []
  /// `rejects: child`
  public var dropsBadChildren = false
  public var rules: [RuleSpec] = []
}

/// How texts are written in the source. At the transform for all entries and children, at an entry for itself.
public struct FormatsSpec: Sendable, Equatable {
  public var dates: [Located<String>]?
  public var numbers: NumbersSpec?
  public var nulls: [String]?
  public var trim: Bool?
  /// Minutes east of UTC.
  public var zoneMinutes: Int?
  public var encoding: Located<String>?

  public init() {}

  /// These formats, and what they leave open from `defaults`.
  public func falling(backTo defaults: FormatsSpec) -> FormatsSpec {
    var merged = self
    merged.dates = dates ?? defaults.dates
    merged.numbers = numbers ?? defaults.numbers
    merged.nulls = nulls ?? defaults.nulls
    merged.trim = trim ?? defaults.trim
    merged.zoneMinutes = zoneMinutes ?? defaults.zoneMinutes
    merged.encoding = encoding ?? defaults.encoding
    return merged
  }
}

/// How numbers are written: the group separator, if any, and the decimal one.
public struct NumbersSpec: Sendable, Equatable {
  public var group: Character?
  public var decimal: Character
}

/// One entry of `map` or `let`.
public struct EntrySpec: Sendable, Equatable {
  public enum Take: Sendable, Equatable { case only, first, last, nth(Int), count, sum, all }

  /// The field or value that the entry fills.
  public var name: Located<String>
  /// Place of the entry's value.
  public var position: FilePosition
  /// Paths in the order they are tried.
  public var from: [Located<String>] = []
  public var value: Located<String>?
  public var expr: Located<String>?
  public var take: Located<Take>?
  public var join: Located<String>?
  public var split: Located<String>?
  public var defaultText: Located<String>?
  public var keepsAbsent: Located<Bool>?
  public var lookup: Located<String>?
  /// `source` of the lookup's list.
  public var lookupSource: Located<String>?
  public var asOf: Located<String>?
  public var validOn: Located<String>?
  public var unknown: Located<String>?
  public var lostZeros: Located<Int>?
  public var unit: Located<String>?
  public var round: Located<String>?
  public var isRaw: Located<Bool>?
  public var formats = FormatsSpec()
  /// `type` of a `let`.
  public var type: Located<FieldType>?
  /// `personal` of a `let`.
  public var personal: Located<PersonalClass>?
}
