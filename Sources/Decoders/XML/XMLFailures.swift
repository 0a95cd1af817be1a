// SPDX-License-Identifier: Apache-2.0

import CLibXML2
import Diagnostics

/// The wording of what can be wrong with an XML document.
enum XMLFailures {
  static func notWellFormed(_ message: String, at place: String, help: String? = nil) -> StageFailure {
    StageFailure(
      id: "decode.not-well-formed", message, at: place,
      help: help
        ?? "ask the source to mend it; the payload is kept, 'terrace replay' decodes it again",
      exit: .data)
  }

  static func notWellFormed(_ error: xmlError, at place: XMLPlace, column: Int) -> StageFailure {
    var text = error.message.map { String(cString: $0) } ?? "error \(error.code)"
    while let last = text.last, last.isWhitespace || last == "." { text.removeLast() }
    text = String(text.map { $0.isNewline ? " " : $0 })
    return notWellFormed(
      "the document is not well-formed XML: \(text)",
      at: "line \(error.line), column \(column) (offset \(place.offset))")
  }

  /// Whether it may be an '&' that begins no reference.
  static func isOfReference(_ error: xmlError) -> Bool {
    error.code == Int32(XML_ERR_NAME_REQUIRED.rawValue)
      || error.code == Int32(XML_ERR_ENTITYREF_SEMICOL_MISSING.rawValue)
  }

  /// Everything but warnings, and but what libxml2 says of a namespace name that is no URI: any text will do for us.
  static func isFatal(_ error: xmlError) -> Bool {
    error.level.rawValue >= XML_ERR_ERROR.rawValue
      && error.code != Int32(XML_WAR_NS_URI.rawValue)
      && error.code != Int32(XML_WAR_NS_URI_RELATIVE.rawValue)
  }

  static func bareAmpersand(at place: String) -> StageFailure {
    notWellFormed(
      "the document is not well-formed XML: a '&' begins no reference", at: place,
      help: "the source must write '&amp;' where it means '&': ask its owner; the payload is kept")
  }

  static func doctype(at place: String) -> StageFailure {
    StageFailure(
      id: "decode.doctype-forbidden", "the document has a document type declaration (<!DOCTYPE …>)",
      at: place,
      help: "ask the source to leave it out: it is how documents attack their readers, and no data needs it",
      exit: .data)
  }

  static func tagTooLong(_ limit: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "decode.tag-too-long", "a tag is longer than \(limit) bytes", at: place,
      help: "raise 'decode.xml.limits.tag' if the source means it", exit: .data)
  }

  static func tooManyAttributes(_ count: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "decode.too-many-attributes",
      "a tag has \(count) attributes; more than \(XMLSession.mostAttributes) are refused", at: place,
      help: "ask the source for elements instead of attributes", exit: .data)
  }
}
