// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Takes every secret that this process loaded out of what people and files get to see, as it is and as it is encoded
/// on its way. Failures and diagnostics pass it when they are made, messages once more when they are printed.
public enum Redaction {
  /// What stands in the place of a secret.
  public static let mask = "•••"
  /// Fewer bytes, or a plain word of fewer letters than ``shortestWord``, would be found in words that have nothing to
  /// do with them, and their holes would show what they are.
  public static let shortest = 6
  public static let shortestWord = 8

  /// Longest first, so that no part of a form is left beside its mask.
  private static let forms = Mutex<[[UInt8]]>([])

  /// Remembers a value that must not be seen from now on, unless it is too short to be told from other words.
  public static func learn(_ secret: String) {
    let bytes = Array(secret.utf8)
    let isWord = secret.allSatisfy(\.isLetter)
    guard bytes.count >= (isWord ? shortestWord : shortest) else { return }
    forms.withLock { forms in
      if forms.contains(bytes) { return }
      var all = Set(forms)
      for form in encodings(of: bytes) where form.utf8.count >= shortest { all.insert(Array(form.utf8)) }
      forms = all.sorted { $0.count > $1.count }
    }
  }

  /// The text with a mask in the place of every secret.
  public static func redacted(_ text: String) -> String {
    let forms = forms.withLock { $0 }
    if forms.isEmpty { return text }
    let bytes = Array(text.utf8)
    var masked: [UInt8] = []
    var isChanged = false
    var place = 0
    while place < bytes.count {
      if let form = forms.first(where: { $0[0] == bytes[place] && bytes[place...].starts(with: $0) }) {
        // Two in a row need one mask only.
        if !masked.hasSuffix(maskBytes) { masked += maskBytes }
        place += form.count
        isChanged = true
      } else {
        masked.append(bytes[place])
        place += 1
      }
    }
    return isChanged ? String(decoding: masked, as: UTF8.self) : text
  }

  private static let maskBytes = Array(mask.utf8)

  private static func encodings(of bytes: [UInt8]) -> [String] {
    let text = String(decoding: bytes, as: UTF8.self)
    let base64 = Base64Text.encode(bytes)
    let percent = percentEncoded(bytes, digits: "0123456789ABCDEF")
    var forms = [
      text, base64, percent, percentEncoded(bytes, digits: "0123456789abcdef"),
      String(percent.split(separator: "%20", omittingEmptySubsequences: false).joined(separator: "+")),
      escaped(text, ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\t": "\\t"]),
      escaped(text, ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\t": "\\t", "/": "\\/"]),
      escaped(text, ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;"]),
    ]
    // Within a longer text, as a password behind its user's name.
    forms += Base64Text.innerForms(bytes).filter { $0.utf8.count >= 6 }
    return forms + forms.map { String($0.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }) }
  }

  private static func percentEncoded(_ bytes: [UInt8], digits: String) -> String {
    let digits = Array(digits.utf8)
    var text: [UInt8] = []
    for byte in bytes {
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        text.append(byte)
      default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func escaped(_ text: String, _ escapes: [Character: String]) -> String {
    text.reduce(into: "") { $0 += escapes[$1] ?? String($1) }
  }
}

extension [UInt8] {
  fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
    count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
  }
}
