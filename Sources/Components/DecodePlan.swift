// SPDX-License-Identifier: Apache-2.0

import Paths

/// What a decoder is asked to cut out of a payload: the kinds of record, the paths of each, and the values that
/// stand outside all records. Made by planning from the `decode` and `transform` sections; the same for all formats.
public struct DecodePlan: Sendable, Equatable {
  /// Prefix → the namespace URIs that it stands for: one format may travel under several. The key `default` serves
  /// unprefixed names. XML only.
  public var namespaces: [String: [String]]
  /// The root kinds: one for each record path of each transform. Empty when only document values are wanted.
  public var kinds: [RecordKind]
  /// Values read once per document: a declared total, a cursor, the text of an error body. `take` is `only` or `first`.
  public var documentSlots: [CaptureSlot]
  public var limits: DecodeLimits
  /// A missing parent of the record path is an empty list instead of an undecodable payload.
  public var allowsEmpty: Bool

  public init(
    namespaces: [String: [String]] = [:], kinds: [RecordKind], documentSlots: [CaptureSlot] = [],
    limits: DecodeLimits = DecodeLimits(), allowsEmpty: Bool = false
  ) {
    self.namespaces = namespaces
    self.kinds = kinds
    self.documentSlots = documentSlots
    self.limits = limits
    self.allowsEmpty = allowsEmpty
  }
}

/// One kind of record: where its records are, which values are wanted of each, and its nested lists.
public struct RecordKind: Sendable, Equatable {
  /// For a root kind a document path; for a child kind a path that counts from the parent record.
  public var records: RecordPath
  /// The columns of the kind's table, in order. Paths that begin with `/` or climb with `..` past the record
  /// stand outside it: among its ancestors, or anywhere in the document.
  public var slots: [CaptureSlot]
  public var children: [RecordKind]
  /// Of root kinds with one number, the places of one list: it is there when one of them is. nil: a list of its own.
  public var list: Int?
  /// Whether the list may be missing; nil: as the plan says.
  public var allowsEmpty: Bool?

  public init(
    records: RecordPath, slots: [CaptureSlot], children: [RecordKind] = [], list: Int? = nil,
    allowsEmpty: Bool? = nil
  ) {
    self.records = records
    self.slots = slots
    self.children = children
    self.list = list
    self.allowsEmpty = allowsEmpty
  }
}

/// One wanted value per record.
public struct CaptureSlot: Sendable, Hashable {
  public enum Source: Sendable, Hashable {
    case path(RecordPath)
    /// A cell of a CSV payload by row and column number from 1, wherever the header stands.
    case cell(row: Int, column: Int)
  }

  /// What to do with several values at one path.
  public enum Take: Sendable, Hashable {
    /// A second value makes the cell ``CellState/many``, which becomes a reject.
    case only
    case first
    case last
    /// The n-th, from 1.
    case nth(Int)
    /// How many there are, as decimal digits; 0 when there are none.
    case count
    /// All of them, as a ``TextList``.
    case all
  }

  public var source: Source
  public var take: Take
  /// Take the source text of the element, object or array as it stands (`as: raw`), not its value.
  public var isRaw: Bool

  public init(_ source: Source, take: Take = .only, isRaw: Bool = false) {
    self.source = source
    self.take = take
    self.isRaw = isRaw
  }
}

/// Bounds that hostile or broken input meets before memory does. A payload that passes one fails, 65.
public struct DecodeLimits: Sendable, Equatable {
  /// Nested elements, objects and arrays.
  public var depth = 64
  /// Bytes of one text, string or cell.
  public var textBytes = 1 << 20
  /// Bytes of one XML tag with its attributes.
  public var tagBytes = 64 << 10
  /// Rows after which a chunk is handed on. Measured: from 512 to 4096 rows are equally fast, and half a dozen
  /// chunks on their way take memory in proportion.
  public var chunkRows = 1024
  /// Captured bytes after which a chunk is handed on, whatever its rows.
  public var chunkBytes = 1 << 20

  public init() {}
}
