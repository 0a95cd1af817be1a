// SPDX-License-Identifier: Apache-2.0

/// Where a JSON token stands: its source text is memory of the current piece or of the carried token,
/// valid during
/// the call only.
struct JSONToken {
  /// The token as it stands in the source, quotes included.
  var source: UnsafeBufferPointer<UInt8>
  /// Byte offset of its first byte, and that byte's line from 1.
  var offset: Int64
  var line: Int64
  /// It was put together from several pieces; its source is not memory of the current one.
  var isCarried = false

  var end: Int64 { offset + Int64(source.count) }
}

/// What a ``JSONTokenizer`` finds, in document order. Implemented by a struct, so that calls are inlined.
protocol JSONConsumer {
  /// `start` is the address of the bracket within the piece.
  mutating func beginObject(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) throws
  /// `end` is the address after the bracket, `offset` that byte's.
  mutating func endObject(offset: Int64, end: UnsafePointer<UInt8>) throws
  mutating func beginArray(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) throws
  mutating func endArray(offset: Int64, end: UnsafePointer<UInt8>) throws
  /// A key with its escapes undone.
  mutating func key(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) throws
  /// A string with its escapes undone.
  mutating func string(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) throws
  /// A number, `true` or `false`; its text is the token's source.
  mutating func literal(_ token: JSONToken) throws
  mutating func null(_ token: JSONToken) throws
}
