// SPDX-License-Identifier: Apache-2.0

import Records

/// Entries of a code list, for people and as JSON.
struct CodeListText {
  let list: CodeList
  /// Whole entries, not only what tells them apart.
  var isFull = false

  func table(_ entries: [CodeListEntry]) -> String {
    if entries.isEmpty { return "no entries" }
    var columns: [(title: String, text: (CodeListEntry) -> String)] = [
      ("code", { $0.code }), ("name", { $0.name }), ("valid", Self.validity),
      ("predecessors", { links($0.predecessors, partial: partialPredecessors(of: $0)) }),
      ("successors", { links($0.successors, partial: Self.partialSuccessors(of: $0)) }),
      ("aliases", { $0.aliases.joined(separator: ", ") }),
    ]
    if isFull {
      for source in list.sources.keys.sorted() {
        columns.append(("aliases:\(source)", { ($0.sourceAliases[source] ?? []).joined(separator: ", ") }))
      }
      for name in Set(entries.flatMap(\.attributes.keys)).sorted() {
        columns.append((name, { $0.attributes[name] ?? "" }))
      }
    }
    // Columns that nothing stands in are left out.
    columns = columns.filter { column in entries.contains { !column.text($0).isEmpty } }
    var table = TableText(columns.map { ($0.title, .left) })
    for entry in entries { table.add(columns.map { $0.text(entry) }) }
    return table.text
  }

  /// `00688 (part), 00691`: of a divided entry only a part became another.
  private func links(_ codes: [String], partial: Set<String>) -> String {
    codes.map { partial.contains($0) ? "\($0) (part)" : $0 }.joined(separator: ", ")
  }

  private static func partialSuccessors(of entry: CodeListEntry) -> Set<String> {
    Set(entry.successors.count > 1 ? entry.successors : [])
  }

  private func partialPredecessors(of entry: CodeListEntry) -> Set<String> {
    Set(
      entry.predecessors.filter { code in
        list.entries(of: code).contains { $0.successors.count > 1 && $0.successors.contains(entry.code) }
      })
  }

  /// `from 2025-07-01`, `until 2025-06-30`, `2020-01-01 … 2025-06-30`, `always`.
  static func validity(_ entry: CodeListEntry) -> String {
    switch (entry.validFrom, entry.validTo) {
    case (nil, nil): "always"
    case (let from?, nil): "from \(from)"
    case (nil, let to?): "until \(to)"
    case (let from?, let to?): "\(from) … \(to)"
    }
  }

  func json(_ entries: [CodeListEntry]) -> JSONText {
    .object([("list", .string(list.name)), ("entries", .array(entries.map(json)))])
  }

  private func json(_ entry: CodeListEntry) -> JSONText {
    func texts(_ items: [String]) -> JSONText { .array(items.map(JSONText.string)) }
    func texts(_ members: [String: String]) -> JSONText {
      .object(members.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }
    return .object([
      ("code", .string(entry.code)), ("name", .string(entry.name)),
      ("valid_from", .optional(entry.validFrom?.description)),
      ("valid_to", .optional(entry.validTo?.description)),
      ("predecessors", texts(entry.predecessors)),
      ("partial_predecessors", texts(partialPredecessors(of: entry).sorted())),
      ("successors", texts(entry.successors)),
      ("partial_successors", texts(Self.partialSuccessors(of: entry).sorted())),
      ("aliases", texts(entry.aliases)),
      (
        "source_aliases",
        .object(entry.sourceAliases.sorted { $0.key < $1.key }.map { ($0.key, texts($0.value)) })
      ),
      ("attributes", texts(entry.attributes)),
    ])
  }
}
