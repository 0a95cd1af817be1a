// SPDX-License-Identifier: Apache-2.0

/// How wide text is on a terminal, and text that is safe to show on one.
enum DisplayWidth {
  /// Columns that a character takes: none for what combines, two for East Asian wide ones and pictures.
  static func of(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    // A base letter carries its marks without growing; a mark alone takes no room.
    return first.properties.generalCategory.isMark || first.value == 0x200D ? 0 : first.isWide ? 2 : 1
  }

  static func of(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + of($1) } }

  /// The text with control characters, which a terminal would obey, made visible, and each tab one space.
  static func shown(_ text: some StringProtocol) -> String {
    String(
      text.map { character in
        if character == "\t" { return " " }
        let isObeyed = character.unicodeScalars.contains {
          // Direction overrides could make a line read otherwise than it is.
          $0.properties.generalCategory == .control || (0x202A...0x202E).contains($0.value)
            || (0x2066...0x2069).contains($0.value)
        }
        return isObeyed ? "\u{FFFD}" : character
      })
  }
}

extension Unicode.GeneralCategory {
  fileprivate var isMark: Bool {
    switch self {
    case .nonspacingMark, .enclosingMark, .format: true
    default: false
    }
  }
}

extension Unicode.Scalar {
  /// Ranges of UAX 11 that are wide, as far as files of ours may hold them.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
      0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
