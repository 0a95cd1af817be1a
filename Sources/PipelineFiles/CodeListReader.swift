// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Reads `codelists/<list>.csv`, with its optional head file `<list>.yaml`, into a code list.
///
/// Columns by header: `code` (required), `name`, `aliases`, `predecessors`, `successors` (each separated by `;`),
/// `valid_from`, `valid_to` (ISO dates, both included), `aliases:SOURCE` (what one source writes); every other column
/// is an attribute. The head file's `columns` says which header stands for which of these, so that a published list can
/// be kept as it is; its `sources` describes the sources.
public struct CodeListReader {
  public private(set) var list: CodeList?
  public private(set) var title: String?
  public private(set) var source: String?
  public private(set) var diagnostics: [Diagnostic] = []

  private static let known = [
    "code", "name", "aliases", "valid_from", "valid_to", "predecessors", "successors",
  ]
  private static let sourceColumn = "aliases:"
  /// A file with a fault in every line says the same thing often enough.
  private static let maximumFindings = 50

  private let file: String
  private var sources: [String: CodeListSource] = [:]
  /// Where the head file names them.
  private var declaredSources: [String: Located<String>] = [:]
  private var dividedBy: String?

  /// - Parameters:
  ///   - head: the tree of the head file, if there is one.
  ///   - file: the name that positions carry.
  public init(_ text: String, name: String, head: Tree?, file: String) {
    self.file = file
    let renamed = readHead(head, name)
    var entries: [CodeListEntry] = []
    var columns: Columns?
    var rows = SeparatedRows(text)
    while let row = rows.next() {
      if row.count == 1, row[0].text.isEmpty { continue }
      guard let columns else {
        guard let found = readHeader(row, renamed, name) else { return }
        columns = found
        continue
      }
      guard diagnostics.count < Self.maximumFindings else { break }
      if let entry = readEntry(row, columns) { entries.append(entry) }
    }
    if let fault = rows.fault { diagnostics.append(fault.diagnostic(file: file)) }
    if columns == nil, rows.fault == nil {
      add("codelist.no-header", "the file has no header row", 1, 1, 1, "begin it with 'code,name'")
    }
    guard diagnostics.isEmpty else { return }
    list = CodeList(name: name, entries: entries, sources: sources, dividedBy: dividedBy)
    warnOfOverlaps(entries, rows.lines)
    warnOfSharedAliases(entries, rows.lines)
  }

  // MARK: - Head

  /// Header → known column.
  private mutating func readHead(_ head: Tree?, _ name: String) -> [String: String] {
    guard let head else { return [:] }
    var keys = KeyReader(head, area: "codelist", subject: "code list '\(name)'")
    title = keys.text("title")?.value
    source = keys.text("source")?.value
    var renamed: [String: String] = [:]
    if let columns = keys.find("columns") {
      var members = KeyReader(columns, area: "codelist", subject: "'columns' of code list '\(name)'")
      for column in Self.known { if let header = members.text(column) { renamed[header.value] = column } }
      members.finish()
      keys.diagnostics += members.diagnostics
    }
    dividedBy = keys.text("divided_by")?.value
    if let tree = keys.find("sources") { readSources(tree, name, &keys) }
    keys.finish()
    diagnostics += keys.diagnostics
    return renamed
  }

  private mutating func readSources(_ tree: Tree, _ list: String, _ keys: inout KeyReader) {
    let subject = "'sources' of code list '\(list)'"
    var names = KeyReader(tree, area: "codelist", subject: subject)
    for given in tree.entries ?? [] {
      guard let described = names.find(given.key) else { continue }
      var members = KeyReader(described, area: "codelist", subject: "source '\(given.key)' of '\(list)'")
      var source = CodeListSource(
        title: members.text("title")?.value, evidence: members.text("evidence")?.value)
      source.numbersItself = members.boolean("own_numbers") ?? false
      members.finish()
      names.diagnostics += members.diagnostics
      sources[given.key] = source
      declaredSources[given.key] = Located(given.key, at: given.keyPosition, length: given.key.count)
    }
    keys.diagnostics += names.diagnostics
  }

