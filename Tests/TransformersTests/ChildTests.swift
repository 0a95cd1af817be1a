// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Testing

@testable import Transformers

@Suite("Nested lists")
struct ChildTests {
  /// Three records with movements; the second movement of the third record has two lines.
  ///
  /// - Parameter lines: numbers of lines under movement 4.
  private func chunk(_ ids: [Cell], _ movements: [(parent: UInt32, day: Cell)], lines: [(UInt32, Cell)] = [])
    -> Chunk
  {
    let lineTable = Table(captures: 1)
    let movementTable = Table(captures: 1, children: [lineTable])
    let chunk = Chunk(kind: 0, table: Table(captures: 1, children: [movementTable]))
    for id in ids {
      id.append(to: chunk.table.captures[0])
      chunk.table.fates.append(.live)
    }
    for (parent, day) in movements {
      day.append(to: movementTable.captures[0])
      movementTable.fates.append(.live)
      movementTable.parents.append(parent)
    }
    for (parent, number) in lines {
      number.append(to: lineTable.captures[0])
      lineTable.fates.append(.live)
      lineTable.parents.append(parent)
    }
    return chunk
  }

  private func transform(
    _ chunk: Chunk, drops: Bool = false, carried: Bool = false, filter: StubExpression? = nil,
    root: StubExpression? = nil
  ) throws {
    let lines = ChildPlan(map: mapPlan([field("number", 0, type: .integer)], entity: "line"))
    let movements = ChildPlan(
      map: mapPlan(
        [field("day", 0, type: .date) { $0.isCarried = carried }], entity: "movement", children: [lines]),
      filter: filter,
      dropsBadChildren: drops)
    let plan = TransformPlan(
      map: mapPlan([field("id", 0)], entity: "asset", children: [movements]), filter: root)
    try MapTransformer(Settings(Tree(.mapping([]), at: somewhere), owner: "map"))
      .session(plan, lists: [:], facts: someFacts).transform(chunk)
  }

  private func fates(_ table: Table) -> [RowFate] { (0..<table.rows).map { table.fates[$0] } }

  @Test("rejects the record of a bad child and names the child by its place")
  func badChild() throws {
    let chunk = chunk(["a", "b"], [(0, "2020-01-01"), (1, "2020-01-01"), (1, "x")])
    try transform(chunk)
    #expect(chunk.failures.map { "\($0.row) \($0.field)" } == ["1 movement[2].day"])
    #expect(fates(chunk.table) == [.live, .rejected])
    #expect(fates(chunk.table.children[0]) == [.live, .live, .live])
  }

  @Test("drops a bad child with a note where that is declared")
  func dropped() throws {
    let chunk = chunk(["a"], [(0, "x"), (0, "2020-01-01")])
    try transform(chunk, drops: true)
    #expect(
      chunk.failures.map { "\($0.kind) \($0.row) \($0.rule) \($0.field)" } == [
        "note 0 type.date movement[1].day"
      ])
    #expect(fates(chunk.table) == [.live])
    #expect(fates(chunk.table.children[0]) == [.rejected, .live])
  }

  @Test("names a child of a child, and drops the nearest that may be dropped with all that hangs on it")
  func grandchild() throws {
    let days: [(parent: UInt32, day: Cell)] = [(0, "2020-01-01"), (1, "2020-01-01"), (1, "2020-01-02")]
    let rejecting = chunk(["a", "b"], days, lines: [(1, "1"), (2, "2"), (2, "x")])
    try transform(rejecting)
    #expect(rejecting.failures.map { "\($0.row) \($0.field)" } == ["1 movement[2].line[2].number"])
    #expect(fates(rejecting.table) == [.live, .rejected])

    let dropping = chunk(["a", "b"], days, lines: [(1, "1"), (2, "2"), (2, "x")])
    try transform(dropping, drops: true)
    #expect(fates(dropping.table) == [.live, .live])
    #expect(fates(dropping.table.children[0]) == [.live, .live, .rejected])
    #expect(fates(dropping.table.children[0].children[0]) == [.live, .rejected, .rejected])
  }

  @Test("carries nothing from one parent's list into the next")
  func carry() throws {
    let chunk = chunk(["a", "b"], [(0, "2020-01-01"), (0, nil), (1, nil), (1, "2020-01-02"), (1, nil)])
    try transform(chunk, carried: true)
    let day = try #require(chunk.table.children[0].field("day"))
    #expect(
      (0..<5).map { shown(day, $0) } == ["2020-01-01", "2020-01-01", "null", "2020-01-02", "2020-01-02"])
  }

  @Test("filters children, and has nothing to say about the children of a filtered record")
  func filtered() throws {
    let chunk = chunk(["a", "b"], [(0, "2020-01-01"), (0, "2020-01-02"), (1, "x")])
    try transform(chunk, filter: .equals("day", "2020-01-01"), root: .equals("id", "a"))
    #expect(fates(chunk.table) == [.live, .filtered])
    #expect(fates(chunk.table.children[0]) == [.live, .filtered, .filtered])
    #expect(chunk.failures.isEmpty)
  }
}
