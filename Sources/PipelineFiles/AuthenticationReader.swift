// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Reads how to sign in: `authentication` of `systems.yaml`.
enum AuthenticationReader {
  private static let ways = ["none", "basic", "digest", "bearer", "header", "query", "oauth2"]

  static func read(_ keys: inout KeyReader, _ system: SystemSpec, _ resolver: ReferenceResolver)
    -> SystemSpec.Authentication
  {
    guard let tree = keys.find("authentication"), tree.text != "none" else { return .none }
    guard let entries = tree.entries, entries.count == 1, let entry = entries.first, ways.contains(entry.key)
    else {
      keys.diagnostics.append(
        Diagnostic(
          id: "system.authentication", "authentication of \(keys.subject) is none that is known",
          at: tree.position, length: tree.length,
          help:
            "write none, { basic: { user, password } }, { digest: { user, password } }, { bearer: { token } }, "
            + "{ header: { X-Api-Key: … } }, { query: { api_key: … } } "
            + "or { oauth2: { token_url, client_id, client_secret } }"))
      return .none
    }
    if entry.key == "none" { return .none }
    var members = KeyReader(entry.value, area: "system", subject: "'\(entry.key)' of \(keys.subject)")
    defer {
      members.finish()
      keys.diagnostics += members.diagnostics
    }
    switch entry.key {
    case "basic":
      let user = secret("user", &members, resolver)
      return .basic(user: user, password: secret("password", &members, resolver))
    case "digest":
      let user = secret("user", &members, resolver)
      return .digest(user: user, password: secret("password", &members, resolver))
    case "bearer": return .bearer(secret("token", &members, resolver))
    case "oauth2": return .clientCredentials(clientCredentials(&members, system, resolver))
    case "query": return .query(secrets(&members, resolver))
    default:
      for header in entry.value.entries ?? [] where !HeaderName.isValid(header.key) {
        members.diagnostics.append(
          Diagnostic(
            id: "system.bad-header", "'\(header.key)' is no name of a header", at: header.keyPosition,
            length: header.key.count, help: "use letters, digits and hyphens, as X-Api-Key"))
      }
      return .headers(secrets(&members, resolver))
    }
  }

  private static func clientCredentials(
    _ members: inout KeyReader, _ system: SystemSpec, _ resolver: ReferenceResolver
  ) -> SystemSpec.ClientCredentials {
    var credentials = SystemSpec.ClientCredentials(
      tokenURL: tokenURL(&members, system), id: secret("client_id", &members, resolver),
      secret: secret("client_secret", &members, resolver))
    credentials.scope = members.text("scope")?.value
    credentials.audience = members.text("audience")?.value
    if let tree = members.find("form") {
      var form = KeyReader(tree, area: "system", subject: "'form' of \(members.subject)")
      credentials.form = secrets(&form, resolver)
      members.diagnostics += form.diagnostics
    }
    let places = SystemSpec.ClientCredentials.Place.allCases.map(\.rawValue).joined(separator: " or ")
    credentials.place =
      members.parsed("credentials_in", places, help: "write \(places)") {
        SystemSpec.ClientCredentials.Place(rawValue: $0)
      }?.value ?? .header
    return credentials
  }

  /// A token endpoint may stand on another host: whoever wrote the file sends the credentials there.
  private static func tokenURL(_ members: inout KeyReader, _ system: SystemSpec) -> String {
    guard let text = members.text("token_url") else {
      if members.tree["token_url"]?.isNull ?? true {
        members.missing("token_url", help: "add 'token_url: https://host/token'")
      }
      return ""
    }
    guard let url = BaseURL(text.value) else {
      members.diagnostics.append(
        Diagnostic(
          id: "system.bad-url",
          "token_url of \(members.subject) is not an address of the form https://host/path",
          at: text.position, length: text.length,
          help: "leave out user name, query and fragment; further fields stand under 'form'"))
      return ""
    }
    if url.isExposed, !system.allowsInsecureHTTP {
      members.diagnostics.append(
        Diagnostic(
          id: "system.insecure-http", "\(members.subject) would send its secret without encryption",
          at: text.position, length: text.length,
          help: "use https://, or write 'insecure_http: true' beside 'base_url' if the network is yours alone"
        ))
    }
    return url.text
  }

  private static func secret(_ key: String, _ members: inout KeyReader, _ resolver: ReferenceResolver)
    -> Secret
  {
    guard let text = members.text(key) else {
      if members.tree[key]?.isNull ?? true {
        members.missing(key, help: "add '\(key): \"${secret:NAME}\"'")
      }
      return Secret("")
    }
    return resolver.secret(text.value)
  }

  /// All members by name.
  private static func secrets(_ members: inout KeyReader, _ resolver: ReferenceResolver) -> [String: Secret] {
    var secrets: [String: Secret] = [:]
    for entry in members.tree.entries ?? [] {
      secrets[entry.key] = members.text(entry.key).map { resolver.secret($0.value) } ?? Secret("")
    }
    return secrets
  }
}

/// Names that cannot smuggle a second header.
private enum HeaderName {
  static func isValid(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 95
      }
  }
}
