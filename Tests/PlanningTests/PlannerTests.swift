// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import PipelineFiles
import Records
import Testing

@testable import Planning

@Suite("Plans")
struct PlannerTests {
  private func plan(_ folder: PlanningFolder) throws -> Plan {
    let (plans, diagnostics) = folder.planner.plan()
    #expect(folder.shown(diagnostics) == [])
    return try #require(plans.first)
  }

  private func assets(_ change: (String) -> String = { $0 }) throws -> Plan {
    var folder = PlanningFolder.assets
    folder.add("public_assets", change(PlanningFolder.publicAssets))
    return try plan(folder)
  }

  @Test("plans the example of the design without a diagnostic")
  func example() throws {
    let plan = try assets()
    #expect(plan.pipeline == "public_assets")
    #expect(plan.schedule == "30 1 1-4 * *")
    #expect(plan.extractorName == "http")
    #expect(plan.decoderName == "xml")
    #expect(plan.decode.namespaces == ["t": ["urn:vn:taisan:1"]])
    #expect(plan.total?.scope == .run)
    #expect(plan.decode.documentSlots.count == 1)
    #expect(plan.load.mode == .merge)
    #expect(plan.load.version == "updated_at")
    #expect(plan.rejectLimit?.atMost == .share(partsPerMillion: 10_000))
    #expect(plan.lists.keys.sorted() == ["asset_class", "commune"])
    #expect(
      plan.transforms.first?.rules.map(\.text) == ["wear_vnd <= cost_vnd", "in_use_from <= updated_at"])
    #expect(plan.transforms.first?.rules.map(\.otherwise) == [.reject, .note])
  }

  @Test("plans one kind for each place where the records may stand, with the rules of the transform in all")
  func places() throws {
    let plan = try assets { text in
      text.replacing(
        "  to: public_asset ",
        with: "  records: [/t:A/t:TaiSan, /t:B/t:C/t:TaiSan]\n  empty: allowed\n  to: public_asset ")
    }
    #expect(plan.decode.kinds.map(\.records.text) == ["/t:A/t:TaiSan", "/t:B/t:C/t:TaiSan"])
    #expect(plan.decode.kinds.map(\.list) == [0, 0])
    #expect(plan.decode.kinds.map(\.allowsEmpty) == [true, true])
    #expect(plan.transforms.map(\.rules.count) == [2, 2])
    #expect(plan.load.kinds.map(\.entity.name) == ["public_asset", "public_asset"])
  }

  @Test("captures each path of a kind once, and the children's beside it")
  func slots() throws {
    let kind = try #require(try assets().decode.kinds.first)
    #expect(kind.records.text == "/t:DanhSach/t:TaiSan")
    #expect(kind.slots.count == 9)
    #expect(kind.children.map(\.records.text) == ["t:BienDong/t:But"])
    #expect(kind.children.first?.slots.count == 3)
    let twice = try assets { $0.replacing("name: t:TenTaiSan", with: "name: t:MaTaiSan") }
    #expect(twice.decode.kinds.first?.slots.count == 8)
  }

  @Test("puts each value after those it uses, and loads in that order")
  func order() throws {
    let plan = try assets { text in
      text.replacing("    residual_vnd: { expr: \"cost_vnd - wear_vnd\" }\n", with: "")
        .replacing(
          "    asset_code: t:MaTaiSan",
          with: "    residual_vnd: { expr: \"cost_vnd - wear_vnd\" }\n    asset_code: t:MaTaiSan")
    }
    let names = try #require(plan.transforms.first?.map.values.map(\.name))
    #expect(
      names == [
        "cost_vnd", "wear_vnd", "residual_vnd", "asset_code", "name", "unit_code", "class_code",
        "in_use_from",
        "commune_code", "updated_at",
      ])
    #expect(plan.load.kinds.first?.mapped == names)
    #expect(plan.load.kinds.first?.children.first?.mapped == ["line", "happened_on", "reason"])
  }

  @Test("gives each value its formats, unit and list")
  func values() throws {
    let values = try #require(try assets().transforms.first?.map.values)
    func value(_ name: String) throws -> ValuePlan { try #require(values.first { $0.name == name }) }
    #expect(try value("cost_vnd").unitExponent == 3)
    #expect(try value("cost_vnd").numbers == .vi)
    #expect(try value("in_use_from").dates == ["dd/MM/yyyy"])
    #expect(try value("name").nulls == ["", "-", "Không"])
    #expect(try value("class_code").lookup == "asset_class")
    #expect(try value("commune_code").asOf == "in_use_from")
  }

  @Test("hands the formats of a transform down to its children, unless they say otherwise")
  func inheritedFormats() throws {
    func child(_ change: String) throws -> ValuePlan {
      let plan = try assets {
        $0.replacing("records: t:BienDong/t:But", with: "records: t:BienDong/t:But" + change)
      }
      let map = try #require(plan.transforms.first?.map.children.first?.map)
      return try #require(map.values.first { $0.name == "happened_on" })
    }
    #expect(try child("").dates == ["dd/MM/yyyy"])
    #expect(try child("").nulls == ["", "-", "Không"])
    #expect(try child("\n      dates: yyyyMMdd").dates == ["yyyyMMdd"])
  }

  @Test("looks up a code field in its own list unless told otherwise")
  func ownList() throws {
    let plan = try assets {
      $0.replacing("{ from: t:LoaiTaiSan, lookup: asset_class }", with: "t:LoaiTaiSan")
    }
    let value = try #require(plan.transforms.first?.map.values.first { $0.name == "class_code" })
    #expect(value.lookup == "asset_class")
    #expect(value.unknown == .reject)
  }

  @Test("captures a cell that an expression names")
  func cells() throws {
    var folder = PlanningFolder()
    folder.addEntity("price", "item* text,month text")
    folder.add(
      "prices",
      """
      pipeline: prices
      extract: { file: { path: a.csv } }
      decode: csv
      transform: { to: price, map: { item: Mặt hàng, month: { expr: "cell(2, 1)" } } }
      load: center
      """)
    let plan = try plan(folder)
    #expect(plan.decode.kinds.first?.slots.map(\.source).last == .cell(row: 2, column: 1))
    #expect(plan.load.kinds.first?.mapped == ["item", "month"])
    #expect(plan.transforms.first?.map.values.count { $0.field == nil } == 1)
  }

  @Test("infers the type of a 'let' from its expression, in any order")
  func lets() throws {
    let plan = try assets {
      $0.replacing(
        "  map:\n    asset_code",
        with:
          "  let: { c: { expr: b }, b: { expr: cost_vnd }, n: { from: t:X, take: count }, s: t:Y }\n  map:\n    asset_code"
      )
    }
    let values = try #require(plan.transforms.first?.map.values.filter { $0.field == nil })
    #expect(
      Dictionary(uniqueKeysWithValues: values.map { ($0.name, $0.type) }) == [
        "b": .decimal(precision: 18, scale: 0), "c": .decimal(precision: 18, scale: 0), "n": .integer,
        "s": .text,
      ])
  }

  @Test("uses the decoder's own record path and merges by key when nothing is said")
  func defaults() throws {
    var folder = PlanningFolder()
    folder.addEntity("keyed", "a* text")
    folder.addEntity("keyless", "a text")
    for entity in ["keyed", "keyless"] {
      folder.add(
        entity,
        """
        pipeline: \(entity)
        extract: { file: { path: a } }
        decode: { ndjson: { total: /n } }
        transform: { to: \(entity), map: { a: a } }
        load: center
        """)
    }
    let (plans, diagnostics) = folder.planner.plan()
    #expect(folder.shown(diagnostics) == [])
    #expect(plans.map(\.load.mode) == [.merge, .append])
    #expect(plans.map(\.load.commitUnit) == [.batch, .batch])
    #expect(plans.map(\.decode.kinds.first?.records.steps.count) == [0, 0])
    #expect(plans.map(\.total?.scope) == [.payload, .payload])
  }

  @Test("gives the pipeline's rules to its first transform, and each its own")
  func severalTransforms() throws {
    var folder = PlanningFolder()
    folder.addEntity("a", "x* integer")
    folder.addEntity("b", "y* integer")
    folder.add(
      "two",
      """
      pipeline: two
      extract: { file: { path: a } }
      decode: ndjson
      transform:
        - { to: a, records: /as, map: { x: x } }
        - { to: b, records: /bs, map: { y: y }, validate: [y > 1] }
      validate: [x > 0]
      load: center
      """)
    let plan = try plan(folder)
    #expect(plan.transforms.map { $0.rules.map(\.text) } == [["x > 0"], ["y > 1"]])
    #expect(plan.decode.kinds.map(\.records.text) == ["/as", "/bs"])
  }

  @Test("names pipelines and finds them by name or file")
  func selection() throws {
    var folder = PlanningFolder.assets
    folder.add("public_assets", PlanningFolder.publicAssets)
    folder.add(
      "other", PlanningFolder.publicAssets.replacing("pipeline: public_assets", with: "pipeline: copies"))
    #expect(folder.planner.pipelineNames == ["copies", "public_assets"])
    #expect(folder.planner.plan(["copies"]).plans.map(\.file) == ["Pipelines/other.yaml"])
    #expect(
      folder.planner.plan(["public_assets.yaml"]).plans.map(\.pipeline) == ["public_assets"])
    let unknown = folder.planner.plan(["public_asset"]).diagnostics
    #expect(folder.shown(unknown) == ["- pipeline.unknown: there is no pipeline 'public_asset'"])
    #expect(unknown.first?.help == "did you mean 'public_assets'?")
  }

  @Test("changes the digest with every file that matters, and only then")
  func digests() throws {
    let first = try assets()
    #expect(try assets().digest == first.digest)
    #expect(first.digest.utf8.count == 64)
    #expect(try assets { $0.replacing("title: Tài sản công", with: "title: Tài sản") }.digest != first.digest)

    func digest(_ change: (inout PlanningFolder) -> Void) throws -> String {
      var folder = PlanningFolder.assets
      change(&folder)
      folder.add("public_assets", PlanningFolder.publicAssets)
      return try plan(folder).digest
    }
    #expect(try digest { $0.addList("commune", "00691") } != first.digest)
    #expect(
      try digest {
        $0.addEntity(
          "asset_movement", parent: "public_asset", "line* integer,happened_on date,reason text,x text")
      } != first.digest)
    #expect(try digest { $0.addList("unused", "y") } == first.digest)
  }

  @Test("changes the decode digest only with what cuts records")
  func decodeDigests() throws {
    let first = try assets().decodeDigest
    #expect(try assets { $0.replacing("name: t:TenTaiSan", with: "name: t:Ten") }.decodeDigest == first)
    #expect(
      try assets { $0.replacing("records: t:BienDong/t:But", with: "records: t:But") }.decodeDigest != first)
    #expect(try assets { $0.replacing("urn:vn:taisan:1", with: "urn:vn:taisan:2") }.decodeDigest != first)
  }
}
