// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Testing

@testable import Planning

/// The example with one thing changed, a marker before each fault, and what is said there.
struct FaultyPlan: Sendable, CustomTestStringConvertible {
  var old: String
  var new: String
  var expected: [String]

  init(_ old: String, _ new: String, _ expected: String...) {
    self.old = old
    self.new = new
    self.expected = expected
  }

  var testDescription: String { expected.first ?? new }
}

@Suite("Planning diagnostics")
struct PlanningDiagnosticsTests {
  @Test(
    "says what is wrong, and where",
    arguments: [
      FaultyPlan("  http:", "  1️⃣htp:", "1️⃣ component.unknown: there is no extractor 'htp'"),
      FaultyPlan("  xml:", "  1️⃣xlm:", "1️⃣ component.unknown: there is no decoder 'xlm'"),
      FaultyPlan("  center: {", "  1️⃣centre: {", "1️⃣ component.unknown: there is no loader 'centre'"),
      FaultyPlan(
        "    path: /api/v1/assets\n", "", "1️⃣ setting.missing: extractor 'http' needs a setting 'path'"),
      FaultyPlan(
        "    records: /t:DanhSach", "    1️⃣recods: /t:DanhSach",
        "1️⃣ setting.unknown: unknown setting 'recods' for decoder 'xml'"),
      FaultyPlan(
        "  xml:\n", "  xml:\n    encoding: 1️⃣windows-1285\n",
        "1️⃣ decode.unknown-encoding: 'windows-1285' is not a text encoding known here"),
      FaultyPlan(
        "/t:DanhSach/@tongSo", "1️⃣t:DanhSach/@tongSo",
        "1️⃣ path.not-from-document: 't:DanhSach/@tongSo' must count from the document"),
      FaultyPlan("t:TenTaiSan", "t:Ten1️⃣[", "1️⃣ path.malformed"),
      FaultyPlan(
        "name: t:TenTaiSan", "name: { expr: \"upper(1️⃣cell(1, 2))\" }",
        "1️⃣ map.cells-without-grid: 'cell(…)' names a cell of a grid, and 'xml' has none"),
      FaultyPlan("t:TenTaiSan", "a/1️⃣u:Ten", "1️⃣ path.unknown-prefix: the prefix 'u' is not declared"),
      FaultyPlan(
        "records: t:BienDong", "records: 1️⃣/t:BienDong",
        "1️⃣ path.child-records-from-document: records of 'children' must stand within their parent record"),
      FaultyPlan(
        "/t:DanhSach/t:TaiSan", "1️⃣/t:DanhSach[t:a]/t:TaiSan",
        "1️⃣ path.early-predicate: before the last step of 'records' a predicate may look at attributes only"),
      FaultyPlan(
        "/t:DanhSach/t:TaiSan", "1️⃣/t:DanhSach/@x",
        "1️⃣ path.not-a-record-path: '/t:DanhSach/@x' cannot be a path of records"),
      FaultyPlan(
        "to: public_asset ", "to: 1️⃣public_assets ",
        "1️⃣ transform.unknown-entity: the shared schema has no entity 'public_assets'"),
      FaultyPlan(
        "to: public_asset ", "to: 1️⃣asset_movement ",
        "1️⃣ transform.child-as-root: 'asset_movement' is a child of 'public_asset' and cannot stand alone"),
      FaultyPlan(
        "to: asset_movement", "to: 1️⃣public_asset",
        "1️⃣ transform.not-a-child: 'public_asset' is no child entity, not a child of 'public_asset'"),
      FaultyPlan("    name: t:", "    1️⃣nam: t:", "1️⃣ map.unknown-field: 'public_asset' has no field 'nam'"),
      FaultyPlan(
        "  map:\n    asset_code: t:MaTaiSan\n", "  1️⃣map:\n",
        "1️⃣ map.key-not-mapped: 'asset_code' is part of the key of 'public_asset' but nothing is mapped to it"),
      FaultyPlan(
        "line: position(), ", "1️⃣asset_code: a, line: position(), ",
        "1️⃣ map.unknown-field: 'asset_movement' has no field 'asset_code'"),
      FaultyPlan(
        "dates: dd/MM/yyyy\n", "dates: dd/MM/1️⃣yy\n", "1️⃣ map.bad-date-pattern"),
      FaultyPlan(
        "asset_code: t:MaTaiSan", "asset_code: { from: t:MaTaiSan, absent: 1️⃣keep }",
        "1️⃣ map.key-kept: 'asset_code' is part of the key and must be there in every record"),
      FaultyPlan(
        "name: t:TenTaiSan", "name: { from: t:TenTaiSan, unit: 1️⃣đồng }",
        "1️⃣ map.only-for-numbers: 'unit' is for numbers, but 'name' is text"),
      FaultyPlan(
        "unit: nghìn đồng }\n    wear", "unit: nghìn đồng, default: 1️⃣x }\n    wear",
        "1️⃣ map.literal-of-other-type: 'x' cannot be read as decimal(18,0) for 'cost_vnd'"),
      FaultyPlan(
        "lookup: commune", "lookup: 1️⃣asset_class",
        "1️⃣ map.other-list: 'commune_code' is a code of list 'commune', not of 'asset_class'"),
      FaultyPlan(
        "lookup: commune", "lookup: 1️⃣comune", "1️⃣ map.unknown-list: there is no code list 'comune'"),
      FaultyPlan(
        "name: t:TenTaiSan", "name: { from: t:TenTaiSan, lookup: 1️⃣comune }",
        "1️⃣ map.unknown-list: there is no code list 'comune'"),
      FaultyPlan(
        "unit: nghìn đồng }\n    wear", "lookup: 1️⃣commune }\n    wear",
        "1️⃣ map.lookup-of-other-type: 'cost_vnd' is decimal(18,0), but a lookup gives a code"),
      FaultyPlan(
        "name: t:TenTaiSan", "name: { from: t:TenTaiSan, unknown: 1️⃣note }",
        "1️⃣ map.needs-lookup: 'unknown' means nothing without a code list"),
      FaultyPlan(
        "lookup: commune", "lookup: commune, source: 1️⃣post",
        "1️⃣ map.unknown-source: code list 'commune' knows no source 'post'"),
      FaultyPlan(
        "name: t:TenTaiSan", "name: { from: t:TenTaiSan, source: 1️⃣post }",
        "1️⃣ map.needs-lookup: 'source' means nothing without a code list"),
      FaultyPlan(
        "name: t:TenTaiSan", "name: { from: t:TenTaiSan, lost_zeros: 1️⃣5 }",
        "1️⃣ map.lost-zeros-unchecked: nothing says which texts of 'name' are valid"),
      FaultyPlan(
        "unit: nghìn đồng }\n    wear", "lost_zeros: 1️⃣5 }\n    wear",
        "1️⃣ map.lost-zeros-of-other-type: 'cost_vnd' is decimal(18,0), which has no zeros to lose"),
      FaultyPlan("as_of: in_use_from", "as_of: 1️⃣name", "1️⃣ map.as-of-not-a-date: 'name' is text, not a date"),
      FaultyPlan(
        "as_of: in_use_from", "as_of: 1️⃣in_use",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'in_use'"),
      FaultyPlan(
        "cost_vnd - wear_vnd\" }", "cost_vnd - 1️⃣wear\" }",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'wear'"),
      FaultyPlan(
        "in_use_from: t:NgaySuDung", "in_use_from: { expr: 1️⃣cost_vnd }",
        "1️⃣ map.expression-of-other-type: the expression is decimal(18,0), but 'in_use_from' is date"),
      FaultyPlan(
        "    cost_vnd: { from: t:NguyenGia, unit: nghìn đồng }", "    1️⃣cost_vnd: { expr: residual_vnd }",
        "1️⃣ map.circle: values need each other: 'cost_vnd' (line 31) uses 'residual_vnd', 'residual_vnd' (line 33) uses 'cost_vnd'"
      ),
      FaultyPlan(
        "  map:\n    asset_code", "  carry: [1️⃣nme]\n  map:\n    asset_code",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'nme'"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd", "  - 1️⃣war_vnd <= cost_vnd",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'war_vnd'"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd", "  - { unique: [name, 1️⃣nme] }",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'nme'"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd", "  - sums: { by: [unit_code, 1️⃣nit], parts: wear_vnd, total: cost_vnd }",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'nit'"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd", "  - sums: { by: 1️⃣happened_on, parts: wear_vnd, total: cost_vnd }",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'happened_on'"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd", "  - sums: { parts: 1️⃣name, total: 2️⃣in_use_from }",
        "1️⃣ sums.not-a-number: 'name' is text, and only numbers can be added up",
        "2️⃣ sums.not-a-number: 'in_use_from' is date, and only numbers can be added up"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd", "  - sums: { parts: wear_vnd + 1️⃣cost, total: cost_vnd }",
        "1️⃣ expression.unknown-name: there is no field or 'let' value 'cost'"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd",
        "  - sums: { parts: { value: cost_vnd, where: 1️⃣name }, total: { value: cost_vnd, where: name is null } }",
        "1️⃣ expression.wrong-type: the expression is a text, but boolean is wanted"),
      FaultyPlan(
        "  - wear_vnd <= cost_vnd", "  - sums: { parts: cost_vnd, total: 1️⃣cost_vnd }",
        "1️⃣ sums.parts-are-total: 'parts' and 'total' are the same values of the same records"),
      FaultyPlan(
        "name: t:TenTaiSan", "name: { from: t:Dong/t:Tien, take: 1️⃣sum }",
        "1️⃣ map.sum-not-a-number: 'take: sum' gives a number, but 'name' is text"),
      FaultyPlan("cost_vnd - wear_vnd", "cost_vnd 1️⃣wear_vnd", "1️⃣ expression.unexpected"),
      FaultyPlan(
        "  map:\n    asset_code", "  filter: 1️⃣name\n  map:\n    asset_code", "1️⃣ expression.wrong-type"),
      FaultyPlan(
        "  map:\n    asset_code", "  delete: 1️⃣name\n  map:\n    asset_code", "1️⃣ expression.wrong-type"),
      FaultyPlan("mode: merge", "mode: 1️⃣merg", "1️⃣ load.unknown-mode: there is no mode 'merg'"),
      FaultyPlan(
        "mode: merge", "mode: 1️⃣snapshot", "1️⃣ load.mode-not-available: mode 'snapshot' is not available yet"),
      FaultyPlan(
        "mode: merge, version: updated_at", "mode: 1️⃣replace_slice",
        "1️⃣ load.slice-missing: mode 'replace_slice' does not say what a slice is"),
      FaultyPlan(
        "mode: merge, version: updated_at", "slice: [1️⃣unit_code]",
        "1️⃣ load.slice-without-mode: 'slice' has no meaning in mode 'merge'"),
      FaultyPlan(
        "mode: merge, version: updated_at", "mode: replace_slice, slice: [unit_code, 1️⃣unit]",
        "1️⃣ load.slice-unknown-field: 'public_asset' has no field 'unit'"),
      FaultyPlan(
        "mode: merge, version: updated_at", "mode: replace_slice, slice: 1️⃣happened_on",
        "1️⃣ load.slice-unknown-field: 'public_asset' has no field 'happened_on'"),
      FaultyPlan(
        "mode: merge, version: updated_at", "mode: replace_slice, slice: [unit_code, 1️⃣unit_code]",
        "1️⃣ load.slice-field-twice: 'unit_code' stands twice in 'slice'"),
      FaultyPlan(
        "mode: merge, version: updated_at", "mode: replace_slice, slice: 1️⃣[]", "1️⃣ pipeline.empty-list"),
      FaultyPlan(
        "mode: merge, version: updated_at",
        "mode: replace_slice, slice: unit_code, version: 1️⃣updated_at",
        "1️⃣ load.version-of-slices: 'version' has no meaning in mode 'replace_slice'"),
      FaultyPlan(
        "version: updated_at", "version: 1️⃣changed_at",
        "1️⃣ load.version-not-mapped: 'changed_at' is not mapped to a field of 'public_asset'"),
      FaultyPlan(
        "version: updated_at", "version: 1️⃣name",
        "1️⃣ load.version-not-orderable: 'name' is text, which does not tell the newer of two states"),
    ])
  func faults(_ faulty: FaultyPlan) throws {
    var folder = PlanningFolder.assets
    var text = PlanningFolder.publicAssets.replacing(faulty.old, with: faulty.new)
    if faulty.new.isEmpty { text = text.replacing("  http:", with: "  1️⃣http:") }
    #expect(text != PlanningFolder.publicAssets)
    folder.add("public_assets", text)
    let (plans, diagnostics) = folder.planner.plan()
    #expect(plans.isEmpty)
    // Words of other rooms are theirs to test: their ids stand alone here.
    let shown = folder.shown(diagnostics).map { line in
      faulty.expected.contains { line.hasPrefix($0 + ":") } ? String(line.prefix { $0 != ":" }) : line
    }
    #expect(shown == faulty.expected)
    #expect(diagnostics.allSatisfy { !$0.help.isEmpty })
  }

  private func small(_ transform: String, decode: String = "ndjson", load: String = "center")
    -> PlanningFolder
  {
    var folder = PlanningFolder()
    folder.addEntity("thing", "a text,b! text,c code:nowhere")
    folder.add(
      "small",
      "pipeline: small\nextract: { file: { path: a } }\ndecode: \(decode)\ntransform: \(transform)\nload: \(load)"
    )
    return folder
  }

  private func found(_ folder: PlanningFolder) -> [String] { folder.shown(folder.planner.plan().diagnostics) }

  @Test("asks for the fields of a slice in every kind of record, and for no key")
  func slices() {
    let load = "{ center: { mode: replace_slice, slice: [a, 1️⃣b] } }"
    #expect(
      found(small("[{ to: thing, map: { a: x, b: y } }, { to: thing, map: { a: x, c: z } }]", load: load))
        .contains("1️⃣ load.slice-not-mapped: 'b' of 'thing' is not mapped, so no record says its slice"))
    let sound = small("{ to: thing, map: { a: x, b: y } }", load: load.filter { $0 != "1️⃣" })
    #expect(found(sound) == [])
    #expect(sound.planner.plan().plans.map(\.load.slice) == [["a", "b"]])
  }

  @Test("announces deletions in mode merge only")
  func deletions() {
    let load = "{ center: { mode: replace_slice, slice: a } }"
    #expect(
      found(small("{ to: thing, map: { a: x, b: y }, delete: 1️⃣a = 'x' }", load: load)) == [
        "1️⃣ load.delete-needs-merge: 'delete' has no meaning in mode 'replace_slice'"
      ])
  }

