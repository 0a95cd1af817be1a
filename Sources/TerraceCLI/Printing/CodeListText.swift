// SPDX-License-Identifier: Apache-2.0

import Records

/// Entries of a code list, for people and as JSON.
enum CodeListText {
  static func table(_ entries: [CodeListEntry]) -> String {
    if entries.isEmpty { return "no entries" }
    // Columns that nothing stands in are left out.
    let columns: [(title: String, text: (CodeListEntry) -> String)] = [
      ("code", \.code), ("name", \.name), ("valid", validity),
      ("predecessors", { $0.predecessors.joined(separator: ", ") }),
      ("successors", { $0.successors.joined(separator: ", ") }),
      ("aliases", { $0.aliases.joined(separator: ", ") }),
    ].filter { column in entries.contains { !column.1($0).isEmpty } }
    var table = TableText(columns.map { ($0.title, .left) })
    for entry in entries { table.add(columns.map { $0.text(entry) }) }
    return table.text
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

  static func json(_ list: CodeList, _ entries: [CodeListEntry]) -> JSONText {
    func texts(_ items: [String]) -> JSONText { .array(items.map(JSONText.string)) }
    return .object([
      ("list", .string(list.name)),
      (
        "entries",
        .array(
          entries.map { entry in
            .object([
              ("code", .string(entry.code)), ("name", .string(entry.name)),
              ("valid_from", .optional(entry.validFrom?.description)),
              ("valid_to", .optional(entry.validTo?.description)),
              ("predecessors", texts(entry.predecessors)),
              ("successors", texts(entry.successors)), ("aliases", texts(entry.aliases)),
              (
                "attributes",
                .object(entry.attributes.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
              ),
            ])
          })
      ),
    ])
  }
}
