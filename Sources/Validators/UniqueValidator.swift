// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Judges the `unique` rules of a pipeline's `validate` section: no two records of a batch share the named
/// values; the first stands.
public struct UniqueValidator: Validator {
  public static let description = ComponentDescription(
    "unique", "Rejects records whose values an earlier record of the batch has.",
    example: """
      validate:
        - { unique: [unit_code, serial_number] }
      """,
    [])

  private let memoryLimit: Int

  public init(_ settings: Settings) throws(Diagnostic) { memoryLimit = DigestSet.usualLimit }

  /// - Parameter memoryLimit: digests of a rule that are held in memory.
  init(memoryLimit: Int) { self.memoryLimit = memoryLimit }

  public func session(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts)
    throws(StageFailure) -> any ValidationSession
  {
    UniqueSession(plan, memoryLimit: memoryLimit)
  }
}

private final class UniqueSession: ValidationSession {
  private struct Rule {
    var outcome: RuleOutcome
    let names: [String]
    let personal: PersonalClass
    var seen: DigestSet
  }

  private var rules: [Rule]
  private let memoryLimit: Int
  /// The temporary file failed: nothing can be judged any more.
  private var storageFailure: StageFailure?

  init(_ plan: TransformPlan, memoryLimit: Int) {
    self.memoryLimit = memoryLimit
    let classes = ValueClasses(plan.map)
    rules = plan.rules.compactMap { rule in
      guard case .unique(let names) = rule.check else { return nil }
      return Rule(
        outcome: RuleOutcome(rule), names: names, personal: classes.personal(names),
        seen: DigestSet(limit: memoryLimit))
    }
  }

  var stop: StageFailure? { storageFailure ?? rules.lazy.compactMap(\.outcome.stop).first }

  func restart(_ facts: PayloadFacts) {
    storageFailure = nil
    for index in rules.indices {
      rules[index].outcome.restart()
      rules[index].seen = DigestSet(limit: memoryLimit)
    }
  }

  func validate(_ chunk: Chunk) {
    guard chunk.rows > 0, storageFailure == nil else { return }
    do throws(StageFailure) {
      for index in rules.indices { try judge(&rules[index], chunk) }
    } catch {
      storageFailure = error
    }
  }

  private func judge(_ rule: inout Rule, _ chunk: Chunk) throws(StageFailure) {
    let table = chunk.table
    let columns = rule.names.compactMap { table.field($0) }
    guard columns.count == rule.names.count else { return }
    for row in 0..<table.rows where table.fates[row] == .live {
      var hasNull = false
      var hasher = KeyHasher()
      for column in columns {
        if column.state(row) != .value { hasNull = true }
        hasher.combine(column, row: row)
      }
      if hasNull { continue }
      if try rule.seen.insert(hasher.finish()) { continue }
      let value = columns.map { $0.excerpt(row) ?? "" }.joined(separator: ", ")
      rule.outcome.broken(
        row, chunk, rule: "unique", field: rule.names[0], value: String(value.prefix(80)),
        message: Self.message(rule, value), personal: rule.personal)
    }
  }

  private static func message(_ rule: Rule, _ value: String) -> String {
    if let message = rule.outcome.plan.message { return message }
    let names = rule.names.joined(separator: ", ")
    let shown = rule.personal == .none ? " '\(value.prefix(80))'" : ""
    return "an earlier record of the batch has the same \(names)\(shown)"
  }
}
