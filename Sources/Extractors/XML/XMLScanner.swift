// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// Reads XML as it comes, as far as the wrapping of a message needs it: elements with their namespaces, attributes,
/// text. What is in a payload is the decoder's to judge; this looks at answers before they are landed, and at the XML
/// that files hold. Nothing is ever fetched or expanded: a document type is refused.
final class XMLScanner {
  enum Event: Equatable {
    case open(XMLName, [XMLAttribute])
    case close(XMLName)
    /// Without the markup around it; a long one in pieces. Only while ``keepsText`` is set.
    case text(String)
    /// A CDATA section's text. Only while ``keepsText`` is set.
    case literal(String)
    /// A comment or processing instruction. Only while ``keepsText`` is set.
    case aside(String)
  }

  typealias Sink = (Event) throws -> Void

  /// Whether the events for text are wanted.
  var keepsText = false
  /// Elements that are open.
  var depth: Int { open.count }
  /// Bytes before the token that is being told of.
  var offset: Int { passed + at }

  private static let depthLimit = 256
  private static let tagLimit = 64 << 10
  private static let textLimit = 1 << 20

  private let isFragment: Bool
  private var names: XMLNamespaces
  private var open: [(written: [UInt8], name: XMLName)] = []
  private var hadRoot = false
  private var bytes: [UInt8] = []
  /// The next token, as an index of `bytes`.
  private var at = 0
  /// How far behind `at` its end was looked for.
  private var searched = 0
  /// Bytes that came before `bytes`.
  private var passed = 0
  private var converter: PayloadTextConverter?
  private var isBegun = false

  /// - Parameters:
  ///   - isFragment: the content of an element, not a document: text and several elements may stand outside of any.
  ///   - prefixes: known where it begins.
  init(isFragment: Bool = false, prefixes: [String: String] = [:]) {
    self.isFragment = isFragment
    names = XMLNamespaces(prefixes)
  }

  /// - Throws: ``XMLFault``, or whatever `sink` throws.
  func feed(_ piece: some Collection<UInt8>, _ sink: Sink) throws {
    if let converter {
      try convert(converter, Array(piece))
    } else {
      bytes += piece
    }
    guard isBegun || bytes.count >= 4 else { return }
    if !isBegun { try begin() }
    while try next(sink, isLast: false) {}
    drop()
  }

  /// Says that there is no more.
  func finish(_ sink: Sink) throws {
    if !isBegun { try begin() }
    if let converter { try converter.finish { bytes += $0 } }
    while try next(sink, isLast: true) {}
    if let last = open.last { throw fault("\(XMLFault.endsEarly) within '\(Self.text(last.written))'") }
    if at < bytes.count { throw fault("\(XMLFault.endsEarly) within a tag") }
    if !hadRoot, !isFragment { throw fault("there is no element") }
  }

  // MARK: - Text

  /// UTF-16 is converted; every other encoding in use agrees with ASCII where markup is concerned.
  private func begin() throws {
    isBegun = true
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    let isMarked = bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
    let isBare = bytes.starts(with: [0x3C, 0]) || bytes.starts(with: [0, 0x3C])
    guard isMarked || isBare, let encoding = PayloadEncoding.named("utf-16") else { return }
    let converter = try PayloadTextConverter(encoding)
    self.converter = converter
    // Without its mark the order of bytes is that of the first letter.
    let head = bytes[0] == 0 ? [0xFE, 0xFF] + bytes : bytes
    bytes = []
    try convert(converter, head)
  }

  private func convert(_ converter: PayloadTextConverter, _ piece: [UInt8]) throws {
    try piece.withUnsafeBufferPointer { try converter.convert($0) { bytes += $0 } }
  }

  private func drop() {
    passed += at
    bytes.removeFirst(at)
    at = 0
  }

  private func fault(_ reason: String) -> XMLFault {
    XMLFault(reason: reason, offset: offset)
  }

  static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  // MARK: - Tokens

  /// Takes one token.
  ///
  /// - Returns: false when it has to wait for more.
  private func next(_ sink: Sink, isLast: Bool) throws -> Bool {
    guard at < bytes.count else { return false }
    guard bytes[at] == UInt8(ascii: "<") else { return try characters(sink, isLast: isLast) }
    let rest = bytes[at...]
    if rest.starts(with: Self.comment) { return try aside(from: 4, to: Self.commentEnd, sink, Event.aside) }
    if rest.starts(with: Self.literal) { return try aside(from: 9, to: Self.literalEnd, sink, Event.literal) }
    if rest.starts(with: Self.instruction) {
      return try aside(from: 2, to: Self.instructionEnd, sink, Event.aside)
    }
    // Cut within what would tell them apart.
    if rest.count < 9, Self.comment.starts(with: rest) || Self.literal.starts(with: rest) { return false }
    if rest.starts(with: Self.declaration) { throw fault("a document type stands there") }
    guard let end = try tagEnd() else { return false }
    let tag = bytes[(at + 1)..<end]
    if tag.first == UInt8(ascii: "/") { try close(tag.dropFirst(), sink) } else { try openTag(tag, sink) }
    (at, searched) = (end + 1, 0)
    return true
  }

