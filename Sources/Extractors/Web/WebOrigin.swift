// SPDX-License-Identifier: Apache-2.0

import CLibCurl

/// Scheme, host and port of an address: what secrets were configured for. Read by libcurl, so that it is what would
/// be called.
struct WebOrigin: Equatable, CustomStringConvertible {
  var scheme: String
  var host: String
  var port: String

  /// Nil for what is no address, and for one that names a user.
  init?(_ address: String) {
    guard let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, address, 0) == CURLUE_OK else { return nil }
    func part(_ part: CURLUPart) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      guard curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else {
        return nil
      }
      defer { curl_free(text) }
      return String(cString: text).lowercased()
    }
    guard part(CURLUPART_USER) == nil, let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST),
      let port = part(CURLUPART_PORT)
    else { return nil }
    self.scheme = scheme
    self.host = host
    self.port = port
  }

  /// A whole address, of one that may be relative; without fragment. Nil for what is no address.
  static func resolve(_ address: String, against base: String) -> String? {
    guard let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, base, 0) == CURLUE_OK,
      curl_url_set(handle, CURLUPART_URL, address, 0) == CURLUE_OK,
      curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK
    else { return nil }
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, CURLUPART_URL, &text, 0) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  var description: String { "\(scheme)://\(host):\(port)" }
}
