// SPDX-License-Identifier: Apache-2.0

import Components

extension JSONRecordDecoder {
  public func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode? {
    JSONObserver.observe(head, isLines: false)
  }
}

extension NDJSONRecordDecoder {
  public func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode? {
    JSONObserver.observe(head, isLines: true)
  }
}

/// Takes tokens of a sample into the tree of what it holds.
struct JSONObserver: JSONConsumer {
  private enum Frame {
    case object
    /// Items are what is named by the key of the object around it.
    case array(key: [UInt8])
    /// Items are roots.
    case rootArray
    /// Items stand in the array's own place, one step deeper.
    case innerArray
  }

  private let observer = SampleObserver(mergesMembers: true)
  private var frames: [Frame] = []
  private var key: [UInt8] = []

  /// - Returns: nil when the bytes are not JSON, or their first value is no object and no array.
  static func observe(_ head: UnsafeBufferPointer<UInt8>, isLines: Bool) -> ObservedNode? {
    var text = head
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = UnsafeBufferPointer(rebasing: text[3...]) }
    let first = text.first { !($0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D)) }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
    var tokenizer = JSONTokenizer(JSONObserver(), isLines: isLines, depthLimit: 1_000, textLimit: 1 << 30)
    defer { tokenizer.deallocate() }
    do { try tokenizer.feed(head) } catch { return nil }
    return tokenizer.consumer.observer.observed()
  }

  private func open() {
    switch frames.last {
    case nil, .rootArray: observer.openRoot()
    case .object: key.withUnsafeBufferPointer { observer.openChild($0) }
    case .array(let key): key.withUnsafeBufferPointer { observer.openChild($0, isArray: true) }
    case .innerArray: observer.openItem()
    }
  }

  mutating func beginObject(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) throws {
    open()
    observer.branch()
    frames.append(.object)
  }

  mutating func endObject(offset: Int64, end: UnsafePointer<UInt8>) throws {
    frames.removeLast()
    observer.close()
  }

  mutating func beginArray(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) throws {
    switch frames.last {
    case nil: frames.append(.rootArray)
    case .object: frames.append(.array(key: key))
    case .array, .rootArray, .innerArray:
      open()
      observer.branch()
      frames.append(.innerArray)
    }
  }

  mutating func endArray(offset: Int64, end: UnsafePointer<UInt8>) throws {
    if case .innerArray = frames.removeLast() { observer.close() }
  }

  mutating func key(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) throws { key = Array(text) }

  mutating func string(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) throws {
    open()
    observer.value(text)
    observer.close()
  }

  mutating func literal(_ token: JSONToken) throws {
    open()
    observer.value(token.source, isLiteral: true)
    observer.close()
  }

  mutating func null(_ token: JSONToken) throws {
    open()
    observer.null()
    observer.close()
  }
}
