// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// How long to wait before a request is made again: exponential backoff with full jitter, and what the source asks for.
struct RetryPolicy: Sendable {
  let retries: SystemSpec.Retries

  /// Seconds before a try.
  ///
  /// - Parameters:
  ///   - attempt: of the try that failed, from 1.
  ///   - asked: seconds of `Retry-After`.
  ///   - chance: from 0 up to 1.
  func wait(after attempt: Int, asked: Double?, chance: Double) -> Double {
    // Past 2^30 the longest wait stands anyway.
    let most = min(retries.longestWait, retries.firstWait * Double(1 << min(attempt - 1, 30)))
    // Nobody waits less than a source asks for, or longer than was allowed, whatever it asks.
    return min(retries.longestWait, max(most * chance, asked ?? 0))
  }

  /// Seconds that a `Retry-After` asks for: digits, or a date of RFC 9110. Nil for anything else.
  static func asked(_ text: String, now: Int64) -> Double? {
    if let seconds = Int64(text), !text.hasPrefix("+") { return seconds < 0 ? nil : Double(seconds) }
    return date(text).map { max(0, Double($0 - now)) }
  }

  /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func date(_ text: String) -> Int64? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int(words[1]),
      let month = months.firstIndex(of: String(words[2])),
      let year = Int(words[3]), let date = CalendarDate(year: year, month: month + 1, day: day)
    else { return nil }
    let time = words[4].split(separator: ":").map { Int($0) }
    guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    return Int64(date.days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }
}
