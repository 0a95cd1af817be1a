// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// What a broken rule of the `validate` section does: rejects its record, notes it, or stops the batch.
struct RuleOutcome {
  let plan: RulePlan
  /// The first rule with `else: stop` that was broken.
  private(set) var stop: StageFailure?

  init(_ plan: RulePlan) { self.plan = plan }

  mutating func restart() { stop = nil }

  mutating func broken(
    _ row: Int, _ chunk: Chunk, rule: String, field: String, value: String?, message: String,
    personal: PersonalClass
  ) {
    // The record that stops a batch is kept out too, so that listings show it.
    chunk.add(
      Failure(
        kind: plan.otherwise == .note ? .note : .reject, row: row, rule: rule, field: field, value: value,
        message: message, ruleAt: "\(plan.position)", personal: personal))
    guard plan.otherwise == .stop, stop == nil else { return }
    stop = StageFailure(
      id: "validate.stopped", message, at: chunk.positions.place(row),
      help:
        "the rule at \(plan.position) stops the batch; correct the source or the rule, then replay the batch",
      exit: .data)
  }
}

extension RecordPositions {
  /// `record 17, line 204`.
  func place(_ row: Int) -> String? {
    guard row < ordinals.count, row < lines.count else { return nil }
    return "record \(ordinals[row]), line \(lines[row])"
  }
}
