// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The figures of some periods as SDMX-JSON 1.0: series stand under the places of their values in the lists of
/// dimensions (`"1:2:3:0:1"`), observations under the place of their period, each a list of the value and the places of
/// its attributes.
struct EthnicMessage: Sendable {
  /// About one in a thousand observations each. Five of them must be rejected, the others are loaded, some with a note.
  enum Oddity: CaseIterable, Sendable {
    case notCollected, confidential, provisional, withoutStatus, miscounted, bareNumber, missingWithValue,
      commented
    case negative, word, listOfNothing, tooFine
  }

  let figures: EthnicFigures
  let periods: [EthnicPeriod]
  private let mess: Mess<Oddity>
  /// Codes of the list of areas: an old code and the new one that took it over stand there once.
  private let areas: [String]

  init(_ figures: EthnicFigures, records: Int, from start: CalendarDate, to end: CalendarDate) {
    self.figures = figures
    periods = figures.periods.filter { start <= $0.end && $0.end <= end }
    mess = Mess(records: records)
    let provinces = Set(periods.map(EthnicFigures.province))
    areas = provinces.sorted() + Set(periods.flatMap(figures.communes)).sorted()
  }

  /// Nothing stands in a message without observations but its head.
  var body: StreamedBody {
    let message = self
    return StreamedBody {
      var next = -1
      var isFirst = true
      let frequencies = message.periods.isEmpty ? [] : ["A", "Q"]
      let count = frequencies.count * EthnicIndicator.all.count * message.areas.count
      return {
        defer { next += 1 }
        guard next >= 0 else { return Array(message.head.utf8) }
        guard next < count else {
          guard next == count else { return nil }
          return Array((message.periods.isEmpty ? "]},\"errors\":[]}\n" : "\n}}]},\"errors\":[]}\n").utf8)
        }
        let area = next % message.areas.count
        let indicator = next / message.areas.count % EthnicIndicator.all.count
        let frequency = next / message.areas.count / EthnicIndicator.all.count
        var piece = ""
        for series in message.series(frequency, frequencies[frequency], indicator, area) {
          piece += (isFirst ? "\n" : ",\n") + series
          isFirst = false
        }
        return Array(piece.utf8)
      }
    }
  }

  /// The series of one indicator and area: that of the total, then that of each group.
  private func series(_ place: Int, _ frequency: String, _ indicator: Int, _ area: Int) -> [String] {
    let what = EthnicIndicator.all[indicator]
    let isProvince = areas[area].utf8.count == 2
    let told = periods.indices.filter { index in
      let period = periods[index]
      return period.frequency == frequency && (what.isQuarterly || frequency == "A")
        && (isProvince
          ? EthnicFigures.province(period) == areas[area] : figures.communes(period).contains(areas[area]))
    }
    guard !told.isEmpty else { return [] }
    return (0...EthnicGroup.all.count).map { group in
      let observations = told.map { index in
        let value = figures.value(
          what.kind, periods[index], area: isProvince ? nil : areas[area], group: group == 0 ? nil : group - 1
        )
        return "\"\(index)\":"
          + observation(value, what, ordinal(indicator, areas[area], group, periods[index]))
      }
      return
        "\"\(place):\(indicator):\(area):\(group):\(what.unit.rawValue)\":{\"attributes\":[0,\(what.unit.hasFraction ? 1 : 0)],\"observations\":{"
        + observations.joined(separator: ",") + "}}"
    }
  }

  private func observation(_ value: Int, _ what: EthnicIndicator, _ ordinal: Int) -> String {
    func written(_ value: Int) -> String {
      let whole = String(value / 100)
      return what.unit.hasFraction ? "\(whole).\(digits(value % 100, 2))" : whole
    }
    return switch mess.oddity(ordinal) {
    case nil: "[\(written(value)),0]"
    case .notCollected: "[null,2]"
    case .confidential: "[null,3,1]"
    case .provisional: "[\(written(value)),1]"
    case .withoutStatus: "[\(written(value))]"
    case .miscounted: "[\(written(value + 100)),0]"
    case .bareNumber: written(value)
    case .missingWithValue: "[\(written(value)),2]"
    case .commented: "[\(written(value)),1,null,0]"
    case .negative: "[-\(written(value + 100)),0]"
    case .word: "[\"chưa có\",0]"
    case .listOfNothing: "[]"
    case .tooFine: "[\(value / 100).12345,0]"
    }
  }

  /// The same for an observation whichever message it stands in.
  private func ordinal(_ indicator: Int, _ area: String, _ group: Int, _ period: EthnicPeriod) -> Int {
    let communes = figures.communes(period)
    let place = communes.firstIndex(of: area).map { $0 + 1 } ?? 0
    let table = (period.year * 5 + (period.quarter ?? 0)) * EthnicIndicator.all.count + indicator
    return (table * (communes.count + 1) + place) * (EthnicGroup.all.count + 1) + group
  }

  // MARK: - What stands before the data

  private var head: String {
    let meta =
      #"{"meta":{"id":"CTDT","prepared":"2026-10-20T08:30:00+07:00","test":true,"content-languages":["vi"],"#
      + #""sender":{"id":"SDTTG","name":"Sở Dân tộc và Tôn giáo"}},"#
    guard !periods.isEmpty else { return meta + #""data":{"dataSets":["# }
    let series = [
      Self.dimension("FREQ", 0, [("A", "Năm"), ("Q", "Quý")]),
      Self.dimension("INDICATOR", 1, EthnicIndicator.all.map { ($0.code, $0.name) }),
      Self.dimension("REF_AREA", 2, areas.map { ($0, EthnicAreas.names[$0] ?? "Xã \($0)") }),
      Self.dimension("ETHNIC_GROUP", 3, [("_T", "Tổng số")] + EthnicGroup.all.map { ($0.code, $0.name) }),
      Self.dimension("UNIT_MEASURE", 4, EthnicUnit.allCases.map { ($0.code, $0.name) }),
    ]
    let time = Self.dimension("TIME_PERIOD", 5, periods.map { ($0.text, $0.words) })
    let statuses = Self.values([
      ("A", "Bình thường"), ("P", "Sơ bộ"), ("L", "Không thu thập được"), ("Q", "Đã che"),
    ])
    return meta
      + #""data":{"structure":{"name":"Chỉ tiêu công tác dân tộc","dimensions":{"dataSet":[],"series":["#
      + series.joined(separator: ",") + #"],"observation":["# + time
      + #"]},"attributes":{"dataSet":[],"series":[{"id":"LAST_UPDATE","values":[{"name":"2026-10-20T08:30:00+07:00"}]},"#
      + #"{"id":"DECIMALS","values":"# + Self.values([("0", "0"), ("2", "2")]) + "}],"
      + #""observation":[{"id":"OBS_STATUS","values":"# + statuses + #"},{"id":"CONF_STATUS","values":"#
      + Self.values([("F", "Được công bố"), ("C", "Mật")])
      + #"},{"id":"COMMENT","values":[{"name":"Bốn xã chưa gửi báo cáo"}]}]}},"#
      + #""dataSets":[{"action":"Replace","series":{"#
  }

  private static func dimension(_ id: String, _ position: Int, _ list: [(id: String, name: String)]) -> String
  {
    "{\"id\":\"\(id)\",\"keyPosition\":\(position),\"values\":\(values(list))}"
  }

  private static func values(_ list: [(id: String, name: String)]) -> String {
    "[" + list.map { "{\"id\":\(quoted($0.id)),\"name\":\(quoted($0.name))}" }.joined(separator: ",") + "]"
  }
}