  private struct Columns {
    var indexes: [String: Int] = [:]
    var attributes: [(index: Int, name: String)] = []
    /// `aliases:SOURCE`
    var sources: [(index: Int, name: String)] = []
    var count = 0
  }

  private mutating func readHeader(_ row: [SeparatedRows.Cell], _ renamed: [String: String], _ name: String)
    -> Columns?
  {
    var columns = Columns(count: row.count)
    var headers: Set<String> = []
    for (index, cell) in row.enumerated() {
      if !headers.insert(cell.text).inserted {
        add("codelist.repeated-column", "two columns are called '\(cell.text)'", cell, "rename one of them")
      }
      // A header that another column was renamed to is an attribute of its own.
      let isTaken = renamed.values.contains(cell.text)
      let known = renamed[cell.text] ?? (Self.known.contains(cell.text) && !isTaken ? cell.text : nil)
      if let known {
        columns.indexes[known] = index
      } else if cell.text.hasPrefix(Self.sourceColumn) {
        let source = String(cell.text.dropFirst(Self.sourceColumn.count))
        columns.sources.append((index, source))
        if source.isEmpty {
          add("codelist.no-source-name", "this column names no source", cell, "call it 'aliases:NAME'")
        }
        if sources[source] == nil { sources[source] = CodeListSource() }
      } else {
        columns.attributes.append((index, cell.text))
      }
    }
    for (source, declared) in declaredSources.sorted(by: { $0.key < $1.key })
    where !columns.sources.contains(where: { $0.name == source }) {
      diagnostics.append(
        Diagnostic(
          id: "codelist.source-without-column", "the list has no column 'aliases:\(source)'",
          at: declared.position,
          length: declared.length, help: "add the column, or remove the source from the head file"))
    }
    for (header, column) in renamed.sorted(by: { $0.key < $1.key }) where !headers.contains(header) {
      add(
        "codelist.unknown-column", "there is no column '\(header)' to be '\(column)'", row[0],
        Suggestion.help(for: header, among: row.map(\.text)))
    }
    if columns.indexes["code"] == nil, !renamed.values.contains("code") {
      let near = Suggestion.nearest(to: "code", among: row.map(\.text)).map { "rename '\($0)' to 'code'" }
      add(
        "codelist.no-code-column", "there is no column 'code'", row[0],
        near ?? "name it in a head file \(name).yaml: 'columns: { code: \(row[0].text) }'")
    }
    return diagnostics.isEmpty ? columns : nil
  }

  // MARK: - Entries

  private mutating func readEntry(_ row: [SeparatedRows.Cell], _ columns: Columns) -> CodeListEntry? {
    guard row.count == columns.count else {
      add(
        "codelist.cell-count", "this row has \(row.count) cells; the header has \(columns.count)", row[0],
        "add or remove separators; a cell that holds a comma needs double quotes")
      return nil
    }
    let cell = { (column: String) in columns.indexes[column].map { row[$0] } }
    guard let code = cell("code") else { return nil }
    if code.text.isEmpty {
      add("codelist.empty-code", "this row has no code", code, "give it one, or remove the row")
      return nil
    }
    let items = { (column: String) in Self.items(cell(column)?.text ?? "") }
    var entry = CodeListEntry(
      code: code.text, name: cell("name")?.text ?? "", aliases: items("aliases"),
      validFrom: date(cell("valid_from")), validTo: date(cell("valid_to")),
      predecessors: items("predecessors"),
      successors: items("successors"))
    if let from = entry.validFrom, let to = entry.validTo, to < from, let place = cell("valid_to") {
      add(
        "codelist.empty-validity", "'\(code.text)' ends on \(to), before it begins on \(from)", place,
        "exchange the dates")
    }
    for (index, source) in columns.sources where !row[index].text.isEmpty {
      entry.sourceAliases[source] = Self.items(row[index].text)
    }
    for (index, name) in columns.attributes where !row[index].text.isEmpty {
      entry.attributes[name] = row[index].text
    }
    return entry
  }

