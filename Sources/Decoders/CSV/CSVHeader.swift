// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The names a plan asks for, and in which columns of a payload they stand.
struct CSVHeader {
  /// Which row names the columns.
  enum Place: Equatable, Sendable, CustomStringConvertible {
    /// Its number, from 1.
    case row(Int)
    /// The first that has all these, folded.
    case names([String])

    var description: String {
      switch self {
      case .row(let number): "row \(number)"
      case .names(let names): "a row with \(CSVHeader.list(names.map { "'\($0)'" }))"
      }
    }

    func isMet(by row: CSVRow) -> Bool {
      switch self {
      case .row(let number): return row.number == number
      case .names(let names):
        guard row.count >= names.count else { return false }
        let cells = (0..<row.count).map { CSVHeader.fold(row.text($0)) }
        return names.allSatisfy(cells.contains)
      }
    }
  }

  /// A wanted name as written in the plan, and as headers are compared.
  private struct Wanted {
    var written: [UInt8]
    var folded: String
    var key: NameKey
  }

  /// A column of the payload.
  struct Column {
    var key: NameKey
    /// The wanted name's bytes, or the header's own.
    var name: [UInt8]
    var isWanted: Bool
  }

  private var wanted: [Wanted] = []
  private(set) var columns: [Column] = []

  /// The key of a wanted name.
  mutating func key(_ name: String) -> NameKey {
    let folded = Self.fold(name)
    // Names are compared as characters, so that composed and decomposed letters are the same.
    if let known = wanted.first(where: { $0.folded == folded }) { return known.key }
    let key = NameKey(local: UInt(wanted.count + 1), space: 0)
    wanted.append(Wanted(written: Array(name.utf8), folded: folded, key: key))
    return key
  }

  /// Reads the header row.
  ///
  /// - Throws: a ``StageFailure`` (65) when a wanted name stands twice, or when none of them is there.
  mutating func read(_ row: CSVRow) throws(StageFailure) {
    let headers = (0..<row.count).map { Self.fold(row.text($0)) }
    columns = headers.map { header in
      guard let match = wanted.first(where: { $0.folded == header }) else {
        return Column(key: .unknown, name: Self.composed(header), isWanted: false)
      }
      return Column(key: match.key, name: match.written, isWanted: true)
    }
    let place = "line \(row.line) (offset \(row.offset))"
    for name in wanted {
      let places = headers.indices.filter { headers[$0] == name.folded }
      guard places.count > 1 else { continue }
      throw StageFailure(
        id: "decode.ambiguous-column",
        "the header '\(name.folded)' names \(places.count) columns: \(Self.list(places.map { String($0 + 1) }))",
        at: place,
        help: "ask the source for distinct headers, or say with 'header_row' which row names the columns",
        exit: .data)
    }
    guard !wanted.isEmpty, !columns.contains(where: \.isWanted) else { return }
    let present = headers.filter { !$0.isEmpty }
    throw StageFailure(
      id: "decode.missing-column",
      "no column is named \(Self.list(wanted.map { "'\($0.folded)'" })); row \(row.number) has "
        + (present.isEmpty ? "no text" : Self.list(present.map { "'\($0)'" })),
      at: place, help: help(present), exit: .data)
  }

  private func help(_ present: [String]) -> String {
    for name in wanted {
      guard let nearest = Suggestion.nearest(to: name.folded, among: present) else { continue }
      return "did you mean '\(nearest)' by '\(name.folded)'?"
    }
    return present.count == 1
      ? "if the cells stand in one, set 'separator' to the character between them"
      : "set 'header_row' to the row that names the columns, or correct the paths of the map"
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(20).joined(separator: ", ") + (names.count > 20 ? " and \(names.count - 20) more" : "")
  }

  /// In the form in which names of paths are written, so that predicates on `name()` meet it.
  private static func composed(_ text: String) -> [UInt8] {
    var text = text
    return text.withUTF8 { utf8 in
      guard !ComposedText.isPlain(utf8) else { return Array(utf8) }
      var bytes = GrowableBuffer<UInt8>(capacity: utf8.count)
      defer { bytes.deallocate() }
      ComposedText.append(utf8, to: &bytes)
      return Array(UnsafeBufferPointer(start: bytes.base, count: bytes.count))
    }
  }

  /// Collapses white space, line breaks included.
  static func fold(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
