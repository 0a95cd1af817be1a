// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Records
import Store

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run, batch or reject in full, with the raw bytes.",
    usage: "terrace show <id> [--reveal] [--raw]",
    discussion: """
      terrace show last                the newest run
      terrace show J12                 every rule the record broke, where it stood, its bytes
      terrace show B1M8 --raw          the payload as it was received
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: "R…, B… or J…, any unique prefix, or 'last' for the newest run.")
  var id: String

  @Flag(help: "Show personal values and raw bytes; recorded in the ledger.")
  var reveal = false

  @Flag(help: "Write only the raw bytes: of a reject its record, of a batch its payload.")
  var raw = false

  func run() throws {
    let workspace = Workspace(global)
    let ledger = try workspace.ledger()
    switch try ledger.find(id) {
    case .run(let row): try show(workspace, ledger, row)
    case .batch(let row): try show(workspace, ledger, row)
    case .reject(let row): try show(workspace, ledger, row)
    case .ambiguous(let ids):
      throw workspace.fail(
        StageFailure(
          id: "show.ambiguous-id", "'\(id)' may be \(ids.joined(separator: ", "))", help: "write more of it.",
          exit: .usage))
    case .unknown:
      throw workspace.fail(
        StageFailure(
          id: "show.unknown-id", "there is no run, batch or reject '\(id)'",
          help: "'terrace runs', 'terrace batches' and 'terrace rejects' list them.", exit: .usage))
    }
  }

  private func show(_ workspace: Workspace, _ ledger: Ledger, _ row: RunRow) throws {
    let batches = try ledger.batches(BatchFilter(run: row.id)).sorted { $0.id < $1.id }
    if global.format == .json {
      workspace.console.write(
        JSONText.object([("run", ReportJSON.run(row)), ("batches", .array(batches.map(ReportJSON.batch)))])
          .text())
      return
    }
    var lines = [
      ("run", row.id), ("pipeline", row.pipeline), ("status", row.status.rawValue),
      ("started", LocalTime.text(row.startedAt)),
      ("ended", row.endedAt.map(LocalTime.text) ?? "still running, or killed"),
      ("balance", BalanceText.line(row.counters)),
    ]
    lines += Self.errorLines(row.error)
    lines += batches.map { ("batch", "\($0.id)  \($0.status.rawValue)  \($0.name)") }
    workspace.console.write(Self.block(lines))
  }

  private func show(_ workspace: Workspace, _ ledger: Ledger, _ row: BatchRow) throws {
    if raw, workspace.hasPersonalFields(row.pipeline), !reveal {
      throw workspace.fail(Self.needsReveal(row.id))
    }
    if raw {
      try recordReveal(workspace, ledger, of: row.id)
      return try RawBytes(workspace).writePayload(row)
    }
    if global.format == .json {
      workspace.console.write(ReportJSON.batch(row).text())
      return
    }
    var lines = [
      ("batch", row.id), ("run", row.run), ("pipeline", row.pipeline), ("status", row.status.rawValue),
      ("attempt", String(row.attempt)), ("origin", row.origin),
      ("payload", "\(row.digest) (\(row.bytes) bytes)"),
      ("landed", LocalTime.text(row.landedAt)), ("balance", BalanceText.line(row.counters)),
    ]
    if let declared = row.declared { lines.append(("declared", String(declared))) }
    lines += row.response.sorted { $0.key < $1.key }.map { fact in
      ("answer", "\(fact.key): " + fact.value.split(separator: "\n").joined(separator: " | "))
    }
    lines += Self.errorLines(row.error)
    workspace.console.write(Self.block(lines))
  }

  private func show(_ workspace: Workspace, _ ledger: Ledger, _ row: RejectRow) throws {
    let isPersonal =
      row.failures.contains { $0.personal != "none" } || workspace.hasPersonalFields(row.pipeline)
    if raw, isPersonal, !reveal { throw workspace.fail(Self.needsReveal(row.id)) }
    if reveal || raw { try recordReveal(workspace, ledger, of: row.id) }
    if raw { return try RawBytes(workspace).writeRecord(row) }
    let bytes = isPersonal && !reveal ? nil : try RawBytes(workspace).record(row)
    if global.format == .json {
      guard case .object(var members) = ReportJSON.reject(row, reveals: reveal) else { return }
      members.append(("raw", .optional(bytes)))
      workspace.console.write(JSONText.object(members).text())
      return
    }
    var lines = [
      (
        row.isNote ? "note" : "reject",
        "\(row.id)  \(row.status.rawValue), met \(row.seen == 1 ? "once" : "\(row.seen) times")"
      ),
      ("pipeline", row.pipeline), ("batch", row.batch),
      ("entity", row.entity + (row.key.map { "  key \($0)" } ?? "")),
      (
        "where",
        "record \(row.record), line \(row.line), bytes \(row.offset)…\(row.offset + row.length)  \(row.path)"
      ),
    ]
    for failure in row.failures {
      let field = failure.field.isEmpty ? "" : "field '\(failure.field)': "
      lines.append(("broke", "\(failure.rule)  \(field)\(Masking.message(failure, reveals: reveal))"))
      if let place = failure.ruleAt { lines.append(("", "rule at \(place)")) }
      if let basis = workspace.basis(of: failure, entity: row.entity, pipeline: row.pipeline) {
        lines.append(("", "basis: \(basis)"))
      }
    }
    lines.append(
      (
        "raw",
        bytes == nil
          ? "hidden, for it may hold personal values; --reveal shows it and is recorded" : "as received:"
      ))
    workspace.console.write(
      Self.block(lines)
        + (bytes.map { RawRecordText.text($0, firstLine: row.line, failures: row.failures) } ?? ""))
    if !row.isNote, row.status == .open {
      workspace.console.write(
        "help: mend the pipeline or the source, then 'terrace replay \(row.id)'; 'terrace waive \(row.id)' lets it be."
      )
    }
  }

  private func recordReveal(_ workspace: Workspace, _ ledger: Ledger, of id: String) throws {
    try ledger.recordAction(
      ActionRow(at: workspace.clock.seconds(), who: Ledger.currentUser, what: "reveal", subject: id))
  }

  private static func errorLines(_ error: ErrorRow?) -> [(String, String)] {
    guard let error else { return [] }
    return [("error", "\(error.message) [\(error.id)]")] + (error.where.map { [("at", $0)] } ?? [])
      + [("help", error.help)]
  }

  private static func needsReveal(_ id: String) -> StageFailure {
    StageFailure(
      id: "show.needs-reveal", "the raw bytes of \(id) may hold personal values",
      help: "add --reveal to show them; that is recorded.", exit: .usage)
  }

  static func block(_ lines: [(String, String)]) -> String {
    let width = lines.map(\.0.count).max() ?? 0
    return lines.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }
      .joined(separator: "\n") + "\n"
  }
}
