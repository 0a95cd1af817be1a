// SPDX-License-Identifier: Apache-2.0

import Components
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

  private struct Answer {
    var text: [UInt8]
    /// What stands in the cell from now on; nil makes it null.
    var code: [UInt8]?
    var finding: (kind: Failure.Kind, rule: String, message: String)?
  }

  private let list: CodeList
  private let unknown: ValuePlan.UnknownPolicy
  private let wording: ValueWording
  private lazy var spellings = SpellingIndex(list)
  private var answers: [Answer] = []
  private var indexes: [Key: Int] = [:]
  /// Keeps memory flat when a source has no end of different texts.
  private static let mostAnswers = 1 << 16

  init(_ list: CodeList, unknown: ValuePlan.UnknownPolicy, wording: ValueWording) {
    self.list = list
    self.unknown = unknown
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
      if let finding = answer.finding {
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
    answers.append(answer(Array(text), day, target))
    indexes[key] = answers.count - 1
    return answers.count - 1
  }

  private func answer(_ bytes: [UInt8], _ day: CalendarDate?, _ target: CalendarDate?) -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    let shown = String(text.prefix(80))
    func miss(_ message: String) -> Answer {
      Answer(
        text: bytes, code: unknown == .null ? nil : bytes,
        finding: (unknown == .reject ? .reject : .note, rule, message))
    }
    switch list.resolve(text, asOf: day) {
    // A declared alias is the list's own knowledge: nothing odd to note.
    case .code(let entry), .alias(let entry): return moved(entry, bytes, shown, target) ?? take(entry, bytes)
    case .notValid(let entries):
      return miss(wording.notValid(shown, entries, on: day, list: list.name))
    case .ambiguous(let entries): return miss(wording.ambiguous(shown, entries, list: list.name))
    case .unknown: break
    }
    guard let found = spellings.find(text, asOf: day) else {
      return miss(wording.unknownCode(shown, list: list.name))
    }
    guard let entry = found.entries.first, Set(found.entries.map(\.code)).count == 1 else {
      return miss(wording.ambiguous(shown, found.entries, list: list.name))
    }
    var answer = moved(entry, bytes, shown, target) ?? take(entry, bytes)
    if answer.finding == nil {
      answer.finding = (
        .note, "\(rule).\(found.tier.rawValue)", wording.otherSpelling(shown, entry, found.tier)
      )
    }
    return answer
  }

  private var rule: String { "lookup.\(list.name)" }

  private func take(_ entry: CodeListEntry, _ bytes: [UInt8]) -> Answer {
    Answer(text: bytes, code: Array(entry.code.utf8), finding: nil)
  }

  /// What took the place of an entry that is no longer valid on the target day; nil while it is.
  private func moved(_ entry: CodeListEntry, _ bytes: [UInt8], _ shown: String, _ target: CalendarDate?)
    -> Answer?
  {
    guard let target, !entry.isValid(on: target) else { return nil }
    let heirs = list.successors(of: entry, on: target)
    let codes = Set(heirs.map(\.code))
    if codes.count == 1, let heir = heirs.first { return take(heir, bytes) }
    // A unit that was divided among several is not resolved from its code alone: the old code stays.
    if codes.count > 1 {
      return Answer(
        text: bytes, code: Array(entry.code.utf8),
        finding: (
          .note, "\(rule).divided", wording.divided(shown, codes.sorted(), on: target, list: list.name)
        ))
    }
    return Answer(
      text: bytes, code: unknown == .null ? nil : Array(entry.code.utf8),
      finding: (
        unknown == .reject ? .reject : .note, rule,
        wording.notValid(shown, [entry], on: target, list: list.name)
      ))
  }
}
