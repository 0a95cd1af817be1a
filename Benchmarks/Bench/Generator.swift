// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Writes asset records as one document, streamed; the same number gives the same bytes.
enum Generator {
  private static let names = [
    "Máy tính để bàn Đồng Văn", "Nhà làm việc Uỷ ban nhân dân xã Lũng Cú", "Ô tô phục vụ chung",
    "Máy phát điện dự phòng", "Đất trụ sở Mèo Vạc", "Máy chiếu phòng họp Hoàng Su Phì",
    "Thiết bị mạng & bảo mật", "Bàn ghế <học sinh> trường Thuận Hòa",
  ]
  private static let units = ["1000123", "1000124", "1012345", "2000567", "1079715", "1034567"]
  private static let communes = ["00688", "00694", "00715", "00769", "00841", "00967", "01117"]

  struct Asset {
    let number: Int

    var name: String { names[number % names.count] + " số \(number)" }
    var unit: String { units[number % units.count] }
    var commune: String { communes[number % communes.count] }
    var kind: Int { number % 7 + 1 }
    var usedFrom: String { date(number) }
    var updated: String { date(number / 3 + 4000) }
    var cost: String { Self.amount(10_000_000 + number &* 7919 % 900_000_000, number % 100) }
    var wear: String { Self.amount(number &* 104_729 % 9_000_000, number % 97) }
    var code: String { "HG." + padded(number, 9) }
    var note: String? { number % 5 == 0 ? "Điều chuyển từ đơn vị cũ & kiểm kê lại" : nil }

    private func date(_ seed: Int) -> String {
      padded(seed % 28 + 1, 2) + "/" + padded(seed % 12 + 1, 2) + "/" + String(2001 + seed % 24)
    }

    private func padded(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    static func amount(_ whole: Int, _ cents: Int) -> String {
      var digits = String(whole)
      var groups: [String] = []
      while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
      }
      groups.insert(digits, at: 0)
      return groups.joined(separator: ".") + "," + (cents < 10 ? "0\(cents)" : "\(cents)")
    }
  }

  static func xml(_ records: Int, to path: String) {
    write(path) { out in
      out(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ts:DanhSach xmlns:ts=\"urn:vn:taisan:1\" "
          + "xmlns:dm=\"urn:vn:danhmuc:1\" tongSo=\"\(records)\">\n")
      for number in 0..<records {
        let asset = Asset(number: number)
        let name = asset.name.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(
          ">", with: "&gt;")
        let note = asset.note.map { "\n    <ts:GhiChu>\($0.replacing("&", with: "&amp;"))</ts:GhiChu>" } ?? ""
        out(
          """
            <ts:TaiSan stt="\(number + 1)" loai="\(asset.kind)">
              <ts:MaTaiSan>\(asset.code)</ts:MaTaiSan>
              <ts:TenTaiSan> \(name) </ts:TenTaiSan>
              <dm:DonVi dm:ma="\(asset.unit)"><dm:Ten>Phòng Tài chính - Kế hoạch</dm:Ten><dm:Cap>3</dm:Cap></dm:DonVi>
              <ts:GiaTri><ts:NguyenGia>\(asset.cost)</ts:NguyenGia><ts:HaoMonLuyKe>\(asset.wear)</ts:HaoMonLuyKe></ts:GiaTri>
              <ts:ThoiGian><ts:NgaySuDung>\(asset.usedFrom)</ts:NgaySuDung><ts:NgayCapNhat>\(asset.updated)</ts:NgayCapNhat></ts:ThoiGian>
              <dm:DiaBan maXa="\(asset.commune)"><dm:Tinh>Hà Giang</dm:Tinh></dm:DiaBan>
              <ts:SoLuong>\(number % 9 + 1)</ts:SoLuong>
              <ts:TrangThai>Đang sử dụng</ts:TrangThai>\(note)
            </ts:TaiSan>

          """)
      }
      out("</ts:DanhSach>\n")
    }
  }

  static func json(_ records: Int, to path: String) {
    write(path) { out in
      out("{\"status\": 1, \"data\": {\"tongSo\": \(records), \"items\": [\n")
      for number in 0..<records {
        let asset = Asset(number: number)
        let note = asset.note.map { ", \"ghiChu\": \"\($0)\"" } ?? ""
        out(
          "{\"stt\": \(number + 1), \"loai\": \(asset.kind), \"maTaiSan\": \"\(asset.code)\", \"tenTaiSan\": \" \(asset.name) \", "
            + "\"donVi\": {\"ma\": \"\(asset.unit)\", \"ten\": \"Phòng Tài chính - Kế hoạch\", \"cap\": 3}, "
            + "\"giaTri\": {\"nguyenGia\": \"\(asset.cost)\", \"haoMonLuyKe\": \"\(asset.wear)\"}, "
            + "\"thoiGian\": {\"ngaySuDung\": \"\(asset.usedFrom)\", \"ngayCapNhat\": \"\(asset.updated)\"}, "
            + "\"diaBan\": {\"maXa\": \"\(asset.commune)\", \"tinh\": \"Hà Giang\"}, \"soLuong\": \(number % 9 + 1), "
            + "\"trangThai\": \"Đang sử dụng\"\(note)}\(number + 1 < records ? "," : "")\n")
      }
      out("]}}\n")
    }
  }

  private static func write(_ path: String, _ body: ((String) -> Void) -> Void) {
    guard let file = fopen(path, "w") else {
      perror(path)
      exit(74)
    }
    var buffer: [UInt8] = []
    body { text in
      buffer.append(contentsOf: text.utf8)
      if buffer.count > 1 << 20 {
        fwrite(buffer, 1, buffer.count, file)
        buffer.removeAll(keepingCapacity: true)
      }
    }
    fwrite(buffer, 1, buffer.count, file)
    fclose(file)
  }
}
