// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles
import Planning
import Records

/// What one pipeline test gave.
public struct PipelineTestResult: Sendable {
  public var pipeline: String
  public var name: String
  public var position: FilePosition
  /// What differs from the expectation, a sentence each; empty when the test passes.
  public var differences: [String]
}

/// Runs the tests of a pipeline offline: payload text through decode, transform and validate, compared with what is
/// expected. The same code path as `run` and `preview`.
public struct PipelineTestRunner {
  private let plan: Plan
  private let baseFolder: String

  public init(_ plan: Plan, baseFolder: String) {
    self.plan = plan
    self.baseFolder = baseFolder
  }

  public func run(_ test: PipelineTestFile.Case) -> PipelineTestResult {
    var differences: [String] = []
    do {
      let preview = try self.preview(test)
      let failure = BatchVerdict.ofPayload(
        plan, documentValues: preview.documentValues, records: preview.read, name: test.name)
      if let failure = failure ?? preview.failure { throw failure }
      if let expected = test.fails {
        differences.append("expected the payload to fail with \(expected); it did not")
      } else {
        compare(preview, test, &differences)
        if !differences.isEmpty, let notice = preview.nothingMatched { differences.append(notice) }
      }
    } catch let failure as StageFailure {
      if let expected = test.fails, failure.id == expected || failure.message.contains(expected) {
        // As expected.
      } else {
        differences.append(
          "the payload failed: \(failure.message) [\(failure.id)]" + (failure.place.map { " at \($0)" } ?? "")
        )
      }
    } catch {
      differences.append("\(error)")
    }
    return PipelineTestResult(
      pipeline: plan.pipeline, name: test.name, position: test.position, differences: differences)
  }

  private func preview(_ test: PipelineTestFile.Case) throws -> Preview {
    guard let date = CalendarDate(iso: test.landingDate) else {
      throw StageFailure(
        id: "test.landing-date", "'\(test.landingDate)' is not a date", at: test.position.description,
        help: "write landing_date as yyyy-MM-dd.", exit: .files)
    }
    let center = test.isLoaded ? try EmptyCenter(plan, landingDate: date) : nil
    switch test.payload {
    case .text(let text):
      let facts = PayloadFacts(name: test.name, request: test.request, landingDate: date)
      let held = HeldBytes(text.utf8)
      return try Preview(plan, facts: facts, rows: nil, center: center) { held.blocks() }
    case .file(let path):
      let facts = PayloadFacts(
        name: path.split(separator: "/").last.map(String.init) ?? path, request: test.request,
        landingDate: date)
      return try Preview(plan, facts: facts, rows: nil, center: center) {
        let file = try FileBlocks(path.hasPrefix("/") ? path : baseFolder + "/" + path)
        return { try file.next() }
      }
    }
  }

  private func compare(_ preview: Preview, _ test: PipelineTestFile.Case, _ differences: inout [String]) {
    for (entity, expected) in test.rows.sorted(by: { $0.key < $1.key }) {
      guard let table = preview.tables.first(where: { $0.entity == entity }) else {
        differences.append("the pipeline does not feed '\(entity)'")
        continue
      }
      if expected.count != table.rows.count {
        differences.append("\(entity): expected \(expected.count) rows, got \(table.rows.count)")
      }
      for (index, (row, wanted)) in zip(table.rows, expected).enumerated() {
        for (name, value) in wanted.columns {
          guard let column = table.columns.firstIndex(of: name) else {
            differences.append("\(entity): there is no column '\(name)' (\(wanted.position))")
            continue
          }
          if row[column] != value {
            differences.append(
              "\(entity) row \(index + 1), \(name): expected \(Self.shown(value)), got \(Self.shown(row[column])) (\(wanted.position))"
            )
          }
        }
      }
    }
    for (entity, expected) in test.includes.sorted(by: { $0.key < $1.key }) {
      let table = preview.tables.first { $0.entity == entity }
      for wanted in expected {
        let isThere = table?.rows.contains { row in
          wanted.columns.allSatisfy { name, value in
            table?.columns.firstIndex(of: name).map { row[$0] == value } ?? false
          }
        }
        if isThere != true {
          let text = wanted.columns.map { "\($0.name) \(Self.shown($0.value))" }.joined(separator: ", ")
          differences.append("\(entity): no row has \(text) (\(wanted.position))")
        }
      }
    }
    compare(preview.rejects, test.rejects, "reject", &differences)
    if let notes = test.notes { compare(preview.notes, notes, "note", &differences) }
    let counted = [
      "read": preview.read, "filtered": preview.filtered, "deleted": preview.deleted,
      "rejected": preview.rejected,
    ]
    for (name, expected) in test.counters.sorted(by: { $0.key < $1.key }) where counted[name] != expected {
      differences.append("expected \(expected) records \(name), got \(counted[name] ?? 0)")
    }
  }

  private func compare(
    _ met: [Preview.PreviewReject], _ expected: [PipelineTestFile.Case.ExpectedReject], _ kind: String,
    _ differences: inout [String]
  ) {
    let wanted: Failure.Kind = kind == "reject" ? .reject : .note
    var found: [(record: Int64, failure: Failure)] = met.flatMap { item in
      item.failures.filter { $0.kind == wanted }.map { (item.record, $0) }
    }
    for one in expected {
      let index = found.firstIndex {
        $0.record == Int64(one.record) && $0.failure.rule == one.rule
          && (one.field == nil || $0.failure.field == one.field)
          && (one.value == nil || $0.failure.value == one.value)
      }
      if let index {
        found.remove(at: index)
      } else {
        differences.append(
          "missing \(kind): record \(one.record), field '\(one.field ?? "")', rule \(one.rule)")
      }
    }
    for (record, failure) in found {
      differences.append(
        "unexpected \(kind): record \(record), field '\(failure.field)', rule \(failure.rule): \(failure.message)"
      )
    }
  }

  private static func shown(_ value: String?) -> String { value.map { "'\($0)'" } ?? "null" }
}
