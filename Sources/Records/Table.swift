// SPDX-License-Identifier: Apache-2.0

/// What happens to a row from here on.
@frozen
public struct RowFate: RawRepresentable, Equatable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Goes on to the loader.
  @inlinable public static var live: RowFate { RowFate(rawValue: 0) }
  /// Left out because `filter` was not true; counted, never a reject.
  @inlinable public static var filtered: RowFate { RowFate(rawValue: 1) }
  /// Kept out; at least one ``Failure`` of kind reject names it.
  @inlinable public static var rejected: RowFate { RowFate(rawValue: 2) }
  /// Not part of this work: replaying single rejects carries on only the named ordinals.
  @inlinable public static var skipped: RowFate { RowFate(rawValue: 3) }
  /// The source says that what the record names is gone: its key goes on to the loader, and nothing else of it is
  /// looked at. A root record's only.
  @inlinable public static var deletion: RowFate { RowFate(rawValue: 4) }

  /// Whether the record reaches the loader.
  @inlinable public var isLoaded: Bool { self == .live || self == .deletion }
}

/// The rows of one kind within a chunk: the root records, or the records of one nested list.
///
/// `captures` are the texts a decoder cut out, one column per slot of its kind's plan; `fields` are the typed
/// columns a transformer made of them, one per mapped field of the entity.
public final class Table: @unchecked Sendable {
  public var captures: [TextColumn]
  public var fields: [FieldColumn] = []
  public var children: [Table]
  public var fates = GrowableBuffer<RowFate>(capacity: 1024)
  /// Rejected rows that announced a deletion: nothing but what was found already is to be said of them.
  public var rejectedDeletions: Set<Int> = []
  /// For a child table, the row of the parent table that each row belongs to; ascending. Empty for a root table.
  public var parents = GrowableBuffer<UInt32>(capacity: 64)

  public init(captures: Int, children: [Table] = []) {
    self.captures = (0..<captures).map { _ in TextColumn() }
    self.children = children
  }

  deinit {
    fates.deallocate()
    parents.deallocate()
  }

  @inlinable
  public var rows: Int { fates.count }

  public func removeAll() {
    for column in captures { column.removeAll() }
    for field in fields { field.column.removeAll() }
    for child in children { child.removeAll() }
    fates.count = 0
    rejectedDeletions.removeAll()
    parents.count = 0
  }

  public func field(_ name: String) -> Column? { fields.first { $0.name == name }?.column }
}

/// A typed column under the name of its entity field.
public struct FieldColumn: Sendable {
  public var name: String
  public var column: Column
  /// Absent cells leave the stored value as it is (`absent: keep`) instead of writing null.
  public var keepsAbsent: Bool

  public init(name: String, column: Column, keepsAbsent: Bool = false) {
    self.name = name
    self.column = column
    self.keepsAbsent = keepsAbsent
  }
}
