// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Planning
import Records

/// Looks into an answer for its extractor, with the pipeline's decoder or one that the extractor named.
struct PayloadPeek {
  /// Hands the answer's bytes over, piece by piece.
  typealias Blocks = (_ take: (UnsafeBufferPointer<UInt8>) throws -> Void) throws -> Void

  let plan: Plan

  /// The first value at each path.
  ///
  /// - Throws: `decode.error-answer` when the answer is one: what it holds besides means nothing.
  func values(at paths: [RecordPath], name: String, _ blocks: Blocks) throws -> [String?] {
    var decode = plan.decode
    decode.kinds = []
    // Slots of the plan stand first: its conditions name them by number.
    decode.documentSlots += paths.map { CaptureSlot(.path($0), take: .first) }
    let values = try pass(decode, plan.decoder, CountingSink(decode), blocks).documentValues
    if let failure = BatchVerdict.errorAnswer(plan.errorConditions, values, name) { throw failure }
    return values.suffix(paths.count).map(\.text)
  }

  func recordCount(name: String, _ blocks: Blocks) throws -> Int {
    if !plan.errorConditions.isEmpty { _ = try values(at: [], name: name, blocks) }
    var decode = plan.decode
    decode.documentSlots = []
    decode.kinds = decode.kinds.map {
      RecordKind(records: $0.records, slots: [], list: $0.list, allowsEmpty: $0.allowsEmpty)
    }
    return try pass(decode, plan.decoder, CountingSink(decode), blocks).listed
  }

  /// The first value at a path of the last record; nil when there is none.
  func lastValue(at path: RecordPath, _ blocks: Blocks) throws -> String? {
    var decode = plan.decode
    decode.documentSlots = []
    decode.kinds = decode.kinds.prefix(1).map {
      RecordKind(
        records: $0.records, slots: [CaptureSlot(.path(path), take: .first)], allowsEmpty: $0.allowsEmpty)
    }
    let sink = LastValueSink(decode)
    _ = try pass(decode, plan.decoder, sink, blocks)
    return sink.value
  }

  /// All values at a path of the document.
  func values(every path: RecordPath, decoder name: String, _ blocks: Blocks) throws -> [String] {
    guard let decoder = plan.answerDecoders[name] else {
      preconditionFailure("the extractor did not say that it needs the decoder '\(name)'")
    }
    let (records, value) = path.splitValue
    let decode = DecodePlan(
      namespaces: plan.decode.namespaces,
      kinds: [RecordKind(records: records, slots: [CaptureSlot(.path(value), take: .first)])],
      limits: plan.decode.limits)
    var plan = plan
    plan.decoder = decoder
    plan.encoding = nil
    plan.envelope = nil
    let peek = PayloadPeek(plan: plan)
    let sink = EveryValueSink(decode)
    do {
      _ = try peek.pass(decode, decoder, sink, blocks)
      // What is no markup may lack the list itself, where its parent is the whole answer.
      if !sink.values.isEmpty || type(of: decoder).isMarkup { return sink.values }
    } catch let failure as StageFailure where failure.id == "decode.nothing-matched" {}
    throw StageFailure(
      id: "extract.nothing-at-path", "the answer has nothing at '\(path)'",
      help:
        "correct the path, which counts from the document; if there may be nothing, say with 'present' under "
        + "'list' what every list has, also an empty one", exit: .data)
  }

  private func pass(
    _ decode: DecodePlan, _ decoder: any RecordDecoder, _ sink: any ChunkSink, _ blocks: Blocks
  ) throws -> DecodeSummary {
    let session = try decoder.session(decode, late: nil, into: sink)
    let text = PayloadText(plan, into: session)
    try blocks { try text.feed($0) }
    guard try text.finish() else { return .empty(decode) }
    return try session.finish()
  }
}

/// Takes chunks only to empty them again: for passes that look at document values or count records.
private final class CountingSink: ChunkSink {
  private let pool: ChunkPool

  init(_ plan: DecodePlan) { pool = ChunkPool(plan) }

  func emptyChunk(kind: Int) -> Chunk { pool.take(kind: kind) }
  func take(_ chunk: Chunk) throws { pool.giveBack(chunk) }
}

/// Remembers the first captured value of the last record.
private final class LastValueSink: ChunkSink {
  private let pool: ChunkPool
  private(set) var value: String?

  init(_ plan: DecodePlan) { pool = ChunkPool(plan) }

  func emptyChunk(kind: Int) -> Chunk { pool.take(kind: kind) }

  func take(_ chunk: Chunk) throws {
    if chunk.rows > 0 { value = chunk.table.captures[0].string(chunk.rows - 1) }
    pool.giveBack(chunk)
  }
}

/// Remembers the first captured value of every record that has one.
private final class EveryValueSink: ChunkSink {
  private let pool: ChunkPool
  private(set) var values: [String] = []

  init(_ plan: DecodePlan) { pool = ChunkPool(plan) }

  func emptyChunk(kind: Int) -> Chunk { pool.take(kind: kind) }

  func take(_ chunk: Chunk) throws {
    for row in 0..<chunk.rows {
      if let value = chunk.table.captures[0].string(row) { values.append(value) }
    }
    pool.giveBack(chunk)
  }
}
