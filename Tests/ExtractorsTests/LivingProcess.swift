// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a test asks of processes that it did not start itself.
enum LivingProcess {
  /// Whether none of the processes is at work any more; waits for those that were just killed.
  static func areGone(_ ids: [Int32]) -> Bool {
    for _ in 0..<500 {
      if ids.allSatisfy({ !isAtWork($0) }) { return true }
      usleep(10_000)
    }
    return false
  }

  /// A zombie that nobody reaped is not at work.
  static func isAtWork(_ id: Int32) -> Bool {
    guard let facts = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
      let state = facts.split(separator: ")").last?.split(separator: " ").first
    else { return false }
    return state != "Z" && state != "X"
  }

  /// The ids that a script wrote into a file, one a line.
  static func ids(in file: String) -> [Int32] {
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { Int32($0) }
  }
}
