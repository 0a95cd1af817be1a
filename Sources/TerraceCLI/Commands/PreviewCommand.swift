// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Planning
import Records
import Store

struct PreviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview", abstract: "Extract and show rows, and what would be rejected; writes nothing.",
    usage: "terrace preview <pipeline> [--rows <n|all>] [--payload <file>] [--reveal]",
    discussion: """
      terrace preview public_assets
      terrace preview public_assets --rows 100
      terrace preview public_assets --rows all
      terrace preview public_assets --payload Samples/assets.xml
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: "The pipeline, by name or file.")
  var pipeline: String

  @Option(help: ArgumentHelp("How many records to look at.", valueName: "n|all"))
  var rows = RecordCount.first(10)

  @Option(help: ArgumentHelp("Look at this file instead of asking the source.", valueName: "file"))
  var payload: String?

  @Flag(help: "Show personal values; recorded in the ledger.")
  var reveal = false

  func run() throws {
    let workspace = Workspace(global, naming: [pipeline])
    // A file is looked at without asking anybody, so that a sample can be read where no secrets are.
    guard let plan = try workspace.plans([pipeline], asksSystems: payload == nil).first else { return }
    do {
      if reveal {
        try workspace.ledger().recordAction(
          ActionRow(
            at: workspace.clock.seconds(), who: Ledger.currentUser, what: "reveal", subject: plan.pipeline,
            detail: "preview"))
      }
      let preview = try PreviewSource(
        plan, workspace.baseFolder, workspace.clock, center: workspace.centerURL()
      ).preview(rows: rows.limit, payload: payload)
      workspace.console.write(global.format == .json ? json(preview).text() : text(preview, plan.pipeline))
      if let failure = preview.failure { throw failure }
    } catch let failure as StageFailure { throw workspace.fail(failure) }
  }

  private func shown(_ value: String?, _ personal: PersonalClass) -> String {
    // Where only some have a value (a disability), that there is one says it all.
    if personal == .sensitive, !reveal { return Masking.mask }
    guard let value else { return "" }
    return personal == .none || reveal ? value : Masking.mask
  }

  private func isNull(_ value: String?, _ personal: PersonalClass) -> Bool {
    value == nil && (personal != .sensitive || reveal)
  }

  private func text(_ preview: Preview, _ name: String) -> String {
    var text = ""
    for table in preview.tables {
      text += "\(table.entity): \(table.rows.count) row\(table.rows.count == 1 ? "" : "s")\n"
      var printed = TableText(table.columns.map { ($0, .left) })
      printed.cellWidth = 30
      for row in table.rows { printed.add(zip(row, table.personal).map(shown)) }
      text += printed.text + "\n"
    }
    let deleted = preview.deleted > 0 ? "\(preview.deleted) deleted, " : ""
    text +=
      "\(preview.read) read, \(preview.filtered) filtered, \(deleted)\(preview.rejected) would be rejected\n"
    for (title, findings) in [("reject", preview.rejects), ("note", preview.notes)] {
      for finding in findings.prefix(20) {
        for failure in finding.failures {
          let message = Masking.message(failure, reveals: reveal)
          let title = failure.kind == .note ? "note" : title
          text += "  \(title)  record \(finding.record), line \(finding.line), \(failure.field): \(message)\n"
        }
      }
    }
    if let rows = rows.limit, preview.read >= rows {
      text +=
        "notice: these are the first records only: rules over many records and totals were not judged; "
        + "--rows all looks at the whole payload\n"
    }
    if let notice = preview.nothingMatched { text += "notice: \(notice)\n" }
    let empty = preview.filled.filter { $0.value == 0 }.keys.sorted()
    if preview.read > 0, !empty.isEmpty { text += "never filled: \(empty.joined(separator: ", "))\n" }
    return text
  }

  private func json(_ preview: Preview) -> JSONText {
    func findings(_ items: [Preview.PreviewReject]) -> JSONText {
      .array(
        items.map { item in
          .object([
            ("record", .integer(item.record)), ("line", .integer(item.line)), ("path", .string(item.path)),
            (
              "failures",
              .array(
                item.failures.map {
                  .object([
                    ("rule", .string($0.rule)), ("field", .string($0.field)),
                    ("value", .optional(shown($0.value, $0.personal))),
                    ("message", .string(Masking.message($0, reveals: reveal))),
                  ])
                })
            ),
          ])
        })
    }
    return .object([
      ("nothing_matched", .optional(preview.nothingMatched)),
      (
        "tables",
        .array(
          preview.tables.map { table in
            .object([
              ("entity", .string(table.entity)),
              (
                "rows",
                .array(
                  table.rows.map { row in
                    .object(
                      zip(table.columns, zip(row, table.personal)).map { column, cell in
                        (column, isNull(cell.0, cell.1) ? .null : .string(shown(cell.0, cell.1)))
                      })
                  })
              ),
            ])
          })
      ),
      ("read", .count(preview.read)), ("filtered", .count(preview.filtered)),
      ("deleted", .count(preview.deleted)),
      ("rejected", .count(preview.rejected)),
      ("rejects", findings(preview.rejects)), ("notes", findings(preview.notes)),
      ("filled", .object(preview.filled.sorted { $0.key < $1.key }.map { ($0.key, .count($0.value)) })),
    ])
  }
}
