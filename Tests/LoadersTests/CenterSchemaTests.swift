// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import PipelineTesting
import Records
import Testing

@testable import Loaders

@Suite("The tables of an SQLite center follow the shared schema")
struct CenterSchemaTests {
  private func connect(_ fields: [(String, FieldType)], key: [String] = ["code"], in center: TemporaryCenter)
    throws
  {
    let entity = EntitySchema(
      name: "asset", key: key, fields: fields.map { EntityField(name: $0.0, type: $0.1) })
    let plan = LoadPlan(
      pipeline: "p", mode: .append, kinds: [LoadKind(entity: entity, mapped: fields.map(\.0))],
      entities: ["asset": entity])
    try CenterLoader().connect(center: center.url, plan: plan).close()
  }

  private func refusal(_ fields: [(String, FieldType)], key: [String] = ["code"]) throws -> StageFailure? {
    let center = TemporaryCenter()
    try connect([("code", .text), ("cost", .decimal(precision: 18, scale: 2)), ("day", .date)], in: center)
    let before = try center.rows("SELECT sql FROM sqlite_schema")
    let failure = #expect(throws: StageFailure.self) { try connect(fields, key: key, in: center) }
    #expect(try center.rows("SELECT sql FROM sqlite_schema") == before)
    #expect(failure?.exit == .files)
    #expect(failure?.help.isEmpty == false)
    return failure
  }

  @Test("makes the file readable by its owner only, with large pages and a rollback journal")
  func newFile() throws {
    let center = TemporaryCenter()
    try connect([("code", .text)], in: center)
    var status = stat()
    stat(center.path, &status)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(try center.rows("PRAGMA page_size") == ["16384"])
    #expect(try center.rows("PRAGMA journal_mode") == ["delete"])
  }

  @Test("makes a table with the fields, the key and the loader's columns, names quoted")
  func newTable() throws {
    let center = TemporaryCenter()
    try connect(
      [("code", .text), ("số \"lượng\"", .integer), ("select", .decimal(precision: 18, scale: 2))], in: center
    )
    #expect(
      try center.rows("SELECT name, type, pk FROM pragma_table_info('asset')") == [
        "code | TEXT | 1", "số \"lượng\" | INTEGER | 0", "select | TEXT | 0", "_batch | TEXT | 0",
        "_pipeline | TEXT | 0", "_loaded_at | TEXT | 0",
      ])
  }

  @Test("adds new fields, and leaves removed ones with their data")
  func extends() throws {
    let center = TemporaryCenter()
    try connect([("code", .text), ("old", .text)], in: center)
    try center.execute("INSERT INTO asset VALUES ('A', 'kept', 'B1', 'p', 't')")
    try connect([("code", .text), ("new", .integer)], in: center)
    #expect(try center.rows("SELECT code, old, new FROM asset") == ["A | kept | NULL"])
  }

  @Test("lets a type change that reads the same")
  func compatible() throws {
    let center = TemporaryCenter()
    try connect([("code", .text), ("n", .integer), ("d", .decimal(precision: 20, scale: 2))], in: center)
    try connect(
      [
        ("code", .code(list: "x")), ("n", .decimal(precision: 18, scale: 0)),
        ("d", .decimal(precision: 38, scale: 2)),
      ],
      in: center)
    #expect(
      try center.rows("SELECT field, type FROM _terrace_columns ORDER BY field")
        == ["code | code", "d | decimal(38,2)", "n | decimal(18,0)"])
  }

  @Test(
    "refuses a type that would read stored values otherwise",
    arguments: [
      FieldType.decimal(precision: 18, scale: 3), .decimal(precision: 18, scale: 0), .text, .integer,
    ])
  func changedType(type: FieldType) throws {
    let failure = try refusal([("code", .text), ("cost", type), ("day", .date)])
    #expect(failure?.id == "load.schema-conflict")
    #expect(
      failure?.message
        == "table 'asset' does not fit the shared schema: column 'cost' stands as decimal(18,2), and the schema says \(type)"
    )
  }

  @Test("refuses a changed key")
  func changedKey() throws {
    let failure = try refusal([("code", .text), ("cost", .decimal(precision: 18, scale: 2))], key: ["cost"])
    #expect(
      failure?.message
        == "table 'asset' does not fit the shared schema: it stands with the key code, and the schema says the key cost"
    )
    #expect(try refusal([("code", .text)], key: [])?.id == "load.schema-conflict")
  }

  @Test("refuses fields that clash with each other or with the loader's columns")
  func clashes() throws {
    for name in ["_batch", "CODE"] {
      let failure = #expect(throws: StageFailure.self) {
        try connect([("code", .text), (name, .text)], in: TemporaryCenter())
      }
      #expect(failure?.id == "load.schema-conflict")
    }
  }

  @Test("refuses a center that a newer program made")
  func newer() throws {
    let center = TemporaryCenter()
    try connect([("code", .text)], in: center)
    try center.execute("UPDATE _terrace_center SET version = 99")
    let failure = #expect(throws: StageFailure.self) { try connect([("code", .text)], in: center) }
    #expect(failure?.id == "load.center-newer")
  }

  @Test("takes a table that stands with a unique index on the key")
  func foreignTable() throws {
    let center = TemporaryCenter()
    try center.execute(
      "CREATE TABLE asset (code TEXT NOT NULL, extra TEXT); CREATE UNIQUE INDEX k ON asset (code)")
    let bench = try Bench(in: center)
    #expect(try bench.load("A | one | 1").counted == "inserted 1")
    #expect(try bench.load("A | one | 1").counted == "unchanged 1")
  }

  @Test("a file that is no database is refused and left as it was")
  func notADatabase() throws {
    let center = TemporaryCenter()
    let file = fopen(center.path, "w")
    for _ in 0..<200 { fputs("not a database at all\n", file) }
    fclose(file)
    let failure = #expect(throws: StageFailure.self) { try connect([("code", .text)], in: center) }
    #expect(failure?.id == "load.center-not-a-database")
    #expect(failure?.exit == .files)
  }

  @Test("a missing folder, another scheme and an empty path say what to do")
  func badURLs() throws {
    for (url, id) in [
      ("sqlite:/nowhere/at/all/center.db", "load.center-not-opened"), ("oracle:x", "load.unknown-center"),
      ("sqlite:", "load.unknown-center"), ("center.db", "load.unknown-center"),
    ] {
      let failure = #expect(throws: StageFailure.self) {
        _ = try CenterLoader().connect(
          center: url, plan: LoadPlan(pipeline: "p", mode: .append, kinds: [], entities: [:]))
      }
      #expect(failure?.id == id, "\(url)")
    }
  }

  @Test("a center that another program holds can be tried again")
  func busy() throws {
    let bench = try Bench()
    let holder = try bench.connection.begin(bench.batch())
    let other = try SQLiteConnection(path: bench.center.path, plan: bench.plan, busyMilliseconds: 1)
    let failure = #expect(throws: StageFailure.self) { _ = try other.begin(bench.batch()) }
    #expect(failure?.id == "load.center-busy")
    #expect(failure?.exit == .tryAgain)
    #expect(failure?.isTransient == true)
    holder.abort()
    try other.begin(bench.batch()).abort()
  }

  @Test("counts rows for listings")
  func query() throws {
    let bench = try Bench()
    try bench.load("A | one | 1", "B | one | 1")
    let query = try SQLiteCenterQuery(center: bench.center.url)
    #expect(try query.rowCount(of: "asset") == 2)
    #expect(try query.rowCount(of: "nothing") == nil)
  }
}
