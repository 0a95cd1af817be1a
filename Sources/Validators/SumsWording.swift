// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// The sentences of one `sums` rule. Values that relate to a person are never quoted.
struct SumsWording {
  private let plan: RulePlan
  private let by: [String]
  private let scales: SumScales
  private let groupPersonal: PersonalClass
  /// The first value that the parts are made of.
  let field: String
  /// Of the numbers.
  let personal: PersonalClass

  init(_ plan: RulePlan, _ sums: SumsPlan, _ scales: SumScales, _ classes: ValueClasses) {
    self.plan = plan
    self.scales = scales
    by = sums.by
    groupPersonal = classes.personal(sums.by)
    field = sums.parts.names.first ?? ""
    personal = classes.personal(sums.parts.names + sums.total.names)
  }

  /// What is wrong, in the rule's own words where it has some.
  var head: String { plan.message ?? "the parts do not add up to the total" }

  /// What the records of a group share: `unit_code 'A1', year '2025'`; nil for the whole batch.
  func name(_ row: Int, _ columns: [Column]) -> String? {
    if by.isEmpty { return nil }
    if groupPersonal != .none { return by.joined(separator: ", ") }
    return zip(by, columns).map { name, column in
      "\(name) \(column.excerpt(row).map { "'\($0)'" } ?? "null")"
    }.joined(separator: ", ")
  }

  /// The numbers: sum, total, difference, how many parts.
  func facts(_ group: SumGroup, _ verdict: SumGroup.Verdict, leftOut: Int) -> String {
    var facts: [String] = []
    if personal == .none {
      if verdict == .hasTwoTotals {
        facts.append(
          "two totals, \(text(group.total, scales.total)) and \(text(group.otherTotal, scales.total))")
      } else if verdict == .hasNoTotal {
        facts.append("sum \(sum(group)), no total")
      } else {
        facts.append(numbers(group))
        let difference = group.difference(scales).map { text($0, scales.common) }
        facts.append("difference \(difference ?? Self.tooLarge)")
      }
    } else if verdict == .hasTwoTotals {
      facts.append("two totals")
    } else if verdict == .hasNoTotal {
      facts.append("no total")
    }
    facts.append("\(group.parts) part\(group.parts == 1 ? "" : "s")")
    if leftOut > 0 {
      facts.append("\(leftOut) record\(leftOut == 1 ? "" : "s") of an unreadable group left out")
    }
    return facts.joined(separator: ", ")
  }

  func sentence(_ verdict: SumGroup.Verdict, _ name: String?, _ facts: String) -> String {
    let owner = name.map { " of \($0)" } ?? ""
    return switch verdict {
    case .lacksPart: "not judged: a part\(owner) could not be read"
    case .lacksTotal: "not judged: the total\(owner) could not be read"
    case .differs, .hasTwoTotals, .hasNoTotal, .stands: "\(head): \(name.map { "\($0): " } ?? "")\(facts)"
    }
  }

  /// The numbers for listings, which mask them where they are personal.
  func value(_ group: SumGroup, _ verdict: SumGroup.Verdict) -> String? {
    switch verdict {
    case .differs: numbers(group)
    case .hasTwoTotals:
      "total \(text(group.total, scales.total)), total \(text(group.otherTotal, scales.total))"
    case .hasNoTotal: "sum \(sum(group))"
    case .lacksPart, .lacksTotal, .stands: nil
    }
  }

  func expression(_ message: String) -> String {
    personal == .none ? message : "the rule cannot be computed for this record"
  }

  private func numbers(_ group: SumGroup) -> String {
    "sum \(sum(group)), total \(text(group.total, scales.total))"
  }

  private func sum(_ group: SumGroup) -> String {
    group.sum.exact.map { text($0, scales.parts) } ?? Self.tooLarge
  }

  private static let tooLarge = "of more than 38 digits"

  private func text(_ unscaled: Int128, _ scale: Int) -> String {
    ExactDecimal(unscaled: unscaled, scale: scale).description
  }
}
