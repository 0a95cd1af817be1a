// SPDX-License-Identifier: Apache-2.0

import Components
import Planning
import Records

/// The highest value of the watched field over the records of a payload that pass. A day behind the landing date is a
/// mistake of the source: going on from it would leave out all that changes until then.
struct HighestSeen {
  /// For each root kind, the place of the field among the table's fields; nil where it is not mapped.
  private let places: [Int?]
  private let lastDay: CalendarDate
  private var highest: Int64?
  private var highestText: [UInt8]?
  private var make: (Int64) -> HighestValue = { .integer($0) }

  init(_ plan: Plan, landingDate: CalendarDate) {
    places = plan.load.kinds.map { kind in plan.watched.flatMap { kind.mapped.firstIndex(of: $0) } }
    lastDay = landingDate
  }

  var value: HighestValue? {
    highest.map(make) ?? highestText.map { .text(String(decoding: $0, as: UTF8.self)) }
  }

  mutating func add(_ chunk: Chunk) {
    guard let place = places[chunk.kind], place < chunk.table.fields.count else { return }
    let fates = chunk.table.fates
    switch chunk.table.fields[place].column {
    case .integer(let column):
      add(fates, notAfter: .max) { column[$0] }
    case .date(let column):
      make = { .date(CalendarDate(days: Int32(truncatingIfNeeded: $0))) }
      add(fates, notAfter: Int64(lastDay.days)) { column[$0].map(Int64.init) }
    case .timestamp(let column):
      make = { .timestamp(Instant(microseconds: $0)) }
      add(fates, notAfter: (Int64(lastDay.days) + 1) * 86_400_000_000 - 1) { column[$0] }
    case .text(let column):
      for row in 0..<fates.count where fates[row] == .live {
        guard let text = column.string(row) else { continue }
        let bytes = Array(text.utf8)
        if highestText.map({ $0.lexicographicallyPrecedes(bytes) }) ?? true { highestText = bytes }
      }
    case .decimal, .boolean: break
    }
  }

  private mutating func add(
    _ fates: GrowableBuffer<RowFate>, notAfter limit: Int64, _ value: (Int) -> Int64?
  ) {
    for row in 0..<fates.count where fates[row] == .live {
      guard let value = value(row), value <= limit else { continue }
      highest = max(highest ?? value, value)
    }
  }
}
