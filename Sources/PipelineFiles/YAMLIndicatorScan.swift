// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Finds, before YAML is parsed, what YAML takes for an indicator and people mean as text: paths that begin with
/// `@` or `*` or hold `[` inside braces; and what we refuse: anchors, aliases, tags.
///
/// It follows quotes, comments, block scalars and braces just far enough to know where a value begins. What it
/// misses, the parser and the tree builder find with less help in their words.
struct YAMLIndicatorScan {
  let file: String
  let lines: [Substring]
  private var found: [Diagnostic] = []
  private var quote: Character?
  private var flowDepth = 0
  /// Lines indented deeper than this belong to a block scalar.
  private var blockIndent: Int?

  init(file: String, lines: [Substring]) {
    self.file = file
    self.lines = lines
  }

  mutating func run() -> [Diagnostic] {
    for (index, line) in lines.enumerated() {
      let characters = Array(line)
      let indent = characters.firstIndex { $0 != " " } ?? characters.count
      if let block = blockIndent {
        if indent == characters.count || indent > block { continue }
        blockIndent = nil
      }
      guard scan(characters, from: indent, line: index + 1) else { break }
    }
    return found
  }

  /// - Returns: false when the structure is lost and nothing more can be said.
  private mutating func scan(_ line: [Character], from indent: Int, line number: Int) -> Bool {
    var index = indent
    var isTokenStart = true
    var lastDash = indent - 1
    var firstToken: Int?
    while index < line.count {
      if let open = quote {
        index += closing(open, line, index)
        continue
      }
      let character = line[index]
      let endsWord = index + 1 == line.count || line[index + 1] == " " || line[index + 1] == "\t"
      if character == " " || character == "\t" {
        if index + 1 < line.count, line[index + 1] == "#" { return true }
        index += 1
        continue
      }
      if isTokenStart {
        if character == "-", endsWord, flowDepth == 0 {
          lastDash = index
          index += 1
          continue
        }
        switch character {
        case "#": return true
        case "\"", "'": quote = character
        case "|" where flowDepth == 0, ">" where flowDepth == 0:
          blockIndent = firstToken ?? lastDash
          return true
        case "@", "`", "*": found.append(YAMLDiagnostics.unquotedPath(line, at: place(number, index)))
        case "&": found.append(YAMLDiagnostics.anchor(at: place(number, index)))
        case "!": found.append(YAMLDiagnostics.tag(at: place(number, index)))
        default: break
        }
        firstToken = firstToken ?? index
      }
      let follows = follow(character, line, index, wasTokenStart: isTokenStart, endsWord: endsWord)
      if follows == nil {
        found.append(YAMLDiagnostics.bracketInFlow(line, at: place(number, index)))
        return false
      }
      isTokenStart = follows == true
      index += 1
    }
    return true
  }

  /// Whether a new value or key may begin after this character; nil where a bracket stands inside a word inside
  /// braces, which YAML takes for the start of a list.
  private mutating func follow(
    _ character: Character, _ line: [Character], _ index: Int, wasTokenStart: Bool, endsWord: Bool
  ) -> Bool? {
    switch character {
    case "[", "{":
      if wasTokenStart {
        flowDepth += 1
        return true
      }
      return flowDepth > 0 ? nil : false
    case "]", "}":
      flowDepth = max(0, flowDepth - 1)
      return false
    case ",": return flowDepth > 0
    case "?": return wasTokenStart && endsWord
    case ":":
      let isAfterQuote = index > 0 && (line[index - 1] == "\"" || line[index - 1] == "'")
      return endsWord || (flowDepth > 0 && (isAfterQuote || ",[]{}".contains(line[index + 1])))
    default: return false
    }
  }

  /// How many characters to step over inside a quoted scalar; closes it at its end.
  private mutating func closing(_ open: Character, _ line: [Character], _ index: Int) -> Int {
    if open == "\"", line[index] == "\\" { return 2 }
    guard line[index] == open else { return 1 }
    if open == "'", index + 1 < line.count, line[index + 1] == "'" { return 2 }
    quote = nil
    return 1
  }

  private func place(_ line: Int, _ index: Int) -> FilePosition {
    FilePosition(file: file, line: line, column: index + 1)
  }
}
