// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Reads a column of cleaned texts as the type of a value, straight from their bytes. A text that is none
/// becomes null and a finding.
struct ValueReader {
  private let plan: ValuePlan
  private let step: Int
  private let wording: ValueWording
  private let numbers: DecimalText
  private let patterns: [DatePattern]
  let decimals: DecimalTarget

  init(_ plan: ValuePlan, step: Int, wording: ValueWording) throws(StageFailure) {
    self.plan = plan
    self.step = step
    self.wording = wording
    numbers = DecimalText(group: plan.numbers.group, decimal: plan.numbers.decimal)
    var patterns: [DatePattern] = []
    for text in plan.dates {
      do { patterns.append(try DatePattern(parsing: text)) } catch {
        throw StageFailure(
          id: "transform.date-pattern", "'\(text)' is no date pattern: \(error.message)",
          at: "\(plan.position)", help: error.help, exit: .files)
      }
    }
    self.patterns = patterns.isEmpty ? [.iso] : patterns
    if case .decimal(let precision, let scale) = plan.type {
      decimals = DecimalTarget(precision: precision, scale: scale, rounding: plan.rounding)
    } else {
      decimals = DecimalTarget(precision: 38, scale: 0, rounding: plan.rounding)
    }
  }

  /// - Parameters:
  ///   - texts: absent, null or value; the column itself where the value is text.
  ///   - column: filled anew, with one cell per text.
  func read(_ texts: TextColumn, into column: Column, _ findings: Findings) {
    switch column {
    case .text:
      if plan.type == .partialDate { canonicalizeDates(texts, findings) }
    case .integer(let target):
      fill(target, from: texts, filler: 0) { text, row in
        guard let reading = numbers.read(text) else { return fail(texts, row, "type.integer", findings) }
        return integer(decimals.place(reading, exponent: plan.unitExponent), texts, row, findings)
      }
    case .decimal(let target, _):
      fill(target, from: texts, filler: 0) { text, row in
        guard let reading = numbers.read(text) else { return fail(texts, row, "type.decimal", findings) }
        let outcome = decimals.place(reading, exponent: plan.unitExponent)
        if case .value(let unscaled) = outcome { return unscaled }
        refuse(outcome, texts.excerpt(row), row, findings)
        return nil
      }
    case .boolean(let target):
      fill(target, from: texts, filler: 0) { text, row in
        TruthWords.read(text) ?? fail(texts, row, "type.boolean", findings)
      }
    case .date(let target):
      fill(target, from: texts, filler: 0) { text, row in
        date(text)?.date(localMinutes: plan.zoneMinutes)?.days ?? fail(texts, row, "type.date", findings)
      }
    case .timestamp(let target):
      fill(target, from: texts, filler: 0) { text, row in
        date(text)?.instant(localMinutes: plan.zoneMinutes)?.microseconds
          ?? fail(texts, row, "type.timestamp", findings)
      }
    }
  }

  /// A number of a decimal target that does not go into it.
  func refuse(_ outcome: DecimalTarget.Outcome, _ value: String, _ row: Int, _ findings: Findings) {
    if outcome == .tooFine {
      let message = wording.tooFine(value, scale: decimals.scale)
      findings.add(row: row, step: step, rule: "type.scale", value: value, message: message)
    } else {
      let message = wording.tooLarge(value, plan.type)
      findings.add(row: row, step: step, rule: "type.precision", value: value, message: message)
    }
  }

  private func integer(
    _ outcome: DecimalTarget.Outcome, _ texts: TextColumn, _ row: Int, _ findings: Findings
  ) -> Int64? {
    if case .value(let number) = outcome, let fitting = Int64(exactly: number) { return fitting }
    return fail(texts, row, "type.integer", findings)
  }

  private func date(_ text: UnsafeBufferPointer<UInt8>) -> DateReading? {
    for index in 0..<patterns.count {
      if let reading = patterns[index].read(text) { return reading }
    }
    return nil
  }

  @inline(never)
  private func fail<Element>(
    _ texts: TextColumn, _ row: Int, _ rule: String, _ findings: Findings
  ) -> Element? {
    let value = texts.excerpt(row)
    let message = wording.not(value, plan.expectation)
    findings.add(row: row, step: step, rule: rule, value: value, message: message)
    return nil
  }

  @inline(__always)
  private func fill<Element>(
    _ target: FixedColumn<Element>, from texts: TextColumn, filler: Element,
    _ read: (UnsafeBufferPointer<UInt8>, Int) -> Element?
  ) {
    target.removeAll()
    let rows = texts.count
    target.storage.pointee.values.reserve(rows)
    target.storage.pointee.states.reserve(rows)
    let values = target.storage.pointee.values.base
    let states = target.storage.pointee.states.base
    let source = texts.storage.pointee
    for row in 0..<rows {
      var state = source.states.base[row]
      var element = filler
      if state == .value {
        let start = Int(source.starts.base[row])
        let text = UnsafeBufferPointer(
          start: UnsafePointer(source.bytes.base) + start, count: Int(source.ends.base[row]) - start)
        if let value = read(text, row) { element = value } else { state = .null }
      }
      values[row] = element
      states[row] = state
    }
    target.storage.pointee.values.count = rows
    target.storage.pointee.states.count = rows
  }

  /// Writes partial dates as `yyyy[-MM[-dd]]`.
  private func canonicalizeDates(_ texts: TextColumn, _ findings: Findings) {
    for row in 0..<texts.count where texts.state(row) == .value {
      guard let reading = date(texts.bytes(row)) else {
        let _: Int? = fail(texts, row, "type.partial_date", findings)
        texts.storage.pointee.states[row] = .null
        continue
      }
      var text = reading.partialText
      text.withUTF8 { if !texts.bytes(row).elementsEqual($0) { texts.replace(row, with: $0) } }
    }
  }
}
