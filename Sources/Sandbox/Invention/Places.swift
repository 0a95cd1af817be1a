// SPDX-License-Identifier: Apache-2.0

import Records

/// Communes of Hà Giang's area as the systems know them: until 2025-06-30 those of the old province, from
/// the next day those that they were merged into (letter 1027/CTK-CSCL). The same code may mean two places.
enum Places {
  static let merger = CalendarDate(year: 2025, month: 7, day: 1) ?? CalendarDate(days: 20_270)

  static let before = [
    "00688", "00691", "00692", "00694", "00715", "00721", "00742", "00769", "00796", "00820", "00874",
    "00913",
    "00967", "00985", "00988", "01021", "01090", "01117", "01153",
  ]
  static let after = [
    "00691", "00694", "00700", "00706", "00715", "00721", "00745", "00769", "00778", "00820", "00832",
    "00913",
    "00967", "00991", "01021", "01144", "01153", "01165",
  ]
  /// A code that ended with the merger.
  static let ended = "00692"
}
