// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

@testable import Planning

/// A pipelines folder in memory.
struct PlanningFolder {
  var contents = FolderContents()
  /// Where `1️⃣` … stood in the texts.
  var marks: [Character: FilePosition] = [:]

  /// Adds a pipeline file; markers are taken out of its text.
  mutating func add(_ name: String, _ marked: String) {
    let file = "Pipelines/\(name).yaml"
    var text = ""
    var place = FilePosition(file: file, line: 1, column: 1)
    for character in marked {
      if "1️⃣2️⃣3️⃣4️⃣".contains(character) {
        marks[character] = place
        continue
      }
      text.append(character)
      place.column += 1
      if character == "\n" { (place.line, place.column) = (place.line + 1, 1) }
    }
    contents.pipelines.append(FolderContents.PipelineFile(file: file, text: text))
  }

  /// Adds an entity from `field type` lines; `*` marks the key, `!` a required field.
  mutating func addEntity(_ name: String, parent: String? = nil, _ lines: String) {
    var schema = EntitySchema(name: name, fields: [], parent: parent)
    for line in lines.split(separator: ",") {
      let words = line.split(separator: " ").map(String.init)
      let field = words[0].filter { $0 != "*" && $0 != "!" }
      if words[0].hasSuffix("*") { schema.key.append(field) }
      schema.fields.append(
        EntityField(name: field, type: Self.type(words[1]), isRequired: words[0].hasSuffix("!")))
    }
    contents.entities[name] = schema
    contents.texts["schema/\(name).yaml"] = "\(parent ?? "") \(lines)"
  }

  private static func type(_ word: String) -> FieldType {
    switch word {
    case "integer": .integer
    case "money": .decimal(precision: 18, scale: 0)
    case "date": .date
    case "timestamp": .timestamp
    case "boolean": .boolean
    case let code where code.hasPrefix("code:"): .code(list: String(code.dropFirst(5)))
    default: .text
    }
  }

  mutating func addList(_ name: String, _ codes: String...) {
    contents.lists[name] = CodeList(name: name, entries: codes.map { CodeListEntry(code: $0) })
    contents.texts["codelists/\(name).csv"] = codes.joined(separator: "\n")
  }

  var planner: Planner { Planner(catalog: fakes, contents: contents) }

  /// `1️⃣ id: message` for each diagnostic.
  func shown(_ diagnostics: [Diagnostic]) -> [String] {
    diagnostics.map { diagnostic in
      let mark = marks.first { $0.value == diagnostic.position }.map { String($0.key) }
      return "\(mark ?? diagnostic.position?.description ?? "-") \(diagnostic.id): \(diagnostic.message)"
    }
  }
}

extension PlanningFolder {
  /// The shared schema and lists of DESIGN's example.
  static var assets: PlanningFolder {
    var folder = PlanningFolder()
    folder.addEntity(
      "public_asset",
      """
      asset_code* text,name text,unit_code text,class_code code:asset_class,in_use_from date,cost_vnd money,\
      wear_vnd money,residual_vnd money,commune_code code:commune,updated_at timestamp
      """)
    folder.addEntity("asset_movement", parent: "public_asset", "line* integer,happened_on date,reason text")
    folder.addList("asset_class", "A", "B")
    folder.addList("commune", "00688")
    folder.addList("unused", "x")
    return folder
  }

  static let publicAssets = """
    # yaml-language-server: $schema=../docs/reference/pipeline.schema.json
    pipeline: public_assets
    title: Tài sản công
    owner: so-tai-chinh
    schedule: "30 1 1-4 * *"

    extract:
      http:
        system: finance
        path: /api/v1/assets
        paginate: { page: { parameter: trang, size_parameter: so_dong, size: 1000 } }
        since: { parameter: tu_ngay, format: dd/MM/yyyy, overlap: 1d }

    decode:
      xml:
        namespaces: { t: "urn:vn:taisan:1" }
        records: /t:DanhSach/t:TaiSan
        total: { path: /t:DanhSach/@tongSo, of: run }   # what the source says it sent; must balance

    transform:                              # paths here count from the record
      to: public_asset                      # types, rules and keys come from the shared schema
      dates: dd/MM/yyyy
      numbers: vi                           # 1.234.567,89
      nulls: ["", "-", "Không"]
      map:
        asset_code: t:MaTaiSan
        name: t:TenTaiSan
        unit_code: t:DonVi/@ma
        class_code: { from: t:LoaiTaiSan, lookup: asset_class }
        in_use_from: t:NgaySuDung
        cost_vnd: { from: t:NguyenGia, unit: nghìn đồng }
        wear_vnd: { from: t:HaoMonLuyKe, unit: nghìn đồng }
        residual_vnd: { expr: "cost_vnd - wear_vnd" }
        commune_code: { from: t:DiaBan/@maXa, lookup: commune, as_of: in_use_from }
        updated_at: t:NgayCapNhat
      children:
        - to: asset_movement                # its schema names its parent; the parent's key is filled in
          records: t:BienDong/t:But
          map: { line: position(), happened_on: "@ngay", reason: t:LyDo }

    validate:
      - wear_vnd <= cost_vnd
      - { check: "in_use_from <= updated_at", else: note, message: Ngày đưa vào sử dụng sau ngày cập nhật }
      - { rejects: { at_most: 1%, of_at_least: 200 } }

    load:
      center: { mode: merge, version: updated_at }
    """
}
