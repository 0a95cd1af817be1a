// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

extension JSONTokenizer {
  private func malformed(_ message: String, _ offset: Int64, help: String? = nil) -> StageFailure {
    StageFailure(
      id: "decode.not-well-formed", "the payload is not \(isLines ? "NDJSON" : "JSON"): " + message,
      at: place(offset),
      help: help
        ?? "look at these bytes with 'terrace show' on the batch; the source must send RFC 8259 JSON",
      exit: .data)
  }

  func place(_ offset: Int64) -> String { "line \(line) (offset \(offset))" }

  @inline(never)
  func unexpected(_ byte: UInt8, _ offset: Int64) -> StageFailure {
    let wanted =
      switch expectation {
      case .root: "a value"
      case .rootEnd: isLines ? "the end of the line" : "the end of the document"
      case .firstKey: "a key in double quotes or '}'"
      case .key: "a key in double quotes"
      case .colon: "':'"
      case .value: "a value"
      case .firstItem: "a value or ']'"
      case .objectNext: "',' or '}'"
      case .arrayNext: "',' or ']'"
      }
    let help: String? =
      switch (expectation, byte) {
      case (.key, UInt8(ascii: "}")), (.value, UInt8(ascii: "]")):
        "a comma before it has nothing to follow it"
      case (.root, UInt8(ascii: "<")):
        "this looks like XML or a web page; is it an error answer of the source?"
      case (.rootEnd, _) where !isLines: "if each line is a document of its own, decode it as 'ndjson'"
      case (_, UInt8(ascii: "/")): "JSON has no comments"
      default: nil
      }
    return malformed("expected \(wanted), found \(ByteName.of(byte))", offset, help: help)
  }

  @inline(never)
  func badWord(_ word: UnsafeBufferPointer<UInt8>, _ offset: Int64) -> StageFailure {
    let text = String(decoding: word.prefix(40), as: UTF8.self)
    let isNumber = word[0] == UInt8(ascii: "-") || word[0] &- UInt8(ascii: "0") <= 9
    return malformed(
      "'\(text)' is no \(isNumber ? "number" : "value")", offset,
      help: isNumber
        ? "numbers have no leading zero or '+', and digits on both sides of the point; a code such as 079 "
          + "must be sent as a string"
        : "the words are true, false and null; text stands in double quotes")
  }

  @inline(never)
  func badEscape(_ fault: JSONScan.EscapeFault, _ offset: Int64) -> StageFailure {
    switch fault.fact {
    case .unknown(let byte): malformed("'\\' before \(ByteName.of(byte)) is no escape", offset)
    case .notHex: malformed("'\\u' needs four hexadecimal digits", offset)
    case .loneSurrogate:
      malformed("half of a surrogate pair stands alone, which is no character", offset)
    }
  }

  /// A control character within a string that began at `token`; what passes the length limit before
  /// it is told first,
  /// as it would be if the string came in smaller pieces.
  @inline(never)
  func controlCharacter(_ byte: UInt8, _ offset: Int64, token: Int64, escaped: Bool) -> StageFailure {
    if passesLimit(Int(offset - token - 1), escaped: escaped) { return tooLong(token) }
    let isLineFeed = byte == 0x0A
    return malformed(
      "\(ByteName.of(byte)) stands in a string", offset,
      help: isLineFeed
        ? "a closing quote is missing before it, or it must be written \\n"
        : "control characters in strings must be written as escapes")
  }

  /// Whether this many source bytes of a string whose end is not known cannot fit the limit any more.
  /// An escape takes up to
  /// six bytes for one.
  func passesLimit(_ count: Int, escaped: Bool) -> Bool {
    count > textLimit && (!escaped || count / 6 > textLimit)
  }

  @inline(never)
  func tooLong(_ offset: Int64) -> StageFailure {
    StageFailure(
      id: "decode.text-too-long", "a string, key or number is longer than \(textLimit) bytes",
      at: place(offset),
      help: "if the source really sends this, raise 'limits' under 'decode'", exit: .data)
  }

  @inline(never)
  func tooDeep(_ offset: Int64) -> StageFailure {
    StageFailure(
      id: "decode.too-deep", "objects and arrays are nested deeper than \(depthLimit)", at: place(offset),
      help: "if the source really sends this, raise 'limits' under 'decode'", exit: .data)
  }

  @inline(never)
  func brokenLine(_ offset: Int64) -> StageFailure {
    malformed(
      "the line ends within a value", offset,
      help: "in NDJSON each line is one value; a document over several lines is decoded as 'json'")
  }

  @inline(never)
  func truncated() -> StageFailure {
    let message =
      if open.count > 0 {
        "the text ends within \(open.count) open object\(open.count == 1 ? " or array" : "s and arrays")"
      } else if hasRoot || isCarrying {
        "the text ends within a value"
      } else {
        "the text is empty"
      }
    return StageFailure(
      id: "decode.truncated", message, at: place(pieceOffset),
      help:
        "the transfer may have been cut short: fetch the payload again, and compare its length with the source",
      exit: .data)
  }
}
