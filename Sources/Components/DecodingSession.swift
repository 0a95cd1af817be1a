// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Turns payloads of one format into chunks of records. Pure: no files, no network, no clock.
public protocol RecordDecoder: Component {
  /// Where records are when the pipeline names no path (`/`), or nil if it must.
  static var defaultRecords: String? { get }

  /// Whether the format is markup: its names have prefixes that stand for declared namespaces, and its elements
  /// have attributes. Paths are checked against it. False unless a decoder says so.
  static var isMarkup: Bool { get }

  /// Whether payloads are a grid whose cells `cell(row, column)` can name. False unless a decoder says so.
  static var hasCells: Bool { get }

  /// Whether nearly any text could be of this format, so that it is asked last when a sample's format is told.
  /// False unless a decoder says so.
  static var acceptsAnyText: Bool { get }

  /// Whether payload text of this format names its own encoding (XML's declaration), and how to read it from the first bytes.
  ///
  /// - Returns: the declared name, or nil when the format has none or the head declares none.
  func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String?

  /// Begins to decode one payload. Called once per pass; a session serves one pass.
  ///
  /// - Parameters:
  ///   - plan: what to cut out.
  ///   - late: what an earlier pass found behind the records that need it; nil in a first pass.
  ///   - sink: where filled chunks go, and empty ones come from.
  /// - Throws: a ``StageFailure`` when the plan asks what this format cannot give.
  func session(_ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink) throws(StageFailure)
    -> any DecodingSession

  /// Looks at the beginning of a payload (UTF-8, perhaps cut anywhere) without any plan: the names in it and sample values.
  ///
  /// - Returns: nil when the bytes are not of this format.
  func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode?
}

extension RecordDecoder {
  public static var isMarkup: Bool { false }
  public static var hasCells: Bool { false }
  public static var acceptsAnyText: Bool { false }

  public func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode? { nil }
}

/// One pass over one payload. Used by one thread.
public protocol DecodingSession: AnyObject {
  /// Takes the next bytes of the payload's UTF-8 text, in pieces of any size (a piece may end within a character).
  ///
  /// The text is well-formed UTF-8: ``PayloadTextConverter`` judged it. A byte order mark at its start is passed over,
  /// but counts in offsets. The result never depends on where pieces end. Filled chunks are handed to the sink from within this call.
  ///
  /// - Throws: a ``StageFailure`` (65) at the first byte that is not well-formed or passes a limit, with its
  ///   line and offset; or whatever the sink throws. The session is of no more use then.
  func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws

  /// Says that the text is complete, hands on the last chunks and answers what was met.
  ///
  /// - Throws: a ``StageFailure`` (65) when the text is truncated, or the record path's parent is missing and
  ///   the plan does not allow it.
  func finish() throws -> DecodeSummary
  /// What was met so far of the plan's document slots: where the records are missing, an error answer may say why. Asked
  /// for also after ``finish()`` threw.
  var documentValues: [DocumentValue] { get }
}

extension DecodingSession {
  public var documentValues: [DocumentValue] { [] }
}

/// Where a decoding session gets empty chunks and puts filled ones. Called on the session's thread.
public protocol ChunkSink: AnyObject {
  /// An empty chunk for the kind: `table` has one capture column per slot, and child tables likewise.
  func emptyChunk(kind: Int) -> Chunk
  /// Takes a filled chunk. May block until there is room.
  func take(_ chunk: Chunk) throws
}

/// What one pass over a payload met.
public struct DecodeSummary: Sendable, Equatable {
  /// Root records handed on, over all kinds.
  public var records: Int
  /// Those of the plan's first list: what the size of a page counts, however many kinds read the same records once more.
  public var listed: Int
  /// For each of the plan's document slots, what the payload has there.
  public var documentValues: [DocumentValue]
  /// For each root kind, for each slot (then those of its children, depth first), how many cells held a value.
  public var filled: [[Int]]
  /// Not nil when values were met behind records that need them: the chunks handed on are wrong, and the
  /// payload must be decoded again with these.
  public var late: LateValues?
  /// When no record was met: what stands where the records should, in a sentence; nil for an empty list.
  public var nothingMatched: String?

  public init(
    records: Int, listed: Int? = nil, documentValues: [DocumentValue], filled: [[Int]],
    late: LateValues? = nil
  ) {
    self.records = records
    self.listed = listed ?? records
    self.documentValues = documentValues
    self.filled = filled
    self.late = late
  }
}

/// Values that stand outside their records and behind them, by slot and by instance of the ancestor that the
/// slot's path leaves the record's path at. Opaque to all but the capture engine that made it.
public struct LateValues: Sendable, Equatable {
  /// Key: `kind.slot` in the decoder's own numbering; value: one cell per ancestor instance in document order.
  public var cells: [Int: [LateCell]]

  public init(cells: [Int: [LateCell]]) { self.cells = cells }
}

public struct LateCell: Sendable, Equatable {
  public var state: CellState
  public var bytes: [UInt8]

  public init(state: CellState, bytes: [UInt8]) {
    self.state = state
    self.bytes = bytes
  }
}
