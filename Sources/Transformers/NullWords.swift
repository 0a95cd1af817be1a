// SPDX-License-Identifier: Apache-2.0

import Records

/// The words that mean "nothing" in a source (`-`, `Không`), compared after trimming and NFC.
struct NullWords {
  private let words: [[UInt8]]
  /// Bit n is set when a word has n bytes; bit 63 stands for all longer ones.
  private let lengths: UInt64

  /// - Parameter takesEmpty: an empty text is null too, as it is for every type but text.
  init(_ declared: [String], takesEmpty: Bool) {
    var words = declared.map { word in
      var composed = ComposedText.string(word)
      return composed.withUTF8 { Array(TextTrimming.trimmed($0)) }
    }
    if takesEmpty, !words.contains([]) { words.append([]) }
    self.words = words
    lengths = words.reduce(0) { $0 | 1 << UInt64(min($1.count, 63)) }
  }

  @inline(__always)
  func contains(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard lengths & (1 << UInt64(truncatingIfNeeded: min(count, 63))) != 0 else { return false }
    return matches(base, count)
  }

  private func matches(_ base: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    words.contains { $0.count == count && $0.elementsEqual(UnsafeBufferPointer(start: base, count: count)) }
  }
}
