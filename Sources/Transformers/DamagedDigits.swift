// SPDX-License-Identifier: Apache-2.0

/// Undoes what spreadsheets and number columns do to a code of digits, as far as nothing must be guessed: zeros lost
/// in front (`688`), a number's form (`688.0`, `2.085123456E+09`), the apostrophe that marks a text (`'00688`), blanks
/// between the digits.
///
/// `2.08512E+09` has lost digits for good and stays as it is, and so does a text of zeros alone: many offices write
/// `0` for "none".
struct DamagedDigits {
  /// How many digits the code has.
  let length: Int

  /// - Returns: the code of exactly ``length`` digits that the text stands for, or nil where it stands for none or is
  ///   that code already.
  func restored(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard let number = Self.number(in: text), number.count <= length,
      number.contains(where: { $0 != Self.zero })
    else { return nil }
    let code = [UInt8](repeating: Self.zero, count: length - number.count) + number
    return code.elementsEqual(text) ? nil : code
  }

  private static let zero = UInt8(ascii: "0")
  /// No code is written in more bytes than this, blanks included.
  private static let mostBytes = 128

  /// The digits of a whole number, all of which are written out.
  private static func number(in text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count <= mostBytes else { return nil }
    var rest = withoutBlanks(text)[...]
    if rest.first == UInt8(ascii: "'") { rest = rest.dropFirst() }
    let whole = rest.prefix(while: isDigit)
    guard !whole.isEmpty else { return nil }
    rest = rest.dropFirst(whole.count)
    var fraction: ArraySlice<UInt8> = []
    if let point = rest.first, point == UInt8(ascii: ".") || point == UInt8(ascii: ",") {
      fraction = rest.dropFirst().prefix(while: isDigit)
      guard !fraction.isEmpty else { return nil }
      rest = rest.dropFirst(1 + fraction.count)
    }
    // "1.000" may be a thousand: of a fraction only the one zero of a binary number is read.
    if rest.isEmpty { return fraction.isEmpty || fraction.elementsEqual([zero]) ? Array(whole) : nil }
    guard let exponent = exponent(rest), exponent <= fraction.count else { return nil }
    let beyond = fraction.dropFirst(exponent)
    return beyond.allSatisfy { $0 == zero } ? Array(whole + fraction.prefix(exponent)) : nil
  }

  /// `E+09`
  private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
    guard let mark = text.first, mark | 0x20 == UInt8(ascii: "e") else { return nil }
    var digits = text.dropFirst()
    if digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard (1...3).contains(digits.count), digits.allSatisfy(isDigit) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - zero) }
  }

  private static func withoutBlanks(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var kept: [UInt8] = []
    var at = 0
    while at < text.count {
      let blank = TextTrimming.blank(at: at, of: text)
      if blank == 0 { kept.append(text[at]) }
      at += max(blank, 1)
    }
    return kept
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}
