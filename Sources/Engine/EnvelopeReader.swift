// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// Takes the document out of a text of the payload around it (`within`): XML out of a string of JSON, JSON out of an
/// element of XML. The text is held in memory, up to the limit that the pipeline sets.
final class EnvelopeReader {
  private let plan: EnvelopePlan
  private let allowsEmpty: Bool
  private var session: (any DecodingSession)?
  private let found: TextSink

  init(_ plan: EnvelopePlan, allowsEmpty: Bool) {
    self.plan = plan
    self.allowsEmpty = allowsEmpty
    found = TextSink(plan.decode)
  }

  /// Takes the next bytes of the payload's UTF-8 text.
  func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws { try begun().feed(bytes) }

  /// Ends the payload.
  ///
  /// - Returns: the document's text, or nil where there is none and that is allowed.
  /// - Throws: a ``StageFailure`` (65) when the payload is not well-formed, is an error answer, or has no text there.
  func finish() throws -> [UInt8]? {
    let values = try begun().finish(explainedBy: plan.errorConditions, name: "the payload").documentValues
    if let failure = BatchVerdict.errorAnswer(plan.errorConditions, values, "the payload") { throw failure }
    if found.nodes > 1 {
      throw failure(
        "decode.several-within",
        "the payload has \(found.nodes) texts at '\(plan.at)', and one document is expected",
        help: "choose one with a predicate, as \(plan.at)[1]")
    }
    if found.holdsStructure {
      throw failure(
        "decode.no-text-within", "at '\(plan.at)' the payload has an object or a list, and no text",
        help: "the document is not wrapped: remove 'within' and let 'records' count from the payload")
    }
    if found.text.allSatisfy({ $0 == 32 || ($0 >= 9 && $0 <= 13) }) {
      if allowsEmpty { return nil }
      throw failure(
        "decode.nothing-within", "the payload has nothing at '\(plan.at)', where the document should be",
        help: "mend the path, or say 'empty: allowed' if the source sends none when there is nothing new")
    }
    return found.text
  }

  private func begun() throws -> any DecodingSession {
    if let session { return session }
    let session = try plan.decoder.session(plan.decode, late: nil, into: found)
    self.session = session
    return session
  }

  private func failure(_ id: String, _ message: String, help: String) -> StageFailure {
    StageFailure(id: id, message, help: help, exit: .data)
  }
}

/// Keeps the text that the payload around it gives. Apart from the reader: a session holds its sink.
private final class TextSink: ChunkSink {
  private let pool: ChunkPool
  private(set) var text: [UInt8] = []
  private(set) var nodes = 0
  private(set) var holdsStructure = false

  init(_ plan: DecodePlan) { pool = ChunkPool(plan) }

  func emptyChunk(kind: Int) -> Chunk { pool.take(kind: kind) }

  func take(_ chunk: Chunk) throws {
    let column = chunk.table.captures[0]
    for row in 0..<chunk.rows {
      nodes += 1
      switch column.state(row) {
      case .value: if nodes == 1 { text = Array(column.bytes(row)) }
      case .structure: holdsStructure = true
      default: break
      }
    }
    pool.giveBack(chunk)
  }
}

extension DecodeSummary {
  /// Of a payload without a document.
  static func empty(_ plan: DecodePlan) -> DecodeSummary {
    DecodeSummary(records: 0, documentValues: plan.documentSlots.map { _ in .absent }, filled: [])
  }
}
