// SPDX-License-Identifier: Apache-2.0

import Records

/// The sentences about values that the schema does not allow.
///
/// A message never quotes the value of a field that relates to a person: the value travels beside it, where
/// listings mask it.
struct SchemaWording {
  let field: EntityField

  private func quoted(_ value: String) -> String { field.personal == .none ? "'\(value)'" : "the value" }

  private var isInTime: Bool {
    switch field.type {
    case .date, .timestamp, .partialDate: true
    default: false
    }
  }

  func otherForm(_ value: String) -> String {
    "\(quoted(value)) does not have the form \(field.pattern ?? "")"
  }

  func below(_ value: String) -> String {
    "\(quoted(value)) is \(isInTime ? "before" : "less than") the minimum \(field.minimum ?? "")"
  }

  func above(_ value: String) -> String {
    "\(quoted(value)) is \(isInTime ? "after" : "more than") the maximum \(field.maximum ?? "")"
  }

  func tooShort(_ value: String, least: Int) -> String {
    "\(quoted(value)) is shorter than \(least) character\(least == 1 ? "" : "s")"
  }

  func tooLong(_ value: String, most: Int) -> String {
    "\(quoted(value)) is longer than \(most) character\(most == 1 ? "" : "s")"
  }

  func notAmong(_ value: String) -> String {
    let values = field.values ?? []
    let more = values.count > 8 ? " … (\(values.count) in all)" : ""
    return "\(quoted(value)) is not one of \(values.prefix(8).joined(separator: ", "))\(more)"
  }
}
