// SPDX-License-Identifier: Apache-2.0

import Records

/// What is counted.
struct EthnicIndicator: Sendable {
  enum Kind: Sendable { case people, households, poor, poorShare, pupils, cleanWater, land }

  var code: String
  var name: String
  var unit: EthnicUnit
  var kind: Kind
  /// Whether it is counted each quarter, not only each year.
  var isQuarterly: Bool

  static let all = [
    EthnicIndicator(
      code: "DS01", name: "Dân số trung bình", unit: .person, kind: .people, isQuarterly: false),
    EthnicIndicator(code: "DS02", name: "Số hộ", unit: .household, kind: .households, isQuarterly: false),
    EthnicIndicator(code: "HN01", name: "Số hộ nghèo", unit: .household, kind: .poor, isQuarterly: true),
    EthnicIndicator(
      code: "HN02", name: "Tỷ lệ hộ nghèo", unit: .percent, kind: .poorShare, isQuarterly: true),
    EthnicIndicator(
      code: "GD01", name: "Số học sinh phổ thông", unit: .person, kind: .pupils, isQuarterly: false),
    EthnicIndicator(
      code: "NS01", name: "Số hộ dùng nước hợp vệ sinh", unit: .household, kind: .cleanWater,
      isQuarterly: true),
    EthnicIndicator(
      code: "DD01", name: "Diện tích đất sản xuất được giao", unit: .hectare, kind: .land, isQuarterly: false),
  ]
}

enum EthnicUnit: Int, CaseIterable, Sendable {
  case person, household, hectare, percent

  /// As messages name it, and as people do.
  var code: String { ["PS", "HH", "HAR", "PT"][rawValue] }
  var name: String { ["Người", "Hộ", "Ha", "%"][rawValue] }
  var hasFraction: Bool { self == .hectare || self == .percent }
}

/// A column of the tables: a group, or the rest of them.
struct EthnicGroup: Sendable {
  /// By the numbers of a public list that is not that of the statistics office: its 41 is Pà Thẻn, its 46 Bố Y.
  var code: String
  var name: String
  /// A handful of households, in few communes.
  var isSmall: Bool

  static let all = [
    EthnicGroup(code: "01", name: "Kinh", isSmall: false),
    EthnicGroup(code: "02", name: "Tày", isSmall: false),
    EthnicGroup(code: "07", name: "Nùng", isSmall: false),
    EthnicGroup(code: "08", name: "Mông", isSmall: false),
    EthnicGroup(code: "09", name: "Dao", isSmall: false),
    EthnicGroup(code: "36", name: "La Chí", isSmall: false),
    EthnicGroup(code: "41", name: "Pà Thẻn", isSmall: true),
    EthnicGroup(code: "42", name: "Lô Lô", isSmall: true),
    EthnicGroup(code: "45", name: "Cờ Lao", isSmall: true),
    EthnicGroup(code: "46", name: "Bố Y", isSmall: true),
    EthnicGroup(code: "51", name: "Pu Péo", isSmall: true),
    EthnicGroup(code: "_O", name: "Dân tộc khác", isSmall: false),
  ]
}

/// The figures themselves, in hundredths: invented for each commune, group and period, and added up for the rest.
struct EthnicFigures: Sendable {
  let seed: UInt64
  /// Communes that there are figures of, on each side of the merger.
  let communes: Int
  let firstYear: Int

  /// - Parameter records: about so many observations, up to all communes and twelve years of them.
  init(records: Int, seed: UInt64) {
    self.seed = seed
    let groups = EthnicGroup.all.count + 1
    let quarterly = EthnicIndicator.all.count { $0.isQuarterly }
    // Of one area: seven quarters and a year.
    let usual = groups * (7 * quarterly + EthnicIndicator.all.count)
    communes = min(max(1, records / usual - 1), EthnicAreas.before.count)
    let more = max(0, records - usual * (communes + 1))
    firstYear = 2025 - min(11, more / ((communes + 1) * groups * (4 * quarterly + EthnicIndicator.all.count)))
  }

  var periods: [EthnicPeriod] { EthnicPeriod.all(from: firstYear) }

  /// The communes of a period.
  func communes(_ period: EthnicPeriod) -> ArraySlice<String> {
    (period.isMerged ? EthnicAreas.after : EthnicAreas.before).prefix(communes)
  }

  static func province(_ period: EthnicPeriod) -> String {
    period.isMerged ? EthnicAreas.province : EthnicAreas.oldProvince
  }

  /// The figure of an area, in hundredths.
  ///
  /// - Parameters:
  ///   - area: a commune's code; nil for the province.
  ///   - group: nil for all of them together.
  func value(_ kind: EthnicIndicator.Kind, _ period: EthnicPeriod, area: String?, group: Int?) -> Int {
    if kind == .poorShare {
      let households = value(.households, period, area: area, group: group)
      let poor = value(.poor, period, area: area, group: group)
      return households == 0 ? 0 : (poor * 20_000 / households + 1) / 2
    }
    let communes = area.map { [$0][...] } ?? communes(period)
    let groups = group.map { $0...$0 } ?? 0...EthnicGroup.all.count - 1
    return communes.reduce(0) { sum, commune in
      sum + groups.reduce(0) { $0 + cell(kind, period, commune, $1) }
    }
  }

  private func cell(_ kind: EthnicIndicator.Kind, _ period: EthnicPeriod, _ commune: String, _ group: Int)
    -> Int
  {
    let place = (Int(commune) ?? 0) * 2 + (period.isMerged ? 1 : 0)
    let draw = Draw(seed: seed, record: place * EthnicGroup.all.count + group)
    let few = draw.bits("has") % 6 == 0 ? draw.number("few", in: 1...40) : 0
    let households = EthnicGroup.all[group].isSmall ? few : draw.number("many", in: 0...600)
    let quarters = (period.year - 2014) * 4 + (period.quarter ?? 4)
    func share(_ purpose: StaticString, _ range: ClosedRange<Int>) -> Int {
      households * draw.number(purpose, in: range) / 1000
    }
    switch kind {
    case .households: return households * 100
    case .people: return share("people", 3_600...5_200) * 100
    case .poor: return max(0, share("poor", 250...600) - households * quarters / 400) * 100
    case .pupils: return share("pupils", 600...1_300) * 100
    case .cleanWater: return min(households, share("water", 400...800) + households * quarters / 500) * 100
    case .land: return households * draw.number("land", in: 20...90)
    case .poorShare: return 0
    }
  }
}
