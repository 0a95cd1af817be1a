// SPDX-License-Identifier: Apache-2.0

/// The finance ministry's code service.
struct BudgetSystem: SectorSystem {
  static let secrets: [String: String] = [:]

  let units: BudgetUnits

  init(_ scale: SandboxScale, seed: UInt64) {
    units = BudgetUnits(ProvinceUnits(scale, seed: seed))
  }

  var routes: [SectorRoute] { [SectorRoute("POST /budget/DanhMuc.asmx", units.answer)] }
}
