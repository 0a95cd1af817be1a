// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Judges the `sums` rules of a pipeline's `validate` section: the parts of each group of records add up to its total.
///
/// A group is known when the batch is. What is found then is told to the session of another pass, which keeps the
/// group's records out or notes it at one of them.
public struct SumsValidator: Validator {
  public static let description = ComponentDescription(
    "sums", "Rejects, notes or stops at groups of records whose parts do not add up to their total.",
    example: """
      validate:
        - sums: { by: [unit_code, year], parts: amount_vnd, total: control_total_vnd }
          message: The lines do not add up to the control total
      """,
    [])

  private let memoryLimit: Int

  public init(_ settings: Settings) throws(Diagnostic) { memoryLimit = SumGroups.usualLimit }

  /// - Parameter memoryLimit: groups of a rule that are held in memory.
  init(memoryLimit: Int) { self.memoryLimit = memoryLimit }

  public func session(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts)
    throws(StageFailure) -> any ValidationSession
  {
    SumsSession(plan, lists: lists, facts: facts, memoryLimit: memoryLimit)
  }
}

/// The groups of a batch that are to be told of, by rule.
private final class SumsFinding: BatchFinding, @unchecked Sendable {
  let rules: [JudgedSums]

  init(_ rules: [JudgedSums]) { self.rules = rules }
}

private final class SumsSession: ValidationSession {
  private let newRules: () -> [SumsRule]
  private var rules: [SumsRule]
  private let lists: [String: CodeList]
  private var facts: PayloadFacts
  private var isRecalled = false
  /// A temporary file failed: nothing can be judged any more.
  private var storageFailure: StageFailure?

  init(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts, memoryLimit: Int) {
    newRules = { plan.rules.compactMap { SumsRule($0, plan.map, memoryLimit: memoryLimit) } }
    rules = newRules()
    self.lists = lists
    self.facts = facts
  }

  var stop: StageFailure? { storageFailure ?? rules.lazy.compactMap(\.stop).first }

  func restart(_ facts: PayloadFacts) {
    self.facts = facts
    if !rules.isEmpty { rules = newRules() }
    isRecalled = false
    storageFailure = nil
  }

  func recall(_ finding: any BatchFinding) {
    guard let finding = finding as? SumsFinding else { return }
    isRecalled = true
    for (rule, judged) in zip(rules, finding.rules) { rule.judged = judged }
  }

  func validate(_ chunk: Chunk) {
    guard !rules.isEmpty, chunk.rows > 0, storageFailure == nil else { return }
    let scope = TableScope(chunk.table, facts: facts, lists: lists)
    let failed = FailedValues(chunk)
    do throws(StageFailure) {
      for rule in rules { try rule.take(chunk, scope, failed) }
    } catch {
      storageFailure = error
    }
  }

  func finish() throws(StageFailure) -> (any BatchFinding)? {
    if rules.isEmpty || isRecalled { return nil }
    if let storageFailure { throw storageFailure }
    var judged: [JudgedSums] = []
    for rule in rules { judged.append(try rule.judge()) }
    return judged.contains { !$0.isEmpty } ? SumsFinding(judged) : nil
  }
}

/// Which values of a chunk could not be read or are refused, by record.
struct FailedValues {
  private var fields: [Int: Set<String>] = [:]
  /// Records of which no value is where it should be.
  private var whole: Set<Int> = []

  init(_ chunk: Chunk) {
    for failure in chunk.failures where failure.kind == .reject {
      if !failure.field.isEmpty {
        fields[failure.row, default: []].insert(failure.field)
      } else if failure.ruleAt == nil {
        whole.insert(failure.row)
      }
    }
  }

  var isEmpty: Bool { fields.isEmpty && whole.isEmpty }

  /// Whether no value of the record can be trusted: cells have moved, as in a CSV row with one too many.
  func isWhole(_ row: Int) -> Bool { whole.contains(row) }

  /// Whether one of the values failed.
  func contains(_ names: Set<String>, _ row: Int) -> Bool {
    whole.contains(row) || fields[row].map { !$0.isDisjoint(with: names) } == true
  }
}
