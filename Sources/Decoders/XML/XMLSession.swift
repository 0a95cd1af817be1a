// SPDX-License-Identifier: Apache-2.0

import CLibXML2
import Components
import Diagnostics
import Records

/// What libxml2's callbacks work on: a struct behind its user pointer, so that they touch no reference count.
struct XMLState {
  let driver: CaptureDriver
  let parser: xmlParserCtxtPtr
  let session: Unmanaged<XMLSession>
  /// The next tag may have begun more than `tagBytes` ago.
  var isTagSuspect = false
  var hasElement = false
}

/// One pass over one XML document.
final class XMLSession: DecodingSession {
  /// More attributes than this in one tag cost libxml2 more than time allows: it compares each with each.
  static let mostAttributes = 1_000

  private let parser: xmlParserCtxtPtr
  private let state: UnsafeMutablePointer<XMLState>
  private let engine: CaptureEngine
  private let limits: DecodeLimits
  private let source: RawSource?
  private var fed: Int64 = 0
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  init(_ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink) throws(StageFailure) {
    XMLLibrary.prepare
    var handler = XMLCallbacks.handler
    guard let parser = xmlCreatePushParserCtxt(&handler, nil, nil, 0, nil) else {
      throw StageFailure(
        id: "decode.no-memory", "libxml2 could not begin", help: "free memory and run again",
        exit: .storage, isTransient: true)
    }
    let engine: CaptureEngine
    do {
      let names = XMLNames(plan.namespaces, parser)
      engine = try CaptureEngine(
        plan, format: "xml", late: late, into: sink, nilKey: names.nilKey
      ) { (name: String, isAttribute: Bool) throws(StageFailure) in
        try names.keys(name, isAttribute: isAttribute)
      }
    } catch {
      xmlFreeParserCtxt(parser)
      throw error
    }
    self.engine = engine
    self.parser = parser
    limits = plan.limits
    source = plan.wantsRaw ? RawSource() : nil
    state = .allocate(capacity: 1)
    let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    _ = xmlCtxtUseOptions(parser, Int32(options))
    // The text is UTF-8 whatever its first bytes look like.
    parser.pointee.charset = Int32(XML_CHAR_ENCODING_UTF8.rawValue)
    state.initialize(
      to: XMLState(driver: engine.driver, parser: parser, session: .passUnretained(self)))
    parser.pointee.userData = UnsafeMutableRawPointer(state)
    engine.place = { [parser] in
      XMLPlace(parser).short
    }
    if engine.driver.openRoot(kind: .text).contains(.position) { engine.driver.begin(at: 0, line: 1) }
  }

  deinit {
    xmlFreeParserCtxt(parser)
    state.deallocate()
  }

