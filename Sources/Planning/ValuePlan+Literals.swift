// SPDX-License-Identifier: Apache-2.0

import Components
import Records

extension ValuePlan {
  /// Whether a text of the pipeline file itself (`value`, `default`) can be read as this value. Code lists
  /// and boolean words are left to the transformer.
  func canRead(_ text: String) -> Bool {
    if nulls.contains(text) { return true }
    var text = text
    switch type {
    case .integer, .decimal:
      let numbers = DecimalText(group: numbers.group, decimal: numbers.decimal)
      return text.withUTF8 { numbers.read($0) != nil }
    case .date, .timestamp, .partialDate:
      let patterns = dates.isEmpty ? [DatePattern.iso] : dates.compactMap { try? DatePattern(parsing: $0) }
      return text.withUTF8 { bytes in patterns.contains { $0.read(bytes) != nil } }
    case .text, .boolean, .code: return true
    }
  }
}
