// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Engine
import Planning
import Records
import Store

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "How every pipeline stands: age of data, last success, open rejects, failed batches, locks.",
    usage: "terrace status [<pipeline> …]")

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Only these pipelines.", valueName: "pipeline"))
  var pipelines: [String] = []

  func run() throws {
    let workspace = Workspace(global, naming: pipelines)
    let home = try Home(workspace.homePath)
    let ledger = try workspace.ledger()
    let rows = try ledger.summaries()
    let names =
      try pipelines.isEmpty
      ? Array(Set(workspace.files().planner.pipelineNames + rows.map(\.pipeline))).sorted()
      : pipelines.map { try workspace.pipeline($0, in: ledger) }
    let now = workspace.clock.seconds()
    let stands = names.map { name in
      (name: name, row: rows.first { $0.pipeline == name }, holder: PipelineLock.holder(name, in: home))
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
                  ("last_run", .optional(stand.row?.lastRun?.id)),
                  ("last_status", .optional(stand.row?.lastRun?.status.rawValue)),
                  ("open_rejects", .count(stand.row?.openRejects ?? 0)),
                  ("failed_batches", .count(stand.row?.failedBatches ?? 0)),
                  ("locked_by", .optional(stand.holder.map(Self.text))),
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
          stand.row?.lastRun.map { "\($0.id) \($0.status.rawValue)" } ?? "–",
          String(stand.row?.openRejects ?? 0), String(stand.row?.failedBatches ?? 0),
          stand.holder.map(Self.text) ?? "",
        ])
      }
      workspace.console.write(stands.isEmpty ? "no pipelines" : table.text)
    }
  }

  private static func text(_ holder: PipelineLock.Holder) -> String {
    "process \(holder.process) on \(holder.host)"
  }
}