  func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if let failure = engine.failure { throw failure }
    guard let base = bytes.baseAddress else { return }
    // Small enough to stay in the fastest cache with the columns; and no longer than the longest tag, so that one
    // that is too long spans pieces, and is seen between them.
    let most = max(1, min(16 << 10, limits.tagBytes))
    var at = passMark(bytes)
    while at < bytes.count {
      let count = min(most, bytes.count - at)
      try feed(base + at, count)
      at += count
    }
  }

  /// Passes over a byte order mark at the very start; it counts in offsets. libxml2 would do so only while it guesses
  /// the encoding, which it must not.
  private func passMark(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var at = 0
    while at < bytes.count, fed < Self.mark.count, bytes[at] == Self.mark[Int(fed)] {
      parser.pointee.input?.pointee.consumed += 1
      fed += 1
      at += 1
    }
    return at
  }

  private func feed(_ base: UnsafePointer<UInt8>, _ count: Int) throws {
    let waiting = parser.pointee.input.map { $0.pointee.end - $0.pointee.cur } ?? 0
    state.pointee.isTagSuspect = waiting + count > limits.tagBytes
    source?.begin(UnsafeBufferPointer(start: base, count: count), at: fed)
    fed += Int64(count)
    _ = base.withMemoryRebound(to: CChar.self, capacity: count) {
      xmlParseChunk(parser, $0, Int32(count), 0)
    }
    if let failure = engine.failure { throw failure }
    checkReference()
    checkWaiting()
    if let failure = engine.failure { throw failure }
    if let source {
      let offset = XMLPlace.offset(parser)
      if engine.driver.hasRaw { source.flush(to: offset, engine.driver) }
      source.end(keepingFrom: offset)
      if let failure = engine.failure { throw failure }
    }
  }

  /// Refuses an '&' that begins no reference. libxml2 would wait for a ';' to the end of the document, which would then look
  /// cut off.
  private func checkReference() {
    guard let input = parser.pointee.input, let cur = input.pointee.cur, let end = input.pointee.end,
      cur < end, cur[0] == UInt8(ascii: "&"), parser.pointee.instate == XML_PARSER_CONTENT
    else { return }
    var at = cur + 1
    while at < end {
      if at[0] == UInt8(ascii: ";") { return }
      guard XMLPlace.isNamePart(at[0]) || (at == cur + 1 && at[0] == UInt8(ascii: "#")) else {
        return engine.fail(XMLFailures.bareAmpersand(at: XMLPlace(parser).short))
      }
      at += 1
    }
  }

  /// Refuses a tag, comment or text that libxml2 holds back whole, before it grows without bound.
  private func checkWaiting() {
    guard let input = parser.pointee.input, let cur = input.pointee.cur, let end = input.pointee.end else {
      return
    }
    let waiting = end - cur
    guard waiting > min(limits.tagBytes, limits.textBytes) else { return }
    let isMarkup = cur[0] == UInt8(ascii: "<") && parser.pointee.instate != XML_PARSER_CDATA_SECTION
    let isTag = isMarkup && cur[1] != UInt8(ascii: "!") && cur[1] != UInt8(ascii: "?")
    if isTag {
      if waiting > limits.tagBytes { failTagTooLong(XMLPlace(parser)) }
    } else if waiting > limits.textBytes + 512 {
      // libxml2 holds up to 300 bytes of text back, and a comment with its marks; lengths are checked exactly
      // when they are handed over.
      engine.failTooLong()
    }
  }

  var documentValues: [DocumentValue] { engine.documentValues }

  func finish() throws -> DecodeSummary {
    if let failure = engine.failure { throw failure }
    let hasElement = state.pointee.hasElement
    if engine.driver.depth > 0 || !hasElement {
      let place = XMLPlace(parser)
      let message =
        hasElement
        ? "the document is truncated: it ends with \(engine.driver.depth) of its elements still open"
        : fed == 0 ? "the document is empty" : "the document is truncated: it ends before its first element"
      throw XMLFailures.notWellFormed(
        message, at: "line \(place.line) (offset \(fed))",
        help: "fetch the payload again; the source or the connection cut it off")
    }
    _ = xmlParseChunk(parser, nil, 0, 1)
    if let failure = engine.failure { throw failure }
    engine.driver.close(at: fed)
    return try engine.finish { space in
      UnsafePointer<CChar>(bitPattern: space).map { String(cString: $0) }
    }
  }

  // MARK: Called back

  /// Gives the engine the position of the tag just parsed.
  func begin(_ driver: CaptureDriver) {
    let tag = XMLPlace(parser).tagStart
    if driver.hasRaw { source?.flush(to: tag.offset, driver) }
    driver.begin(at: tag.offset, line: tag.line)
    source?.frontier = tag.offset
  }

  func close(_ driver: CaptureDriver) {
    let end = XMLPlace.offset(parser)
    if driver.hasRaw { source?.flush(to: end, driver) }
    driver.close(at: end)
  }

  /// - Parameter isStart: the parser stands before the tag's `>` or `/>`.
  func checkTag(isStart: Bool) {
    let place = XMLPlace(parser)
    let tag = place.tagStart
    let rest: Int64 = isStart ? (parser.pointee.input?.pointee.cur?[0] == UInt8(ascii: "/") ? 2 : 1) : 0
    if place.offset - tag.offset + rest > Int64(limits.tagBytes) { failTagTooLong(tag) }
  }

  func failTagTooLong(_ place: XMLPlace) {
    engine.fail(XMLFailures.tagTooLong(limits.tagBytes, at: place.short))
  }

  func failAttributes(_ count: Int) {
    engine.fail(XMLFailures.tooManyAttributes(count, at: XMLPlace(parser).tagStart.short))
  }

  func failDoctype() { engine.fail(XMLFailures.doctype(at: XMLPlace(parser).short)) }

  func checkAside(_ length: Int) {
    if length > limits.textBytes { engine.failTooLong() }
  }

  func report(_ error: xmlError) {
    guard engine.failure == nil, XMLFailures.isFatal(error) else { return }
    if let place = XMLFailures.isOfReference(error) ? XMLPlace.unendedReference(parser) : nil {
      // Whether libxml2 or we see it first depends on where the pieces end.
      return engine.fail(XMLFailures.bareAmpersand(at: place.short))
    }
    engine.fail(XMLFailures.notWellFormed(error, at: XMLPlace(parser), column: Int(error.int2)))
  }
}

extension DecodePlan {
  /// Whether any slot takes source text as it stands.
  var wantsRaw: Bool {
    func wants(_ kind: RecordKind) -> Bool {
      kind.slots.contains(where: \.isRaw) || kind.children.contains(where: wants)
    }
    return documentSlots.contains(where: \.isRaw) || kinds.contains(where: wants)
  }
}
