// SPDX-License-Identifier: Apache-2.0

/// Reads the encoding that an XML declaration names (XML 1.0, 4.3.3).
enum XMLDeclaration {
  /// - Parameter head: the first bytes of the document, in any encoding that writes ASCII as ASCII bytes, or UTF-16.
  static func encoding(_ head: UnsafeBufferPointer<UInt8>) -> String? {
    var text: [UInt8] = []
    for byte in head {
      // The zero halves of UTF-16 units and byte order marks are passed over.
      if byte == 0 || byte >= 0x80 {
        if text.isEmpty || byte == 0 { continue }
        return nil
      }
      text.append(byte)
      if byte == UInt8(ascii: ">") { break }
    }
    guard text.starts(with: "<?xml".utf8), text.last == UInt8(ascii: ">") else { return nil }
    var at = 5
    func skipSpaces() {
      while at < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[at]) { at += 1 }
    }
    while at < text.count {
      let before = at
      skipSpaces()
      let nameStart = at
      while at < text.count, text[at] >= UInt8(ascii: "a"), text[at] <= UInt8(ascii: "z") { at += 1 }
      let name = text[nameStart..<at]
      skipSpaces()
      guard !name.isEmpty, nameStart > before, at < text.count, text[at] == UInt8(ascii: "=") else {
        return nil
      }
      at += 1
      skipSpaces()
      guard at < text.count, text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "'") else {
        return nil
      }
      let quote = text[at]
      guard let end = text[(at + 1)...].firstIndex(of: quote) else { return nil }
      let value = text[(at + 1)..<end]
      if name.elementsEqual("encoding".utf8) {
        return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
      }
      at = end + 1
    }
    return nil
  }
}
