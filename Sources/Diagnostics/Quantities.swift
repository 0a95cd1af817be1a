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

/// Numbers of bytes as people write them in files.
public enum ByteCount {
  private static let units: [(suffix: String, shift: Int)] = [
    ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40),
  ]

  /// Bytes of `64KiB`, `10MiB`, `4096`; nil for anything else, and for what does not fit.
  public static func parse(_ text: String) -> Int? {
    let unit = units.first { text.hasSuffix($0.suffix) }
    var digits = text[...].dropLast(unit?.suffix.utf8.count ?? 0)
    if unit != nil, digits.last == " " { digits.removeLast() }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = Int(digits)
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (unit?.shift ?? 0))
    return overflow ? nil : bytes
  }

  /// The shortest whole form: `10MiB` for 10485760.
  public static func text(_ bytes: Int) -> String {
    for unit in units.reversed() where bytes > 0 && bytes % (1 << unit.shift) == 0 {
      return "\(bytes >> unit.shift)\(unit.suffix)"
    }
    return String(bytes)
  }
}
