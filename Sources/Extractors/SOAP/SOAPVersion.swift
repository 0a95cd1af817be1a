// SPDX-License-Identifier: Apache-2.0

/// The two versions of SOAP in use, and what differs between them on the wire.
enum SOAPVersion: String, Sendable, CaseIterable {
  case first = "1.1"
  case second = "1.2"

  var namespace: String {
    switch self {
    case .first: "http://schemas.xmlsoap.org/soap/envelope/"
    case .second: "http://www.w3.org/2003/05/soap-envelope"
    }
  }

  init?(namespace: String) {
    guard let version = Self.allCases.first(where: { $0.namespace == namespace }) else { return nil }
    self = version
  }

  /// Header lines that say what a message is and what it asks for.
  func headers(action: String) -> [(name: String, value: String)] {
    switch self {
    case .first:
      [("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", "\"\(action)\""), ("Accept", "text/xml")]
    case .second:
      [
        (
          "Content-Type",
          "application/soap+xml; charset=utf-8" + (action.isEmpty ? "" : "; action=\"\(action)\"")
        ), ("Accept", "application/soap+xml"),
      ]
    }
  }

  /// A whole message. What goes in is XML that was checked.
  func envelope(header: String, body: String) -> String {
    let declarations = Self.prefixes(self).sorted { $0.key < $1.key }
      .map { " xmlns:\($0.key)=\"\($0.value)\"" }.joined()
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope\(declarations)>"
      + (header.isEmpty ? "" : "<soap:Header>\(header)</soap:Header>")
      + "<soap:Body>\(body)</soap:Body></soap:Envelope>"
  }

  /// What stands for what within an envelope, without being declared again.
  static func prefixes(_ version: SOAPVersion) -> [String: String] {
    [
      "soap": version.namespace, "xsd": "http://www.w3.org/2001/XMLSchema",
      "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    ]
  }
}
