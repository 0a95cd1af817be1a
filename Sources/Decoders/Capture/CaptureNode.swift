// SPDX-License-Identifier: Apache-2.0

import Records

// What the capture engine works on while events come in: plain structs in manually owned memory, linked by
// pointers, so that an event costs no reference counting, no exclusivity check and no allocation.
// `CaptureCompiler` makes them, `CaptureEngine` owns them.

typealias NodePointer = UnsafeMutablePointer<CaptureNode>
typealias ValuePointer = UnsafeMutablePointer<CapturedValue>
typealias KindPointer = UnsafeMutablePointer<CapturedKind>
typealias List<Element> = UnsafeMutableBufferPointer<Element>

/// A name as two words that are equal exactly when the names are: addresses of interned strings, or symbol numbers.
struct NameKey: Hashable {
  var local: UInt
  /// The namespace; 0 for none, and in formats without namespaces.
  var space: UInt

  /// A name that no path asks for.
  static let unknown = NameKey(local: UInt.max, space: 0)
}

/// What an opened member is made of.
enum ContentKind: UInt8 {
  /// Text may follow: an XML element, a JSON string, number or truth value, a CSV cell.
  case text
  /// `xsi:nil`, JSON `null`.
  case null
  /// JSON `null` under a key: no records where the key names a list, else a null value.
  case nothing
  /// A JSON object, or an array directly within an array.
  case structure
}

/// What a decoder must tell the engine after ``CaptureDriver/open(_:name:attributes:kind:)``.
struct CaptureWants: OptionSet {
  let rawValue: UInt8
  /// A record or a raw value begins: call ``CaptureDriver/begin(at:line:)``.
  static let position = CaptureWants(rawValue: 1)
}

/// The attributes of an XML start tag, in libxml2's layout: per attribute local name, prefix, URI, value begin, value end.
struct AttributeRun {
  var base: UnsafeMutablePointer<UnsafePointer<UInt8>?>?
  var count: Int

  static var none: AttributeRun { AttributeRun(base: nil, count: 0) }

  @inline(__always)
  func value(_ key: NameKey) -> UnsafeBufferPointer<UInt8>? {
    guard let base else { return nil }
    var at = 0
    while at < count {
      let entry = base + at * 5
      if UInt(bitPattern: entry[0]) == key.local, UInt(bitPattern: entry[2]) == key.space,
        let start = entry[3], let end = entry[4]
      {
        return UnsafeBufferPointer(start: start, count: end - start)
      }
      at += 1
    }
    return nil
  }
}

struct CaptureEdge {
  var key: NameKey
  var child: NodePointer
  /// The only thing that hangs on the child, if that is one value: the child itself need not be looked at then.
  var leaf: ValuePointer?
  var isAny: Bool
}

struct CapturedAttribute {
  var key: NameKey
  var value: ValuePointer
}

/// One predicate of a step.
struct CapturePredicate {
  enum Subject: UInt8 { case index, attribute, name, content }
  enum Test: UInt8 { case equals, differs, has, hasNot }

  var subject: Subject
  var test: Test
  /// An attribute's name, in each of the namespaces that its prefix stands for.
  var keys: List<NameKey>
  var words: List<List<UInt8>>
  /// Sees the values of a content predicate.
  var probe: ValuePointer?
  var number: Int
  /// How many siblings met all predicates before this index.
  var counter = 0
  /// Outcome at open of a predicate that stands behind one decided at close.
  var isMet = true

  /// The attribute that the predicate asks for.
  func value(in attributes: AttributeRun) -> UnsafeBufferPointer<UInt8>? {
    for key in keys {
      if let value = attributes.value(key) { return value }
    }
    return nil
  }

  @inline(__always)
  func accepts(_ bytes: UnsafeBufferPointer<UInt8>?) -> Bool {
    switch test {
    case .has: bytes != nil
    case .hasNot: bytes == nil
    case .equals: bytes.map { isWord($0) } ?? false
    case .differs: bytes.map { !isWord($0) } ?? false
    }
  }

  func isWord(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    for word in words where word.count == bytes.count {
      if word.elementsEqual(bytes) { return true }
    }
    return false
  }
}

/// One step of the wanted paths, all paths folded together. Its depth is fixed, so one instance at most is open.
struct CaptureNode {
  var edges: List<CaptureEdge>
  /// The edge to try first: the one behind the last matched, since siblings come in a habitual order.
  var hint = 0
  /// No `*` and no name twice: at most one edge can match.
  var isSimple: Bool
  /// Only steps and attributes hang here: nothing has to be done when it is left.
  var isQuiet: Bool
  var depth: Int
  var parent: NodePointer?
  var isAny: Bool

  var values: List<ValuePointer>
  var attributes: List<CapturedAttribute>
  var names: List<ValuePointer>
  var positions: List<ValuePointer>
  var kinds: List<KindPointer>
  /// Values outside of records that begin anew with each instance of this step.
  var anchored: List<ValuePointer>
  /// Columns of nested kinds that wait for this instance to end.
  var deferred: List<DeferredColumn>
  /// Children and kinds that count within an instance of this step.
  var counting: List<NodePointer>
  var countingKinds: List<KindPointer>

