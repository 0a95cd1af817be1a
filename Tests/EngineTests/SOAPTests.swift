// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Foundation
import Records
import Store
import Testing

@Suite("A run over SOAP")
struct SOAPTests {
  /// The pipeline of docs/SOAP.md.
  static let pipeline = """
    pipeline: wards
    extract:
      soap:
        system: statistics
        path: /DMDVHC.asmx
        action: "http://tempuri.org/DanhMucPhuongXa"
        body: |
          <DanhMucPhuongXa xmlns="http://tempuri.org/">
            <DenNgay>${run_date:dd/MM/yyyy}</DenNgay>
          </DanhMucPhuongXa>
    decode:
      xml:
        namespaces:
          soap: http://schemas.xmlsoap.org/soap/envelope/
          w: http://tempuri.org/
          diffgr: urn:schemas-microsoft-com:xml-diffgram-v1
        records: /soap:Envelope/soap:Body/w:DanhMucPhuongXaResponse/w:DanhMucPhuongXaResult/diffgr:diffgram/NewDataSet/TABLE
        empty: allowed
    transform:
      to: ward
      map: { code: MaPhuongXa, name: TenPhuongXa, kind: LoaiHinh }
    load: { center: { mode: merge } }
    """

  private static let schema = """
    entity: ward
    key: [code]
    fields:
      code: { type: text, pattern: "[0-9]{5}" }
      name: { type: text }
      kind: { type: text }
    """

  /// What a .NET service makes of a DataSet: its schema, the rows, and rows as they were before.
  private static func answer(_ rows: String, before: String = "") -> HTTPSource.Answer {
    let body = """
      <?xml version="1.0" encoding="utf-8"?>
      <S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><S:Body>
       <DanhMucPhuongXaResponse xmlns="http://tempuri.org/"><DanhMucPhuongXaResult>
        <xs:schema id="NewDataSet" xmlns="" xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="NewDataSet"/></xs:schema>
        <diffgr:diffgram xmlns:msdata="urn:schemas-microsoft-com:xml-msdata" xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1">\(rows)\(before)</diffgr:diffgram>
       </DanhMucPhuongXaResult></DanhMucPhuongXaResponse></S:Body></S:Envelope>
      """
    return HTTPSource.Answer(body: body, headers: ["Content-Type: text/xml"])
  }

  private static func dataSet(_ rows: String) -> String { "<NewDataSet xmlns=\"\">\(rows)</NewDataSet>" }

  private func bench(_ server: HTTPSource) throws -> Workbench {
    try Workbench([
      "Pipelines/wards.yaml": Self.pipeline, "Pipelines/schema/ward.yaml": Self.schema,
      "Pipelines/systems.yaml":
        "statistics: { base_url: \"http://127.0.0.1:\(server.port)\", retries: { attempts: 1 } }",
    ])
  }

  @Test("is what the documentation shows")
  func documented() throws {
    #expect(try Documentation.text("SOAP.md").contains("```yaml\n\(Self.pipeline)\n```"))
  }

  @Test("loads the rows of a DiffGram, and not those that stood before, nor its schema")
  func diffGram() throws {
    let server = try HTTPSource { _ in
      Self.answer(
        Self.dataSet(
          "<TABLE diffgr:id='TABLE1' msdata:rowOrder='0'><MaPhuongXa>00001</MaPhuongXa>"
            + "<TenPhuongXa xml:space='preserve'> Xã Một </TenPhuongXa><LoaiHinh>Xã</LoaiHinh></TABLE>"
            + "<TABLE diffgr:id='TABLE2' msdata:rowOrder='1' diffgr:hasChanges='modified'>"
            + "<MaPhuongXa>00002</MaPhuongXa><TenPhuongXa>Phường Hai</TenPhuongXa><LoaiHinh xsi:nil='true'/></TABLE>"
        ),
        before: "<diffgr:before><TABLE diffgr:id='TABLE2' msdata:rowOrder='1' xmlns=''>"
          + "<MaPhuongXa>00099</MaPhuongXa><TenPhuongXa>Xã Cũ</TenPhuongXa></TABLE></diffgr:before>")
    }
    let bench = try bench(server)
    let report = try bench.run("wards")
    #expect(report.exit == .done && report.counters.read == 2 && report.counters.inserted == 2)
    #expect(
      try bench.rows("SELECT code, name, kind FROM ward ORDER BY code") == [
        "00001|Xã Một|Xã", "00002|Phường Hai|∅",
      ])
    let request = try #require(server.takeRequests().first)
    #expect(request.body.contains("<DenNgay>05/01/2026</DenNgay>"))
    #expect(request.headers.contains("soapaction: \"http://tempuri.org/danhmucphuongxa\""))
  }

  @Test("takes a DataSet without a row for an empty list, however it is written")
  func emptyDataSet() throws {
    for content in ["", Self.dataSet("")] {
      let server = try HTTPSource { _ in Self.answer(content) }
      let bench = try bench(server)
      let report = try bench.run("wards")
      #expect(report.exit == .done && report.counters.read == 0, "\(content)")
      #expect(try bench.rows("SELECT count(*) FROM ward") == ["0"])
    }
  }

  @Test("loads nothing of a fault, and says what the service said")
  func fault() throws {
    let server = try HTTPSource { _ in
      HTTPSource.Answer(
        body:
          "<a:Envelope xmlns:a='http://schemas.xmlsoap.org/soap/envelope/'><a:Body><a:Fault><faultcode>a:Client</faultcode>"
          + "<faultstring>Ngày không hợp lệ</faultstring></a:Fault></a:Body></a:Envelope>")
    }
    let bench = try bench(server)
    let report = try bench.run("wards")
    #expect(report.exit == .unavailable && report.error?.id == "soap.fault")
    #expect(report.error?.message == "the service answered with a fault a:Client: Ngày không hợp lệ")
    #expect(try bench.ledger().batches().isEmpty)
  }
}

/// The pages that people wrote.
enum Documentation {
  static func text(_ page: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "docs/" + page), encoding: .utf8)
  }
}
