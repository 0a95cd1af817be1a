// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import PipelineFiles
import Records

extension TablePlanner {
  /// - Returns: nil when anything was at fault.
  func sumsPlan(_ sums: SumsSpec) -> SumsPlan? {
    let areGroupsKnown = areKnown(sums.by)
    let parts = term(sums.parts)
    let total = term(sums.total)
    if sums.parts.text == sums.total.text { diagnostics.append(.partsAreTotal(sums.total.value)) }
    guard areGroupsKnown, let parts, let total else { return nil }
    return SumsPlan(
      by: sums.by.map(\.value), parts: parts, total: total, isTotalRequired: sums.isTotalRequired)
  }

  private func term(_ term: SumsSpec.Term) -> SumsPlan.Term? {
    let value = compile(term.value, as: nil)
    let condition = term.condition.map { compile($0, as: .boolean) }
    guard let value else { return nil }
    switch value.type {
    case .integer, .decimal: break
    case .text, .boolean, .date, .timestamp, .partialDate, .code:
      diagnostics.append(.termNotANumber(term.value, type: value.type))
      return nil
    }
    // A condition that is there and at fault was reported.
    if let condition { return condition.map { SumsPlan.Term(value: value, condition: $0) } }
    return SumsPlan.Term(value: value)
  }
}

extension SumsSpec.Term {
  /// What makes it another term.
  fileprivate var text: [String?] { [value.value, condition?.value] }
}
