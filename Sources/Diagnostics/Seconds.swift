// SPDX-License-Identifier: Apache-2.0

/// Lengths of time as people write them in files.
public enum Seconds {
  private static let units: [(suffix: String, seconds: Double)] = [
    ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
  ]

  /// Seconds of `500ms`, `30s`, `1.5h`, `1d`; nil for anything else, and for more than a hundred years.
  public static func parse(_ text: String) -> Double? {
    for unit in units where text.hasSuffix(unit.suffix) {
      let digits = text.dropLast(unit.suffix.utf8.count)
      guard let first = digits.utf8.first, first >= 48, first <= 57,
        digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 46 }), let number = Double(digits)
      else { continue }
      let seconds = number * unit.seconds
      return seconds <= 36_525 * 86_400 ? seconds : nil
    }
    return text == "0" ? 0 : nil
  }

  /// The shortest whole form: `1d` for 86400.
  public static func text(_ seconds: Double) -> String {
    for unit in units.reversed() where seconds >= unit.seconds {
      let number = seconds / unit.seconds
      if number.rounded() == number { return "\(Int(number))\(unit.suffix)" }
    }
    return seconds == 0 ? "0s" : "\(seconds)s"
  }
}
