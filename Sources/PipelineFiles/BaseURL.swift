// SPDX-License-Identifier: Apache-2.0

/// The address of a system: scheme, host, port and path, and nothing else.
struct BaseURL {
  var text: String
  var isSecure: Bool
  var isLoopback: Bool
  var hasPath: Bool

  /// Whether it would send what it sends over a network, for all to read.
  var isExposed: Bool { !isSecure && !isLoopback }

  init?(_ written: String) {
    var rest = written[...]
    if rest.hasPrefix("https://") {
      isSecure = true
      rest = rest.dropFirst(8)
    } else if rest.hasPrefix("http://") {
      isSecure = false
      rest = rest.dropFirst(7)
    } else {
      return nil
    }
    while rest.last == "/" { rest.removeLast() }
    guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !rest.contains(where: { "@?#\\\"<>".contains($0) })
    else { return nil }
    let authority = rest.prefix { $0 != "/" }
    var host = authority
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[...end]
    } else {
      host = authority.prefix { $0 != ":" }
    }
    let port = authority[host.endIndex...]
    guard !host.isEmpty, port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) ?? 0 > 0) else {
      return nil
    }
    isLoopback = host == "localhost" || host == "[::1]" || BaseURL.isLoopbackAddress(host)
    hasPath = authority.endIndex != rest.endIndex
    text = (isSecure ? "https://" : "http://") + rest
  }

  /// `127.x.y.z`, and not `127.0.0.1.example.org`.
  private static func isLoopbackAddress(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
