// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles

/// Plans the values that stand once in a document: the declared total and the signs of an error answer.
struct DocumentPlanner {
  let paths: PathReader
  var slots = SlotTable()
  var diagnostics: [Diagnostic] = []

  init(paths: PathReader) { self.paths = paths }

  /// A bare total means the run where the extractor pages, else the payload.
  mutating func total(_ spec: TotalSpec?, isPaging: Bool) -> TotalPlan? {
    guard let spec, let slot = slot(spec.path) else { return nil }
    let scope: TotalPlan.Scope =
      switch spec.scope {
      case .payload: .payload
      case .run: .run
      case nil: isPaging ? .run : .payload
      }
    return TotalPlan(slot: slot, scope: scope, at: spec.path.position)
  }

  mutating func errorCondition(_ spec: ErrorConditionSpec) -> ErrorCondition? {
    let slot = slot(spec.when)
    let messageSlot = spec.message.map { self.slot($0) }
    guard let slot, messageSlot != .some(nil) else { return nil }
    return ErrorCondition(
      slot: slot, values: spec.values, isNegated: spec.isNegated, messageSlot: messageSlot ?? nil,
      isRetriable: spec.isRetriable, at: spec.when.position)
  }

  private mutating func slot(_ text: Located<String>) -> Int? {
    paths.readDocumentPath(text, &diagnostics).map { slots.index(of: CaptureSlot(.path($0), take: .first)) }
  }
}
