// SPDX-License-Identifier: Apache-2.0

/// What each byte of a legacy encoding means, as scalars of the basic plane.
///
/// TCVN3 and VISCII after the letter tables of TCVN 5712:1993 and RFC 1456, the same that glibc's `TCVN` and
/// `VISCII` give; VNI after the two-character forms of the VNI Windows fonts.
enum LegacyTextTables {
  /// TCVN3 (the fonts named `.VnTime` and the like), which is TCVN 5712:1993 VN1 with its capitals.
  static let tcvn3 = table(
    controls: [
      0x01: "Ú", 0x02: "Ụ", 0x04: "Ừ", 0x05: "Ử", 0x06: "Ữ", 0x11: "Ứ", 0x12: "Ự", 0x13: "Ỳ",
      0x14: "Ỷ", 0x15: "Ỹ", 0x16: "Ý", 0x17: "Ỵ",
    ],
    high: [
      "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ",
      "ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ",
      "\u{00A0}ĂÂÊÔƠƯĐăâêôơưđẰ",
      "\u{0300}\u{0309}\u{0303}\u{0301}\u{0323}àảãáạẲằẳẵắẴ",
      "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ",
      "éẹềểễếệìỉỄẾỒĩíịò",
      "Ổỏõóọồổỗốộờởỡớợù",
      "ỖủũúụừửữứựỳỷỹýỵỐ",
    ])

  /// VISCII 1.1 (RFC 1456).
  static let viscii = table(
    controls: [
      0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ",
    ],
    high: [
      "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ",
      "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ",
      "Õắằặấầẩậẽẹếềểễệố",
      "ồổỗỠƠộờởịỰỨỪỬơớƯ",
      "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ",
      "ĐứÒÓÔạỷừửÙÚỹỵÝỡư",
      "àáâãảăữẫèéêẻìíĩỉ",
      "đựòóôõỏọụùúũủýợỮ",
    ])

  /// windows-1252, bytes 80-9F; its five holes are read as the C1 controls of the same number.
  static let windows1252: [UInt16] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
    0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]

  /// VNI: letters that stand alone, and letters made of a base and a mark.
  struct VNI {
    var letters = (0..<256).map { UInt16($0) }
    /// Indexed by base and mark; 0 where the two make no letter.
    var pairs = [UInt16](repeating: 0, count: 1 << 16)
    var isBase = [Bool](repeating: false, count: 256)
  }

  static let vni: VNI = {
    var vni = VNI()
    // Each word: the characters as seen through Latin-1, then the letter they mean.
    for word in vniWords.split(whereSeparator: \.isWhitespace) {
      let scalars = word.unicodeScalars.map { UInt16(truncatingIfNeeded: $0.value) }
      if scalars.count == 2 {
        vni.letters[Int(scalars[0])] = scalars[1]
      } else {
        vni.pairs[Int(scalars[0]) << 8 | Int(scalars[1])] = scalars[2]
        vni.isBase[Int(scalars[0])] = true
      }
    }
    return vni
  }()

  private static let vniWords = """
    ÆỈ ÑĐ ÒỊ ÓĨ ÔƠ ÖƯ æỉ ñđ òị óĩ ôơ öư
    AÀẦ AÁẤ AÂÂ AÃẪ AÄẬ AÅẨ AÈẰ AÉẮ AÊĂ AËẶ AÏẠ AÕÃ AØÀ AÙÁ AÛẢ AÜẴ
    EÀỀ EÁẾ EÂÊ EÃỄ EÄỆ EÅỂ EÏẸ EÕẼ EØÈ EÙÉ EÛẺ
    IØÌ IÙÍ
    OÀỒ OÁỐ OÂÔ OÃỖ OÄỘ OÅỔ OÏỌ OÕÕ OØÒ OÙÓ OÛỎ
    UÏỤ UÕŨ UØÙ UÙÚ UÛỦ
    YÏỴ YÕỸ YØỲ YÙÝ YÛỶ
    aàầ aáấ aââ aãẫ aäậ aåẩ aèằ aéắ aêă aëặ aïạ aõã aøà aùá aûả aüẵ
    eàề eáế eâê eãễ eäệ eåể eïẹ eõẽ eøè eùé eûẻ
    iøì iùí
    oàồ oáố oâô oãỗ oäộ oåổ oïọ oõõ oøò oùó oûỏ
    uïụ uõũ uøù uùú uûủ
    yïỵ yõỹ yøỳ yùý yûỷ
    ÔÏỢ ÔÕỠ ÔØỜ ÔÙỚ ÔÛỞ
    ÖÏỰ ÖÕỮ ÖØỪ ÖÙỨ ÖÛỬ
    ôïợ ôõỡ ôøờ ôùớ ôûở
    öïự öõữ öøừ öùứ öûử
    """

  private static func table(controls: [UInt8: Unicode.Scalar], high: [String]) -> [UInt16] {
    var table = (0..<256).map { UInt16($0) }
    for (byte, letter) in controls { table[Int(byte)] = UInt16(truncatingIfNeeded: letter.value) }
    for (offset, letter) in high.joined().unicodeScalars.enumerated() {
      table[0x80 + offset] = UInt16(truncatingIfNeeded: letter.value)
    }
    return table
  }
}
