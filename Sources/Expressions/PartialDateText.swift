// SPDX-License-Identifier: Apache-2.0

import Records

/// The parts of a partial date's canonical text: `1985`, `1985-03`, `1985-03-07`.
struct PartialDateText {
  let year: Int
  let month: Int?
  let day: Int?

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count == 4 || bytes.count == 7 || bytes.count == 10,
      let year = MomentText.number(bytes, 0..<4), year > 0
    else { return nil }
    self.year = year
    if bytes.count == 10 {
      guard let date = MomentText.date(bytes) else { return nil }
      (month, day) = (date.parts.month, date.parts.day)
      return
    }
    day = nil
    if bytes.count == 4 {
      month = nil
    } else {
      guard bytes[4] == UInt8(ascii: "-"), let month = MomentText.number(bytes, 5..<7),
        (1...12).contains(month)
      else { return nil }
      self.month = month
    }
  }
}
