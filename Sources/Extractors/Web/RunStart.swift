// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// When a complete run began, as a checkpoint keeps it.
enum RunStart {
  static func checkpoint(_ seconds: Int64) -> Checkpoint { SinceCheckpoint(start: seconds).checkpoint }

  /// Seconds since 1970, or nil when the checkpoint is none of ours.
  static func read(_ checkpoint: Checkpoint) -> Int64? { SinceCheckpoint(checkpoint).start }

  /// `yyyy-MM-ddTHH:mm:ssZ`
  static func parse(_ text: String) -> Int64? {
    let numbers = text.split { !$0.isNumber }.map { Int($0) }
    guard text.utf8.count == 20, text.hasSuffix("Z"), numbers.count == 6, let year = numbers[0],
      let month = numbers[1],
      let day = numbers[2], let hour = numbers[3], let minute = numbers[4], let second = numbers[5],
      let date = CalendarDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
    else { return nil }
    return Int64(date.days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }
}
