// SPDX-License-Identifier: Apache-2.0

import Records

/// Vietnamese spelling folded, as the functions `fold_tone` and `without_accents` do it. For matching names.
public enum Spelling {
  /// With the tone of oa, oe and uy on the first vowel.
  public static func toneFolded(_ text: String) -> String { folded(text, VietnameseText.appendToneFolded) }

  /// Without diacritics, đ as d.
  public static func withoutAccents(_ text: String) -> String {
    folded(text, VietnameseText.appendWithoutAccents)
  }

  private static func folded(
    _ text: String, _ append: (UnsafeBufferPointer<UInt8>, inout GrowableBuffer<UInt8>) -> Void
  ) -> String {
    var text = text
    return text.withUTF8 { bytes in
      var out = GrowableBuffer<UInt8>(capacity: max(bytes.count, 1))
      defer { out.deallocate() }
      append(bytes, &out)
      return String(decoding: UnsafeBufferPointer(start: out.base, count: out.count), as: UTF8.self)
    }
  }
}
