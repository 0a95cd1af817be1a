// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Yams

/// YAML text to a ``Tree`` in which every key and value knows its place. The only file that knows Yams.
///
/// Documents are composed, never decoded into values: scalars stay the text that was written. Anchors, aliases
/// and tags are refused: our files have no use for them, and aliases are how a small file becomes a large one.
public enum YAMLReader {
  /// Bounds for files that people write.
  public static let maximumBytes = 1_000_000
  public static let maximumNodes = 100_000
  public static let maximumDepth = 64

  /// Reads one document.
  ///
  /// - Parameter file: the name that positions carry.
  /// - Returns: the tree, or nil when the text is no YAML or not ours, with everything found wrong. An empty text is
  ///   a plain null at 1:1.
  public static func read(_ text: String, file: String) -> (tree: Tree?, diagnostics: [Diagnostic]) {
    guard text.utf8.count <= maximumBytes else {
      return (nil, [YAMLDiagnostics.tooLarge(file: file, bytes: text.utf8.count)])
    }
    let source = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    let lines = SourceText(file: file, text: source).lines()
    var scan = YAMLIndicatorScan(file: file, lines: lines)
    let refused = scan.run()
    if !refused.isEmpty { return (nil, refused) }
    do {
      // Without resolver rules every scalar is text, and no regular expression runs.
      let parser = try Parser(yaml: source, resolver: .basic)
      guard let root = try parser.singleRoot() else {
        return (Tree(.scalar("", isPlain: true), at: FilePosition(file: file, line: 1, column: 1)), [])
      }
      var builder = TreeBuilder(file: file, lines: lines)
      // Nodes hold their anchors weakly; the parser owns them.
      let tree = withExtendedLifetime(parser) { builder.build(root, depth: 0) }
      return (tree, builder.diagnostics)
    } catch let error as YamlError {
      return (nil, [YAMLDiagnostics.syntax(error, file: file, source: source, lines: lines)])
    } catch {
      return (nil, [YAMLDiagnostics.unreadable(file: file)])
    }
  }
}

/// Turns composed nodes into a tree and counts them.
private struct TreeBuilder {
  let file: String
  var diagnostics: [Diagnostic] = []
  private var lines: LineCharacters
  private var nodes = 0
  private var isSpent = false

  init(file: String, lines: [Substring]) {
    self.file = file
    self.lines = LineCharacters(lines)
  }

  mutating func build(_ node: Node, depth: Int) -> Tree? {
    let position = position(node.mark)
    nodes += 1
    guard nodes <= YAMLReader.maximumNodes, depth <= YAMLReader.maximumDepth else {
      if !isSpent { diagnostics.append(YAMLDiagnostics.tooMuch(nodes: nodes, at: position)) }
      isSpent = true
      return nil
    }
    if isSpent { return nil }
    if node.anchor != nil {
      diagnostics.append(YAMLDiagnostics.anchor(at: position))
      return nil
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return Tree(
        .scalar(scalar.string, isPlain: isPlain), at: position,
        length: length(of: scalar.string, isPlain: isPlain, at: position))
    case .sequence(let sequence):
      return Tree(.sequence(sequence.compactMap { build($0, depth: depth + 1) }), at: position)
    case .mapping(let mapping):
      return build(mapping, at: position, depth: depth)
    case .alias:
      diagnostics.append(YAMLDiagnostics.anchor(at: position))
      return nil
    }
  }

  private mutating func build(_ mapping: Node.Mapping, at position: FilePosition, depth: Int) -> Tree? {
    var entries: [Tree.Entry] = []
    var seen: [String: FilePosition] = [:]
    for (key, value) in mapping {
      let keyPosition = self.position(key.mark)
      guard case .scalar(let scalar) = key, scalar.anchor == nil else {
        diagnostics.append(YAMLDiagnostics.keyNotText(at: keyPosition))
        continue
      }
      if let first = seen[scalar.string] {
        diagnostics.append(YAMLDiagnostics.duplicateKey(scalar.string, at: keyPosition, first: first))
        continue
      }
      seen[scalar.string] = keyPosition
      if let tree = build(value, depth: depth + 1) {
        entries.append(Tree.Entry(key: scalar.string, keyPosition: keyPosition, value: tree))
      }
    }
    return Tree(.mapping(entries), at: position)
  }

  /// Yams counts lines and Unicode scalars from 1; we count characters.
  private mutating func position(_ mark: Mark?) -> FilePosition {
    guard let mark else { return FilePosition(file: file, line: 1, column: 1) }
    return FilePosition(
      file: file, line: mark.line, column: lines.column(line: mark.line, scalar: mark.column))
  }

  private mutating func length(of text: String, isPlain: Bool, at position: FilePosition) -> Int {
    let rest = lines.characters(line: position.line).dropFirst(position.column - 1)
    if isPlain {
      if rest.starts(with: text) { return max(1, text.count) }
      return max(1, rest.count - rest.reversed().prefix { $0 == " " }.count)
    }
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return 1 }
    // A backslash in double quotes, or a quote doubled in single ones, takes the next character with it.
    var index = rest.startIndex + 1
    while index < rest.endIndex {
      let next = index + 1
      let isDoubled = quote == "'" && rest[index] == quote && next < rest.endIndex && rest[next] == quote
      if isDoubled || (quote == "\"" && rest[index] == "\\") {
        index += 2
      } else if rest[index] == quote {
        return next - rest.startIndex
      } else {
        index += 1
      }
    }
    return rest.count
  }
}

/// The characters of one line at a time, so that a long line is counted once and not once per value.
private struct LineCharacters {
  private let lines: [Substring]
  private var line = 0
  private var current: [Character] = []
  /// Column from 1 by number of scalars before it; empty where both are the same.
  private var columns: [Int] = []

  init(_ lines: [Substring]) { self.lines = lines }

  mutating func characters(line number: Int) -> [Character] {
    if number != line, number >= 1, number <= lines.count {
      line = number
      current = Array(lines[number - 1])
      columns = []
      if lines[number - 1].utf8.contains(where: { $0 >= 0x80 }) {
        for (index, character) in current.enumerated() {
          columns += repeatElement(index + 1, count: character.unicodeScalars.count)
        }
      }
    }
    return number == line ? current : []
  }

  mutating func column(line: Int, scalar: Int) -> Int {
    _ = characters(line: line)
    if columns.isEmpty { return max(1, scalar) }
    return scalar <= columns.count ? columns[max(0, scalar - 1)] : current.count + 1
  }
}
