// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@Suite("Legacy Vietnamese text")
struct LegacyTextTests {
  @Test(
    "reads TCVN3 that was taken for Latin-1",
    arguments: [
      ("§ång V¨n", "Đồng Văn"), ("Hµ Giang", "Hà Giang"), ("Qu¶n B¹", "Quản Bạ"),
      ("Hoµng Su Ph×", "Hoàng Su Phì"),
      ("NguyÔn ThÞ H»ng", "Nguyễn Thị Hằng"), ("Tr\u{AD}êng", "Trường"), ("Lòng Có", "Lũng Cú"),
    ])
  func tcvn3(seen: String, meant: String) {
    #expect(LegacyEncoding.tcvn3.text(seenAsLatin1: seen) == meant)
  }

  @Test(
    "reads VNI that was taken for windows-1252",
    arguments: [
      ("Ñoàng Vaên", "Đồng Văn"), ("Haø Giang", "Hà Giang"), ("Nguyeãn Thò Haèng", "Nguyễn Thị Hằng"),
      ("Tröôøng", "Trường"), ("ôû ñoù ö", "ở đó ư"), ("“Quyeát ñònh”", "“Quyết định”"),
    ])
  func vni(seen: String, meant: String) {
    #expect(LegacyEncoding.vni.text(seenAsLatin1: seen) == meant)
  }

  @Test("reads VISCII that was taken for Latin-1, its letters among the controls too")
  func viscii() {
    #expect(LegacyEncoding.viscii.text(seenAsLatin1: "Ð°ng Vån") == "Đồng Văn")
    #expect(LegacyEncoding.viscii.text(seenAsLatin1: "\u{02}\u{05}\u{06}\u{14}\u{19}\u{1E}") == "ẲẴẪỶỸỴ")
  }

  @Test("leaves characters beyond Latin-1 as they are", arguments: LegacyEncoding.allCases)
  func leavesOthers(encoding: LegacyEncoding) {
    #expect(encoding.text(seenAsLatin1: "x \u{2013} ệ 😀 1") == "x \u{2013} ệ 😀 1")
  }

  @Test("keeps line ends and ASCII", arguments: LegacyEncoding.allCases)
  func keepsASCII(encoding: LegacyEncoding) {
    let ascii = "\t\r\n" + String((0x20..<0x7F).map { Character(Unicode.Scalar(UInt8($0))) })
    #expect(encoding.text(seenAsLatin1: ascii) == ascii)
  }
}
