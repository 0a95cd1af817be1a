// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// The text of a sample's beginning, whatever it is written in.
struct SampleText {
  /// UTF-8.
  let text: [UInt8]
  /// The encoding that the pipeline must declare; nil when the payload tells it itself.
  private(set) var encoding: String?
  /// How the encoding was told.
  private(set) var reason = ""
  /// The encoding that the letters are bytes of, where Unicode text holds what a legacy font shows: `§ång V¨n`.
  private(set) var fontEncoding: LegacyEncoding?

  init(of head: [UInt8], _ decoders: [any RecordDecoder], name: String) throws {
    let declared = head.withUnsafeBufferPointer { bytes in
      decoders.lazy.compactMap {
        $0.declaredEncoding(head: UnsafeBufferPointer(rebasing: bytes.prefix(1024)))
      }.first
    }
    let detected = head.withUnsafeBufferPointer { PayloadEncoding.detected(head: $0) }
    var first = detected
    if detected == .utf8, let declared, let named = PayloadEncoding.named(declared), named != .utf8 {
      // Bytes in which the declaration could be read are not the UTF-16 that some declarations claim.
      if named.name.hasPrefix("utf-16") {
        encoding = detected.name
        reason = "whatever the document's first line says"
      } else {
        first = named
      }
    }
    do { text = try Self.convert(head, first) } catch let failure as StageFailure {
      guard let found = Self.likeliest(head) else {
        throw StageFailure(
          id: failure.id, failure.message,
          at: [name, failure.place].compactMap(\.self).joined(separator: ", "),
          help:
            "it is no text in any encoding known here: guess from a text payload (XML, JSON, CSV)",
          exit: .data)
      }
      text = try Self.convert(head, found.encoding)
      encoding = found.encoding.name
      reason = Self.reason(rivals: found.rivals)
    }
    if encoding == nil { fontEncoding = Self.fontEncoding(of: text) }
  }

  private static func reason(rivals: [String]) -> String {
    rivals.isEmpty
      ? "a guess from the letters: look at names in the preview"
      : "or \(rivals.joined(separator: ", ")): as much Vietnamese; look at names, guess from a longer sample"
  }

  private static func convert(_ bytes: [UInt8], _ encoding: PayloadEncoding) throws -> [UInt8] {
    var text: [UInt8] = []
    let converter = try PayloadTextConverter(encoding)
    try bytes.withUnsafeBufferPointer { try converter.convert($0) { text.append(contentsOf: $0) } }
    return text
  }

  /// The encoding that makes the most Vietnamese of the bytes; nil when none makes text of them.
  ///
  /// A whole file is told, never a single value: `Lòng Có` is Vietnamese, and so is the `Lũng Cú` it may
  /// stand for.
  ///
  /// - Returns: also the encodings that make other Vietnamese of it, and as much.
  private static func likeliest(_ bytes: [UInt8]) -> (encoding: PayloadEncoding, rivals: [String])? {
    let sample = Array(bytes.prefix(256 << 10))
    // Binary data have control characters that no text has.
    let controls = sample.prefix(4096).filter { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }.count
    guard controls * 50 <= min(sample.count, 4096) else { return nil }
    let scored = ["windows-1258", "tcvn3", "vni", "viscii"].compactMap { name in
      PayloadEncoding.named(name).flatMap { encoding in
        (try? convert(sample, encoding)).map {
          (encoding: encoding, share: VietnameseSyllables.share(of: String(decoding: $0, as: UTF8.self)))
        }
      }
    }
    if let best = scored.max(by: { $0.share < $1.share }), best.share > 0.5 {
      let rivals = scored.filter { $0.encoding != best.encoding && $0.share == best.share }
      return (best.encoding, rivals.map(\.encoding.name))
    }
    return ["windows-1252", "iso-8859-1"].lazy.compactMap { PayloadEncoding.named($0) }
      .first { (try? convert(sample, $0)) != nil }.map { ($0, []) }
  }

  /// Most words are syllables only when their letters are read as bytes of a legacy encoding.
  private static func fontEncoding(of text: [UInt8]) -> LegacyEncoding? {
    let sample = String(decoding: text.prefix(256 << 10), as: UTF8.self)
    guard !sample.utf8.allSatisfy({ $0 < 0x80 }), VietnameseSyllables.share(of: sample) < 0.5 else {
      return nil
    }
    let scored = LegacyEncoding.allCases.map { encoding in
      (encoding, share: VietnameseSyllables.share(of: encoding.text(seenAsLatin1: sample)))
    }
    return scored.max { $0.share < $1.share }.flatMap { $0.share > 0.8 ? $0.0 : nil }
  }
}

/// Formats that people take for text, told by their first bytes.
enum ForeignFormat {
  case archive, pdf, oldSpreadsheet, database, page

  init?(_ head: [UInt8]) {
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      self = .archive
    } else if head.starts(with: Array("%PDF".utf8)) {
      self = .pdf
    } else if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      self = .oldSpreadsheet
    } else if head.starts(with: Array("SQLite format 3".utf8)) {
      self = .database
    } else if Self.isPage(head) {
      self = .page
    } else {
      return nil
    }
  }

  private static func isPage(_ head: [UInt8]) -> Bool {
    let start = head.prefix(1024).map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
    let text = start.drop { $0 <= 0x20 || $0 >= 0x80 }
    return text.starts(with: Array("<!doctype html".utf8)) || text.starts(with: Array("<html".utf8))
  }

  func failure(_ path: String) -> StageFailure {
    let (what, help) =
      switch self {
      case .archive:
        ("a ZIP archive, perhaps an .xlsx workbook", "unpack it; a workbook's sheet is saved as CSV (UTF-8)")
      case .pdf: ("a PDF document", "ask the source for the data as XML, JSON or CSV")
      case .oldSpreadsheet:
        ("an old Office document, perhaps an .xls workbook", "save the sheet as CSV (UTF-8)")
      case .page:
        ("a web page", "look at it: perhaps the source asks to sign in, or says what went wrong")
      case .database: ("a SQLite database", "export the table as CSV or JSON")
      }
    return StageFailure(
      id: "guess.unknown-format", "the sample is \(what)", at: path, help: help, exit: .data)
  }
}
