// SPDX-License-Identifier: Apache-2.0

extension RecordPath {
  /// Reads a path of the path language.
  ///
  /// - Throws: the first thing that is wrong, with its character offset in `text`.
  public init(parsing text: String) throws(RecordPathError) {
    var parser = RecordPathParser(text)
    let (origin, steps) = try parser.wholePath()
    self.init(origin: origin, steps: steps, text: text)
  }
}

/// Reads paths by recursive descent, character by character.
struct RecordPathParser {
  private let characters: [Character]
  private var at = 0
  /// How many `[` are open: inside them `=`, `!=` and `]` end a path.
  private var predicateDepth = 0

  init(_ text: String) { characters = Array(text) }

  private var next: Character? { at < characters.count ? characters[at] : nil }
  private var afterNext: Character? { at + 1 < characters.count ? characters[at + 1] : nil }

  mutating func wholePath() throws(RecordPathError) -> (RecordPath.Origin, [RecordPath.Step]) {
    guard !characters.isEmpty else {
      throw RecordPathError(
        offset: 0, message: "a path is empty",
        help: "write the steps to the value, as 'name' or 'address/street'; '/' alone is the whole document")
    }
    var origin = RecordPath.Origin.record
    if next == "/" {
      origin = .document
      at += 1
      if next == nil { return (origin, []) }
    }
    let steps = try stepList()
    if let stray = next {
      throw RecordPathError(
        offset: at, message: "'\(stray)' stands where a step should end",
        help: "put '/' between steps; where '\(stray)' belongs to a name, write '\\\(stray)'")
    }
    return (origin, steps)
  }

  private mutating func stepList() throws(RecordPathError) -> [RecordPath.Step] {
    var steps: [RecordPath.Step] = []
    while true {
      let start = at
      let step = try oneStep()
      steps.append(step)
      guard next == "/" else { return steps }
      if step.isLast {
        throw RecordPathError(
          offset: start, message: "'\(step)' must be the last step of a path",
          help: "end the path after '\(step)'")
      }
      at += 1
    }
  }

  private mutating func oneStep() throws(RecordPathError) -> RecordPath.Step {
    let start = at
    switch next {
    case nil, "/", "]":
      let isDescendant = next == "/"
      throw RecordPathError(
        offset: at, message: isDescendant ? "'//' is not a step" : "a step is missing",
        help: isDescendant
          ? "name every step, or write '*' for any: '/*/item'"
          : "write a name, '*', '..', '@name' or 'text()' here, or leave out the '/' before")
    case "@":
      at += 1
      let name = try oneName(after: "@")
      return .attribute(name.name)
    case "*":
      at += 1
      return .any(try predicates())
    default:
      break
    }
    let (name, isEscaped) = try oneName(after: nil)
    if !isEscaped {
      switch name.written {
      case "..":
        try refusePredicate(on: "'..'")
        return .parent
      case ".":
        throw RecordPathError(
          offset: start, message: "'.' is not a step", help: "leave it out: 'a/b' instead of './a/b'")
      case "text()": return try function(.text)
      case "name()": return try function(.name)
      case "position()": return try function(.position)
      case "list()": return try function(.list)
      default:
        if name.written.hasSuffix("()") {
          throw RecordPathError(
            offset: start, message: "there is no '\(name.written)'",
            help: "paths know 'text()', 'name()', 'position()' and 'list()'; "
              + "where the brackets belong to a name, write '\\(' for the first")
        }
      }
    }
    return .child(name, try predicates())
  }

  private mutating func function(_ step: RecordPath.Step) throws(RecordPathError) -> RecordPath.Step {
    try refusePredicate(on: "'\(step)'")
    return step
  }

  private func refusePredicate(on what: String) throws(RecordPathError) {
    guard next == "[" else { return }
    throw RecordPathError(
      offset: at, message: "\(what) takes no predicate",
      help: "put the predicate on the named step it is about: 'item[@kind='a']/text()'")
  }

  private mutating func oneName(
    after mark: Character?
  ) throws(RecordPathError) -> (name: RecordPath.Name, isEscaped: Bool) {
    let start = at
    var written = ""
    var isEscaped = false
    // Where the last escaped character ends: spaces up to there belong to the name.
    var keptCount = 0
    reading: while let character = next {
      switch character {
      case "/", "[", "]": break reading
      case "=" where predicateDepth > 0: break reading
      case "!" where predicateDepth > 0 && afterNext == "=": break reading
      case "\\":
        guard let escaped = afterNext, !escaped.isLetter else {
          throw RecordPathError(
            offset: at, message: "'\\' stands before nothing it could escape",
            help: "write '\\\\' for the character itself; '\\' escapes / [ ] @ * and other signs")
        }
        written.append(escaped)
        isEscaped = true
        keptCount = written.count
        at += 2
      case "@", "*":
        throw RecordPathError(
          offset: at, message: "'\(character)' stands within a name",
          help: "write '\\\(character)' where it belongs to the name; '/' begins a new step")
      default:
        written.append(character)
        at += 1
      }
    }
    if predicateDepth > 0, next == "=" || next == "!" || next == "]" {
      while written.count > keptCount, written.last == " " { written.removeLast() }
    }
    if written.isEmpty {
      throw RecordPathError(
        offset: mark == nil ? start : start - 1,
        message: mark == nil ? "a name is missing" : "'@' has no name after it",
        help: mark == nil
          ? "write a name before '\(next.map(String.init) ?? "")'" : "write '@name', as '@ma'")
    }
    return (RecordPath.Name(written), isEscaped)
  }

