// SPDX-License-Identifier: Apache-2.0

/// The units of the province: what the lists of several systems agree on, but where one of them is odd.
struct ProvinceUnits: Sendable {
  /// How many units and projects have a budget code.
  let budgetCodes: Int
  let schools: Int
  let seed: UInt64

  init(_ scale: SandboxScale, seed: UInt64) {
    budgetCodes = scale.budgetUnits
    schools = Schools(pupils: scale.pupils, seed: seed).records
    self.seed = seed
  }

  /// Agencies as the personnel database knows them, in the older order of their codes. One code stands for two of them.
  static let agencies: [(code: String, name: String)] = [
    ("000.00.12.H22", "Sở mẫu A"), ("000.00.15.H22", "Sở mẫu B"), ("000.01.31.H22", "Ủy ban nhân dân xã mẫu"),
    ("000.00.00.H22", "Văn phòng Ủy ban nhân dân tỉnh"), ("000.00.15.H22", "Sở mẫu C"),
  ]

  /// Every tenth code is a project's: 7 for projects and 1 for units; the serials of both are apart.
  static func isProject(_ ordinal: Int) -> Bool { ordinal % 10 == 9 }

  static func budgetCode(_ ordinal: Int) -> String {
    (isProject(ordinal) ? "7" : "1") + digits(79_715 + ordinal, 6)
  }

  /// The budget code's ordinal of the unit that the asset system lists at a place; nil beyond the codes there are.
  func budgetOrdinal(ofAssetUnit place: Int) -> Int? {
    let ordinal = place / 9 * 10 + place % 9
    return ordinal < budgetCodes ? ordinal : nil
  }

  static func budgetOrdinal(ofSchool school: Int) -> Int { school * 10 + 8 }

  func name(_ ordinal: Int) -> String {
    if ordinal == 0 { return "Ủy ban nhân dân tỉnh" }
    if ordinal <= Self.agencies.count { return Self.agencies[ordinal - 1].name }
    if ordinal % 10 == 8, ordinal / 10 < schools { return Schools.name(ordinal / 10, seed: seed) }
    return "Đơn vị số \(ordinal)"
  }
}
