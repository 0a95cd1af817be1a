// SPDX-License-Identifier: Apache-2.0

/// The printed form of diagnostics:
///
/// ```
/// Pipelines/orders.yaml:14:7: error: unknown setting 'delimeter' for decoder 'csv' [setting.unknown]
///    14 |       delimeter: ";"
///       |       ^~~~~~~~~
/// help: did you mean 'delimiter'? 'terrace describe decoder csv' lists them all.
/// ```
public struct DiagnosticPrinter: Sendable {
  /// Columns of a source line that are shown; a longer one is cut around the caret.
  private static let window = 150

  private let sources: [String: SourceText]
  private let paint: Paint

  /// - Parameters:
  ///   - sources: texts by the file name that positions carry; a file not among them is shown without its line.
  ///   - isColoured: with ANSI colours.
  public init(sources: [String: SourceText] = [:], isColoured: Bool = false) {
    self.sources = sources
    paint = Paint(isOn: isColoured)
  }

  /// All of them, sorted by position, each once; ends with a line break unless there are none.
  public func text(of diagnostics: [Diagnostic]) -> String {
    var lines: [String: [Substring]] = [:]
    var blocks: [String] = []
    for diagnostic in Self.inOrder(diagnostics) {
      if let file = diagnostic.position?.file, lines[file] == nil, let source = sources[file] {
        lines[file] = source.lines()
      }
      blocks.append(block(diagnostic, lines: diagnostic.position.flatMap { lines[$0.file] } ?? []))
    }
    return blocks.joined(separator: "\n")
  }

  /// Sorted by position (those without one first), each once.
  public static func inOrder(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    var unique: [Diagnostic] = []
    for diagnostic in diagnostics.sorted(by: precedes)
    where !unique.reversed().prefix(while: {
      $0.position == diagnostic.position
    }).contains(diagnostic) {
      unique.append(diagnostic)
    }
    return unique
  }

  private static func precedes(_ left: Diagnostic, _ right: Diagnostic) -> Bool {
    switch (left.position, right.position) {
    case (let one?, let other?): one < other
    case (nil, _?): true
    default: false
    }
  }

  private func block(_ diagnostic: Diagnostic, lines: [Substring]) -> String {
    let place = diagnostic.position.map { "\(DisplayWidth.shown($0.description)): " } ?? ""
    let severity = paint(diagnostic.severity == .error ? .red : .yellow, "\(diagnostic.severity.rawValue):")
    var block =
      "\(paint(.bold, place))\(severity) \(DisplayWidth.shown(diagnostic.message)) [\(diagnostic.id)]\n"
    if let position = diagnostic.position, position.line >= 1, position.line <= lines.count {
      block += snippet(lines[position.line - 1], position, length: diagnostic.length)
    }
    return block + "\(paint(.cyan, "help:")) \(DisplayWidth.shown(diagnostic.help))\n"
  }

  private func snippet(_ line: Substring, _ position: FilePosition, length: Int) -> String {
    let characters = Array(DisplayWidth.shown(line))
    let start = min(max(0, position.column - 1), characters.count)
    // A line that would run off is shown from a little before the caret.
    let isLong = characters.count > Self.window
    let from = isLong ? max(0, min(start - 40, characters.count - Self.window)) : 0
    let to = isLong ? min(characters.count, from + Self.window) : characters.count
    let before = (from > 0 ? "…" : "") + String(characters[from..<start])
    let end = min(start + max(1, length), max(to, start))
    let marked = String(characters[start..<max(start, end)])
    let after = String(characters[max(start, end)..<max(to, end)]) + (to < characters.count ? "…" : "")
    let number = String(position.line)
    let gutter = String(repeating: " ", count: max(0, 5 - number.count)) + number
    let margin = String(repeating: " ", count: gutter.count)
    let caret = "^" + String(repeating: "~", count: max(0, DisplayWidth.of(marked) - 1))
    return "\(gutter) | \(before)\(marked)\(after)\n"
      + "\(margin) | \(String(repeating: " ", count: DisplayWidth.of(before)))\(paint(.green, caret))\n"
  }
}

/// ANSI colours, or none.
struct Paint: Sendable {
  enum Colour: String {
    case bold = "1"
    case red = "1;31"
    case green = "1;32"
    case yellow = "1;33"
    case cyan = "36"
  }

  let isOn: Bool

  func callAsFunction(_ colour: Colour, _ text: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }
}
