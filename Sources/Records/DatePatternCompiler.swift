// SPDX-License-Identifier: Apache-2.0

/// Turns the letters of a date pattern into what is read, one by one.
struct DatePatternCompiler {
  typealias Element = DatePattern.Element

  private(set) var elements: [Element] = []
  private var offsets: [Element.Kind: Int] = [:]
  private let characters: [Character]
  private var at = 0

  static func compile(_ text: String) throws(DatePatternError)
    -> (elements: [Element], precision: DatePattern.Precision, hasTime: Bool, hasZone: Bool)
  {
    var compiler = DatePatternCompiler(characters: Array(text))
    try compiler.run()
    let has = compiler.offsets
    let precision: DatePattern.Precision =
      has[.day] != nil ? .day : has[.month] != nil ? .month : .year
    return (
      compiler.elements, precision, has[.hour] != nil || has[.halfDayHour] != nil, has[.zone] != nil
    )
  }

  private init(characters: [Character]) { self.characters = characters }

  private mutating func run() throws(DatePatternError) {
    while at < characters.count {
      let character = characters[at]
      if character == "'" {
        try takeQuoted()
      } else if character.isASCII, character.isLetter {
        try takeLetters(character)
      } else {
        append(literal: character)
        at += 1
      }
    }
    try checkWhole()
  }

  private mutating func append(literal character: Character) {
    for byte in String(character).utf8 { elements.append(Element(kind: .literal, byte: byte)) }
  }

  private mutating func takeQuoted() throws(DatePatternError) {
    let open = at
    at += 1
    if at < characters.count, characters[at] == "'" {
      append(literal: "'")
      at += 1
      return
    }
    while at < characters.count {
      if characters[at] != "'" {
        append(literal: characters[at])
        at += 1
      } else if at + 1 < characters.count, characters[at + 1] == "'" {
        append(literal: "'")
        at += 2
      } else {
        at += 1
        return
      }
    }
    throw DatePatternError(
      offset: open, message: "the quote that opens here is never closed",
      help: "close it with ', or write '' for a quote that is meant")
  }

  private mutating func takeLetters(_ letter: Character) throws(DatePatternError) {
    let start = at
    while at < characters.count, characters[at] == letter { at += 1 }
    let count = at - start
    let written = String(repeating: letter, count: count)

    func element(_ kind: Element.Kind) throws(DatePatternError) -> Element {
      guard count <= 2 else {
        throw DatePatternError(
          offset: start, length: count, message: "'\(written)' has no meaning in a date pattern",
          help: "write '\(letter)' for one or two digits or '\(letter)\(letter)' for exactly two")
      }
      return Element(kind: kind, least: UInt8(count), most: 2)
    }

    let made: Element
    switch letter {
    case "y":
      guard count == 4 else {
        throw DatePatternError(
          offset: start, length: count, message: "years have four digits, not '\(written)'",
          help: "write 'yyyy'; years of two digits are not offered, because their century would be guessed")
      }
      made = Element(kind: .year, least: 4, most: 4)
    case "M": made = try element(.month)
    case "d": made = try element(.day)
    case "H": made = try element(.hour)
    case "h": made = try element(.halfDayHour)
    case "m": made = try element(.minute)
    case "s": made = try element(.second)
    case "S" where count <= 6: made = Element(kind: .fraction, least: UInt8(count), most: UInt8(count))
    case "a" where count == 1: made = Element(kind: .halfDay)
    case "X" where count == 1 || count == 3: made = Element(kind: .zone, least: UInt8(count))
    default:
      throw DatePatternError(
        offset: start, length: count, message: "'\(written)' has no meaning in a date pattern",
        help: "letters are yyyy M MM d dd H HH h hh m mm s ss S…SSSSSS a X XXX; quote others, as 'T'")
    }
    try add(made, at: start, length: count, written: written)
  }

  private mutating func add(_ element: Element, at start: Int, length: Int, written: String)
    throws(DatePatternError)
  {
    if offsets[element.kind] != nil {
      throw DatePatternError(
        offset: start, length: length, message: "'\(written)' says again what the pattern has said before",
        help: "name each part of the date once")
    }
    if let last = elements.last, last.most > last.least, element.most > 0 {
      throw DatePatternError(
        offset: start, length: length,
        message: "'\(written)' follows a number of one or two digits without anything between them",
        help: "double the letter in front of it, so that where it ends is not a guess")
    }
    offsets[element.kind] = start
    elements.append(element)
  }

  private func checkWhole() throws(DatePatternError) {
    guard offsets[.year] != nil else {
      throw DatePatternError(
        offset: 0, length: max(characters.count, 1), message: "the pattern has no year", help: "write 'yyyy'")
    }
    try require(.month, for: .day, "a day without a month", "add 'MM'")
    try require(
      .halfDay, for: .halfDayHour, "an hour of half a day without its half", "add 'a', or write 'HH'")
    try require(.halfDayHour, for: .halfDay, "a half of the day without an hour", "write 'hh' or 'h'")
    try require(.minute, for: .second, "seconds without minutes", "add 'mm'")
    try require(.second, for: .fraction, "a fraction without seconds", "add 'ss'")
    if offsets[.halfDayHour] != nil, let hour = offsets[.hour] {
      throw DatePatternError(
        offset: hour, message: "the pattern has two hours", help: "keep 'HH', or 'hh' with 'a'")
    }
    let hasHour = offsets[.hour] != nil || offsets[.halfDayHour] != nil
    if !hasHour, let place = offsets[.minute] ?? offsets[.zone] {
      throw DatePatternError(
        offset: place, message: "the pattern has minutes or a zone without an hour", help: "add 'HH'")
    }
    if hasHour, offsets[.day] == nil {
      throw DatePatternError(
        offset: offsets[.hour] ?? offsets[.halfDayHour] ?? 0,
        message: "the pattern has an hour without a day", help: "add 'dd'")
    }
  }

  private func require(_ needed: Element.Kind, for kind: Element.Kind, _ fact: String, _ help: String)
    throws(DatePatternError)
  {
    guard let place = offsets[kind], offsets[needed] == nil else { return }
    throw DatePatternError(offset: place, message: "the pattern has \(fact)", help: help)
  }
}
