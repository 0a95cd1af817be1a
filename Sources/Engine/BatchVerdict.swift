// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// Judges a batch that was worked through and not yet committed: error answers, totals, rejects, balance. Pure.
struct BatchVerdict {
  /// What the payload itself declares, when the total counts payloads or is the run's.
  let declared: Int64?
  /// Why the batch must not be committed.
  let failure: StageFailure?

  init(_ plan: Plan, _ request: BatchWorker.Request, _ result: RecordFlow.Result, _ counters: Counters) {
    var declared: Int64?
    failure = Self.judge(plan, request, result, counters, &declared)
    self.declared = declared
  }

  /// What is wrong with a payload as a whole by what it says of itself: an error answer, a total of its own that differs.
  static func ofPayload(
    _ plan: Plan, documentValues: [DocumentValue], records: Int, name: String
  ) -> StageFailure? {
    var declared: Int64?
    return errorAnswer(plan.errorConditions, documentValues, name)
      ?? total(plan, documentValues, records, name, &declared)
  }

  private static func judge(
    _ plan: Plan, _ request: BatchWorker.Request, _ result: RecordFlow.Result, _ counters: Counters,
    _ declared: inout Int64?
  ) -> StageFailure? {
    let name = request.facts.name
    if request.limit == nil {
      let values = result.summary.documentValues
      if let failure = errorAnswer(plan.errorConditions, values, name) { return failure }
      if let failure = total(plan, values, result.summary.records, name, &declared) { return failure }
    }
    if let stop = result.stop { return stop }
    if request.only == nil, let failure = rejects(plan, counters, name) { return failure }
    guard counters.isBalanced else {
      return StageFailure(
        id: "load.unbalanced",
        "\(name): \(counters.read) records were read, but \(counters.accountedFor) are accounted for",
        help:
          "this is a defect of Terrace: report it with 'terrace show \(request.batchID)'. Nothing was loaded.",
        exit: .bug)
    }
    return nil
  }

  static func errorAnswer(
    _ conditions: [ErrorCondition], _ values: [DocumentValue], _ name: String
  ) -> StageFailure? {
    for condition in conditions where condition.slot < values.count {
      guard condition.holds(for: values[condition.slot]) else { continue }
      let message = condition.messageSlot.flatMap { values[$0].text }.flatMap { $0.isEmpty ? nil : $0 }
      return StageFailure(
        id: "decode.error-answer",
        "\(name) is an error answer"
          + (message.map { ": \"\($0.prefix(200))\"" } ?? said(values[condition.slot])),
        at: condition.position.description,
        help:
          "the source refused the request in the body of its answer; mend the request or ask its owner, then run again.",
        exit: .data)
    }
    return nil
  }

  /// The sign itself, for an answer that says no more.
  private static func said(_ sign: DocumentValue) -> String {
    switch sign {
    case .absent: ""
    case .text(let text): text.isEmpty ? "" : ": \(text.prefix(200))"
    case .structure: ": an object stands where it tells errors"
    }
  }

  private static func total(
    _ plan: Plan, _ values: [DocumentValue], _ records: Int, _ name: String, _ declared: inout Int64?
  ) -> StageFailure? {
    guard let total = plan.total else { return nil }
    let value = total.slot < values.count ? values[total.slot] : .absent
    if value == .structure {
      return StageFailure(
        id: "decode.total-not-a-number", "\(name) has an object or a list where its total should be",
        at: total.position.description, help: "let the path of 'total' lead to the number itself.",
        exit: .data)
    }
    guard let text = value.text else {
      return StageFailure(
        id: "decode.total-absent", "\(name) does not have the declared total", at: total.position.description,
        help:
          "the source promised a count and sent none: mend the path of 'total', or remove it if the source stopped sending one.",
        exit: .data)
    }
    guard let count = Int64(text.filter { !$0.isWhitespace }), count >= 0 else {
      return StageFailure(
        id: "decode.total-not-a-number",
        "\(name) declares a total of '\(text.prefix(80))', which is no count",
        at: total.position.description, help: "mend the path of 'total'.", exit: .data)
    }
    declared = count
    guard total.scope == .payload, count != Int64(records) else { return nil }
    return StageFailure(
      id: "decode.total-differs",
      "\(name) declares \(count) records and holds \(records)",
      at: total.position.description,
      help:
        "fetch it again: the answer is incomplete, or its count is wrong. 'of: run' if the count spans several payloads.",
      exit: .data)
  }

  private static func rejects(_ plan: Plan, _ counters: Counters, _ name: String) -> StageFailure? {
    let judged = counters.read - counters.filtered
    if let limit = plan.rejectLimit {
      guard !limit.allows(rejected: counters.rejected, of: judged) else { return nil }
      return StageFailure(
        id: "validate.too-many-rejects",
        "\(name): \(counters.rejected) of \(judged) records are rejects, more than allowed",
        at: limit.position.description,
        help:
          "'terrace rejects --by cause' shows why; mend the source or the pipeline, then 'terrace replay'.",
        exit: .data)
    }
    guard counters.rejected > 0, counters.rejected == judged else { return nil }
    return StageFailure(
      id: "validate.all-rejected", "\(name): all \(judged) records are rejects",
      help: "'terrace rejects --by cause' shows why; mend the source or the pipeline, then 'terrace replay'.",
      exit: .data)
  }
}

extension ErrorCondition {
  /// An object is a value like no listed text.
  func holds(for value: DocumentValue) -> Bool {
    if value == .absent { return isNegated }
    let isListed = values.isEmpty || value.text.map(values.contains) ?? false
    return isNegated ? !isListed : isListed
  }
}

extension DecodingSession {
  /// Ends the payload. An error answer lacks what the records stand in: it is told as the answer that it is.
  func finish(explainedBy conditions: [ErrorCondition], name: String) throws -> DecodeSummary {
    do { return try finish() } catch let failure as StageFailure where failure.id == "decode.nothing-matched"
    {
      throw BatchVerdict.errorAnswer(conditions, documentValues, name) ?? failure
    }
  }
}
