// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Cuts bytes that come in pieces into lines. Holds one line at most.
struct LineSplitter {
  enum Failure: Error { case tooLong(line: Int) }

  /// Most bytes of a line.
  let limit: Int
  /// Lines handed on; the one at work while it is.
  private(set) var number = 0
  private var pending: [UInt8] = []

  init(limit: Int) { self.limit = limit }

  mutating func feed(
    _ piece: UnsafeRawBufferPointer, _ take: (UnsafeBufferPointer<UInt8>, _ line: Int) throws -> Void
  ) throws {
    var rest = piece.bindMemory(to: UInt8.self)[...]
    while let start = rest.baseAddressOfSlice {
      guard let found = memchr(start, 10, rest.count) else {
        guard pending.count + rest.count <= limit else { throw Failure.tooLong(line: number + 1) }
        pending += rest
        return
      }
      let length = UnsafeRawPointer(found) - UnsafeRawPointer(start)
      guard pending.count + length <= limit else { throw Failure.tooLong(line: number + 1) }
      number += 1
      if pending.isEmpty {
        try take(UnsafeBufferPointer(start: start, count: length), number)
      } else {
        pending += rest.prefix(length)
        try pending.withUnsafeBufferPointer { try take($0, number) }
        pending.removeAll(keepingCapacity: pending.count <= 1 << 20)
      }
      rest = rest.dropFirst(length + 1)
    }
  }

  /// Hands on what stands behind the last line break.
  mutating func finish(_ take: (UnsafeBufferPointer<UInt8>, _ line: Int) throws -> Void) rethrows {
    guard !pending.isEmpty else { return }
    number += 1
    try pending.withUnsafeBufferPointer { try take($0, number) }
    pending = []
  }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
  /// Nil when nothing is in it.
  fileprivate var baseAddressOfSlice: UnsafePointer<UInt8>? {
    isEmpty ? nil : base.baseAddress.map { $0 + startIndex }
  }
}
