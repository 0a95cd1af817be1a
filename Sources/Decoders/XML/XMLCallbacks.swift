// SPDX-License-Identifier: Apache-2.0

import CLibXML2

/// The functions libxml2 calls. They capture nothing and hold no reference: each is a few loads and compares.
enum XMLCallbacks {
  static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    handler.initialized = XML_SAX2_MAGIC
    handler.startElementNs = start
    handler.endElementNs = end
    handler.characters = characters
    // The same function for both spares libxml2 its guess whether white space can be ignored.
    handler.ignorableWhitespace = characters
    handler.comment = comment
    handler.processingInstruction = instruction
    handler.internalSubset = doctype
    handler.serror = failed
    return handler
  }

  private static let start: startElementNsSAX2Func = {
    context, local, _, space, namespaceCount, _, attributeCount, _, attributes in
    guard let context, let local else { return }
    let state = context.assumingMemoryBound(to: XMLState.self)
    let driver = state.pointee.driver
    if state.pointee.isTagSuspect || attributeCount > 256 || namespaceCount > 256 {
      XMLCallbacks.check(state, isStart: true, Int(max(attributeCount, namespaceCount)))
      if driver.hasFailed { return xmlStopParser(state.pointee.parser) }
    }
    let key = NameKey(local: UInt(bitPattern: local), space: UInt(bitPattern: space))
    let wants = driver.open(
      key, name: UnsafeBufferPointer(start: local, count: Int(xmlStrlen(local))),
      attributes: AttributeRun(base: attributes, count: Int(attributeCount)), kind: .text)
    state.pointee.hasElement = true
    if wants.rawValue != 0 { XMLCallbacks.begin(state) }
    if driver.hasFailed { xmlStopParser(state.pointee.parser) }
  }

  private static let end: endElementNsSAX2Func = { context, _, _, _ in
    guard let context else { return }
    let state = context.assumingMemoryBound(to: XMLState.self)
    let driver = state.pointee.driver
    if state.pointee.isTagSuspect { XMLCallbacks.check(state, isStart: false, 0) }
    if driver.closeWantsPosition {
      state.pointee.session._withUnsafeGuaranteedRef { $0.close(driver) }
    } else {
      driver.close()
    }
    if driver.hasFailed { xmlStopParser(state.pointee.parser) }
  }

  private static let characters: charactersSAXFunc = { context, text, count in
    guard let context, let text else { return }
    let state = context.assumingMemoryBound(to: XMLState.self)
    let driver = state.pointee.driver
    driver.text(text, Int(count))
    if driver.hasFailed { xmlStopParser(state.pointee.parser) }
  }

  private static let comment: commentSAXFunc = { context, text in
    guard let context, let text else { return }
    let state = context.assumingMemoryBound(to: XMLState.self)
    state.pointee.session._withUnsafeGuaranteedRef { $0.checkAside(Int(xmlStrlen(text))) }
    if state.pointee.driver.hasFailed { xmlStopParser(state.pointee.parser) }
  }

  private static let instruction: processingInstructionSAXFunc = { context, _, text in
    guard let context, let text else { return }
    let state = context.assumingMemoryBound(to: XMLState.self)
    state.pointee.session._withUnsafeGuaranteedRef { $0.checkAside(Int(xmlStrlen(text))) }
    if state.pointee.driver.hasFailed { xmlStopParser(state.pointee.parser) }
  }

  private static let doctype: internalSubsetSAXFunc = { context, _, _, _ in
    guard let context else { return }
    let state = context.assumingMemoryBound(to: XMLState.self)
    state.pointee.session._withUnsafeGuaranteedRef { $0.failDoctype() }
    xmlStopParser(state.pointee.parser)
  }

  private static let failed: xmlStructuredErrorFunc = { context, error in
    guard let context, let error else { return }
    let state = context.assumingMemoryBound(to: XMLState.self)
    state.pointee.session._withUnsafeGuaranteedRef { $0.report(error.pointee) }
    if state.pointee.driver.hasFailed { xmlStopParser(state.pointee.parser) }
  }

  @inline(never)
  private static func check(_ state: UnsafeMutablePointer<XMLState>, isStart: Bool, _ count: Int) {
    state.pointee.session._withUnsafeGuaranteedRef {
      if state.pointee.isTagSuspect { $0.checkTag(isStart: isStart) }
      if count > XMLSession.mostAttributes { $0.failAttributes(count) }
    }
    state.pointee.isTagSuspect = false
  }

  @inline(never)
  private static func begin(_ state: UnsafeMutablePointer<XMLState>) {
    state.pointee.session._withUnsafeGuaranteedRef { $0.begin(state.pointee.driver) }
  }
}

/// libxml2's own global state.
enum XMLLibrary {
  /// Once per process: nothing outside a document is ever fetched because of what it says.
  static let prepare: Void = {
    xmlInitParser()
    xmlSetExternalEntityLoader { _, _, _ in nil }
  }()
}
