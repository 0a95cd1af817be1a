// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// One pass over a JSON or NDJSON payload.
final class JSONSession: DecodingSession {
  private let engine: CaptureEngine
  private let names = NameTable()
  private let tokenizer: UnsafeMutablePointer<JSONTokenizer<JSONBinding>>

  init(
    _ plan: DecodePlan, format: String, isLines: Bool, late: LateValues?, into sink: any ChunkSink
  ) throws(StageFailure) {
    let names = names
    engine = try CaptureEngine(
      plan, format: format, late: late, into: sink,
      resolve: { (name: String, isAttribute: Bool) throws(StageFailure) -> [NameKey] in
        if isAttribute {
          throw StageFailure(
            id: "decode.no-attributes", "'@\(name)' asks for an attribute, which JSON does not have",
            help: "write the key without '@'; a key that begins with '@' is written '\\@\(name)'",
            exit: .files)
        }
        return [names.key(name)]
      })
    tokenizer = .allocate(capacity: 1)
    tokenizer.initialize(
      to: JSONTokenizer(
        JSONBinding(engine, names: names, depth: plan.limits.depth), isLines: isLines,
        depthLimit: plan.limits.depth, textLimit: plan.limits.textBytes))
    engine.place = { [tokenizer] in
      let binding = tokenizer.pointee.consumer
      return "line \(binding.line) (offset \(binding.offset))"
    }
  }

  deinit {
    tokenizer.pointee.consumer.deallocate()
    tokenizer.pointee.deallocate()
    tokenizer.deinitialize(count: 1)
    tokenizer.deallocate()
  }

  func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    tokenizer.pointee.consumer.beginPiece(base, offset: tokenizer.pointee.pieceOffset)
    try tokenizer.pointee.feed(bytes)
    tokenizer.pointee.consumer.endPiece(upTo: tokenizer.pointee.heldOffset)
    if let failure = engine.failure { throw failure }
  }

  var documentValues: [DocumentValue] { engine.documentValues }

  func finish() throws -> DecodeSummary {
    try tokenizer.pointee.finish()
    return try engine.finish()
  }
}
