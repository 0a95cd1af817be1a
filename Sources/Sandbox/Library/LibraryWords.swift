// SPDX-License-Identifier: Apache-2.0

/// What invented publications and research tasks are about, and who publishes them.
struct LibraryWords: Sendable {
  let topic: String
  let place: String
  let subject: String
  let ddc: String

  init(_ draw: Draw) {
    let topic = draw.pick("topic", Self.topics)
    (self.topic, subject, ddc) = (topic.title, topic.subject, topic.ddc)
    place = draw.pick("where", Self.places)
  }

  var title: String { "\(topic) ở \(place)" }

  private static let topics: [(title: String, subject: String, ddc: String)] = [
    ("Kỹ thuật trồng chè Shan tuyết", "Chè", "633.7"), ("Nghề dệt lanh của người Mông", "Nghề dệt", "746.1"),
    ("Bảo tồn giống bò vàng", "Chăn nuôi bò", "636.2"), ("Địa chất và địa mạo", "Địa chất", "555.97"),
    ("Canh tác tam giác mạch", "Cây lương thực", "633.1"),
    ("Cây dược liệu dưới tán rừng", "Dược liệu", "615.3"),
    ("Văn hóa dân gian", "Văn hóa dân gian", "390"), ("Phòng chống sạt lở đất", "Thiên tai", "363.34"),
    ("Nuôi ong lấy mật bạc hà", "Nuôi ong", "638"), ("Du lịch cộng đồng", "Du lịch", "338.4"),
  ]
  private static let places = [
    "cao nguyên đá Đồng Văn", "huyện Mèo Vạc", "huyện Quản Bạ", "huyện Hoàng Su Phì", "vùng núi phía Bắc",
    "tỉnh Hà Giang",
  ]

  static let publishers: [(place: String, name: String)] = [
    ("Hà Nội", "Khoa học và Kỹ thuật"), ("Hà Nội", "Văn hóa dân tộc"), ("Hà Nội", "Nông nghiệp"),
    ("Thái Nguyên", "Đại học Thái Nguyên"), ("Hà Giang", "Sở Văn hóa, Thể thao và Du lịch"),
  ]
}

/// Numbers of books that nobody was given by us: valid in form.
enum BookNumber {
  /// `978-604-00-1234-x`
  static func thirteen(_ serial: Int) -> String {
    let serial = digits(serial % 1_000_000, 6)
    let sum = ("978604" + serial).utf8.enumerated().reduce(0) { sum, item in
      sum + Int(item.element - 48) * (item.offset % 2 == 0 ? 1 : 3)
    }
    return "978-604-\(serial.prefix(2))-\(serial.dropFirst(2))-\((10 - sum % 10) % 10)"
  }

  /// `604-00-1234-X`
  static func ten(_ serial: Int) -> String {
    let serial = digits(serial % 1_000_000, 6)
    let sum = ("604" + serial).utf8.enumerated().reduce(0) { sum, item in
      sum + Int(item.element - 48) * (10 - item.offset)
    }
    let check = (11 - sum % 11) % 11
    return "604-\(serial.prefix(2))-\(serial.dropFirst(2))-\(check == 10 ? "X" : String(check))"
  }
}
