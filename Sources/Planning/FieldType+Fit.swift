// SPDX-License-Identifier: Apache-2.0

import Records

extension FieldType {
  /// Whether the result of an expression can become a value of this type: numbers become numbers, moments
  /// become moments, anything becomes text, and text is read like a captured one.
  func canBeMade(from result: FieldType) -> Bool {
    switch (result, self) {
    case (.text, _), (.code, _), (_, .text), (_, .code): true
    case (.integer, .integer), (.integer, .decimal), (.decimal, .integer), (.decimal, .decimal): true
    case (.boolean, .boolean): true
    case (.date, .date), (.date, .timestamp), (.date, .partialDate): true
    case (.timestamp, .date), (.timestamp, .timestamp): true
    case (.partialDate, .partialDate): true
    default: false
    }
  }
}
