// SPDX-License-Identifier: Apache-2.0

import Records

/// The names a plan asks for, found by their bytes: keys for formats whose parser does not intern names.
final class NameTable {
  private var names: [[UInt8]: UInt] = [:]
  private var table: UnsafeMutablePointer<Entry>
  private var mask: Int
  private var texts: [UnsafeMutableBufferPointer<UInt8>] = []

  private struct Entry {
    var base: UnsafePointer<UInt8>?
    var count: Int
    var key: UInt
  }

  init() {
    mask = 0
    table = .allocate(capacity: 1)
    table.initialize(to: Entry(base: nil, count: 0, key: 0))
  }

  deinit {
    table.deallocate()
    for text in texts { text.deallocate() }
  }

  /// The key of a name, made at its first use. Call before decoding begins.
  func key(_ name: String) -> NameKey {
    let bytes = Array(name.utf8)
    if let known = names[bytes] { return NameKey(local: known, space: 0) }
    let number = UInt(names.count + 1)
    names[bytes] = number
    let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    _ = text.initialize(from: bytes)
    texts.append(UnsafeMutableBufferPointer(rebasing: text[..<bytes.count]))
    rebuild()
    return NameKey(local: number, space: 0)
  }

  private func rebuild() {
    table.deallocate()
    var size = 8
    while size < texts.count * 4 { size *= 2 }
    mask = size - 1
    table = .allocate(capacity: size)
    table.initialize(repeating: Entry(base: nil, count: 0, key: 0), count: size)
    for (index, text) in texts.enumerated() {
      guard let base = text.baseAddress else { continue }
      var at = Self.hash(base, text.count) & mask
      while table[at].base != nil { at = (at + 1) & mask }
      table[at] = Entry(base: UnsafePointer(base), count: text.count, key: UInt(index + 1))
    }
  }

  /// The key of a name met in a payload; ``NameKey/unknown`` if no path asks for it.
  @inline(__always)
  func find(_ base: UnsafePointer<UInt8>, _ count: Int) -> NameKey {
    var at = Self.hash(base, count) & mask
    while let known = table[at].base {
      if table[at].count == count {
        var index = 0
        while index < count, known[index] == base[index] { index += 1 }
        if index == count { return NameKey(local: table[at].key, space: 0) }
      }
      at = (at + 1) & mask
    }
    return .unknown
  }

  @inline(__always)
  private static func hash(_ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var at = 0
    while at < count {
      hash = (hash ^ UInt64(base[at])) &* 0x100_0000_01B3
      at += 1
    }
    return Int(truncatingIfNeeded: (hash ^ (hash >> 29)) & 0x7FFF_FFFF)
  }
}