  private static let comment = Array("<!--".utf8)
  private static let commentEnd = Array("-->".utf8)
  private static let literal = Array("<![CDATA[".utf8)
  private static let literalEnd = Array("]]>".utf8)
  private static let instruction = Array("<?".utf8)
  private static let instructionEnd = Array("?>".utf8)
  private static let declaration = Array("<!".utf8)

  private func characters(_ sink: Sink, isLast: Bool) throws -> Bool {
    let found = bytes[(at + searched)...].firstIndex(of: UInt8(ascii: "<"))
    guard keepsText || (open.isEmpty && !isFragment) else {
      at = found ?? bytes.count
      return true
    }
    guard let end = found ?? (isLast ? bytes.count : nil) else {
      searched = bytes.count - at
      if searched > Self.textLimit { throw fault("a text is longer than 1 MiB") }
      return false
    }
    let raw = bytes[at..<end]
    if open.isEmpty, !isFragment, !raw.allSatisfy(\.isXMLSpace) {
      throw fault("text stands outside of any element")
    }
    if Self.contains(Self.literalEnd, in: raw) { throw fault("']]>' stands in a text: write ]]&gt;") }
    if keepsText { try sink(.text(XMLText.decoded(raw, at: offset))) }
    (at, searched) = (end, 0)
    return true
  }

  private static func contains(_ word: [UInt8], in bytes: ArraySlice<UInt8>) -> Bool {
    bytes.indices.contains { bytes[$0] == word[0] && bytes[$0...].starts(with: word) }
  }

  private func aside(
    from start: Int, to end: [UInt8], _ sink: Sink, _ event: (String) -> Event
  ) throws -> Bool {
    var index = at + max(start, searched)
    while index + end.count <= bytes.count {
      if bytes[index] == end[0], bytes[index...].starts(with: end) {
        if keepsText { try sink(event(Self.text(bytes[(at + start)..<index]))) }
        (at, searched) = (index + end.count, 0)
        return true
      }
      index += 1
    }
    searched = index - at
    if searched > Self.textLimit { throw fault("a comment or CDATA section is longer than 1 MiB") }
    return false
  }

  /// Index of the `>` that ends the tag; one within an attribute's value does not.
  private func tagEnd() throws -> Int? {
    var quote: UInt8 = 0
    for index in (at + 1)..<bytes.count {
      let byte = bytes[index]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        return index
      } else if byte == UInt8(ascii: "<") {
        throw fault("a tag is not closed before the next begins")
      }
    }
    if bytes.count - at > Self.tagLimit { throw fault("a tag is longer than 64 KiB") }
    return nil
  }

  // MARK: - Elements

  private func openTag(_ tag: ArraySlice<UInt8>, _ sink: Sink) throws {
    if open.isEmpty, hadRoot, !isFragment { throw fault("a second element stands beside the first") }
    let isEmpty = tag.last == UInt8(ascii: "/")
    let (written, attributes) = try XMLTag.read(isEmpty ? tag.dropLast() : tag, at: offset)
    guard open.count < Self.depthLimit else {
      throw fault("elements are nested deeper than \(Self.depthLimit)")
    }
    names.push()
    let kept = try names.declare(attributes, at: offset)
    let name = try names.element(written, at: offset)
    hadRoot = true
    open.append((written, name))
    try sink(.open(name, kept))
    if isEmpty { try closeLast(sink) }
  }

  private func close(_ tag: ArraySlice<UInt8>, _ sink: Sink) throws {
    let trimmed = tag.reversed().drop(while: \.isXMLSpace).reversed()
    guard let last = open.last else { throw fault("'</\(Self.text(trimmed))>' closes nothing") }
    guard trimmed.elementsEqual(last.written) else {
      throw fault("'\(Self.text(last.written))' is closed by '\(Self.text(trimmed.prefix(100)))'")
    }
    try closeLast(sink)
  }

  private func closeLast(_ sink: Sink) throws {
    guard let last = open.popLast() else { return }
    names.pop()
    try sink(.close(last.name))
  }
}

/// Why a text is not XML that can be read.
struct XMLFault: Error, Equatable {
  /// How a reason begins when there may have been more to come.
  static let endsEarly = "it ends"

  /// Continues "it is not well-formed: …".
  var reason: String
  /// Bytes before it.
  var offset: Int
}

extension UInt8 {
  var isXMLSpace: Bool { self == 32 || self == 9 || self == 10 || self == 13 }
}
