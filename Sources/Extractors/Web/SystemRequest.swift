// SPDX-License-Identifier: Apache-2.0

/// One request to a system, before it is signed in.
struct SystemRequest {
  /// The whole address, with its query; may hold secrets.
  var address: String
  /// The address as messages show it: without its query.
  var place: String
  var isPost = false
  /// May hold secrets.
  var body: String?
  /// Makes the body of each try anew, where none may be sent twice; in place of `body`.
  var makeBody: (() -> String)?
  var headers: [(name: String, value: String)] = []
  /// Answers that say something without a body.
  var bodilessStatuses: Set<Int> = [204, 205]
  /// Answers outside of 2xx whose body is wanted, as that of a SOAP fault is; but not a web page that says the same.
  var wantedStatuses: Set<Int> = []

  /// What a body is when its sender does not say.
  static func contentType(of body: String) -> String {
    switch body.first(where: { !$0.isWhitespace }) {
    case "<": "text/xml; charset=utf-8"
    case "{", "[": "application/json"
    default: "application/x-www-form-urlencoded"
    }
  }

  /// Whether the body of an answer is what was asked for.
  func wants(_ head: HTTPTransfer.Head) -> Bool {
    if wantedStatuses.contains(head.status) {
      return !HTMLSniffer.isPage(contentType: head.headers["content-type"])
    }
    return (200..<300).contains(head.status) && head.status != 206 && !bodilessStatuses.contains(head.status)
  }
}
