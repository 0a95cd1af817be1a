// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Testing

@testable import Loaders

@Suite("Queries of the center")
struct CenterRowsTests {
  private static let unit = EntitySchema(
    name: "unit", key: ["code"],
    fields: [
      EntityField(name: "code", type: .text), EntityField(name: "name", type: .text),
      EntityField(name: "share", type: .decimal(precision: 20, scale: 2)),
      EntityField(name: "cost", type: .decimal(precision: 18, scale: 0)),
      EntityField(name: "late", type: .text),
    ])
  private static let line = EntitySchema(
    name: "unit_line", key: ["line"], fields: [EntityField(name: "line", type: .integer)], parent: "unit")
  private static let entities = ["unit": unit, "unit_line": line]

  private func examine(_ query: String) -> Result<CenterQueryFacts, CenterQueryFault> {
    Result { () throws(CenterQueryFault) in
      try SQLiteCenterRows(query: query, entities: Self.entities).examine()
    }
  }

  @Test("knows what a query reads and where its columns come from")
  func facts() throws {
    let query = """
      with known as (select code, upper(name) as loud from unit where _deleted_at is null)
      select k.code, loud, l.line as number, (select count(*) from unit) as units -- all of them
      from known k join unit_line l on l.code = k.code order by 1;
      """
    let facts = try examine(query).get()
    #expect(facts.entities == ["unit", "unit_line"])
    #expect(facts.columns.map(\.name) == ["code", "loud", "number", "units"])
    #expect(
      facts.columns.map { $0.origin.map { "\($0.entity).\($0.field)" } } == [
        "unit.code", nil, "unit_line.line", nil,
      ])
  }

  @Test(
    "refuses what is more than reading entities",
    arguments: [
      ("", "the query is no SELECT"),
      ("delete from unit", "the query is no SELECT"),
      ("with a as (select 1) delete from unit", "the query is no SELECT"),
      ("insert into unit (code) select code from unit", "the query is no SELECT"),
      ("pragma user_version = 1", "the query is no SELECT"),
      ("attach 'x.db' as x", "the query is no SELECT"),
      ("explain select 1 as a", "the query is no SELECT"),
      ("select code from unit; drop table unit", "the query is more than one statement"),
      ("select code from unit; select 1 as a", "the query is more than one statement"),
      ("select name from sqlite_schema", "'sqlite_master' is no entity of the shared schema"),
      ("select batch from _terrace_batches", "'_terrace_batches' is no entity of the shared schema"),
      ("select code from units", "'units' is no entity of the shared schema"),
      ("select code,\n  cod from unit", "the query is not understood, at its line 2: no such column: cod"),
      (
        "select code\nfrom unit\nwere 1",
        "the query is not understood, at its line 3: near \"1\": syntax error"
      ),
      ("select count(*) from unit", "column 1 of the query, 'count(*)', has no name that a path could say"),
      ("select a.code, b.code from unit a, unit b", "two columns of the query are called 'code'"),
    ])
  func refused(query: String, message: String) throws {
    guard case .failure(let fault) = examine(query) else {
      Issue.record("'\(query)' was let pass")
      return
    }
    #expect(fault.message == message)
    #expect(!fault.help.isEmpty)
  }

  private func rows(
    _ query: String, in center: TemporaryCenter, isCancelled: () -> Bool = { false }
  ) throws -> (rows: [String], missing: [String]) {
    var bytes: [UInt8] = []
    let missing = try CenterLoader().rows(
      of: query, entities: Self.entities, center: center.url, isCancelled: isCancelled
    ) { bytes += $0 }
    return (String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init), missing)
  }

  private func filled() throws -> TemporaryCenter {
    let kind = LoadKind(entity: Self.unit, mapped: ["code", "name", "share", "cost"])
    let bench = try Bench(.merge, kind)
    try bench.load(
      "A | Sở \"Y\"\\tế | 123456789012345678.90 | 999999999999999999", "B | - | -0.05 | -")
    try bench.center.execute("UPDATE unit SET name = 'x' || char(10) || char(1) || 'é' WHERE code = 'B'")
    return bench.center
  }

  @Test("hands over every digit, null, and text as JSON")
  func values() throws {
    let found = try rows("select code, name, share, cost from unit order by code", in: filled())
    #expect(
      found.rows == [
        #"{"code":"A","name":"Sở \"Y\"\\tế","share":"123456789012345678.90","cost":999999999999999999}"#,
        #"{"code":"B","name":"x\u000a\u0001é","share":"-0.05","cost":null}"#,
      ])
    #expect(found.missing.isEmpty)
  }

  @Test("what was never loaded is empty: a table, a column, the mark of deletions, the center itself")
  func missing() throws {
    let center = try filled()
    try center.execute("ALTER TABLE unit DROP COLUMN late")
    let query =
      "select u.code, u.late, u._deleted_at, l.line from unit u left join unit_line l on l.code = u.code "
      + "where u.code = 'A'"
    let found = try rows(query, in: center)
    #expect(found.rows == [#"{"code":"A","late":null,"_deleted_at":null,"line":null}"#])
    #expect(found.missing == ["unit_line"])
    #expect(try rows(query, in: TemporaryCenter()).missing == ["unit", "unit_line"])
  }

  @Test(
    "refuses numbers that are not exact, and bytes",
    arguments: [
      "select sum(share) as total from unit", "select cost / 2.0 as half from unit where code = 'A'",
    ])
  func inexact(query: String) throws {
    let failure = #expect(throws: StageFailure.self) { try rows(query, in: filled()) }
    #expect(failure?.id == "extract.inexact-column" && failure?.exit == .files)
    #expect(
      try rows("select printf('%.1f', cost / 4.0) as part from unit where code = 'B'", in: filled()).rows
        == [#"{"part":"0.0"}"#])
  }

  @Test("rows beyond memory come whole and in order, and a query that takes long can be cancelled")
  func many() throws {
    let center = try filled()
    let count = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000) "
    let found = try rows(count + "select i from n", in: center).rows
    #expect(found.count == 30_000 && found.first == #"{"i":1}"# && found.last == #"{"i":30000}"#)
    #expect(throws: StageFailure.self) {
      try rows(
        "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) as i from n",
        in: center, isCancelled: { true })
    }
  }
}
