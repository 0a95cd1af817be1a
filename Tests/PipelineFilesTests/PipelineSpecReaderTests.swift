// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records
import Testing

@testable import PipelineFiles

@Suite("Pipeline specs")
struct PipelineSpecReaderTests {
  private func spec(_ text: String) throws -> PipelineSpec {
    let (tree, found) = YAMLReader.read(text, file: "a.yaml")
    #expect(found == [])
    let (spec, diagnostics) = PipelineSpecReader.read(try #require(tree), file: "a.yaml", text: text)
    #expect(diagnostics == [])
    return try #require(spec)
  }

  @Test("reads every top-level key")
  func topLevel() throws {
    let spec = try spec(
      """
      pipeline: public_assets
      title: Tài sản công
      owner: so-tai-chinh
      schedule: "30 1 1-4 * *"
      agreement: { number: 12/QĐ-UBND, valid_to: 2027-12-31, contact: "0219 3 123 456" }
      purpose: Báo cáo
      legal_basis: Luật 15/2017/QH14
      extract: { file: { path: "in/*.xml" } }
      decode: ndjson
      transform: { to: public_asset, map: { code: ma } }
      validate: [a < b]
      load: { center: }
      """)
    #expect(spec.name?.value == "public_assets")
    #expect(spec.title?.value == "Tài sản công")
    #expect(spec.owner?.value == "so-tai-chinh")
    #expect(spec.schedule?.value == "30 1 1-4 * *")
    #expect(spec.agreement?.number?.value == "12/QĐ-UBND")
    #expect(spec.agreement?.validTo?.value == "2027-12-31")
    #expect(spec.agreement?.contact?.value == "0219 3 123 456")
    #expect(spec.purpose?.value == "Báo cáo")
    #expect(spec.legalBasis?.value == "Luật 15/2017/QH14")
    #expect(spec.extract?.name.value == "file")
    #expect(spec.extract?.settings["path"]?.text == "in/*.xml")
    #expect(spec.decode?.decoder.name.value == "ndjson")
    #expect(spec.load?.loader.name.value == "center")
    #expect(spec.transforms.map(\.to?.value) == ["public_asset"])
    #expect(spec.rules.count == 1)
  }

  private func pipeline(
    decode: String = "{ json: {} }", transform: String = "{ to: a, map: { x: y } }",
    validate: String = "[]", load: String = "{ center: {} }"
  ) throws -> PipelineSpec {
    try spec(
      """
      pipeline: p
      extract: { file: {} }
      decode: \(decode)
      transform: \(transform)
      validate: \(validate)
      load: \(load)
      """)
  }

  @Test("divides 'decode' into what all formats have and the decoder's settings")
  func decode() throws {
    let decode = try #require(
      try pipeline(
        decode: """
          { xml: { records: /a/b, namespaces: { t: [urn:t, urn:u], default: urn:d }, total: { path: /a/@n, of: run },
            encoding: tcvn3, empty: allowed, limits: { depth: 8, text: 2MiB, tag: 1KiB }, strict: true,
            errors: [/fault, { when: /code, is_not: ["0", "00"], message: /text, retry: true }] } }
          """
      ).decode)
    #expect(decode.records?.value == "/a/b")
    #expect(
      decode.namespaces.map { "\($0.prefix.value)=\($0.uris.map(\.value).joined(separator: "+"))" }
        == ["t=urn:t+urn:u", "default=urn:d"])
    #expect(decode.total?.path.value == "/a/@n")
    #expect(decode.total?.scope == .run)
    #expect(decode.encoding?.value == "tcvn3")
    #expect(decode.allowsEmpty)
    #expect(decode.limits == LimitsSpec(depth: 8, textBytes: 2 << 20, tagBytes: 1 << 10))
    #expect(decode.decoder.settings.entries?.map(\.key) == ["strict"])
    #expect(decode.errors.map(\.when.value) == ["/fault", "/code"])
    #expect(decode.errors.last?.values == ["0", "00"])
    #expect(decode.errors.last?.isNegated == true)
    #expect(decode.errors.last?.message?.value == "/text")
    #expect(decode.errors.last?.isRetriable == true)
    #expect(try pipeline(decode: "{ json: { total: /n } }").decode?.total?.scope == nil)
  }

  private func entry(_ text: String) throws -> EntrySpec {
    try #require(try pipeline(transform: "{ to: a, map: { x: \(text) } }").transforms.first?.map.first)
  }

  @Test("reads every form of a map entry")
  func entries() throws {
    #expect(try entry("a/b").from.map(\.value) == ["a/b"])
    #expect(try entry("{ from: a }").from.map(\.value) == ["a"])
    #expect(try entry("{ from: [a, b] }").from.map(\.value) == ["a", "b"])
    #expect(try entry("{ value: \"02\" }").value?.value == "02")
    #expect(try entry("{ expr: a - b }").expr?.value == "a - b")
    #expect(try entry("{ from: a, take: last }").take?.value == .last)
    #expect(try entry("{ from: a, take: 3 }").take?.value == .nth(3))
    #expect(try entry("{ from: a, take: count }").take?.value == .count)
    #expect(try entry("{ from: a, join: \"; \" }").join?.value == "; ")
    #expect(try entry("{ from: a, split: \",\" , take: first }").split?.value == ",")
    #expect(try entry("{ from: a, default: \"\" }").defaultText?.value == "")
    #expect(try entry("{ from: a, absent: keep }").keepsAbsent?.value == true)
    #expect(try entry("{ from: a, absent: null }").keepsAbsent?.value == false)
    #expect(try entry("{ from: a, lookup: l, as_of: d, unknown: note }").lookup?.value == "l")
    #expect(try entry("{ from: a, lookup: l, as_of: d, unknown: note }").asOf?.value == "d")
    #expect(try entry("{ from: a, unknown: null }").unknown?.value == "null")
    #expect(try entry("{ from: a, unit: nghìn đồng, round: half_up }").unit?.value == "nghìn đồng")
    #expect(try entry("{ from: a, unit: nghìn đồng, round: half_up }").round?.value == "half_up")
    #expect(try entry("{ from: a, as: raw }").isRaw?.value == true)
  }

  @Test("reads formats at the transform and at an entry")
  func formats() throws {
    let formats = try entry(
      "{ from: a, dates: [d/M/yyyy, yyyyMMdd], numbers: vi, nulls: [\"\", null], trim: false, zone: \"-03:30\", encoding: vni }"
    ).formats
    #expect(formats.dates?.map(\.value) == ["d/M/yyyy", "yyyyMMdd"])
    #expect(formats.numbers == NumbersSpec(group: ".", decimal: ","))
    #expect(formats.nulls == ["", "null"])
    #expect(formats.trim == false)
    #expect(formats.zoneMinutes == -210)
    #expect(formats.encoding?.value == "vni")
    let transform = try #require(
      try pipeline(
        transform:
          "{ to: a, map: { x: y }, dates: dd/MM/yyyy, numbers: { group: \" \", decimal: \",\" }, zone: UTC }"
      ).transforms.first)
    #expect(transform.formats.dates?.map(\.value) == ["dd/MM/yyyy"])
    #expect(transform.formats.numbers == NumbersSpec(group: " ", decimal: ","))
    #expect(transform.formats.zoneMinutes == 0)
  }

  @Test("reads several places of one list, and whether it may be missing")
  func severalPlaces() throws {
    let transform = try #require(
      try pipeline(transform: "{ to: a, records: [/r, /q/r], empty: allowed, map: { x: y } }").transforms
        .first)
    #expect(transform.records.map(\.value) == ["/r", "/q/r"])
    #expect(transform.allowsEmpty == true)
  }

  @Test("reads what stands around the map, and children within children")
  func around() throws {
    let transform = try #require(
      try pipeline(
        transform: """
          { to: a, records: /r, map: { x: y }, let: { z: { from: q, type: "decimal(18,2)" } }, filter: z > 0,
            carry: [z], children: [{ to: b, records: s, rejects: child, dates: yyyyMMdd, map: { u: v },
            children: [{ to: c, records: t, map: { w: "@w" } }] }], validate: [z > 1] }
          """
      ).transforms.first)
    #expect(transform.records.map(\.value) == ["/r"])
    #expect(transform.allowsEmpty == nil)
    #expect(transform.lets.first?.type?.value == .decimal(precision: 18, scale: 2))
    #expect(transform.filter?.value == "z > 0")
    #expect(transform.carry.map(\.value) == ["z"])
    #expect(transform.rules.count == 1)
    let child = try #require(transform.children.first)
    #expect(child.dropsBadChildren)
    #expect(child.formats.dates?.map(\.value) == ["yyyyMMdd"])
    #expect(child.children.first?.to?.value == "c")
    #expect(child.children.first?.map.first?.from.first?.value == "@w")
  }

  @Test("reads rules and limits, shares exactly")
  func rules() throws {
    let spec = try pipeline(
      validate: """
        ["a <= b", { check: a > 0, else: note, message: M, basis: TT 48 }, { unique: [a, b] }, { unique: a, else: stop },
          { rejects: { at_most: 0.25%, of_at_least: 200 } }]
        """)
    #expect(spec.rules.map(\.otherwise) == ["reject", "note", "reject", "stop"])
    #expect(spec.rules[1].message == "M")
    #expect(spec.rules[1].basis == "TT 48")
    guard case .unique(let names) = spec.rules[2].check else { return #expect(Bool(false), "no unique rule") }
    #expect(names.map(\.value) == ["a", "b"])
    #expect(spec.rejectLimit?.atMost == .share(partsPerMillion: 2500))
    #expect(spec.rejectLimit?.ofAtLeast == 200)
    #expect(try pipeline(validate: "[{ rejects: { at_most: 20 } }]").rejectLimit?.atMost == .count(20))
    #expect(
      try pipeline(validate: "[{ rejects: { at_most: 100% } }]").rejectLimit?.atMost
        == .share(partsPerMillion: 1_000_000))
  }

  @Test("reads sums of one group and of many, their terms short or long")
  func sums() throws {
    let spec = try pipeline(
      validate: """
        [{ sums: { parts: a, total: b } },
          { sums: { by: [u, v], parts: { value: a, where: c > 0 }, total: { value: a, where: c = 0 } }, else: note }]
        """)
    #expect(spec.rules.map(\.otherwise) == ["reject", "note"])
    guard case .sums(let plain) = spec.rules[0].check, case .sums(let long) = spec.rules[1].check else {
      return #expect(Bool(false), "no sums")
    }
    #expect(plain.by == [] && plain.parts.value.value == "a" && plain.total.value.value == "b")
    #expect(plain.parts.condition == nil)
    #expect(long.by.map(\.value) == ["u", "v"])
    #expect(long.parts.condition?.value == "c > 0" && long.total.condition?.value == "c = 0")
  }

  @Test("places a text at its first character, within quotes and blocks")
  func places() throws {
    let text = """
      pipeline: "p"
      extract: file
      decode: json
      transform:
        to: a
        map: { x: 'y/z', u: v }
        filter: |
          a
            < b
      load: center
      """
    let transform = try #require(try spec(text).transforms.first)
    let quoted = try #require(transform.map.first?.from.first)
    #expect(quoted.position(at: 2).description == "a.yaml:6:16")
    let block = try #require(transform.filter)
    #expect(block.position(at: 0).description == "a.yaml:8:5")
    #expect(block.position(at: 4).description == "a.yaml:9:7")
  }
}