  @Test("holds a transform's own version to what it can mean")
  func ownVersion() {
    func found(_ transform: String, load: String) -> [String] {
      var folder = PlanningFolder()
      folder.addEntity("thing", "a* text,b! text,v integer,w integer")
      folder.add(
        "small",
        "pipeline: small\nextract: { file: { path: a } }\ndecode: ndjson\ntransform:\n"
          + "  - { to: thing, map: { a: x, b: y, v: z } }\n  - \(transform)\nload: { center: \(load) }")
      return folder.shown(folder.planner.plan().diagnostics)
    }
    let merge = "{ mode: merge, version: v }"
    #expect(found("{ to: thing, version: w, map: { a: x, w: z } }", load: merge) == [])
    #expect(
      found("{ to: thing, version: 1️⃣w, map: { a: x } }", load: merge) == [
        "1️⃣ load.version-not-mapped: 'w' is not mapped to a field of 'thing'"
      ])
    #expect(
      found("{ to: thing, version: 1️⃣b, map: { a: x, b: z } }", load: merge) == [
        "1️⃣ load.version-not-orderable: 'b' is text, which does not tell the newer of two states"
      ])
    for load in ["{ mode: merge }", "{ mode: append, version: v }"] {
      #expect(
        found("{ to: thing, version: 1️⃣w, map: { a: x, w: z } }", load: load) == [
          "1️⃣ load.own-version-alone: a transform's own version needs 'load' with mode merge and a version"
        ])
    }
    #expect(
      found("{ to: thing, version: w, map: { a: x, w: z }, delete: 1️⃣w = 1 }", load: merge) == [
        "1️⃣ load.own-version-with-delete: a deletion is of the whole row, and has the version of 'load'"
      ])
  }

  @Test("knows what markup has and other formats have not")
  func markup() {
    #expect(
      found(small("{ to: thing, map: { a: \"x/1️⃣@y\", b: z:q } }")) == [
        "1️⃣ path.attribute-without-markup: 'ndjson' has no attributes"
      ])
    #expect(
      found(small("{ to: thing, map: { a: x, b: y } }", decode: "{ ndjson: { namespaces: { 1️⃣t: u } } }")) == [
        "1️⃣ decode.namespaces-without-markup: 'ndjson' has no namespaces"
      ])
  }

  @Test("warns of a required field that nothing fills, and plans all the same")
  func required() {
    let folder = small("{ to: thing, 1️⃣map: { a: x } }")
    #expect(
      found(folder) == ["1️⃣ map.required-not-mapped: 'b' of 'thing' is required but nothing is mapped to it"])
    #expect(folder.planner.plan().plans.count == 1)
  }

  @Test("warns that a reference to an open row cannot be judged, and plans all the same")
  func openNotJudged() {
    var folder = small("{ to: thing, 1️⃣map: { a: x, b: y } }")
    folder.addEntity("unit", "code* text,closed date")
    folder.contents.entities["thing"]?.fields.append(EntityField(name: "day", type: .date))
    folder.contents.entities["thing"]?.fields[0].references = EntityReference(entity: "unit", field: "code")
    folder.contents.entities["thing"]?.fields[0].referenceRules.open = OpenRule(
      from: nil, to: "closed", at: ["day"])
    #expect(
      found(folder) == [
        "1️⃣ map.open-not-judged: whether the 'unit' of 'a' is open cannot be judged: nothing is mapped to 'day'"
      ])
    #expect(folder.planner.plan().plans.count == 1)
  }

  @Test("says that the list of a code field is missing")
  func listMissing() {
    #expect(
      found(small("{ to: thing, map: { b: x, 1️⃣c: y } }")) == [
        "1️⃣ map.list-missing: 'c' is a code of list 'nowhere', which is not there"
      ])
  }

  @Test("refuses to merge what has no key")
  func keyless() {
    #expect(
      found(small("{ to: thing, map: { b: x } }", load: "{ center: { mode: 1️⃣merge } }")) == [
        "1️⃣ load.mode-needs-key: mode 'merge' needs a key, and entity 'thing' has none"
      ])
  }

  @Test("tells two pipelines of one name apart by their files")
  func duplicates() {
    var folder = PlanningFolder.assets
    folder.add("public_assets", PlanningFolder.publicAssets)
    folder.add("copy", PlanningFolder.publicAssets.replacing("pipeline: ", with: "pipeline: 1️⃣"))
    #expect(
      found(folder) == [
        "1️⃣ pipeline.duplicate: 'public_assets' is also the name of the pipeline in Pipelines/public_assets.yaml"
      ])
  }

  @Test("finds the faults of every section and every file at once")
  func allAtOnce() {
    var folder = PlanningFolder.assets
    folder.add("broken", "pipeline: [")
    folder.add(
      "public_assets",
      PlanningFolder.publicAssets.replacing("  http:", with: "  htp:").replacing("t:TenTaiSan", with: "u:Ten")
        .replacing("cost_vnd - wear_vnd", with: "cost_vnd - wear").replacing(
          "mode: merge", with: "mode: merg"))
    let ids = folder.planner.plan().diagnostics.map(\.id)
    #expect(
      ids == [
        "yaml.syntax", "component.unknown", "path.unknown-prefix", "expression.unknown-name",
        "load.unknown-mode",
      ])
  }

  @Test("does not report what follows from a fault already reported")
  func noEcho() {
    var folder = PlanningFolder.assets
    folder.add(
      "public_assets",
      PlanningFolder.publicAssets.replacing("    wear_vnd: {", with: "    1️⃣wer_vnd: {")
        .replacing("cost_vnd - wear_vnd", with: "cost_vnd - wer_vnd").replacing(
          "- wear_vnd <=", with: "- wer_vnd <="))
    #expect(found(folder) == ["1️⃣ map.unknown-field: 'public_asset' has no field 'wer_vnd'"])
  }

  @Test("says how to reach a value of the parent record")
  func parentValue() {
    var folder = PlanningFolder.assets
    folder.add(
      "public_assets",
      PlanningFolder.publicAssets.replacing("reason: t:LyDo", with: "reason: { expr: name }"))
    #expect(folder.planner.plan().diagnostics.first?.help.contains("'../'") == true)
  }
}
