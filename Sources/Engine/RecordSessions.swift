// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// What transforms and validates the records of one plan. Compiled for the first payload and used again for those after
/// it: a run of many small payloads spends its time on their records, and not on the plan.
public final class RecordSessions: @unchecked Sendable {
  /// By kind of record, in the order of the pipeline's transformers.
  private(set) var transforms: [[any TransformSession]] = []
  /// By kind of record, in the order of the pipeline's validators.
  private(set) var validations: [[any ValidationSession]] = []

  public init() {}

  /// Begins a pass over a payload.
  func begin(_ plan: Plan, _ facts: PayloadFacts) throws(StageFailure) {
    guard transforms.isEmpty else {
      for session in transforms.joined() { session.restart(facts) }
      for session in validations.joined() { session.restart(facts) }
      return
    }
    var transforms: [[any TransformSession]] = []
    var validations: [[any ValidationSession]] = []
    for transform in plan.transforms {
      var sessions: [any TransformSession] = []
      for transformer in plan.transformers {
        sessions.append(try transformer.session(transform, lists: plan.lists, facts: facts))
      }
      transforms.append(sessions)
      var checks: [any ValidationSession] = []
      for validator in plan.validators {
        checks.append(try validator.session(transform, lists: plan.lists, facts: facts))
      }
      validations.append(checks)
    }
    self.transforms = transforms
    self.validations = validations
  }
}