  var predicates: List<CapturePredicate>
  /// Index of the first predicate decided at close; the count of predicates if there is none.
  var firstContent: Int
  var scope: List<ValueSnapshot>
  var scopeKinds: List<KindSnapshot>

  /// Matches within the parent's instance so far.
  var matches = 0
  var isRecordParent = false
  /// An array that stands here is opened itself, not entered.
  var keepsList = false
  var wasSeen = false
  var keepsName = false
  var name: GrowableBuffer<UInt8>

  @inline(__always)
  var isProvisional: Bool { firstContent < predicates.count }
}

struct DeferredColumn {
  var kind: KindPointer
  var storage: ValuePointer
  var source: ValuePointer
}

struct ValueSnapshot {
  var value: ValuePointer
  var start = 0
  var count = 0
  var state = CellState.absent
  var bytes = 0
  var isMatched = false
}

struct KindSnapshot {
  var kind: KindPointer
  var rows = 0
}

/// A value in the making: the current row's cell of a column, or a register for what stands outside the records.
///
/// What the commonest case touches stands first, within one cache line.
struct CapturedValue {
  enum Take: UInt8 { case only, first, last, nth, count, all, probe }

  /// Where bytes go: the column's, or the register's own.
  var bytes: UnsafeMutablePointer<GrowableBuffer<UInt8>>
  /// The column, unless this is a register or a probe.
  var storage: UnsafeMutablePointer<TextStorage>?
  /// Where the cell's bytes begin.
  var start = 0
  /// Where the value being captured begins.
  var valueStart = 0
  var count = 0
  var state = CellState.absent
  var isOpen = false
  /// A column's first value is taken, with all its text: nothing but bytes to append.
  var isPlain: Bool
  var take: Take
  var isOwnText: Bool
  var isRaw: Bool
  var isRegister: Bool

  var nth: Int
  var depth = 0

  // Probes.
  /// A value met the predicate.
  var isMatched = false
  var predicate: UnsafeMutablePointer<CapturePredicate>?

  // Registers.
  /// A record has taken the value of this instance.
  var isCopied = false
  /// The value changed after a record had taken it.
  var isLate = false
  /// An earlier pass told the value of this instance.
  var isLocked = false
  var instance = -1
  var number: Int
}

/// How a column of a kind gets its cells.
struct KindColumn {
  enum Role: UInt8 { case own, copied, deferred }
  var role: Role
  /// The column itself; for `own` the value being made too.
  var column: ValuePointer
  /// For `copied` and `deferred`, the register.
  var source: ValuePointer
}

/// One kind of record and the rows it has in its current chunk.
struct CapturedKind {
  var index: Int
  var node: NodePointer
  var root: KindPointer?
  var parent: KindPointer?
  var children: List<KindPointer>
  var columns: List<KindColumn>
  var rows = 0
  var parents: GrowableBuffer<UInt32>

  // Root kinds.
  var isBound = false
  var chunkBytes = 0
  var pathIndex = -1
  var openOrdinal: Int64 = 0
  var openOffset: Int64 = 0
  var openLine: Int64 = 0
  var ordinals: GrowableBuffer<Int64>
  var offsets: GrowableBuffer<Int64>
  var lengths: GrowableBuffer<Int64>
  var lines: GrowableBuffer<Int64>
  var siblings: GrowableBuffer<Int64>
  var pathIndexes: GrowableBuffer<UInt32>
}

/// One open member, or room for one.
struct CaptureLevel {
  /// The wanted step that is open here; the first of them if there are several.
  var node: NodePointer?
  /// The one value to end here, if that is all.
  var leaf: ValuePointer?
  var count = 0
  /// Room for all steps that can be open here together; used when there are several.
  var nodes: UnsafeMutablePointer<NodePointer>?
  /// The close of this member needs its end position.
  var endWanted = false
}

/// Where the events stand.
struct CaptureState {
  /// The innermost open level.
  var level: UnsafeMutablePointer<CaptureLevel>
  /// The level of the document's root value; the one before it has no nodes.
  let base: UnsafeMutablePointer<CaptureLevel>
  /// The last level that may have a member opened in it without a closer look; before the root's while the census goes on.
  var deepest: UnsafeMutablePointer<CaptureLevel>
  let limit: UnsafeMutablePointer<CaptureLevel>

  var captureCount = 0
  /// The one buffer that text goes to, when it is that simple.
  var direct: UnsafeMutablePointer<GrowableBuffer<UInt8>>?
  /// How many bytes that buffer may hold before its value is too long.
  var directLimit = 0
  let captures: UnsafeMutablePointer<ValuePointer>
  /// Bytes of text since the last tag that did not go straight to one buffer.
  var textRun = 0
  let textLimit: Int
  var isCensusOpen = true
  /// All records' parents were met and no record yet: what stands in their place is counted.
  var awaitsRecord = false
  var hasFailed = false

  /// Some step takes arrays whole.
  var keepsLists = false

  let raws: UnsafeMutablePointer<ValuePointer>
  var rawCount = 0
  var pendingRaws = 0
  /// Open steps whose predicates are not decided.
  var undecided = 0
  var undecidedRecords = 0
  var ordinal: Int64 = 0
  var records = 0
  var nilKey = NameKey.unknown
  let root: NodePointer
  var engine: Unmanaged<CaptureEngine>
}
