// SPDX-License-Identifier: Apache-2.0

/// Chance that can be asked again: the same for the same seed, record and purpose, in any order, so that a
/// page can be made without the pages before it.
struct Draw: Sendable {
  let seed: UInt64
  let record: Int

  /// 64 random bits (the finish of SplitMix64).
  func bits(_ purpose: StaticString) -> UInt64 {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(record)) &* 0xD6E8_FEB8_6659_FD93
    purpose.withUTF8Buffer { for byte in $0 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 } }
    state = (state ^ (state &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state &>> 27)) &* 0x94D0_49BB_1331_11EB
    return state ^ (state &>> 31)
  }

  func number(_ purpose: StaticString, in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(bits(purpose) % UInt64(range.upperBound - range.lowerBound + 1))
  }

  func pick<Item>(_ purpose: StaticString, _ items: [Item]) -> Item {
    items[Int(bits(purpose) % UInt64(items.count))]
  }
}

/// Which records of a system are odd, and how: each oddity once in a thousand records (or once in all, where
/// there are fewer), at fixed places.
struct Mess<Oddity: CaseIterable & Sendable>: Sendable {
  private let period: Int
  private let oddities = Array(Oddity.allCases)

  init(records: Int) { period = min(1000, max(records, 1)) }

  /// The oddity of a record, if it has one. Two odd records never stand side by side; fewer than three
  /// records for each oddity have none at all.
  func oddity(_ record: Int) -> Oddity? {
    guard period >= 3 * (oddities.count + 1) else { return nil }
    let place = record % period
    let step = period / (oddities.count + 1)
    guard place % step == 0, place > 0, place / step <= oddities.count else { return nil }
    return oddities[place / step - 1]
  }
}
