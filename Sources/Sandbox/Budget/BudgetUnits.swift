// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// The finance ministry's list of budget-unit codes: SOAP 1.1, a .NET DataSet as DiffGram, as of a day that the request
/// names.
struct BudgetUnits: Sendable {
  /// In a thousand records five must be rejected; three are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case shortCode, aboveItself, closedWithoutDay, endedCommune, closedBeforeOpened, emptyElements
    /// A unit and its neighbour each name the other as the one above.
    case aboveEachOther
    /// A unit stands below its neighbour, whose code was closed.
    case belowClosed
  }

  let units: ProvinceUnits
  private let mess: Mess<Oddity>

  init(_ units: ProvinceUnits) {
    self.units = units
    mess = Mess(records: units.budgetCodes)
  }

  var records: Int { units.budgetCodes }

  /// `POST /budget/DanhMuc.asmx` with `DanhMucDonVi` and its `DenNgay`.
  func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let body = (try? await request.bodyData).map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard body.contains("DanhMucDonVi"), let day = Self.text(of: "DenNgay", in: body),
      let asOf = FinanceSystem.date(day)
    else { return Self.fault("soap:Client", "DenNgay phải có dạng dd/MM/yyyy") }
    let units = self
    let stream = StreamedBody {
      var next = -1
      return {
        defer { next += 1 }
        switch next {
        case -1: return Self.head
        case units.records: return Self.foot
        case 0..<units.records: return Array(units.row(next, asOf: asOf).utf8)
        default: return nil
        }
      }
    }
    return HTTPResponse(
      statusCode: .ok, headers: [.contentType: "text/xml; charset=utf-8"],
      body: HTTPBodySequence(from: stream, suggestedBufferSize: 1 << 16))
  }

  private static func text(of element: String, in body: String) -> String? {
    guard let start = body.range(of: "<\(element)>"), let end = body.range(of: "</\(element)>"),
      start.upperBound <= end.lowerBound
    else { return nil }
    return String(body[start.upperBound..<end.lowerBound])
  }

  private static func fault(_ code: String, _ message: String) -> HTTPResponse {
    let text = """
      <?xml version="1.0" encoding="utf-8"?>
      <soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>\
      <faultcode>\(code)</faultcode><faultstring>\(message)</faultstring></soap:Fault></soap:Body></soap:Envelope>

      """
    return HTTPResponse(
      statusCode: .internalServerError, headers: [.contentType: "text/xml; charset=utf-8"],
      body: Data(text.utf8))
  }

  private static let head = Array(
    """
    <?xml version="1.0" encoding="utf-8"?>
    <soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>\
    <DanhMucDonViResponse xmlns="http://tempuri.org/"><DanhMucDonViResult>
    <xs:schema id="NewDataSet" xmlns="" xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="NewDataSet"/></xs:schema>
    <diffgr:diffgram xmlns:msdata="urn:schemas-microsoft-com:xml-msdata" \
    xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1"><NewDataSet xmlns="">

    """.utf8)

  private static let foot = Array(
    """
    </NewDataSet></diffgr:diffgram></DanhMucDonViResult></DanhMucDonViResponse></soap:Body></soap:Envelope>

    """.utf8)

  /// One `TABLE` element. Every tenth is an investment project.
  func row(_ ordinal: Int, asOf: CalendarDate) -> String {
    let draw = Draw(seed: units.seed, record: ordinal)
    var row = XMLRow()
    let isProject = ProvinceUnits.isProject(ordinal)
    row["LoaiMa"] = isProject ? "DA" : "DV"
    row["MaDVQHNS"] = ProvinceUnits.budgetCode(ordinal)
    row["TenDonVi"] = isProject ? "Đường liên xã số \(ordinal)" : units.name(ordinal)
    row["TrangThai"] = "hoạt động"
    let opened = CalendarDate(days: 12_418 + Int32(draw.number("opened", in: 0...7_000)))
    row["NgayMo"] = day(min(opened, asOf))
    if isProject {
      row["NhomDuAn"] = draw.pick("group", ["A", "B", "C"])
      row["HinhThuc"] = "Xây dựng mới"
      row["ChuDauTu"] = ProvinceUnits.budgetCode(ordinal - 9)
      row["TongMucDauTu"] = groupedByDots(draw.number("investment", in: 900...400_000)) + ",5"
      row["NguonVon"] = "Ngân sách địa phương"
      row["DiaDiem"] = "Xã Đồng Văn"
      row["NganhKinhTe"] = "Giao thông"
    } else {
      row["LoaiHinh"] = draw.pick("kind", ["Cơ quan hành chính", "Đơn vị sự nghiệp"])
      row["Chuong"] = Self.chapter(draw)
      row["CapDuToan"] = ordinal % 10 == 0 ? "I" : "sử dụng ngân sách"
      row["MaCapTren"] = ordinal % 10 == 0 ? "" : ProvinceUnits.budgetCode(ordinal / 10 * 10)
      row["DiaChi"] = "Tỉnh Tuyên Quang"
      row["NguoiDaiDien"] = InventedPerson(draw, born: 1968...1990, serial: ordinal).fullName
      row["MaXa"] = draw.pick("place", Places.after)
      row.events = "<SuKien><Loai>mở mã</Loai><Ngay>\(day(min(opened, asOf)))</Ngay></SuKien>"
    }
    if let oddity = mess.oddity(ordinal) { bend(&row, oddity, ordinal) }
    switch neighbourhood(ordinal) {
    case (.aboveEachOther, let other): row["MaCapTren"] = ProvinceUnits.budgetCode(other)
    case (.belowClosed, _):
      let closed = day(min(CalendarDate(days: opened.days + 400), asOf))
      (row["TrangThai"], row["NgayDong"]) = ("đóng", closed)
      row.events += "<SuKien><Loai>đóng mã</Loai><Ngay>\(closed)</Ngay></SuKien>"
    default: break
    }
    return
      "<TABLE diffgr:id=\"TABLE\(ordinal + 1)\" msdata:rowOrder=\"\(ordinal)\">\(row.text)</TABLE>\n"
  }

  private static func chapter(_ draw: Draw) -> String {
    draw.pick("chapter", ["412", "422", "423", "599", "860"])
  }

  /// The code and chapter of a unit that is no project, counted from 0.
  static func spendingUnit(_ unit: Int, seed: UInt64) -> (code: String, chapter: String) {
    let ordinal = unit / 9 * 10 + unit % 9
    return (ProvinceUnits.budgetCode(ordinal), chapter(Draw(seed: seed, record: ordinal)))
  }

  /// The unit beside another that is no project and nobody's superior.
  private static func neighbour(_ ordinal: Int) -> Int { ordinal % 10 == 8 ? ordinal - 1 : ordinal + 1 }

  /// The oddity of a unit that has this one as its neighbour.
  private func neighbourhood(_ ordinal: Int) -> (oddity: Oddity?, of: Int) {
    for other in [ordinal - 1, ordinal + 1]
    where other >= 0 && !ProvinceUnits.isProject(other) && Self.neighbour(other) == ordinal {
      if let oddity = mess.oddity(other) { return (oddity, other) }
    }
    return (nil, ordinal)
  }

  private func bend(_ row: inout XMLRow, _ oddity: Oddity, _ ordinal: Int) {
    switch oddity {
    case .shortCode: row["MaDVQHNS"] = String(row["MaDVQHNS"].dropLast())
    case .aboveItself: row["MaCapTren"] = row["MaDVQHNS"]
    case .closedWithoutDay: row["TrangThai"] = "đóng"
    case .endedCommune: row["MaXa"] = Places.ended
    case .closedBeforeOpened: (row["TrangThai"], row["NgayDong"]) = ("đóng", "01/01/1999")
    case .emptyElements: (row["DiaChi"], row["NguoiDaiDien"]) = ("", "")
    case .aboveEachOther, .belowClosed:
      if !ProvinceUnits.isProject(ordinal) {
        row["MaCapTren"] = ProvinceUnits.budgetCode(Self.neighbour(ordinal))
      }
    }
  }
}

/// Elements of one row in order; those without text are sent empty.
private struct XMLRow {
  private var elements: [(name: String, text: String)] = []
  /// Nested elements, as they are.
  var events = ""

  subscript(name: String) -> String {
    get { elements.first { $0.name == name }?.text ?? "" }
    set {
      guard let index = elements.firstIndex(where: { $0.name == name }) else {
        return elements.append((name, newValue))
      }
      elements[index].text = newValue
    }
  }

  var text: String {
    elements.map { $0.text.isEmpty ? "<\($0.name)/>" : "<\($0.name)>\($0.text)</\($0.name)>" }.joined()
      + events
  }
}
