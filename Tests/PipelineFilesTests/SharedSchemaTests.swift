// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Records
import Testing

@Suite("Shared schema")
struct SharedSchemaTests {
  private func schema(_ files: [String: String], lists: Set<String> = []) -> SharedSchema {
    SharedSchema(
      files.reduce(into: [:]) { trees, file in
        trees.updateValue(YAMLReader.read(file.value, file: "a.yaml").tree, forKey: file.key)
      }, lists: lists)
  }

  @Test("reads everything a file can say")
  func whole() throws {
    let text = """
      entity: public_asset
      title: Tài sản công
      basis: TT 48/2023/TT-BTC
      description: What the province owns.
      key: [asset_code]
      fields:
        asset_code: { type: text, title: Mã tài sản, pattern: "[A-Z0-9.]{6,20}", min_length: 6, max_length: 20 }
        unit_code: { type: text, references: public_asset.asset_code }
        class_code: { type: code, list: asset_class, required: true }
        in_use_from: { type: date, minimum: 1900-01-01 }
        cost_vnd: { type: "decimal(18,0)", minimum: 10000000, basis: TT 23/2023 }
        ratio: { type: "decimal(5, 2)", maximum: -0.50 }
        born: { type: partial_date }
        state: { type: text, values: [a, b] }
        count: { type: integer, values: [1, 2] }
        changed: { type: timestamp }
        is_shared: { type: boolean }
        owner_name: { type: text, personal: basic }
      valid_for: 45d
      """
    let read = schema(["public_asset": text], lists: ["asset_class"])
    #expect(read.diagnostics == [])
    let entity = try #require(read.entities["public_asset"])
    #expect(
      entity.title == "Tài sản công" && entity.basis == "TT 48/2023/TT-BTC" && entity.validForDays == 45)
    #expect(entity.key == ["asset_code"] && entity.parent == nil)
    #expect(
      entity.fields.map { "\($0.name) \($0.type)" } == [
        "asset_code text", "unit_code text", "class_code code", "in_use_from date", "cost_vnd decimal(18,0)",
        "ratio decimal(5,2)", "born partial_date", "state text", "count integer", "changed timestamp",
        "is_shared boolean", "owner_name text",
      ])
    #expect(entity.fields[0].pattern == "[A-Z0-9.]{6,20}" && entity.fields[0].minimumLength == 6)
    #expect(entity.fields[0].maximumLength == 20 && entity.fields[0].title == "Mã tài sản")
    #expect(entity.fields[1].references == EntityReference(entity: "public_asset", field: "asset_code"))
    #expect(entity.fields[2].type == .code(list: "asset_class") && entity.fields[2].isRequired)
    #expect(entity.fields[4].minimum == "10000000" && entity.fields[4].basis == "TT 23/2023")
    #expect(entity.fields[7].values == ["a", "b"] && entity.fields[11].personal == .basic)
    #expect(
      read.positions["public_asset.cost_vnd"]?.position == FilePosition(file: "a.yaml", line: 11, column: 3))
  }

  @Test(
    "points at what a file cannot mean",
    arguments: [
      ("entity: 1️⃣asset\nfields: { a: { type: text } }", "1️⃣ schema.other-name"),
      ("1️⃣fields: { a: { type: text } }", "1️⃣ schema.missing-key"),
      ("1️⃣entity: e", "1️⃣ schema.missing-key"),
      ("entity: e\n1️⃣feilds: {}\nfields: { a: { type: text } }", "1️⃣ schema.unknown-key"),
      ("entity: e\nkey: [1️⃣b]\nfields: { a: { type: text } }", "1️⃣ schema.unknown-key-field"),
      ("entity: e\nkey: [a, 1️⃣a]\nfields: { a: { type: text } }", "1️⃣ schema.repeated-key"),
      ("entity: e\nfields: { 1️⃣Mã: { type: text } }", "1️⃣ schema.bad-name"),
      ("entity: e\nfields: { 1️⃣_batch: { type: text } }", "1️⃣ schema.bad-name"),
      ("entity: e\nfields: { 1️⃣a: {} }", "1️⃣ schema.missing-type"),
      ("entity: e\nfields: { a: { type: 1️⃣txt } }", "1️⃣ schema.unknown-type"),
      ("entity: e\nfields: { a: { type: 1️⃣\"decimal(39,0)\" } }", "1️⃣ schema.unknown-type"),
      ("entity: e\nfields: { a: { type: 1️⃣\"decimal(3,4)\" } }", "1️⃣ schema.unknown-type"),
      ("entity: e\nfields: { a: { type: 1️⃣code } }", "1️⃣ schema.missing-list"),
      ("entity: e\nfields: { a: { type: text, list: 1️⃣x } }", "1️⃣ schema.list-without-code"),
      ("entity: e\nfields: { a: { type: code, list: 1️⃣x } }", "1️⃣ schema.unknown-list"),
      ("entity: e\nfields: { a: { type: text, 1️⃣max: 3 } }", "1️⃣ schema.unknown-key"),
      ("entity: e\nfields: { a: { type: date, pattern: 1️⃣x } }", "1️⃣ schema.misplaced-rule"),
      ("entity: e\nfields: { a: { type: text, pattern: A+1️⃣(B } }", "1️⃣ schema.malformed-pattern"),
      ("entity: e\nfields: { a: { type: text, pattern: \"Đ1️⃣[A-Z\" } }", "1️⃣ schema.malformed-pattern"),
      (
        "entity: e\nfields: { a: { type: text, pattern: \"\\\\d\\\\d1️⃣(\\\\d\" } }",
        "1️⃣ schema.malformed-pattern"
      ),
      ("entity: e\nfields: { a: { type: text, minimum: 1️⃣3 } }", "1️⃣ schema.misplaced-rule"),
      ("entity: e\nfields: { a: { type: integer, minimum: 1️⃣1.5 } }", "1️⃣ schema.not-of-type"),
      ("entity: e\nfields: { a: { type: date, maximum: 1️⃣31/12/2025 } }", "1️⃣ schema.not-of-type"),
      ("entity: e\nfields: { a: { type: \"decimal(4,2)\", minimum: 1️⃣123.4 } }", "1️⃣ schema.not-of-type"),
      ("entity: e\nfields: { a: { type: integer, minimum: 9, maximum: 1️⃣10, values: [1] } }", "-"),
      ("entity: e\nfields: { a: { type: integer, minimum: 11, maximum: 1️⃣10 } }", "1️⃣ schema.empty-range"),
      ("entity: e\nfields: { a: { type: text, min_length: 5, max_length: 1️⃣4 } }", "1️⃣ schema.empty-range"),
      ("entity: e\nfields: { a: { type: text, min_length: 1️⃣x } }", "1️⃣ schema.wrong-type"),
      ("entity: e\nfields: { a: { type: text, values: 1️⃣[] } }", "1️⃣ schema.no-values"),
      ("entity: e\nfields: { a: { type: text, required: 1️⃣yes } }", "1️⃣ schema.wrong-type"),
      ("entity: e\nfields: { a: { type: text, personal: 1️⃣secret } }", "1️⃣ schema.wrong-type"),
      ("entity: e\nfields: { a: { type: text, references: 1️⃣unit } }", "1️⃣ schema.wrong-type"),
      ("entity: e\nfields: { a: { type: text, references: 1️⃣unit.code } }", "1️⃣ schema.unknown-entity"),
      ("entity: e\nfields: { a: { type: text, references: 1️⃣e.b } }", "1️⃣ schema.unknown-reference"),
      (
        "entity: e\nfields: { a: { type: text, references: 1️⃣e.b }, b: { type: date } }",
        "1️⃣ schema.reference-type"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: 1️⃣{ else: note } } }",
        "1️⃣ schema.missing-key"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: 1️⃣e } } }", "1️⃣ schema.wrong-type"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, else: 1️⃣stop } } }",
        "1️⃣ schema.wrong-type"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, 1️⃣cyclic: no } } }",
        "1️⃣ schema.unknown-key"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, acyclic: 1️⃣true } } }",
        "1️⃣ schema.acyclic-elsewhere"
      ),
      (
        "entity: e\nkey: [a, b]\nfields: { b: { type: text }, a: { type: text, references: { to: e.a, acyclic: 1️⃣true } } }",
        "1️⃣ schema.acyclic-elsewhere"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, open: 1️⃣{ at: d } } }, d: { type: date } }",
        "1️⃣ schema.missing-key"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, open: 1️⃣{ to: d } } }, d: { type: date } }",
        "1️⃣ schema.missing-key"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, open: { to: 1️⃣x, at: d } } }, d: { type: date } }",
        "1️⃣ schema.unknown-reference"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, open: { to: d, at: [d, 1️⃣a] } } }, d: { type: date } }",
        "1️⃣ schema.open-not-date"
      ),
      (
        "entity: e\nfields: { a: { type: text, references: { to: e.a, open: 1️⃣soon } } }",
        "1️⃣ schema.wrong-type"
      ),
      ("entity: e\nvalid_for: 1️⃣45\nfields: { a: { type: text } }", "1️⃣ schema.wrong-type"),
      ("entity: e\nfields: { a: 1️⃣text }", "1️⃣ schema.wrong-type"),
      ("entity: e\nfields: 1️⃣[a]", "1️⃣ schema.wrong-type"),
      ("entity: e\nparent: 1️⃣x\nkey: [a]\nfields: { a: { type: text } }", "1️⃣ schema.unknown-entity"),
      ("1️⃣- a", "1️⃣ schema.wrong-type"),
    ])
  func faults(_ text: String, _ expected: String) {
    let marked = MarkedText(text)
    let found = schema(["e": marked.text]).diagnostics
    #expect(found.ids(in: marked).first ?? "-" == expected)
    #expect(found.allSatisfy { !$0.help.isEmpty })
  }

  @Test("reads what a reference is held to")
  func references() throws {
    let read = schema([
      "unit":
        "entity: unit\nkey: [code]\nfields: { code: { type: text }, opened: { type: date }, closed: { type: date } }",
      "entry": """
      entity: entry
      fields:
        unit: { type: text, references: { to: unit.code, else: note, open: { from: opened, to: closed, at: day } } }
        other: { type: text, references: { to: unit.code, open: { to: closed, at: [day, until], else: note } } }
        day: { type: date }
        until: { type: date }
      """,
      "desk": """
      entity: desk
      key: [code]
      fields: { code: { type: text }, above: { type: text, references: { to: desk.code, acyclic: true } } }
      """,
    ])
    #expect(read.diagnostics == [])
    let fields = try #require(read.entities["entry"]).fields
    #expect(fields[0].references == EntityReference(entity: "unit", field: "code"))
    #expect(
      fields[0].referenceRules
        == ReferenceRules(
          whenMissing: .note, open: OpenRule(from: "opened", to: "closed", at: ["day"], otherwise: .note)))
    #expect(
      fields[1].referenceRules
        == ReferenceRules(open: OpenRule(from: nil, to: "closed", at: ["day", "until"], otherwise: .note)))
    #expect(read.entities["desk"]?.fields[1].referenceRules == ReferenceRules(isAcyclic: true))
  }

  @Test(
    "only rows of a root entity can be asked to be open, and only within one entity does a path lead back")
  func otherEntities() {
    let unit =
      "entity: unit\nkey: [code]\nparent: top\nfields: { code: { type: text }, closed: { type: date } }"
    let top = "entity: top\nkey: [id]\nfields: { id: { type: text } }"
    let entry = """
      entity: entry
      fields:
        unit: { type: text, references: { to: unit.code, acyclic: true, open: { to: closed, at: day } } }
        day: { type: date }
      """
    let found = schema(["unit": unit, "top": top, "entry": entry]).diagnostics
    #expect(found.map(\.id) == ["schema.acyclic-elsewhere", "schema.open-of-child"])
  }

  @Test("says how to quote a decimal inside braces")
  func decimalInBraces() {
    let found = schema(["e": "entity: e\nfields: { a: { type: decimal(18,0) } }"]).diagnostics
    #expect(
      found.first { $0.id == "schema.unknown-type" }?.help
        == "put double quotes around it, for the comma: \"decimal(18,0)\"")
  }

  @Test("holds children against their parents")
  func children() {
    let found = { (parent: String, child: String) in
      schema([
        "p": "entity: p\n\(parent)\nfields: { a: { type: text } }", "q": "entity: q\nparent: p\n\(child)",
      ])
      .diagnostics.map(\.id)
    }
    #expect(found("key: [a]", "key: [b]\nfields: { b: { type: text } }") == [])
    #expect(found("key: [a]", "fields: { b: { type: text } }") == ["schema.child-without-key"])
    #expect(found("", "key: [b]\nfields: { b: { type: text } }") == ["schema.parent-without-key"])
    #expect(found("key: [a]", "key: [a]\nfields: { a: { type: text } }") == ["schema.clash-with-parent"])
    #expect(
      found("key: [a]\nparent: q", "key: [b]\nfields: { b: { type: text } }") == [
        "schema.parent-cycle", "schema.parent-cycle",
      ])
  }

  @Test("does not report a second time what names a faulty entity")
  func unreadable() {
    let read = SharedSchema(
      [
        "x": nil,
        "e": YAMLReader.read(
          "entity: e\nparent: x\nkey: [a]\nfields: { a: { type: text, references: x.y } }", file: "a"
        ).tree,
      ],
      lists: [])
    #expect(read.diagnostics == [])
    #expect(read.unreadable == ["x"])
  }
}
