// SPDX-License-Identifier: Apache-2.0

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
