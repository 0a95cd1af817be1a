// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import FlyingSocks

/// A response body that is made while it is sent, so that a page of any size takes no memory.
struct StreamedBody: AsyncBufferedSequence {
  typealias Element = UInt8

  /// Gives a fresh source of pieces: each call of the source the next one, nil at the end.
  let start: @Sendable () -> () -> [UInt8]?

  func makeAsyncIterator() -> Iterator { Iterator(next: start()) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    let next: () -> [UInt8]?
    private var rest: ArraySlice<UInt8> = []

    init(next: @escaping () -> [UInt8]?) { self.next = next }

    mutating func nextBuffer(suggested count: Int) async throws -> ArraySlice<UInt8>? {
      while rest.count < count, let piece = next() { rest += piece }
      guard !rest.isEmpty else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }

    mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }
  }
}
