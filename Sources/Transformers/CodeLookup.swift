// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// Replaces texts by the codes of a code list. What one text means on one day is found out once and kept,
/// because values repeat: the usual cell costs one hash.
final class CodeLookup {
  private struct Key: Hashable {
    var digest: KeyDigest
    var day: Int32
    var hasDay: Bool

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
  ///   - zoneMinutes: local zone, in minutes east of UTC.
  func resolve(
    _ column: TextColumn, days: Column?, zoneMinutes: Int, step: Int, _ findings: Findings
  ) {
    for row in 0..<column.count where column.state(row) == .value {
      let day = days.flatMap { Self.day($0, row, zoneMinutes) }
      let text = column.bytes(row)
      let answer = answers[find(text, day)]
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

  private func find(_ text: UnsafeBufferPointer<UInt8>, _ day: CalendarDate?) -> Int {
    var hasher = KeyHasher()
    hasher.combine(text)
    let key = Key(digest: hasher.finish(), day: day?.days ?? 0, hasDay: day != nil)
    if let index = indexes[key], answers[index].text.elementsEqual(text) { return index }
    if answers.count >= Self.mostAnswers {
      answers.removeAll(keepingCapacity: true)
      indexes.removeAll(keepingCapacity: true)
    }
    answers.append(answer(Array(text), day))
    indexes[key] = answers.count - 1
    return answers.count - 1
  }

  private func answer(_ bytes: [UInt8], _ day: CalendarDate?) -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    let shown = String(text.prefix(80))
    let rule = "lookup.\(list.name)"
    func miss(_ message: String) -> Answer {
      Answer(
        text: bytes, code: unknown == .null ? nil : bytes,
        finding: (unknown == .reject ? .reject : .note, rule, message))
    }
    switch list.resolve(text, asOf: day) {
    case .code(let entry): return Answer(text: bytes, code: Array(entry.code.utf8), finding: nil)
    case .alias(let entry):
      // A declared alias is the list's own knowledge: nothing odd to note.
      return Answer(text: bytes, code: Array(entry.code.utf8), finding: nil)
    case .notValid(let entries):
      return miss(wording.notValid(shown, entries, on: day, list: list.name))
    case .ambiguous(let entries): return miss(wording.ambiguous(shown, entries, list: list.name))
    case .unknown: return miss(wording.unknownCode(shown, list: list.name))
    }
  }
}
