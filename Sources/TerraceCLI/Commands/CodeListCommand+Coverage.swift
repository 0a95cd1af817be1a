// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import PipelineFiles
import Records
import Store

extension CodeListCommand {
  /// What sources send that a list does not have: work for whoever keeps the list, or for the source's owner.
  struct Coverage: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show codes that sources sent and a list does not have, with the nearest it has.",
      usage: "terrace codelist coverage [<list> …] [--reveal]",
      discussion: """
        Counts the open rejects and the notes of the ledger. Personal values are masked without --reveal.
        """)

    @OptionGroup(title: "Options everywhere") var global: GlobalOptions

    @Argument(help: "Only these code lists.")
    var list: [String] = []

    @Flag(help: "Show personal values; recorded in the ledger.")
    var reveal = false

    func run() throws {
      let workspace = Workspace(global)
      let folder = workspace.files().folder
      for name in list where folder.lists[name] == nil {
        throw workspace.fail(
          StageFailure(
            id: "codelist.unknown-list", "there is no code list '\(name)'",
            help: Suggestion.help(for: name, among: folder.lists.keys.sorted()), exit: .usage))
      }
      let ledger = try workspace.ledger()
      var misses: [Miss: (records: Int, pipelines: Set<String>)] = [:]
      for isNote in [false, true] {
        for row in try ledger.rejects(RejectFilter(status: .open, notes: isNote)) {
          for failure in row.failures where failure.rule.hasPrefix("lookup.") {
            let name = String(failure.rule.dropFirst("lookup.".count))
            guard let known = folder.lists[name], list.isEmpty || list.contains(name) else { continue }
            let value = Masking.value(failure, reveals: reveal) ?? ""
            // What is near to a masked value would tell it.
            let nearest = value == failure.value ? Self.nearest(to: value, in: known) : nil
            let miss = Miss(list: name, value: value, nearest: nearest)
            misses[miss, default: (0, [])].records += 1
            misses[miss, default: (0, [])].pipelines.insert(row.pipeline)
          }
        }
      }
      if reveal {
        try ledger.recordAction(
          ActionRow(
            at: workspace.clock.seconds(), who: Ledger.currentUser, what: "reveal",
            subject: "codelist coverage", detail: list.joined(separator: " ")))
      }
      show(
        misses.sorted {
          ($1.value.records, $0.key.list, $0.key.value) < ($0.value.records, $1.key.list, $1.key.value)
        },
        workspace)
    }

    private struct Miss: Hashable {
      var list: String
      var value: String
      /// Code and name.
      var nearest: String?
    }

    private func show(
      _ misses: [(key: Miss, value: (records: Int, pipelines: Set<String>))], _ workspace: Workspace
    ) {
      switch global.format {
      case .json:
        workspace.console.write(
          JSONText.object([
            (
              "misses",
              .array(
                misses.map { miss in
                  .object([
                    ("list", .string(miss.key.list)), ("value", .string(miss.key.value)),
                    ("records", .integer(Int64(miss.value.records))),
                    ("pipelines", .array(miss.value.pipelines.sorted().map { .string($0) })),
                    ("nearest", .optional(miss.key.nearest)),
                  ])
                })
            )
          ]).text())
      case .text:
        var table = TableText([
          ("list", .left), ("value", .left), ("records", .right), ("pipelines", .left), ("nearest", .left),
        ])
        for miss in misses {
          table.add([
            miss.key.list, miss.key.value, String(miss.value.records),
            miss.value.pipelines.sorted().joined(separator: ", "), miss.key.nearest ?? "",
          ])
        }
        workspace.console.write(misses.isEmpty ? "every code that came is in its list" : table.text)
      }
    }

    /// The entry whose code or name is a slip away.
    private static func nearest(to value: String, in list: CodeList) -> String? {
      let byName = Dictionary(
        list.entries.flatMap { entry in ([entry.code, entry.name] + entry.aliases).map { ($0, entry) } },
        uniquingKeysWith: { first, _ in first })
      guard let name = Suggestion.nearest(to: value, among: byName.keys.sorted()), let entry = byName[name]
      else { return nil }
      return entry.name.isEmpty ? entry.code : "\(entry.code) \(entry.name)"
    }
  }
}
