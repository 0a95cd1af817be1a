// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Paths
import Records

/// Brings bytes in from a system. Knows protocols, not records; contains no logging, counting or timing.
///
/// Called on a thread of its own, so it may block. It must look at ``LandingWriter/isCancelled`` at least once
/// per request and between pieces of a long response.
public protocol Extractor: Component {
  /// Whether one run may land several payloads that together make up the source (pages): decides what a bare
  /// declared total counts.
  var isPaging: Bool { get }

  /// Whether what belongs together may come in several payloads (pages of one answer, windows of days): where a slice
  /// is replaced, the run is then the unit of commit. As ``isPaging`` unless an extractor says so: one that asks once
  /// for each of many things pages, and yet each of its answers is whole.
  var splitsAnswers: Bool { get }

  /// What it needs of the rest of the pipeline; nothing unless an extractor says so.
  var needs: ExtractorNeeds { get }

  /// Lands every payload that is new since the checkpoint, one after the other, each with the checkpoint that
  /// holds once that payload is settled.
  ///
  /// - Parameter checkpoint: what this extractor handed over with the last settled payload; nil on a first
  ///   run and with `--full`.
  /// - Throws: a ``StageFailure``. Payloads landed before it stay.
  func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws
}

extension Extractor {
  public var splitsAnswers: Bool { isPaging }
  public var needs: ExtractorNeeds { ExtractorNeeds() }
}

/// What an extractor needs to go on from, as it likes: a small JSON document that only it reads.
public struct Checkpoint: Sendable, Equatable {
  public var json: String
  public init(json: String) { self.json = json }
}

/// What an extractor says of a payload before its bytes come.
public struct PayloadHead: Sendable, Equatable {
  /// Where the payload came from: a request or a file, without secrets. A new payload of an origin supersedes a failed one.
  public var origin: String
  /// Short name for people: a file name, `page 3`.
  public var name: String
  /// Request parameters by name, for `request('x')`.
  public var request: [String: String]
  /// Facts of the response worth keeping (status, content type, ETag), without secrets.
  public var response: [String: String]
  /// Expected bytes, if the source says, for progress.
  public var expectedBytes: Int64?

  public init(
    origin: String, name: String, request: [String: String] = [:], response: [String: String] = [:],
    expectedBytes: Int64? = nil
  ) {
    self.origin = origin
    self.name = name
    self.request = request
    self.response = response
    self.expectedBytes = expectedBytes
  }
}

/// Where an extractor puts what it brings in. Given by the engine.
public protocol LandingWriter: AnyObject {
  /// The run was interrupted: return or throw soon.
  var isCancelled: Bool { get }
  /// Folder that relative paths count from.
  var baseFolder: String { get }
  /// The landing date, for `${run_date}`.
  var landingDate: CalendarDate { get }
  /// `--full`: known payloads are wanted again.
  var isFull: Bool { get }

  /// Begins a payload.
  func begin(_ head: PayloadHead) throws
  /// Adds bytes to the payload begun, as received once transfer and content encodings are undone.
  func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Adds facts of the response that are known only when it has come, without secrets; before the payload is ended.
  func note(_ facts: [String: String])
  /// Ends the payload; it is durable when this returns.
  func end(resume checkpoint: Checkpoint?) throws
  /// Says that the source has given all there is. The checkpoint holds once every payload of this run is settled;
  /// called at most once, after the last payload, also when none was landed. For sources where no single payload
  /// tells that it is the last (pages), or where one checkpoint for all is enough (folders). Who throws after it says
  /// that some of the source could not be taken: the checkpoint must not cover that.
  ///
  /// - Parameter checkpoint: makes the checkpoint, of the highest value of the watched field
  ///   (``ExtractorNeeds/watched``) over all that this run settled; nil where there is none.
  func finish(resume checkpoint: @escaping @Sendable (_ highest: HighestValue?) -> Checkpoint) throws
  /// Says that the source has given all there is up to a point. The checkpoint holds once every payload landed so far
  /// is settled; more may follow.
  func reach(resume checkpoint: Checkpoint) throws
  /// Drops the payload begun: a broken transfer that will be tried again, or a response that is no data.
  func discard()

  /// The first value at each path of the payload last ended, read with the pipeline's decoder; nil where there is none.
  func values(at paths: [RecordPath]) throws -> [String?]
  /// Root records of the payload last ended.
  func recordCount() throws -> Int
  /// The first value at a path (from the record) of the last record of the payload last ended; nil where there is none.
  func lastValue(at path: RecordPath) throws -> String?
  /// Waits between tries, without sleeping through a cancellation.
  func pause(seconds: Double) throws

  /// The newest payload of an origin if nothing of it waits; nil when it is not known, and when known payloads are
  /// wanted again.
  func known(origin: String) throws -> KnownPayload?
  /// Says, in place of landing it again, that the source still has the same payload. It is the payload last ended then.
  func keep(_ payload: KnownPayload, head: PayloadHead) throws

  /// All values at a path of an answer that is no payload, in document order.
  ///
  /// - Parameter decoder: one of ``ExtractorNeeds/decoders``.
  /// - Throws: `extract.nothing-at-path` where it cannot be told whether there are none or this is an error answer.
  func values(in bytes: [UInt8], every path: RecordPath, decoder: String) throws -> [String]
  /// The codes of a list that are valid on the landing date, in the list's order.
  func codes(of list: String) throws -> [String]
  /// The distinct values of a column of the center, ascending; none while there is no such table.
  ///
  /// - Parameter field: `entity.field`, one of ``ExtractorNeeds/centerFields``.
  func centerValues(of field: String) throws -> [String]
  /// The rows of a query of the center as NDJSON, piece by piece.
  ///
  /// - Parameter query: ``ExtractorNeeds/centerQuery``.
  /// - Returns: entities that the query reads and that nothing was ever loaded into; they count as empty.
  func centerRows(of query: String, take: (UnsafeRawBufferPointer) throws -> Void) throws -> [String]
  /// Puts on record, for people, what the source did not give although it said that it has it.
  func notice(_ text: String)

  /// The span of days that is wanted instead of what is new; nil in an ordinary run.
  var backfill: DaySpan? { get }
  /// Whether a part of this backfill was finished before, by a run that did not come to its end.
  func isFinished(part: String) throws -> Bool
  /// Says that everything of a part of this backfill is landed.
  func finish(part: String) throws

  /// What all runs that call a system share.
  func gate(for system: SystemSpec) throws -> any SystemGate

  /// Folder for temporary files, on the disk of the landing zone.
  var scratchFolder: String { get }
}

extension LandingWriter {
  public func finish(resume checkpoint: Checkpoint) throws { try finish { _ in checkpoint } }

  public var backfill: DaySpan? { nil }
  public func isFinished(part: String) throws -> Bool { false }
  public func finish(part: String) throws {}
  public func reach(resume checkpoint: Checkpoint) throws {}
  public func known(origin: String) throws -> KnownPayload? { nil }
  public func keep(_ payload: KnownPayload, head: PayloadHead) throws {}
  public func notice(_ text: String) {}
  public func centerRows(
    of query: String, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    throw StageFailure(
      id: "extract.no-center", "there is no center here to ask", help: "run the pipeline, or give a payload",
      exit: .unavailable)
  }
  public func note(_ facts: [String: String]) {}
}
