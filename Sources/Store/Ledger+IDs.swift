// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Synchronization

/// Crockford's base 32: digits and capitals without I, L, O and U, in ascending order of their bytes.
enum Base32 {
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  static func text(_ number: UInt128, width: Int = 1) -> String {
    var rest = number
    var bytes: [UInt8] = []
    while rest > 0 || bytes.count < width {
      bytes.append(digits[Int(rest % 32)])
      rest /= 32
    }
    return String(decoding: bytes.reversed(), as: UTF8.self)
  }

  static func number(_ text: some StringProtocol) -> UInt128? {
    guard !text.isEmpty, text.utf8.count <= 24 else { return nil }
    var number: UInt128 = 0
    for byte in text.utf8 {
      guard let digit = digits.firstIndex(of: byte) else { return nil }
      number = number * 32 + UInt128(digit)
    }
    return number
  }

  /// Reads what people type: small letters, and the letters that are left out because they look like digits.
  static func canonical(_ text: String) -> String {
    String(
      text.uppercased().map { letter in
        switch letter {
        case "I", "L": "1"
        case "O": "0"
        default: letter
        }
      })
  }
}

extension Ledger {
  /// A new run id: `R` and 15 characters. Ids sort in the order in which they are made, even when the clock
  /// steps back.
  public func newRunID() throws(StageFailure) -> String { try newID("R", table: "run") }

  /// A new batch id: `B` and 15 characters; sorts like ``newRunID()``.
  public func newBatchID() throws(StageFailure) -> String { try newID("B", table: "batch") }

  /// 45 bits of milliseconds, then 30 bits of chance. Where that is not above the newest id, the newest plus
  /// a random step stands, so that two processes that both go on from it do not meet.
  private func newID(_ kind: Character, table: String) throws(StageFailure) -> String {
    let stored = try read { db in try String.fetchOne(db, sql: "SELECT max(id) FROM \(table)") }
    let milliseconds = UInt128(min(max(clock(), 0), 1 << 45 - 1))
    return newest.withLock { newest in
      let last = max(stored ?? "", newest[kind] ?? "")
      let lastNumber = Base32.number(last.dropFirst()) ?? 0
      var number = milliseconds << 30 | UInt128(UInt32.random(in: 0..<1 << 30))
      if number <= lastNumber { number = lastNumber + UInt128(UInt32.random(in: 1...1 << 22)) }
      let id = String(kind) + Base32.text(number, width: 15)
      newest[kind] = id
      return id
    }
  }

  static func rejectID(_ number: Int64) -> String { "J" + Base32.text(UInt128(max(number, 0))) }

  static func rejectNumber(_ id: String) -> Int64? {
    guard id.hasPrefix("J") else { return nil }
    return Base32.number(id.dropFirst()).flatMap(Int64.init(exactly:))
  }
}
