// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

extension SystemClient {
  /// One request of the chain that redirects make.
  private struct Hop {
    var request: HTTPTransfer.Request
    /// Whether it goes to another origin, or has been there: it carries no secret from then on.
    var isStranger = false
  }

  /// Makes a request once, with the redirects it leads to.
  func attempt(
    _ asked: SystemRequest, _ token: AccessToken?, _ target: (HTTPTransfer.Head) throws -> any AnswerTarget
  ) throws -> Tried<Answer> {
    var hop = Hop(request: try signed(asked, token))
    for _ in 0...Self.maximumRedirects {
      var reader: AnswerReader?
      do {
        let transfer = try transfer(for: hop)
        let outcome = try withoutActuallyEscaping(target) { target in
          try transfer.perform(
            hop.request,
            takeHead: { [self] head in
              guard asked.wants(head) else { return false }
              reader = try self.reader(head, asked, target)
              return true
            },
            takeBody: { try reader?.take($0) })
        }
        switch outcome {
        case .cancelled:
          reader?.discard()
          return .cancelled
        case .failed(let fault):
          reader?.discard()
          return .failed(failed(fault, at: asked.place))
        case .answered(let head, let redirect):
          if let reader {
            try reader.finish()
            return .done(.taken(head, reader.identity))
          }
          if asked.bodilessStatuses.contains(head.status) { return .done(.bodiless(head)) }
          if [301, 302, 303, 307, 308].contains(head.status), let redirect {
            hop = try follow(redirect, head.status, hop, asked)
            continue
          }
          return .failed(answered(head, at: asked.place))
        }
      } catch let failure as StageFailure where failure.id == "extract.broken-compression" {
        // Most often a body cut where its length was not announced.
        reader?.discard()
        return .failed(FailedTry(failure: failure, isPassing: true))
      } catch let passing as PassingFailure {
        reader?.discard()
        return .failed(FailedTry(failure: passing.failure, isPassing: true))
      } catch {
        reader?.discard()
        throw error
      }
    }
    throw HTTPDiagnostics.redirectsWithoutEnd(at: asked.place)
  }

  func failed(_ fault: HTTPTransfer.Fault, at place: String) -> FailedTry {
    FailedTry(
      failure: HTTPDiagnostics.failed(fault, system, at: place), isPassing: fault.isPassing,
      isOfSystem: fault.isOfSystem)
  }

  func answered(_ head: HTTPTransfer.Head, at place: String) -> FailedTry {
    FailedTry(
      failure: HTTPDiagnostics.answered(head.status, at: place), status: head.status,
      isPassing: HTTPDiagnostics.isPassing(head.status),
      // A plain 500 may be the fault of one request.
      isOfSystem: [408, 429, 502, 503, 504].contains(head.status),
      retryAfter: head.headers["retry-after"].flatMap { RetryPolicy.asked($0, now: clock.now()) })
  }

  private func reader(
    _ head: HTTPTransfer.Head, _ asked: SystemRequest,
    _ target: (HTTPTransfer.Head) throws -> any AnswerTarget
  ) throws -> AnswerReader {
    if !acceptsHTML, HTMLSniffer.isPage(contentType: head.headers["content-type"]) {
      throw HTTPDiagnostics.html(at: asked.place)
    }
    return try AnswerReader(
      into: target(head), encoding: head.headers["content-encoding"], limit: limit,
      mostGrowth: system.mostGrowth, acceptsHTML: acceptsHTML, place: asked.place)
  }

  private func transfer(for hop: Hop) throws -> HTTPTransfer {
    guard hop.isStranger else { return transfer }
    let made = try stranger ?? makeTransfer(.stranger)
    stranger = made
    return made
  }

  // MARK: - What is sent

