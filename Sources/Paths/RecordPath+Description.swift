// SPDX-License-Identifier: Apache-2.0

extension RecordPath: CustomStringConvertible {
  /// The path in its canonical form; parsing it gives an equal path.
  public var description: String {
    (origin == .document ? "/" : "") + steps.map(\.description).joined(separator: "/")
  }
}

extension RecordPath.Step: CustomStringConvertible {
  public var description: String {
    switch self {
    case .child(let name, let predicates):
      name.description + predicates.map(\.description).joined()
    case .any(let predicates): "*" + predicates.map(\.description).joined()
    case .parent: ".."
    case .attribute(let name): "@" + name.description
    case .text: "text()"
    case .name: "name()"
    case .position: "position()"
    case .list: "list()"
    }
  }
}

extension RecordPath.Name: CustomStringConvertible {
  /// The name with everything escaped that would mean something else in a path.
  public var description: String {
    var escaped = ""
    let isDots = written == "." || written == ".."
    // Digits alone would be an index within a predicate; `name()` and its like would be functions.
    let isNumber = !written.isEmpty && written.allSatisfy { $0.isASCII && $0.isNumber }
    let isCall = written.hasSuffix("()")
    for (index, character) in written.enumerated() {
      let isEdge = index == 0 || index == written.count - 1
      switch character {
      case "/", "[", "]", "@", "*", "\\", "=", "!": escaped.append("\\")
      case " " where isEdge: escaped.append("\\")
      case "." where isDots && index == 0: escaped.append("\\")
      case "(" where isCall && index == written.count - 2: escaped.append("\\")
      default: if isNumber && index == 0 { escaped.append("\\") }
      }
      escaped.append(character)
    }
    return escaped
  }
}

extension RecordPath.Predicate: CustomStringConvertible {
  public var description: String {
    switch self {
    case .index(let number): "[\(number)]"
    case .equals(let path, let values): "[\(path)=\(Self.quoted(values))]"
    case .differs(let path, let values): "[\(path)!=\(Self.quoted(values))]"
    case .has(let path): "[\(path)]"
    case .hasNot(let path): "[!\(path)]"
    }
  }

  private static func quoted(_ values: [String]) -> String {
    values.map { value in
      var text = "'"
      for character in value {
        if character == "'" { text.append("'") }
        text.append(character)
      }
      return text + "'"
    }.joined(separator: "|")
  }
}
