// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Yams

/// What is said of text that is no YAML, or YAML we refuse; sorted by id.
enum YAMLDiagnostics {
  static func anchor(at position: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "yaml.anchor", "anchors and aliases are not used in these files", at: position,
      help: "write the value out where it is needed; if '&' is part of a text, put double quotes around it")
  }

  static func bracketInFlow(_ line: [Character], at position: FilePosition) -> Diagnostic {
    let start = wordStart(line, position.column - 1)
    let word = word(line, from: start)
    return Diagnostic(
      id: "yaml.unquoted-path",
      "'\(word)' holds '\(line[position.column - 1])' inside braces, where YAML reads a list",
      at: FilePosition(file: position.file, line: position.line, column: start + 1), length: word.count,
      help: quoting(word))
  }

  static func duplicateKey(_ key: String, at position: FilePosition, first: FilePosition?) -> Diagnostic {
    Diagnostic(
      id: "yaml.duplicate-key", "the key '\(key)' stands here for the second time", at: position,
      length: key.count, help: "remove one of them\(first.map { "; the first is on line \($0.line)" } ?? "")")
  }

  static func keyNotText(at position: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "yaml.key-not-text", "a key must be a text", at: position,
      help: "write 'key: value'; if the key is a path, put double quotes around it")
  }

  static func syntax(_ error: YamlError, file: String, source: String, lines: [Substring]) -> Diagnostic {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      if problem.contains("another document") {
        return Diagnostic(
          id: "yaml.several-documents", "a file holds one document, and here a second one begins",
          at: position(mark, file: file, lines: lines), length: 3,
          help: "move what follows '---' to a file of its own")
      }
      let place = position(mark, file: file, lines: lines)
      if isTab(at: place, lines: lines) { return tab(at: place) }
      let words = context.map { "\($0.text), \(problem)" } ?? problem
      return Diagnostic(
        id: "yaml.syntax", "this is not YAML: \(words)", at: place,
        help: help(for: problem, context: context?.mark))
    case .duplicatedKeysInMapping(let keys, let context):
      let first = position(context.mark, file: file, lines: lines)
      let key = keys.first ?? ""
      return duplicateKey(key, at: second(key, after: first, lines: lines) ?? first, first: first)
    case .reader(let problem, let offset, _, _):
      return Diagnostic(
        id: "yaml.syntax", "this is not YAML: \(problem)",
        at: position(ofCharacter: offset ?? 0, file: file, source: source),
        help: "remove the character, or write it as an escape in double quotes")
    default: return unreadable(file: file)
    }
  }

  static func tab(at position: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "yaml.tab", "a tab stands where YAML takes only spaces", at: position,
      help: "indent with spaces; editors have a setting that types them for the tab key")
  }

  static func tag(at position: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "yaml.tag", "tags are not used in these files", at: position,
      help: "remove the tag; if '!' is part of a text, put double quotes around it")
  }

  static func tooLarge(file: String, bytes: Int) -> Diagnostic {
    Diagnostic(
      id: "yaml.too-large", "the file has \(bytes) bytes; \(YAMLReader.maximumBytes) are allowed",
      at: FilePosition(file: file, line: 1, column: 1), help: "split it, or keep data out of it")
  }

  static func tooMuch(nodes: Int, at position: FilePosition) -> Diagnostic {
    let isWide = nodes > YAMLReader.maximumNodes
    return Diagnostic(
      id: isWide ? "yaml.too-many-values" : "yaml.too-deep",
      isWide
        ? "the file has more than \(YAMLReader.maximumNodes) values"
        : "values are nested more than \(YAMLReader.maximumDepth) deep",
      at: position, help: isWide ? "split it, or keep data out of it" : "make the file flatter")
  }

  static func unquotedPath(_ line: [Character], at position: FilePosition) -> Diagnostic {
    let word = word(line, from: position.column - 1)
    return Diagnostic(
      id: "yaml.unquoted-path", "a text that begins with '\(line[position.column - 1])' needs quotes",
      at: position, length: word.count, help: quoting(word))
  }

  static func unreadable(file: String) -> Diagnostic {
    Diagnostic(
      id: "yaml.syntax", "this is not YAML", at: FilePosition(file: file, line: 1, column: 1),
      help: "compare the file with one that 'terrace guess' prints")
  }
}

