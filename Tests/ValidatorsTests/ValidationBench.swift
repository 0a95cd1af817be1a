// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import PipelineTesting
import Records

@testable import Validators

let somewhere = FilePosition(file: "Pipelines/x.yaml", line: 7, column: 5)
let someFacts = PayloadFacts(name: "x.xml", landingDate: CalendarDate(days: 20_000))
let noSettings = Settings(Tree(.mapping([]), at: somewhere), owner: "test")

/// An expression made of a closure, so that these tests stand without the expression language.
struct StubExpression: ColumnExpression {
  /// True, false, unknown, or a sentence why it cannot be computed.
  enum Outcome { case truth(Bool?), failed(String) }

  var text = "stub"
  var type = FieldType.boolean
  var names: [String]
  /// Judges a row by the text of the first name.
  var judge: @Sendable (String?) -> Outcome

  init(names: [String], judge: @escaping @Sendable (String?) -> Outcome) {
    self.names = names
    self.judge = judge
  }

  func evaluate(rows: Int, scope: any ExpressionScope, failed: (Int, String) -> Void) -> Column {
    let truth = FixedColumn<UInt8>(rows: max(rows, 1))
    for row in 0..<rows {
      switch judge(names.first.flatMap { scope.column($0).text(row) }) {
      case .truth(let isTrue?): truth.append(isTrue ? 1 : 0)
      case .truth(nil): truth.appendEmpty(.null, filler: 0)
      case .failed(let message):
        failed(row, message)
        truth.appendEmpty(.null, filler: 0)
      }
    }
    return .boolean(truth)
  }

  /// False where the first name is the given text, unknown where it has no value.
  static func isNot(_ text: String, _ names: String...) -> StubExpression {
    StubExpression(names: names) { found in .truth(found.map { $0 != text }) }
  }
}

/// A plan that maps every field of an entity, with nested lists.
func plan(_ entity: EntitySchema, children: [ChildPlan] = [], rules: [RulePlan] = []) -> TransformPlan {
  TransformPlan(map: map(entity, children: children), rules: rules)
}

func map(_ entity: EntitySchema, children: [ChildPlan] = []) -> MapPlan {
  let values = entity.fields.enumerated().map { index, field in
    ValuePlan(name: field.name, source: .captures([index]), type: field.type, field: field, at: somewhere)
  }
  return MapPlan(entity: entity, values: values, children: children)
}

private func kind(_ map: MapPlan) -> LoadKind {
  LoadKind(
    entity: map.entity, mapped: map.values.compactMap(\.field?.name),
    children: map.children.map { kind($0.map) })
}

func chunk(_ records: [TestRecord], _ plan: TransformPlan, firstOrdinal: Int64 = 1) -> Chunk {
  TableBuilder.chunk(records, of: kind(plan.map), firstOrdinal: firstOrdinal)
}

/// `0 pattern code 'abc': sentence`, with `note` in front of a note.
func lines(_ failures: [Failure]) -> [String] {
  failures.map { failure in
    let value = failure.value.map { " '\($0)'" } ?? ""
    let mark = failure.kind == .note ? "note " : ""
    return "\(mark)\(failure.row) \(failure.rule) \(failure.field)\(value): \(failure.message)"
  }
}

func fates(_ table: Table) -> [RowFate] { (0..<table.rows).map { table.fates[$0] } }

/// Holds a chunk against the schema.
func judge(_ chunk: Chunk, _ plan: TransformPlan) throws {
  try SchemaValidator(noSettings).session(plan, lists: [:], facts: someFacts).validate(chunk)
}
