// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Records
import Store

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "How every pipeline stands: age of data, last success, open rejects, failed batches, locks.")

  @OptionGroup var global: GlobalOptions

  @Argument(help: "Only these pipelines.")
  var pipelines: [String] = []

  func run() throws {
    let workspace = Workspace(global)
    let home = try Home(workspace.homePath)
    let rows = try workspace.ledger().status()
    let names = pipelines.isEmpty ? Array(Set(workspace.folder().pipelineNames + rows.map(\.pipeline))).sorted() : pipelines
    let now = workspace.clock.seconds()
    let stands = names.map { name in
      (name: name, row: rows.first { $0.pipeline == name }, holder: home.lockHolder(pipeline: name))
    }
    switch global.format {
    case .json:
      workspace.console.write(
        JSONText.object([
          (
            "pipelines",
            .array(
              stands.map { stand in
                .object([
                  ("pipeline", .string(stand.name)),
                  ("last_success", .optional(stand.row?.lastSuccessAt.map(ReportJSON.instant))),
                  ("age_seconds", .optional(stand.row?.lastSuccessAt.map { now - $0 })),
                  ("last_run", .optional(stand.row?.lastRun)), ("last_status", .optional(stand.row?.lastStatus)),
                  ("open_rejects", .count(stand.row?.openRejects ?? 0)),
                  ("failed_batches", .count(stand.row?.failedBatches ?? 0)),
                  ("locked_by", .optional(stand.holder?.description)),
                ])
              })
          )
        ]).text())
    case .text:
      var table = TableText([
        ("pipeline", .left), ("data age", .right), ("last success", .left), ("last run", .left),
        ("open rejects", .right), ("failed batches", .right), ("running now", .left),
      ])
      for stand in stands {
        table.add([
          stand.name, stand.row?.lastSuccessAt.map { LocalTime.age(now - $0) } ?? "–",
          stand.row?.lastSuccessAt.map(LocalTime.text) ?? "never",
          stand.row.map { "\($0.lastRun ?? "–") \($0.lastStatus ?? "")" } ?? "–",
          String(stand.row?.openRejects ?? 0), String(stand.row?.failedBatches ?? 0), stand.holder?.description ?? "",
        ])
      }
      workspace.console.write(stands.isEmpty ? "no pipelines" : table.text)
    }
  }
}