// MARK: - Places and words

extension YAMLDiagnostics {
  /// Marks count lines and Unicode scalars from 1; we count characters.
  static func position(_ mark: Mark, file: String, lines: [Substring]) -> FilePosition {
    // The end of a text that lacks its last line break is reported on a line after it.
    if mark.line > lines.count, let last = lines.last {
      return FilePosition(file: file, line: lines.count, column: last.count + 1)
    }
    var column = mark.column
    if mark.line >= 1, mark.line <= lines.count {
      let line = lines[mark.line - 1]
      if line.utf8.contains(where: { $0 >= 0x80 }) {
        let scalars = line.unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: mark.column - 1, limitedBy: scalars.endIndex)
        column = line[..<(end ?? scalars.endIndex)].count + 1
      }
    }
    return FilePosition(file: file, line: max(1, mark.line), column: max(1, column))
  }

  private static func position(ofCharacter offset: Int, file: String, source: String) -> FilePosition {
    let lines = SourceText(file: file, text: String(source.prefix(offset))).lines()
    return FilePosition(file: file, line: lines.count, column: (lines.last?.count ?? 0) + 1)
  }

  /// Yams names only the first of two equal keys: the second is the next line with the key in the same column.
  private static func second(_ key: String, after first: FilePosition, lines: [Substring]) -> FilePosition? {
    for line in lines.indices.dropFirst(first.line) {
      var rest = lines[line].dropFirst(first.column - 1)
      if let quote = rest.first, quote == "\"" || quote == "'" { rest.removeFirst() }
      let before = lines[line].prefix(first.column - 1)
      guard before.allSatisfy({ $0 == " " || $0 == "-" }) else { continue }
      if rest.hasPrefix(key), let next = rest.dropFirst(key.count).first, ":\"' ".contains(next) {
        return FilePosition(file: first.file, line: line + 1, column: first.column)
      }
    }
    return nil
  }

  private static func wordStart(_ line: [Character], _ index: Int) -> Int {
    var start = index
    while start > 0, !" ,{[".contains(line[start - 1]) { start -= 1 }
    return start
  }

  /// The path that somebody meant: to a space or comma outside brackets, or the brace that closes the braces.
  private static func word(_ line: [Character], from start: Int) -> String {
    var depth = 0
    var end = start
    while end < line.count {
      let character = line[end]
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      if depth < 0 || (depth == 0 && " ,}".contains(character)) { break }
      end += 1
    }
    return String(line[start..<end])
  }

  /// In quotes that nothing in the path ends.
  private static func quoting(_ path: String) -> String {
    if !path.contains("\""), !path.contains("\\") { return "put double quotes around the path: \"\(path)\"" }
    let doubled = path.map { $0 == "'" ? "''" : String($0) }.joined()
    return "put single quotes around the path: '\(doubled)'"
  }

  private static func isTab(at position: FilePosition, lines: [Substring]) -> Bool {
    guard lines.indices.contains(position.line - 1) else { return false }
    return lines[position.line - 1].dropFirst(position.column - 1).first == "\t"
  }

  private static func help(for problem: String, context: Mark?) -> String {
    if problem.contains("mapping values are not allowed") {
      return "a ': ' inside a text needs double quotes around the text; or the indentation is wrong"
    }
    if problem.contains("could not find expected ':'") || problem.contains("did not find expected key") {
      return "look at the indentation here and on the line before; each key needs ': ' after it"
    }
    if problem.contains("end of stream") {
      return "a quote or bracket\(context.map { " opened on line \($0.line)" } ?? "") is never closed"
    }
    if problem.contains("',' or") {
      return "close the bracket, or put double quotes around a text that holds one"
    }
    return "look at the quotes, brackets and indentation here"
  }
}
