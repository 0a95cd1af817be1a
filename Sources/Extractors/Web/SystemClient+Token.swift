// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

extension SystemClient {
  /// Asks the token endpoint once. It is led nowhere else: what is sent is all that an impostor needs.
  func newToken(_ credentials: SystemSpec.ClientCredentials) throws -> Tried<AccessToken> {
    let place = credentials.tokenURL
    let begun = clock.monotonic()
    let kept = KeptTarget()
    var reader: AnswerReader?
    let outcome = try issuer(of: credentials).perform(
      try tokenRequest(credentials),
      takeHead: { head in
        // Errors speak in their body too.
        reader = try AnswerReader(
          into: kept, encoding: head.headers["content-encoding"], limit: TokenAnswer.limit, acceptsHTML: true,
          place: place)
        return true
      },
      takeBody: { try reader?.take($0) })
    switch outcome {
    case .cancelled: return .cancelled
    case .failed(let fault): return .failed(failed(fault, at: place))
    case .answered(let head, _):
      try reader?.finish()
      let answer = TokenAnswer(kept.bytes)
      guard (200..<300).contains(head.status) else { return .failed(refused(head, answer, at: place)) }
      guard let answer, answer.isBearer, let token = answer.token,
        token.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
      else { throw HTTPDiagnostics.noToken(at: place) }
      Redaction.learn(token)
      return .done(AccessToken(token, lifetime: answer.lifetime, askedAt: begun))
    }
  }

  private func refused(_ head: HTTPTransfer.Head, _ answer: TokenAnswer?, at place: String) -> FailedTry {
    if (300..<400).contains(head.status) {
      return FailedTry(
        failure: HTTPDiagnostics.redirectElsewhere("another address", at: place), status: head.status)
    }
    if let error = answer?.error, ["temporarily_unavailable", "server_error"].contains(error) {
      return FailedTry(
        failure: HTTPDiagnostics.answered(503, at: place), status: head.status, isPassing: true,
        isOfSystem: true)
    }
    guard [400, 401, 403].contains(head.status) else { return answered(head, at: place) }
    return FailedTry(
      // No renewal helps against a refusal of the credentials themselves.
      failure: HTTPDiagnostics.tokenRefused(head.status, answer?.error, at: place))
  }

  private func issuer(of credentials: SystemSpec.ClientCredentials) throws -> HTTPTransfer {
    if WebOrigin(credentials.tokenURL) == WebOrigin(system.baseURL) { return transfer }
    let made = try issuer ?? makeTransfer(.issuer)
    issuer = made
    return made
  }

  private func tokenRequest(_ credentials: SystemSpec.ClientCredentials) throws -> HTTPTransfer.Request {
    var fields: [(String, String)] = [("grant_type", "client_credentials")]
    if let scope = credentials.scope { fields.append(("scope", scope)) }
    if let audience = credentials.audience { fields.append(("audience", audience)) }
    fields += credentials.form.sorted { $0.key < $1.key }.map { ($0.key, $0.value.reveal()) }
    var headers = [
      (name: "Content-Type", value: "application/x-www-form-urlencoded"),
      (name: "Accept", value: "application/json"),
    ]
    // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
    let id = PercentEncoding.encode(credentials.id.reveal())
    let secret = PercentEncoding.encode(credentials.secret.reveal())
    switch credentials.place {
    case .header:
      headers.append(("Authorization", "Basic " + Base64Text.encode(Array("\(id):\(secret)".utf8))))
    case .body:
      fields += [("client_id", credentials.id.reveal()), ("client_secret", credentials.secret.reveal())]
    }
    var request = HTTPTransfer.Request(url: credentials.tokenURL)
    request.isPost = true
    request.body = fields.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }
      .joined(separator: "&")
    request.headers = try lines(headers, at: credentials.tokenURL)
    return request
  }
}