  /// The request with what the system knows us by.
  private func signed(_ asked: SystemRequest, _ token: AccessToken?) throws -> HTTPTransfer.Request {
    var request = HTTPTransfer.Request(url: asked.address)
    request.isPost = asked.isPost
    request.body = asked.makeBody?() ?? asked.body
    var headers = asked.headers
    switch system.authentication {
    case .none: break
    case .basic(let user, let password): request.user = (user, password)
    case .digest(let user, let password):
      request.user = (user, password)
      request.isDigest = true
    case .bearer(let token): headers.append(("Authorization", "Bearer \(token.reveal())"))
    case .headers(let keys): headers += keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value.reveal()) }
    case .query(let keys): request.url = AddressQuery.adding(keys, to: request.url)
    case .clientCredentials:
      if let token { headers.append(("Authorization", "Bearer \(token.value.reveal())")) }
    }
    if let body = request.body, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      headers.append(("Content-Type", SystemRequest.contentType(of: body)))
    }
    request.headers = try lines(headers, at: asked.place)
    return request
  }

  func lines(_ headers: [(name: String, value: String)], at place: String) throws -> [String] {
    try headers.map { name, value in
      // A line break in a value would begin a header of its own.
      guard value.utf8.allSatisfy({ $0 >= 32 || $0 == 9 }) else { throw HTTPDiagnostics.unusable(at: place) }
      return value.isEmpty ? "\(name);" : "\(name): \(value)"
    }
  }

  /// The request that a redirect asks for. Other origins get what `allow_redirect_to` lets them have: the address
  /// alone, and never one without TLS in place of one with it.
  private func follow(_ address: String, _ status: Int, _ hop: Hop, _ asked: SystemRequest) throws -> Hop {
    var next = hop
    next.request.url = address
    let turnsToGet = hop.request.isPost && [301, 302, 303].contains(status)
    if turnsToGet {
      (next.request.isPost, next.request.body) = (false, nil)
      next.request.headers.removeAll { $0.lowercased().hasPrefix("content-type:") }
    }
    guard let target = WebOrigin(address), let own = WebOrigin(system.baseURL),
      let current = WebOrigin(hop.request.url)
    else { throw HTTPDiagnostics.redirectElsewhere("an address of another kind", at: asked.place) }
    if target == own, !hop.isStranger {
      if case .query(let keys) = system.authentication {
        next.request.url = AddressQuery.adding(keys, to: address)
      }
      return next
    }
    let isAllowed = target == own || system.redirectOrigins.contains { WebOrigin($0) == target }
    let isDownwards = target.scheme == "http" && (current.scheme == "https" || own.scheme == "https")
    guard isAllowed, !isDownwards else {
      throw HTTPDiagnostics.redirectElsewhere(target.description, at: asked.place)
    }
    // A body may hold secrets, and nobody can tell.
    guard !next.request.isPost else {
      throw HTTPDiagnostics.redirectElsewhere("\(target), with what we send", at: asked.place)
    }
    if case .query(let keys) = system.authentication {
      next.request.url = AddressQuery.removing(keys.keys, from: address)
    }
    guard Redaction.redacted(next.request.url) == next.request.url else {
      throw HTTPDiagnostics.redirectElsewhere("\(target), with a secret of ours", at: asked.place)
    }
    next.isStranger = true
    next.request.user = nil
    next.request.headers = try lines(
      asked.headers.filter { ["accept", "accept-language"].contains($0.name.lowercased()) }, at: asked.place)
    return next
  }
}

/// The query of an address.
enum AddressQuery {
  /// The address with some parameters, in place of those of the same names.
  static func adding(_ keys: [String: Secret], to address: String) -> String {
    let address = removing(keys.keys, from: address)
    let query = keys.sorted { $0.key < $1.key }
      .map { "\(PercentEncoding.encode($0.key))=\(PercentEncoding.encode($0.value.reveal()))" }
      .joined(separator: "&")
    if query.isEmpty { return address }
    return address + (address.contains("?") ? "&" : "?") + query
  }

  static func removing(_ names: some Collection<String>, from address: String) -> String {
    guard let mark = address.firstIndex(of: "?") else { return address }
    let names = Set(names.flatMap { [$0, PercentEncoding.encode($0)] })
    let kept = address[address.index(after: mark)...].split(separator: "&").filter { parameter in
      !names.contains(String(parameter.prefix { $0 != "=" }))
    }
    return address[..<mark] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
  }
}
