// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object in order, each value as JSON text, so that one can be bent without the others.
struct JSONMembers {
  private var members: [(name: String, value: String)] = []

  subscript(name: String) -> String {
    get { members.first { $0.name == name }?.value ?? "null" }
    set {
      guard let index = members.firstIndex(where: { $0.name == name }) else {
        return members.append((name, newValue))
      }
      members[index].value = newValue
    }
  }

  var text: String { "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}" }
}

/// A text as a JSON string.
func quoted(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": quoted += "\\\(scalar)"
    case "\t": quoted += "\\t"
    case "\n": quoted += "\\n"
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
