// SPDX-License-Identifier: Apache-2.0

import Components
import Expressions
import Records

/// Replaces texts by the codes of a code list. What one text means on one day is found out once and kept,
/// because values repeat: the usual cell costs one hash.
final class CodeLookup {
  private struct Key: Hashable {
    var digest: KeyDigest
    var day: CalendarDate?
    var target: CalendarDate?

    func hash(into hasher: inout Hasher) { hasher.combine(digest.low) }
  }

  private struct Finding {
    var kind = Failure.Kind.note
    var rule: String
    var message: String
  }

  private struct Answer {
    var text: [UInt8]
    /// What stands in the cell from now on; nil makes it null.
    var code: [UInt8]?
    var findings: [Finding] = []
  }

  private let list: CodeList
  private let search: CodeSearch
  private let unknown: ValuePlan.UnknownPolicy
  /// The declared source, where it numbers by itself.
  private let numberingSource: String?
  private let digits: DamagedDigits?
  private let wording: ValueWording
  private var answers: [Answer] = []
  private var indexes: [Key: Int] = [:]
  /// Keeps memory flat when a source has no end of different texts.
  private static let mostAnswers = 1 << 16

  init(_ list: CodeList, _ plan: ValuePlan, wording: ValueWording) {
    self.list = list
    search = CodeSearch(list, source: plan.lookupSource)
    unknown = plan.unknown
    numberingSource = plan.lookupSource.flatMap { list.sources[$0]?.numbersItself == true ? $0 : nil }
    digits = plan.lostZeros.map(DamagedDigits.init)
    self.wording = wording
  }

  /// - Parameters:
  ///   - days: the column whose date (or local date of its moment) each text is looked up at; nil for any
  ///     day.
  ///   - targets: the column with the day at which the code that took its place must be valid.
  ///   - zoneMinutes: local zone, in minutes east of UTC.
  func resolve(
    _ column: TextColumn, days: Column?, targets: Column? = nil, zoneMinutes: Int, step: Int,
    _ findings: Findings
  ) {
    for row in 0..<column.count where column.state(row) == .value {
      let day = days.flatMap { Self.day($0, row, zoneMinutes) }
      let text = column.bytes(row)
      let target = targets.flatMap { Self.day($0, row, zoneMinutes) }
      let answer = answers[find(text, day, target)]
      for finding in answer.findings {
        findings.add(
          finding.kind, row: row, step: step, rule: finding.rule, value: column.excerpt(row),
          message: finding.message)
      }
      guard let code = answer.code else {
        column.storage.pointee.states[row] = .null
        continue
      }
      if !text.elementsEqual(code) {
        code.withUnsafeBufferPointer { column.replace(row, with: $0) }
      }
    }
  }

  private static func day(_ column: Column, _ row: Int, _ zoneMinutes: Int) -> CalendarDate? {
    switch column {
    case .date(let days): days[row].map(CalendarDate.init(days:))
    case .timestamp(let moments):
      moments[row].map { Instant(microseconds: $0).date(localMinutes: zoneMinutes) }
    default: nil
    }
  }

  private func find(
    _ text: UnsafeBufferPointer<UInt8>, _ day: CalendarDate?, _ target: CalendarDate?
  ) -> Int {
    var hasher = KeyHasher()
    hasher.combine(text)
    let key = Key(digest: hasher.finish(), day: day, target: target)
    if let index = indexes[key], answers[index].text.elementsEqual(text) { return index }
    if answers.count >= Self.mostAnswers {
      answers.removeAll(keepingCapacity: true)
      indexes.removeAll(keepingCapacity: true)
    }
    answers.append(answer(text, day, target))
    indexes[key] = answers.count - 1
    return answers.count - 1
  }

  private func answer(
    _ bytes: UnsafeBufferPointer<UInt8>, _ day: CalendarDate?, _ target: CalendarDate?
  ) -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    let shown = String(text.prefix(80))
    func miss(_ message: String) -> Answer {
      Answer(
        text: Array(bytes), code: unknown == .null ? nil : Array(bytes),
        findings: [Finding(kind: unknown == .reject ? .reject : .note, rule: rule, message: message)])
    }
    func take(_ entry: CodeListEntry, noting notes: [Finding]) -> Answer {
      var answer = Answer(text: Array(bytes), code: Array(entry.code.utf8), findings: notes)
      if let target { move(&answer, entry, shown, to: target) }
      return answer
    }
    let found = search.find(text, asOf: day)
    // What stands in the list as it is has lost nothing.
    if case .found(_, let tier) = found, tier.isExact || tier == .alias {
    } else if let restored = digits?.restored(bytes).map({ String(decoding: $0, as: UTF8.self) }),
      case .found(let entry, _) = search.find(code: restored, asOf: day)
    {
      let note = Finding(rule: DamagedDigits.rule, message: wording.restored(shown, restored))
      return take(entry, noting: [note])
    }
    switch found {
    case .found(let entry, let tier) where tier.isExact: return take(entry, noting: [])
    case .found(let entry, let tier):
      let message = wording.otherSpelling(shown, entry, tier)
      return take(entry, noting: [Finding(rule: "\(rule).\(tier.rawValue)", message: message)])
    case .notValid(let entries): return miss(wording.notValid(shown, entries, on: day, list: list.name))
    case .ambiguous(let entries): return miss(wording.ambiguous(shown, entries, list: list.name))
    case .unknown: return miss(wording.unknownCode(shown, list: list.name, source: numberingSource))
    }
  }

  private var rule: String { "lookup.\(list.name)" }

  /// Puts in the place of an entry that is no longer valid on the target day what took its place.
  private func move(
    _ answer: inout Answer, _ entry: CodeListEntry, _ shown: String, to target: CalendarDate
  ) {
    guard !entry.isValid(on: target) else { return }
    let heirs = Set(list.successors(of: entry, on: target).map(\.code)).sorted()
    if heirs.count == 1 {
      answer.code = Array(heirs[0].utf8)
    } else if heirs.count > 1 {
      // What was divided among several is not resolved from its code alone: the old code stays.
      answer.findings.append(
        Finding(rule: "\(rule).divided", message: wording.divided(shown, heirs, on: target, list)))
    } else {
      if unknown == .null { answer.code = nil }
      answer.findings.append(
        Finding(
          kind: unknown == .reject ? .reject : .note, rule: rule,
          message: wording.notValid(shown, [entry], on: target, list: list.name)))
    }
  }
}