  private static func items(_ text: String) -> [String] {
    text.split(separator: ";").map { String($0).trimmed }.filter { !$0.isEmpty }
  }

  private mutating func date(_ cell: SeparatedRows.Cell?) -> CalendarDate? {
    guard let cell, !cell.text.isEmpty else { return nil }
    if let date = CalendarDate(isoText: cell.text) { return date }
    add("codelist.not-a-date", "'\(cell.text)' is not a date", cell, "write it as 2025-07-01")
    return nil
  }

  /// Of two entries of one code on one day the one that began later stands; rarely what was meant.
  private mutating func warnOfOverlaps(_ entries: [CodeListEntry], _ lines: [Int]) {
    for (code, indexes) in Dictionary(grouping: entries.indices, by: { entries[$0].code })
    where indexes.count > 1 {
      let sorted = indexes.sorted {
        entries[$0].validFrom?.days ?? .min < entries[$1].validFrom?.days ?? .min
      }
      for (first, second) in zip(sorted, sorted.dropFirst())
      where (entries[first].validTo?.days ?? .max) >= (entries[second].validFrom?.days ?? .min) {
        diagnostics.append(
          Diagnostic(
            .warning, id: "codelist.overlap", "code '\(code)' is valid twice at the same time",
            at: FilePosition(file: file, line: lines[max(first, second)], column: 1),
            help:
              "let 'valid_from' and 'valid_to' not overlap; the other is on line \(lines[min(first, second)])"
          ))
      }
    }
    diagnostics.sort { left, right in (left.position?.line ?? 0) < (right.position?.line ?? 0) }
    diagnostics = Array(diagnostics.prefix(Self.maximumFindings))
  }

  /// A number of a source that stands for two codes at the same time is a slip of whoever keeps the list; names may
  /// be shared.
  private mutating func warnOfSharedAliases(_ entries: [CodeListEntry], _ lines: [Int]) {
    for source in sources.keys.sorted() {
      var first: [String: [Int]] = [:]
      for (index, entry) in entries.enumerated() {
        for alias in entry.sourceAliases[source] ?? [] {
          let other = first[alias, default: []].first { place in
            entries[place].code != entry.code && entries[place].isValid(togetherWith: entry)
          }
          first[alias, default: []].append(index)
          guard let other else { continue }
          diagnostics.append(
            Diagnostic(
              .warning, id: "codelist.shared-alias",
              "'\(alias)' of source '\(source)' is '\(entries[other].code)' and '\(entry.code)' at the same time",
              at: FilePosition(file: file, line: lines[index], column: 1),
              help: "let it stand for one of them; the other is on line \(lines[other])"))
        }
      }
    }
    diagnostics.sort { left, right in (left.position?.line ?? 0) < (right.position?.line ?? 0) }
    diagnostics = Array(diagnostics.prefix(Self.maximumFindings))
  }

  private mutating func add(_ id: String, _ message: String, _ cell: SeparatedRows.Cell, _ help: String) {
    add(id, message, cell.line, cell.column, max(1, cell.text.count), help)
  }

  private mutating func add(
    _ id: String, _ message: String, _ line: Int, _ column: Int, _ length: Int, _ help: String
  ) {
    diagnostics.append(
      Diagnostic(
        id: id, message, at: FilePosition(file: file, line: line, column: column), length: length, help: help)
    )
  }
}

extension CodeListEntry {
  fileprivate func isValid(togetherWith other: CodeListEntry) -> Bool {
    (validFrom?.days ?? .min) <= (other.validTo?.days ?? .max)
      && (other.validFrom?.days ?? .min) <= (validTo?.days ?? .max)
  }
}
