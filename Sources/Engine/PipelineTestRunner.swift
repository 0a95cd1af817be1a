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
      if let expected = test.fails {
        differences.append("expected the payload to fail with \(expected); it did not")
      } else {
        compare(preview, test, &differences)
      }
    } catch let failure as StageFailure {
      if test.fails != failure.id {
        differences.append("the payload failed: \(failure.message) [\(failure.id)]" + (failure.place.map { " at \($0)" } ?? ""))
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
    switch test.payload {
    case .text(let text):
      let facts = PayloadFacts(name: test.name, request: test.request, landingDate: date)
      let held = HeldBytes(text.utf8)
      return try Preview(plan, facts: facts, rows: nil) { held.blocks() }
    case .file(let path):
      let facts = PayloadFacts(
        name: path.split(separator: "/").last.map(String.init) ?? path, request: test.request, landingDate: date)
      return try Preview(plan, facts: facts, rows: nil) {
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
              "\(entity) row \(index + 1), \(name): expected \(Self.shown(value)), got \(Self.shown(row[column])) (\(wanted.position))")
          }
        }
      }
    }
    compare(preview.rejects, test.rejects, "reject", &differences)
    if let notes = test.notes { compare(preview.notes, notes, "note", &differences) }
    if let filtered = test.filtered, filtered != preview.filtered {
      differences.append("expected \(filtered) filtered records, got \(preview.filtered)")
    }
  }

  private func compare(
    _ met: [Preview.PreviewReject], _ expected: [PipelineTestFile.Case.ExpectedReject], _ kind: String,
    _ differences: inout [String]
  ) {
    let wanted: Failure.Kind = kind == "reject" ? .reject : .note
    let found = met.flatMap { item in
      item.failures.filter { $0.kind == wanted }.map {
        PipelineTestFile.Case.ExpectedReject(record: Int(item.record), field: $0.field, rule: $0.rule)
      }
    }
    for reject in found where !expected.contains(reject) {
      let message = met.first { $0.record == Int64(reject.record) }?.failures.first { $0.rule == reject.rule }?.message ?? ""
      differences.append("unexpected \(kind): record \(reject.record), field '\(reject.field)', rule \(reject.rule): \(message)")
    }
    for reject in expected where !found.contains(reject) {
      differences.append("missing \(kind): record \(reject.record), field '\(reject.field)', rule \(reject.rule)")
    }
  }

  private static func shown(_ value: String?) -> String { value.map { "'\($0)'" } ?? "null" }
}
