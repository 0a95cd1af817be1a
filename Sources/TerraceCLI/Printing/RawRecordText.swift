// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Store

/// A record's own text with line numbers, and a caret under each value that broke a rule.
enum RawRecordText {
  /// Characters of a line that are shown: a record on one long line is cut around the value.
  private static let window = 110

  static func text(_ raw: String, firstLine: Int64, failures: [FailureRow]) -> String {
    let lines = raw.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.hasSuffix("\r") ? line.dropLast() : line)
    }
    var open = failures.compactMap(\.value).filter { !$0.isEmpty }
    let width = String(firstLine + Int64(lines.count)).count
    var result = ""
    for (index, line) in lines.enumerated() {
      var carets: [Range<Int>] = []
      open.removeAll { value in
        guard let found = line.firstRange(of: value) else { return false }
        let start = line.distance(from: line.startIndex, to: found.lowerBound)
        carets.append(start..<(start + value.count))
        return true
      }
      let number = String(firstLine + Int64(index))
      let gutter = String(repeating: " ", count: width - number.count + 2) + number + " | "
      let blank = String(repeating: " ", count: width + 2) + " | "
      let from = max(0, min(carets.first?.lowerBound ?? 0, line.count) - window / 2)
      let isCut = line.count > window
      let start = isCut ? from : 0
      let shown = line.dropFirst(start).prefix(isCut ? window : line.count)
      result += gutter + (start > 0 ? "…" : "") + shown + (start + shown.count < line.count ? "…" : "") + "\n"
      for caret in carets {
        let before =
          TableText.width(String(line.dropFirst(start).prefix(caret.lowerBound - start)))
          + (start > 0 ? 1 : 0)
        result +=
          blank + String(repeating: " ", count: before) + "^"
          + String(repeating: "~", count: max(0, caret.count - 1)) + "\n"
      }
    }
    return result
  }
}
