// SPDX-License-Identifier: Apache-2.0

import CLibXML2
import Components

extension XMLDecoder {
  public func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode? { XMLObserver.observe(head) }
}

/// Takes elements of a sample into the tree of what it holds. Refuses what ``XMLSession`` refuses.
final class XMLObserver {
  private let observer = SampleObserver(mergesMembers: false)
  private var texts: [Text] = []
  private var parser: xmlParserCtxtPtr?
  private var hasFailed = false
  private var hasElement = false

  private struct Text {
    var bytes: [UInt8] = []
    var hasChildren = false
    var isNil = false
  }

  static func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode? {
    XMLLibrary.prepare
    let reader = XMLObserver()
    var handler = Self.handler
    guard let base = head.baseAddress,
      let parser = xmlCreatePushParserCtxt(
        &handler, Unmanaged.passUnretained(reader).toOpaque(), nil, 0, nil)
    else { return nil }
    defer { xmlFreeParserCtxt(parser) }
    reader.parser = parser
    let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    _ = xmlCtxtUseOptions(parser, Int32(options))
    parser.pointee.charset = Int32(XML_CHAR_ENCODING_UTF8.rawValue)
    var at = 0
    while at < head.count, !reader.hasFailed {
      let count = min(16 << 10, head.count - at)
      _ = (base + at).withMemoryRebound(to: CChar.self, capacity: count) {
        xmlParseChunk(parser, $0, Int32(count), 0)
      }
      at += count
    }
    guard reader.hasElement, !reader.hasFailed else { return nil }
    // The document itself is no step of a path: its one child is the root element.
    let document = reader.observer.observed()
    guard var root = document.children.first else { return nil }
    root.settings = document.settings
    return root
  }

  private static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    handler.initialized = XML_SAX2_MAGIC
    handler.startElementNs = { context, local, prefix, space, _, _, attributeCount, _, attributes in
      guard let local else { return }
      XMLObserver.of(context)?.start(local, prefix, space, attributes, Int(attributeCount))
    }
    handler.endElementNs = { context, _, _, _ in XMLObserver.of(context)?.end() }
    handler.characters = { context, text, count in
      guard let text else { return }
      XMLObserver.of(context)?.append(UnsafeBufferPointer(start: text, count: Int(count)))
    }
    handler.ignorableWhitespace = handler.characters
    handler.internalSubset = { context, _, _, _ in XMLObserver.of(context)?.fail() }
    handler.serror = { context, error in
      guard let error, XMLFailures.isFatal(error.pointee) else { return }
      XMLObserver.of(context)?.fail()
    }
    return handler
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> XMLObserver? {
    context.map { Unmanaged<XMLObserver>.fromOpaque($0).takeUnretainedValue() }
  }

  private func fail() {
    hasFailed = true
    if let parser { xmlStopParser(parser) }
  }

  private func start(
    _ local: UnsafePointer<xmlChar>, _ prefix: UnsafePointer<xmlChar>?, _ space: UnsafePointer<xmlChar>?,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?, _ attributeCount: Int
  ) {
    guard !hasFailed, texts.count < 1_000 else { return fail() }
    if texts.isEmpty {
      observer.openRoot()
      observer.branch()
    } else {
      texts[texts.count - 1].hasChildren = true
    }
    hasElement = true
    observer.openChild(Self.bytes(local), space: Self.bytes(space), prefix: Self.bytes(prefix))
    texts.append(Text())
    guard let attributes else { return }
    for index in 0..<attributeCount {
      // Five pointers each: local name, prefix, namespace, begin and end of the value.
      let at = index * 5
      guard let name = attributes[at], let begin = attributes[at + 3], let end = attributes[at + 4] else {
        continue
      }
      let uri = Self.bytes(attributes[at + 2])
      let value = UnsafeBufferPointer(start: begin, count: end - begin)
      if uri.elementsEqual("http://www.w3.org/2001/XMLSchema-instance".utf8) {
        if Self.bytes(name).elementsEqual("nil".utf8) {
          texts[texts.count - 1].isNil = value.elementsEqual("true".utf8) || value.elementsEqual("1".utf8)
        }
        continue
      }
      observer.attribute(Self.bytes(name), space: uri, prefix: Self.bytes(attributes[at + 1]), value: value)
    }
  }

  private func append(_ text: UnsafeBufferPointer<UInt8>) {
    if !texts.isEmpty { texts[texts.count - 1].bytes.append(contentsOf: text) }
  }

  private func end() {
    guard !hasFailed, let text = texts.popLast() else { return }
    let isBlank = text.bytes.allSatisfy { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
    if text.hasChildren {
      observer.branch()
      if !isBlank { observer.mixed() }
    }
    if text.isNil {
      observer.null()
    } else if !text.hasChildren || !isBlank {
      text.bytes.withUnsafeBufferPointer { observer.value($0) }
    }
    observer.close()
    if texts.isEmpty { observer.close() }
  }

  private static func bytes(_ text: UnsafePointer<xmlChar>?) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text, count: text.map { Int(xmlStrlen($0)) } ?? 0)
  }
}
