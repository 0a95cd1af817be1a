// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What a pipeline's state comes to, in lines that are the same for an undisturbed run and one that was disturbed and
/// run again: ids, times and attempt numbers are left out.
struct Twin {
  /// - Parameter seen: whether to tell how often a reject was met: a replay that is done twice meets it twice.
  static func state(of bench: Workbench, seen: Bool = true, tables: [String] = ["person", "trip"]) throws
    -> [String]
  {
    let ledger = bench.home + "/ledger.db"
    func rows(_ sql: String) throws -> [String] { try Workbench.rows(sql, in: ledger) }
    var lines = try rows(
      """
      SELECT 'batch', name, status, fault, digest, counters, filled, declared, json_extract(error, '$.id')
      FROM batch WHERE status <> 'superseded' ORDER BY id
      """)
    lines += try rows(
      """
      SELECT 'reject', is_note, r.status, b.name, entity, record, "offset", length, line, path, identity, "key",
        \(seen ? "seen" : "0"), failures FROM reject r JOIN batch b ON b.id = r.batch
      ORDER BY b.name, record, entity, is_note, r.status, occurrence
      """)
    // Marks of files hold times and inodes, so only their number can be the same.
    lines += try rows("SELECT 'checkpoint', pipeline, length(json) FROM checkpoint")
    lines += try rows(
      """
      SELECT 'left over', (SELECT count(*) FROM finding), (SELECT count(*) FROM attempt WHERE outcome = 'open'),
        (SELECT count(*) FROM run WHERE status = 'running')
      """)
    lines.append("unfinished payloads \(try unfinishedPayloads(bench))")
    return try lines + center(of: bench, tables)
  }

  private static func unfinishedPayloads(_ bench: Workbench) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: bench.home + "/landing").filter { $0.hasPrefix(".") }
      .count
  }

  private static func center(of bench: Workbench, _ tables: [String]) throws -> [String] {
    let names = try Workbench.rows("SELECT id, name FROM batch", in: bench.home + "/ledger.db")
      .map { $0.split(separator: "|").map(String.init) }
    func named(_ lines: [String]) -> [String] {
      lines.map { line in names.reduce(line) { $0.replacingOccurrences(of: $1[0], with: $1[1]) } }
    }
    var lines: [String] = []
    for table in tables {
      let columns = try bench.rows(
        "SELECT name FROM pragma_table_info('\(table)') WHERE name <> '_loaded_at'")
      lines += try named(
        bench.rows("SELECT '\(table)', \(columns.joined(separator: ", ")) FROM \(table) ORDER BY 2, 3, 4"))
    }
    let counters = try bench.rows("SELECT name FROM pragma_table_info('_terrace_batches')")
      .filter { !["batch", "attempt", "pipeline", "run", "plan_digest", "loaded_at"].contains($0) }
    lines += try named(
      bench.rows(
        """
        SELECT 'receipt', batch, \(counters.joined(separator: ", ")) FROM _terrace_batches t
        WHERE attempt = (SELECT max(attempt) FROM _terrace_batches o WHERE o.batch = t.batch)
        ORDER BY batch
        """))
    if try !bench.rows("SELECT 1 FROM sqlite_schema WHERE name = '_terrace_slices'").isEmpty {
      lines += try named(bench.rows("SELECT 'slice', entity, high, low, batch FROM _terrace_slices"))
    }
    for table in try bench.rows(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '_terrace_stage%'")
    {
      lines.append("\(table) \(try bench.rows("SELECT count(*) FROM \(table)"))")
    }
    return lines
  }

  /// Says where two states differ, so that a failing test can be read.
  static func difference(_ found: [String], _ expected: [String]) -> String {
    if found == expected { return "" }
    let lines = found.difference(from: expected).map { change in
      switch change {
      case .remove(_, let line, _): "- \(line)"
      case .insert(_, let line, _): "+ \(line)"
      }
    }
    return lines.joined(separator: "\n")
  }
}

/// Several payloads with all that can happen to records: rejects, duplicates, children, a rejected record that a later
/// payload resolves, a payload that is cut off.
enum Harvest {
  static let person = """
    entity: person
    key: [code]
    fields:
      code: { type: text }
      name: { type: text }
      born: { type: date }
      updated: { type: date }
    """
  static let trip = """
    entity: trip
    parent: person
    key: [line]
    fields:
      line: { type: integer }
      day: { type: date }
    """

