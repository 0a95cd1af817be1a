// SPDX-License-Identifier: Apache-2.0

/// Vietnamese encodings from before Unicode that no platform knows, or that also occur inside Unicode
/// text because
/// somebody once read their bytes as Latin-1 (`§ång V¨n` for `Đồng Văn`).
///
/// Single-byte sets map each byte to a letter. VNI writes an accented letter as base and mark, two
/// characters.
/// What comes out may hold combining marks where the source did; normalisation to NFC follows later for
/// all text.
public enum LegacyEncoding: String, Sendable, CaseIterable {
  case tcvn3, viscii, vni

  /// Reads one field's text whose characters are this encoding's bytes seen through Latin-1 or windows-1252.
  ///
  /// A character beyond U+00FF stays as it is: typographic quotes in such texts are what they look
  /// like, because
  /// the fonts of these encodings left them to windows-1252.
  ///
  /// - Parameters:
  ///   - text: UTF-8 of the characters as received.
  ///   - bytes: takes the UTF-8 of the letters meant.
  public func append(charactersOf text: UnsafeBufferPointer<UInt8>, to bytes: inout GrowableBuffer<UInt8>) {
    var reader = LegacyTextReader(self)
    reader.appendCharacters(of: text, to: &bytes)
    reader.finish(to: &bytes)
  }

  /// The same for a string, for code that is not hot.
  public func text(seenAsLatin1 text: String) -> String {
    var text = text
    var bytes = GrowableBuffer<UInt8>(capacity: text.utf8.count * 2)
    defer { bytes.deallocate() }
    text.withUTF8 { append(charactersOf: $0, to: &bytes) }
    return String(decoding: UnsafeBufferPointer(start: bytes.base, count: bytes.count), as: UTF8.self)
  }
}

/// Reads text of a legacy encoding in pieces of any size.
public struct LegacyTextReader {
  let encoding: LegacyEncoding
  /// A VNI letter that a mark may follow; 0 when there is none.
  var base: UInt8 = 0

  public init(_ encoding: LegacyEncoding) { self.encoding = encoding }

  /// Reads payload bytes. Bytes 80-9F of VNI are windows-1252's punctuation.
  public mutating func append(_ piece: UnsafeBufferPointer<UInt8>, to bytes: inout GrowableBuffer<UInt8>) {
    bytes.reserve(piece.count)
    switch encoding {
    case .tcvn3: Self.append(piece, through: LegacyTextTables.tcvn3, to: &bytes)
    case .viscii: Self.append(piece, through: LegacyTextTables.viscii, to: &bytes)
    case .vni: for byte in piece { appendVNI(byte, asWindows: true, to: &bytes) }
    }
  }

  /// Says that the text is complete.
  public mutating func finish(to bytes: inout GrowableBuffer<UInt8>) {
    if base != 0 { bytes.append(scalar: LegacyTextTables.vni.letters[Int(base)]) }
    base = 0
  }

  mutating func appendCharacters(
    of text: UnsafeBufferPointer<UInt8>, to bytes: inout GrowableBuffer<UInt8>
  ) {
    var at = 0
    while at < text.count {
      let byte = text[at]
      var character = byte
      if byte >= 0x80 {
        // C2 and C3 lead exactly the characters U+0080 to U+00FF.
        guard byte == 0xC2 || byte == 0xC3, at + 1 < text.count else {
          finish(to: &bytes)
          bytes.append(byte)
          at += 1
          continue
        }
        character = (byte & 0b11) << 6 | (text[at + 1] & 0x3F)
        at += 1
      }
      at += 1
      switch encoding {
      case .tcvn3: bytes.append(scalar: LegacyTextTables.tcvn3[Int(character)])
      case .viscii: bytes.append(scalar: LegacyTextTables.viscii[Int(character)])
      case .vni: appendVNI(character, asWindows: false, to: &bytes)
      }
    }
  }

  static func append(
    _ piece: UnsafeBufferPointer<UInt8>, through table: [UInt16], to bytes: inout GrowableBuffer<UInt8>
  ) {
    for byte in piece { bytes.append(scalar: table[Int(byte)]) }
  }

  private mutating func appendVNI(_ byte: UInt8, asWindows: Bool, to bytes: inout GrowableBuffer<UInt8>) {
    let vni = LegacyTextTables.vni
    if base != 0 {
      let pair = vni.pairs[Int(base) << 8 | Int(byte)]
      let alone = vni.letters[Int(base)]
      base = 0
      guard pair == 0 else { return bytes.append(scalar: pair) }
      bytes.append(scalar: alone)
    }
    if vni.isBase[Int(byte)] {
      base = byte
    } else if asWindows, byte >= 0x80, byte < 0xA0 {
      bytes.append(scalar: LegacyTextTables.windows1252[Int(byte) - 0x80])
    } else {
      bytes.append(scalar: vni.letters[Int(byte)])
    }
  }
}

extension GrowableBuffer<UInt8> {
  /// Adds a character of the basic plane as UTF-8.
  @inline(__always)
  mutating func append(scalar: UInt16) {
    if scalar < 0x80 {
      append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
      append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    } else {
      append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
      append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
      append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    }
  }
}