  private mutating func predicates() throws(RecordPathError) -> [RecordPath.Predicate] {
    var found: [RecordPath.Predicate] = []
    while next == "[" { found.append(try predicate()) }
    return found
  }

  private mutating func predicate() throws(RecordPathError) -> RecordPath.Predicate {
    let open = at
    at += 1
    predicateDepth += 1
    defer { predicateDepth -= 1 }
    skipSpaces()
    if let index = try index() { return index }
    let isNegated = next == "!"
    if isNegated {
      at += 1
      skipSpaces()
    }
    let path = try innerPath(open)
    skipSpaces()
    switch next {
    case "]":
      at += 1
      return isNegated ? .hasNot(path) : .has(path)
    case "=" where !isNegated:
      at += 1
      return .equals(path, try literals(open))
    case "!" where !isNegated:
      at += 2
      return .differs(path, try literals(open))
    case nil: throw unclosed(open)
    default:
      throw RecordPathError(
        offset: at, message: "'[!…]' only asks whether something is missing",
        help: "write '[p!='v']' for a value that differs, '[!p]' for a missing one")
    }
  }

  private mutating func index() throws(RecordPathError) -> RecordPath.Predicate? {
    var end = at
    while end < characters.count, characters[end].isASCII, characters[end].isNumber { end += 1 }
    var close = end
    while close < characters.count, characters[close] == " " { close += 1 }
    guard end > at, close < characters.count, characters[close] == "]" else { return nil }
    guard let number = Int(String(characters[at..<end])), number > 0 else {
      throw RecordPathError(
        offset: at, message: "'[\(String(characters[at..<end]))]' names no item",
        help: "items count from 1: '[1]' is the first")
    }
    at = close + 1
    return .index(number)
  }

  private mutating func innerPath(_ open: Int) throws(RecordPathError) -> RecordPath {
    let start = at
    if next == "/" {
      throw RecordPathError(
        offset: at, message: "a predicate's path begins with '/'",
        help: "a predicate looks inside its own element: leave out the '/'")
    }
    if next == nil { throw unclosed(open) }
    let steps = try stepList()
    var end = at
    while end > start, characters[end - 1] == " " { end -= 1 }
    return RecordPath(origin: .record, steps: steps, text: String(characters[start..<end]))
  }

  private mutating func literals(_ open: Int) throws(RecordPathError) -> [String] {
    var found: [String] = []
    while true {
      skipSpaces()
      found.append(try literal(open))
      skipSpaces()
      switch next {
      case "|": at += 1
      case "]":
        at += 1
        return found
      case nil: throw unclosed(open)
      default:
        throw RecordPathError(
          offset: at, message: "a predicate goes on after its value",
          help: "end it with ']', or put '|' before another value: '[@kind='a'|'b']'")
      }
    }
  }

  /// A quoted text; the quote itself stands doubled.
  private mutating func literal(_ open: Int) throws(RecordPathError) -> String {
    guard let quote = next else { throw unclosed(open) }
    guard quote == "'" || quote == "\"" else {
      throw RecordPathError(
        offset: at, message: "a predicate's value is not quoted",
        help: "quote it, numbers too: '[@tag='245']'")
    }
    let start = at
    at += 1
    var value = ""
    while let character = next {
      at += 1
      if character == quote {
        guard next == quote else { return value }
        at += 1
      }
      value.append(character)
    }
    throw RecordPathError(
      offset: start, message: "a quoted value is never closed", help: "put \(quote) after the value")
  }

  private mutating func skipSpaces() {
    while next == " " { at += 1 }
  }

  private func unclosed(_ open: Int) -> RecordPathError {
    RecordPathError(
      offset: open, message: "'[' is never closed",
      help: "put ']' after the predicate, or write '\\[' where it belongs to a name")
  }
}

extension RecordPath.Step {
  /// Whether nothing can follow this step.
  var isLast: Bool {
    switch self {
    case .attribute, .text, .name, .position, .list: true
    case .child, .any, .parent: false
    }
  }
}
