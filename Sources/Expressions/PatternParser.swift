// SPDX-License-Identifier: Apache-2.0

/// Reads a regular expression.
struct PatternParser {
  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var depth = 0
  private static let maximumDepth = 50
  private static let maximumCount = 1000

  static func parse(_ text: String) throws(PatternError) -> PatternTree {
    var parser = PatternParser(scalars: Array(text.unicodeScalars))
    let tree = try parser.alternatives()
    if parser.at < parser.scalars.count { throw parser.error("')' closes nothing", "write \\) for the character") }
    return tree
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  private func error(_ message: String, _ help: String, at offset: Int? = nil) -> PatternError {
    let place = min(offset ?? at, scalars.count)
    return PatternError(offset: place, message: "in the pattern, at character \(place + 1): \(message)", help: help)
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    at += 1
    return true
  }

  private mutating func alternatives() throws(PatternError) -> PatternTree {
    depth += 1
    defer { depth -= 1 }
    if depth > PatternParser.maximumDepth { throw error("groups are nested too deep", "use fewer groups") }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(PatternError) -> PatternTree {
    var parts: [PatternTree] = []
    while let scalar = current, scalar != "|", scalar != ")" { parts.append(try repeated()) }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func repeated() throws(PatternError) -> PatternTree {
    let start = at
    var tree = try atom()
    while let scalar = current, "*+?{".unicodeScalars.contains(scalar) {
      if case .start = tree { throw nothingToRepeat(start) }
      if case .end = tree { throw nothingToRepeat(start) }
      let (minimum, maximum) = try count(scalar)
      _ = take("?")
      if case .repeated = tree { throw error("a repetition of a repetition", "put the inner one in a group: (a*)+") }
      tree = .repeated(tree, minimum: minimum, maximum: maximum)
    }
    return tree
  }

  private func nothingToRepeat(_ offset: Int) -> PatternError {
    error("there is nothing to repeat", "write \\ before a character that means itself", at: offset)
  }

  private mutating func count(_ scalar: Unicode.Scalar) throws(PatternError) -> (Int, Int?) {
    let start = at
    at += 1
    switch scalar {
    case "*": return (0, nil)
    case "+": return (1, nil)
    case "?": return (0, 1)
    default: break
    }
    let help = "write {3}, {3,} or {3,6}, with numbers up to \(PatternParser.maximumCount)"
    guard let minimum = number() else { throw error("this is no count of repetitions", help, at: start) }
    var maximum: Int? = minimum
    if take(",") { maximum = current == "}" ? nil : number() ?? -1 }
    guard take("}"), minimum <= maximum ?? minimum else { throw error("this is no count of repetitions", help, at: start) }
    return (minimum, maximum)
  }

  private mutating func number() -> Int? {
    var number: Int?
    while let scalar = current, scalar.isASCIIDigit {
      let next = (number ?? 0) * 10 + Int(scalar.value - 48)
      if next > PatternParser.maximumCount { return nil }
      number = next
      at += 1
    }
    return number
  }

  private mutating func atom() throws(PatternError) -> PatternTree {
    let start = at
    guard let scalar = current else { return .empty }
    at += 1
    switch scalar {
    case "(": return try group(start)
    case "[": return .scalars(try set(start))
    case ".": return .scalars(.allButLineFeed)
    case "^": return .start
    case "$": return .end
    case "\\": return .scalars(try escape())
    case "*", "+", "?", "{": throw nothingToRepeat(start)
    default: return .scalars(ScalarSet(scalar))
    }
  }

  private mutating func group(_ start: Int) throws(PatternError) -> PatternTree {
    if take("?"), !take(":") {
      throw error(
        "this kind of group is not supported", "use (…) or (?:…); there is no look-around, as it has no linear-time matcher",
        at: start)
    }
    let inner = try alternatives()
    guard take(")") else { throw error("this group is never closed", "close it with )", at: start) }
    return inner
  }

  /// What stands behind a backslash.
  private mutating func escape() throws(PatternError) -> ScalarSet {
    let start = at - 1
    guard let scalar = current else { throw error("a backslash ends the pattern", "write \\\\ for a backslash", at: start) }
    at += 1
    switch scalar {
    case "d": return .digits
    case "D": return ScalarSet.digits.inverted
    case "w": return .wordCharacters
    case "W": return ScalarSet.wordCharacters.inverted
    case "s": return .whiteSpace
    case "S": return ScalarSet.whiteSpace.inverted
    case "t": return ScalarSet("\t")
    case "n": return ScalarSet("\n")
    case "r": return ScalarSet("\r")
    case "p": return try category(start)
    case "P": return try category(start).inverted
    case "u": return try scalarByNumber(start)
    default:
      if !scalar.continuesName || scalar == "_" { return ScalarSet(scalar) }
      throw error(
        "'\\\(scalar)' has no meaning",
        "known are \\d \\w \\s \\p{L} \\t \\n \\r \\u{…}; back-references and \\b are not supported", at: start)
    }
  }

  private mutating func braced() -> String? {
    guard take("{") else { return nil }
    var name = ""
    while let scalar = current, scalar != "}", name.utf8.count < 8 {
      name.unicodeScalars.append(scalar)
      at += 1
    }
    return take("}") ? name : nil
  }

  private mutating func category(_ start: Int) throws(PatternError) -> ScalarSet {
    switch braced() {
    case "L": return .letters
    case "Lu": return .capitals
    case "Ll": return .smallLetters
    case "N": return .numbers
    case "Nd": return .decimalDigits
    case "M": return .marks
    default: throw error("this category is not supported", "known are \\p{L}, {Lu}, {Ll}, {N}, {Nd}, {M}", at: start)
    }
  }

  private mutating func scalarByNumber(_ start: Int) throws(PatternError) -> ScalarSet {
    guard let digits = braced(), let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
      throw error("this is no character", "write its code point in hexadecimal: \\u{1EA1}", at: start)
    }
    return ScalarSet(scalar)
  }

  private mutating func set(_ start: Int) throws(PatternError) -> ScalarSet {
    let isInverted = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while let scalar = current, scalar != "]" || isFirst {
      isFirst = false
      let place = at
      at += 1
      let item = scalar == "\\" ? try escape() : ScalarSet(scalar)
      if scalar == "[", current == ":" || current == "[" {
        throw error("sets within sets are not supported", "write \\[ for the character", at: place)
      }
      guard current == "-", at + 1 < scalars.count, scalars[at + 1] != "]" else {
        ranges += item.ranges
        continue
      }
      at += 1
      let upper = scalars[at]
      at += 1
      let last = upper == "\\" ? try escape() : ScalarSet(upper)
      guard let from = item.ranges.first, let to = last.ranges.first, item.ranges.count == 1, last.ranges.count == 1,
        from.count == 1, to.count == 1, from.lowerBound <= to.lowerBound
      else { throw error("this is no range", "write the lower character first, as a-z; write \\- for a hyphen", at: place) }
      ranges.append(from.lowerBound...to.lowerBound)
    }
    guard take("]") else { throw error("this set is never closed", "close it with ]", at: start) }
    let set = ScalarSet(ranges)
    return isInverted ? set.inverted : set
  }
}
