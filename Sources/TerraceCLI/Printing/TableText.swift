// SPDX-License-Identifier: Apache-2.0

/// Rows of text in columns for people, aligned by display width.
struct TableText {
  enum Alignment { case left, right }

  var header: [(title: String, alignment: Alignment)]
  var rows: [[String]] = []
  /// Longest text shown in one cell.
  var cellWidth = 40

  init(_ header: [(title: String, alignment: Alignment)]) { self.header = header }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let cut = rows.map { $0.map { Self.cut($0, to: cellWidth) } }
    let widths = header.indices.map { column in
      max(
        Self.width(header[column].title),
        cut.map { $0.count > column ? Self.width($0[column]) : 0 }.max() ?? 0)
    }
    let lines = ([header.map(\.title)] + cut).map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: max(0, widths[column] - Self.width(row[column])))
        return header[column].alignment == .left ? row[column] + space : space + row[column]
      }.joined(separator: "  ").trimmingTrailingSpaces
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Terminal cells: combining marks take none, East Asian wide characters two.
  static func width(_ text: String) -> Int {
    text.reduce(0) { sum, character in
      guard let scalar = character.unicodeScalars.first else { return sum }
      let value = scalar.value
      let isWide =
        (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value)
        || (0xAC00...0xD7A3).contains(value)
        || (0xF900...0xFAFF).contains(value) || (0xFF00...0xFF60).contains(value)
        || (0x1F300...0x1FAFF).contains(value)
      return sum + (isWide ? 2 : 1)
    }
  }

  private static func cut(_ text: String, to width: Int) -> String {
    let line = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    return line.count <= width ? line : line.prefix(width - 1) + "…"
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var result = self[...]
    while result.last == " " { result.removeLast() }
    return String(result)
  }
}
