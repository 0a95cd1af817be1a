// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation

/// The gateway before the education department's system: a token for a consumer's key and secret, as WSO2 gives them
/// (client credentials). Nothing is remembered: a token says when it ends, and whether it was given here.
struct EducationTokens: Sendable {
  static let secrets = ["EDUCATION_CLIENT": "terrace", "EDUCATION_SECRET": "sandbox-education-secret"]
  /// Short enough that a long run meets its end between two pages.
  static let lifetime = 60

  let seed: UInt64
  var now: @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }

  /// `POST /education/token` with `grant_type=client_credentials`; the client in the header or in the form.
  func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let body = (try? await request.bodyData).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let form = WireRequest.form(body)
    guard form["grant_type"] == "client_credentials" else {
      return JSONPages.members(.badRequest, [("error", quoted("unsupported_grant_type"))])
    }
    let client = Self.secrets["EDUCATION_CLIENT"] ?? ""
    let secret = Self.secrets["EDUCATION_SECRET"] ?? ""
    let basic = "Basic " + Data("\(client):\(secret)".utf8).base64EncodedString()
    guard
      request.headers[.authorization] == basic
        || (form["client_id"] == client && form["client_secret"] == secret)
    else { return JSONPages.members(.unauthorized, [("error", quoted("invalid_client"))]) }
    return JSONPages.members(
      .ok,
      [
        ("access_token", quoted(token(until: now() + Self.lifetime))), ("token_type", quoted("Bearer")),
        ("expires_in", String(Self.lifetime)),
      ])
  }

  func isGood(_ header: String?) -> Bool {
    let prefix = "Bearer edu."
    guard let header, header.hasPrefix(prefix),
      let end = header.dropFirst(prefix.count).split(separator: ".").first.flatMap({ Int($0) })
    else { return false }
    return header == "Bearer " + token(until: end) && end > now()
  }

  private func token(until end: Int) -> String {
    "edu.\(end).\(String(Draw(seed: seed, record: end).bits("token"), radix: 36))"
  }
}