  static func pipeline(
    load: String, dates: String = "dd/MM/yyyy", extract: String = "{ file: { path: \"in/*.xml\" } }"
  ) -> String {
    """
    pipeline: people
    extract: \(extract)
    decode:
      xml: { records: /p/r }
    transform:
      to: person
      dates: \(dates)
      map: { code: "@c", name: n, born: b, updated: u }
      children:
        - to: trip
          records: t
          map: { line: "@l", day: "@d" }
    load: { center: \(load) }
    """
  }

  private static let payloads = [
    "in/1.xml": """
    <p><r c='A1'><n>Mai</n><b>01/02/1990</b><u>01/01/2026</u><t l='1' d='02/03/2025'/><t l='2' d='03/03/2025'/></r>
    <r c='A2'><n>Lan</n><b>1990-02-31</b><u>01/01/2026</u></r>
    <r c='A3'><n>Hoa</n><b>05/06/1971</b><u>01/01/2026</u><t l='1' d='hôm qua'/></r>
    <r c='A4'><n>Cúc</n><b>05/06/1972</b><u>01/01/2026</u></r>
    <r c='A4'><n>Cúc Anh</n><b>05/06/1972</b><u>02/01/2026</u><t l='7' d='03/03/2025'/></r>
    <r c='A9'><n>Đào</n><b>1999-01-02</b><u>01/01/2026</u></r></p>
    """,
    "in/2.xml": """
    <p><r c='A2'><n>Lan</n><b>28/02/1990</b><u>02/01/2026</u></r>
    <r c='A1'><n>Mai Anh</n><b>01/02/1990</b><u>03/01/2026</u><t l='2' d='04/03/2025'/></r>
    <r c='A9'><n>Đào</n><b>1999-01-02</b><u>01/01/2026</u></r>
    <r c='A5'><n>Bưởi</n><b>01/02/1995</b><u>01/01/2026</u></r></p>
    """,
    "in/3.xml": """
    <p><r c='A6'><n>Mận</n><b>01/02/1996</b><u>01/01/2026</u></r>
    <r c='A5'><n>cũ</n><b>01/02/1995</b><u>01/01/2025</u></r></p>
    """,
  ]

  /// Serves the payloads as pages, and no records behind them.
  static let pages = Result {
    try HTTPSource { request in
      let page = request.parameter("page") ?? ""
      return HTTPSource.Answer(body: payloads["in/\(page).xml"] ?? "<p/>")
    }
  }

  static func bench(load: String, hasBrokenPayload: Bool) throws -> Workbench {
    var files = payloads
    files["Pipelines/people.yaml"] = pipeline(load: load)
    files["Pipelines/schema/person.yaml"] = person
    files["Pipelines/schema/trip.yaml"] = trip
    let bench = try Workbench(files)
    if hasBrokenPayload {
      try bench.write("in/4.xml", "<p><r c='A7'><n>Na</n><b>01/02/1997</b></r><r c='A8'>")
    }
    return bench
  }

  static let modes = [
    Mode(load: "{ mode: merge, version: updated }", isBroken: true),
    Mode(load: "{ mode: merge }", isBroken: true, isBrief: true),
    Mode(load: "{ mode: append }", isBroken: true, isBrief: true),
    Mode(load: "{ mode: replace }", isBroken: false),
    Mode(load: "{ mode: replace_slice, slice: updated }", isBroken: true),
    Mode(load: "{ mode: replace_slice, slice: [updated] }", isBroken: false, isPaged: true),
  ]

  struct Mode: CustomTestStringConvertible, Sendable {
    var load: String
    /// Whether one of the payloads is cut off. In `replace` nothing would be loaded then.
    var isBroken: Bool
    /// Whether some steps may be left out: its commits go the way of the first mode's.
    var isBrief = false
    /// Whether the payloads are pages of one answer, so that they are loaded together.
    var isPaged = false
    var testDescription: String { load + (isPaged ? " by pages" : "") }

    func bench() throws -> Workbench {
      let bench = try Harvest.bench(load: load, hasBrokenPayload: isBroken)
      if isPaged {
        try bench.write("Pipelines/systems.yaml", Harvest.pages.get().systems)
        try bench.write("Pipelines/people.yaml", pipeline())
      }
      return bench
    }

    func pipeline(dates: String = "dd/MM/yyyy") -> String {
      guard isPaged else { return Harvest.pipeline(load: load, dates: dates) }
      return Harvest.pipeline(
        load: load, dates: dates,
        extract: "{ http: { system: s, path: /people, paginate: { page: { parameter: page } } } }")
    }
    var exit: Int32 { isBroken ? 65 : 0 }
  }
}
