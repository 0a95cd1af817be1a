// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// `lost_zeros` of a text: gives damaged codes back what they lost where the field's own rules then hold. Codes of
/// a list are left to ``CodeLookup``.
struct RestoredDigits {
  private let digits: DamagedDigits
  private let pattern: TextPattern?
  private let values: Set<[UInt8]>?
  private let wording: ValueWording

  /// - Throws: a pattern that planning should have found.
  init?(_ plan: ValuePlan, wording: ValueWording) throws(TextPatternError) {
    guard let length = plan.lostZeros else { return nil }
    digits = DamagedDigits(length: length)
    pattern = try plan.field?.pattern.map { text throws(TextPatternError) in try TextPattern(parsing: text) }
    values = plan.field?.values.map { Set($0.map { Array($0.utf8) }) }
    self.wording = wording
  }

  func restore(_ column: TextColumn, step: Int, _ findings: Findings) {
    for row in 0..<column.count where column.state(row) == .value {
      let text = column.bytes(row)
      guard let restored = digits.restored(text), !isAllowed(text) else { continue }
      restored.withUnsafeBufferPointer { code in
        guard isAllowed(code) else { return }
        let value = column.excerpt(row)
        findings.add(
          .note, row: row, step: step, rule: DamagedDigits.rule, value: value,
          message: wording.restored(value, String(decoding: code, as: UTF8.self)))
        column.replace(row, with: code)
      }
    }
  }

  private func isAllowed(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    (pattern?.matches(text) ?? true) && (values?.contains(Array(text)) ?? true)
  }
}

extension DamagedDigits {
  /// What the note of a restored code is filed under.
  static let rule = "lost_zeros"
}
