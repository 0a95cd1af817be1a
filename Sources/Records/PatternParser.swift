// SPDX-License-Identifier: Apache-2.0

/// Reads the text of a ``TextPattern``.
struct PatternParser {
  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var depth = 0

  private static let lengthLimit = 4096
  private static let depthLimit = 100
  private static let countLimit = 1000

  init(_ text: String) {
    // Values are composed; a decomposed letter of the pattern would never meet one.
    scalars = Array(ComposedText.string(text).unicodeScalars)
  }

  mutating func parse() throws(TextPatternError) -> PatternNode {
    guard scalars.count <= Self.lengthLimit else {
      throw error(at: 0, "the pattern is longer than \(Self.lengthLimit) characters", "shorten it")
    }
    let node = try choice()
    guard at == scalars.count else {
      throw error(at: at, "')' without a '(' in front of it", "remove it, or write '\\)' for the character")
    }
    return node
  }

  // MARK: - Structure

  private mutating func choice() throws(TextPatternError) -> PatternNode {
    var alternatives = [try sequence()]
    while take("|") { alternatives.append(try sequence()) }
    return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
  }

  private mutating func sequence() throws(TextPatternError) -> PatternNode {
    var nodes: [PatternNode] = []
    while let next = peek, next != "|", next != ")" {
      let begin = at
      let node = try atom()
      nodes.append(try quantified(node, from: begin))
    }
    return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func atom() throws(TextPatternError) -> PatternNode {
    let begin = at
    let next = scalars[at]
    at += 1
    switch next {
    case ".": return .one(ScalarSet([0x0A...0x0A], isNegated: true))
    case "^": return .start
    case "$": return .end
    case "(": return try group(begin)
    case "[": return .one(try characterClass(begin))
    case "\\": return .one(try escape(begin))
    case "*", "+", "?", "{":
      throw error(
        at: begin, "'\(next)' has nothing to repeat",
        "put a character or a group in front of it, or write '\\\(next)'")
    default: return .one(ScalarSet([next.value...next.value]))
    }
  }

  private mutating func group(_ begin: Int) throws(TextPatternError) -> PatternNode {
    if take("?"), !take(":") {
      let isLooking = peek == "=" || peek == "!" || (peek == "<" && (peek(1) == "=" || peek(1) == "!"))
      throw isLooking
        ? error(
          at: begin, "looking ahead or behind is not supported",
          "describe the whole value in one go, or write a second rule in the pipeline's 'validate'")
        : error(
          at: begin, "groups with '(?' other than '(?:' are not supported",
          "write '( )' or '(?: )'; for either case write '[Aa]'")
    }
    depth += 1
    guard depth <= Self.depthLimit else {
      throw error(at: begin, "groups are nested deeper than \(Self.depthLimit)", "remove groups")
    }
    let node = try choice()
    guard take(")") else {
      throw error(at: begin, "'(' is never closed", "add ')', or write '\\(' for the character")
    }
    depth -= 1
    return node
  }

  // MARK: - Repetition

  private mutating func quantified(_ node: PatternNode, from begin: Int) throws(TextPatternError)
    -> PatternNode
  {
    let place = at
    guard let (least, most) = try quantifier() else { return node }
    if scalars[begin] == "^" || scalars[begin] == "$" {
      throw error(at: place, "'\(scalars[begin])' cannot be repeated", "remove the repetition")
    }
    // The fewest are as good as the most when all that counts is whether there is a match.
    _ = take("?")
    if let next = peek, "*+?{".unicodeScalars.contains(next) {
      throw error(
        at: at, "'\(next)' repeats what is already repeated", "put the inner repetition into a group '(?: )'")
    }
    return .repeated(node, least: least, most: most)
  }

  private mutating func quantifier() throws(TextPatternError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let begin = at
    guard take("{") else { return nil }
    let least = try count()
    var most = least
    if take(",") { most = peek == "}" ? nil : try count() }
    guard let least, take("}") else {
      throw error(
        at: begin, "'{' is not followed by a count", "write {3}, {3,} or {3,6}, or '\\{' for the character")
    }
    if let most, most < least {
      throw error(at: begin, "the count {\(least),\(most)} allows nothing", "write {\(most),\(least)}")
    }
    return (least, most)
  }

  private mutating func count() throws(TextPatternError) -> Int? {
    let begin = at
    var count: Int?
    while let digit = peek, ("0"..."9").contains(digit) {
      count = (count ?? 0) * 10 + Int(digit.value - 0x30)
      at += 1
      guard let count, count <= Self.countLimit else {
        throw error(
          at: begin, "a count is greater than \(Self.countLimit)",
          "use '*', and 'max_length' for the length of the value")
      }
    }
    return count
  }

  // MARK: - Sets

  private mutating func characterClass(_ begin: Int) throws(TextPatternError) -> ScalarSet {
    var set = ScalarSet(isNegated: take("^"))
    var isFirst = true
    while let next = peek, next != "]" || isFirst {
      isFirst = false
      let place = at
      if next == "[", peek(1) == ":" || peek(1) == "." || peek(1) == "=" {
        throw error(
          at: place, "named classes like '[:alpha:]' are not supported",
          "write \\p{L}, \\d, \\s or the ranges")
      }
      let member = try classMember()
      guard peek == "-", let behind = peek(1), behind != "]" else {
        set.ranges += member.ranges
        set.categories |= member.categories
        continue
      }
      at += 1
      let end = try classMember()
      guard let low = member.single, let high = end.single else {
        throw error(
          at: place, "a range needs one character on either side of '-'", "write '\\-' for the character")
      }
      guard low <= high else {
        throw error(at: place, "the range ends before it begins", "exchange its ends")
      }
      set.ranges.append(low...high)
    }
    guard take("]") else {
      throw error(at: begin, "'[' is never closed", "add ']', or write '\\[' for the character")
    }
    set.ranges.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    return set
  }

  private mutating func classMember() throws(TextPatternError) -> ScalarSet {
    let begin = at
    at += 1
    if scalars[begin] == "\\" { return try escape(begin) }
    return ScalarSet([scalars[begin].value...scalars[begin].value])
  }

  /// - Parameter begin: place of the backslash, which was taken.
  private mutating func escape(_ begin: Int) throws(TextPatternError) -> ScalarSet {
    guard let next = peek else {
      throw error(at: begin, "the pattern ends with '\\'", "write '\\\\' for the character")
    }
    at += 1
    switch next {
    case "d": return ScalarSet(ScalarSet.digits)
    case "D": return ScalarSet(ScalarSet.complement(ScalarSet.digits))
    case "s": return ScalarSet(ScalarSet.blanks)
    case "S": return ScalarSet(ScalarSet.complement(ScalarSet.blanks))
    case "w": return ScalarSet(categories: ScalarCategory.word)
    case "W": return ScalarSet(categories: ScalarCategory.all & ~ScalarCategory.word)
    case "p", "P": return try property(begin, isNegated: next == "P")
    case "t": return ScalarSet([0x09...0x09])
    case "n": return ScalarSet([0x0A...0x0A])
    case "r": return ScalarSet([0x0D...0x0D])
    case "f": return ScalarSet([0x0C...0x0C])
    case "v": return ScalarSet([0x0B...0x0B])
    case "x": return try hexadecimal(begin, digits: 2)
    case "u": return try hexadecimal(begin, digits: 4)
    case "1"..."9", "k":
      throw error(
        at: begin, "references back to a group are not supported",
        "write the part again, or compare fields by an expression in the pipeline's 'validate'")
    case "b", "B", "A", "z", "Z", "G":
      throw error(
        at: begin, "'\\\(next)' is not supported",
        "a pattern describes the whole value; use '^', '$' or the characters between words")
    case "a"..."z", "A"..."Z", "0":
      throw error(at: begin, "'\\\(next)' means nothing", "remove the backslash")
    default: return ScalarSet([next.value...next.value])
    }
  }

  private mutating func property(_ begin: Int, isNegated: Bool) throws(TextPatternError) -> ScalarSet {
    var name = ""
    if take("{") {
      while let next = peek, next != "}" {
        name.unicodeScalars.append(next)
        at += 1
      }
      at = min(at + 1, scalars.count)
    } else if let next = peek {
      name.unicodeScalars.append(next)
      at += 1
    }
    let masks: [String: UInt8] = [
      "L": ScalarCategory.letters, "Lu": ScalarCategory.capital.mask, "Ll": ScalarCategory.small.mask,
      "N": ScalarCategory.numbers, "Nd": ScalarCategory.digit.mask,
    ]
    guard let mask = masks[name] else {
      throw error(
        at: begin, "the property '\(name)' is not supported",
        "use \\p{L}, \\p{Lu}, \\p{Ll}, \\p{N} or \\p{Nd}")
    }
    return ScalarSet(categories: isNegated ? ScalarCategory.all & ~mask : mask)
  }

  private mutating func hexadecimal(_ begin: Int, digits: Int) throws(TextPatternError) -> ScalarSet {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = peek.flatMap({ Character($0).hexDigitValue }) else {
        throw error(
          at: begin, "'\\\(scalars[begin + 1])' needs \(digits) hexadecimal digits",
          digits == 2 ? "write \\x41" : "write \\u1EC7")
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    guard Unicode.Scalar(value) != nil else {
      throw error(
        at: begin, "U+\(String(value, radix: 16, uppercase: true)) is no character", "write another")
    }
    return ScalarSet([value...value])
  }

  // MARK: - Reading

  private var peek: Unicode.Scalar? { peek(0) }

  private func peek(_ ahead: Int) -> Unicode.Scalar? {
    at + ahead < scalars.count ? scalars[at + ahead] : nil
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    at += 1
    return true
  }

  private func error(at place: Int, _ message: String, _ help: String) -> TextPatternError {
    var before = String.UnicodeScalarView()
    before.append(contentsOf: scalars[..<min(place, scalars.count)])
    return TextPatternError(offset: String(before).count, message: message, help: help)
  }
}

extension ScalarSet {
  /// The one character of the set, if it has one.
  fileprivate var single: UInt32? {
    guard categories == 0, ranges.count == 1, ranges[0].count == 1 else { return nil }
    return ranges[0].lowerBound
  }
}
