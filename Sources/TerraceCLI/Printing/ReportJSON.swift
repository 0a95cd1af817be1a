// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Records
import Store

/// The JSON documents of the command line. Keys are a contract: they may be added to, never renamed.
enum ReportJSON {
  /// - Parameter errors: of files whose pipelines could not run beside these.
  static func runs(_ reports: [RunReport], errors: [JSONText] = []) -> JSONText {
    .object(
      [("runs", .array(reports.map(run)))]
        + (errors.isEmpty ? [] : [("error", errors.first ?? .null), ("errors", .array(errors))]))
  }

  static func run(_ report: RunReport) -> JSONText {
    .object(
      [
        ("run", .string(report.run)), ("pipeline", .string(report.pipeline)),
        ("status", .string(report.status.rawValue)), ("exit", .integer(Int64(report.exit.rawValue))),
        ("declared", .optional(report.declared)), ("seconds", .number(report.seconds)),
        ("bytes", .integer(report.bytes)),
      ] + counters(report.counters) + [
        ("filled", filled(report.filled)), ("error", error(report.error)),
        ("notices", .array(report.notices.map(JSONText.string))),
        ("batches", .array(report.batches.map(batch))),
      ])
  }

  static func batch(_ report: BatchReport) -> JSONText {
    var members: [(String, JSONText)] =
      [
        ("batch", .string(report.batch)), ("status", .string(report.status.rawValue)),
        ("attempt", .count(report.attempt)), ("payload", .string(report.payload)),
        ("name", .string(report.name)),
        ("bytes", .integer(report.bytes)), ("declared", .optional(report.declared)),
      ] + counters(report.counters) + [
        ("filled", filled(report.filled)), ("error", error(report.error)),
        ("nothing_matched", .optional(report.nothingMatched)),
      ]
    if !report.changes.isEmpty {
      members.append(
        (
          "changes",
          .array(
            report.changes.map { change in
              .object([
                ("record", .integer(change.ordinal)), ("entity", .string(change.entity)),
                ("key", .string(change.key)), ("outcome", .string(change.outcome)),
                (
                  "fields",
                  .array(
                    change.fields.map {
                      .object([
                        ("field", .string($0.field)), ("before", .optional($0.before)),
                        ("after", .optional($0.after)),
                      ])
                    })
                ),
              ])
            })
        ))
    }
    return .object(members)
  }

  static func run(_ row: RunRow) -> JSONText {
    .object(
      [
        ("run", .string(row.id)), ("pipeline", .string(row.pipeline)), ("kind", .string(row.kind.rawValue)),
        ("status", .string(row.status.rawValue)),
        ("exit", .optional(row.exit.map(Int64.init))), ("declared", .optional(row.declared)),
        ("started_at", .string(instant(row.startedAt))), ("ended_at", .optional(row.endedAt.map(instant))),
        ("seconds", .optional(row.endedAt.map { $0 - row.startedAt })), ("bytes", .integer(row.bytes)),
      ] + counters(row.counters) + [("filled", filled(row.filled)), ("error", error(row.error))])
  }

  static func batch(_ row: BatchRow) -> JSONText {
    .object(
      [
        ("batch", .string(row.id)), ("run", .string(row.run)), ("pipeline", .string(row.pipeline)),
        ("status", .string(row.status.rawValue)), ("attempt", .count(row.attempt)),
        ("origin", .string(row.origin)), ("name", .string(row.name)), ("payload", .string(row.digest)),
        ("bytes", .integer(row.bytes)), ("landed_at", .string(instant(row.landedAt))),
        ("declared", .optional(row.declared)),
      ] + counters(row.counters) + [("filled", filled(row.filled)), ("error", error(row.error))])
  }

  static func reject(_ row: RejectRow, reveals: Bool) -> JSONText {
    .object([
      ("reject", .string(row.id)), ("status", .string(row.status.rawValue)),
      ("kind", .string(row.isNote ? "note" : "reject")), ("batch", .string(row.batch)),
      ("attempt", .count(row.attempt)), ("pipeline", .string(row.pipeline)), ("entity", .string(row.entity)),
      ("key", .optional(row.key)), ("record", .integer(row.record)), ("offset", .integer(row.offset)),
      ("length", .integer(row.length)), ("line", .integer(row.line)), ("path", .string(row.path)),
      ("seen", .count(row.seen)),
      (
        "failures",
        .array(
          row.failures.map { failure in
            .object([
              ("rule", .string(failure.rule)), ("field", .string(failure.field)),
              ("value", .optional(Masking.value(failure, reveals: reveals))),
              ("message", .string(Masking.message(failure, reveals: reveals))),
              ("rule_at", .optional(failure.ruleAt)),
            ])
          })
      ),
    ])
  }

  static func instant(_ seconds: Int64) -> String { Instant(microseconds: seconds * 1_000_000).description }

  static func counters(_ counters: Counters) -> [(String, JSONText)] {
    [
      ("read", .count(counters.read)), ("inserted", .count(counters.inserted)),
      ("updated", .count(counters.updated)), ("unchanged", .count(counters.unchanged)),
      ("stale", .count(counters.stale)), ("duplicate", .count(counters.duplicate)),
      ("filtered", .count(counters.filtered)), ("rejected", .count(counters.rejected)),
      ("deleted", .count(counters.deleted)), ("noted", .count(counters.noted)),
      ("vanished", .count(counters.vanished)), ("children", .count(counters.children)),
    ]
  }

  private static func filled(_ filled: [String: Int]) -> JSONText {
    .object(filled.sorted { $0.key < $1.key }.map { ($0.key, .count($0.value)) })
  }

  /// The document of a command that ended before any run began.
  static func nothingRan(_ errors: [JSONText]) -> JSONText {
    .object([("runs", .array([])), ("error", errors.first ?? .null), ("errors", .array(errors))])
  }

  static func error(_ diagnostic: Diagnostic) -> JSONText {
    .object([
      ("id", .string(diagnostic.id)), ("message", .string(diagnostic.message)),
      ("where", .optional(diagnostic.position?.description)), ("help", .string(diagnostic.help)),
    ])
  }

  static func error(_ failure: StageFailure?) -> JSONText {
    guard let failure else { return .null }
    return .object([
      ("id", .string(failure.id)), ("message", .string(failure.message)), ("where", .optional(failure.place)),
      ("help", .string(failure.help)), ("state", .optional(failure.state)),
    ])
  }

  private static func error(_ row: ErrorRow?) -> JSONText {
    guard let row else { return .null }
    return .object([
      ("id", .string(row.id)), ("message", .string(row.message)), ("where", .optional(row.where)),
      ("help", .string(row.help)),
    ])
  }
}
