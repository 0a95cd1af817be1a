// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// Asks one system during one run: signs in, keeps to its hours and its pace, tries again what failed for a passing
/// reason, and follows redirects within its origin. What to ask, and what an answer means, is decided above.
///
/// Used by one thread.
final class SystemClient {
  static let maximumRedirects = 5

  enum Answer {
    /// The body was handed to the target, completely.
    case taken(HTTPTransfer.Head, AnswerIdentity)
    /// An answer without a body, of ``SystemRequest/bodilessStatuses``.
    case bodiless(HTTPTransfer.Head)
    /// The run was interrupted; nothing was handed on.
    case cancelled
  }

  let system: SystemSpec
  private let landing: any LandingWriter
  private let transfer: HTTPTransfer
  private let policy: RetryPolicy
  private let clock: RequestClock
  /// Most bytes of one answer, once it is uncompressed.
  private let limit: Int
  private let acceptsHTML: Bool
  private var retriesLeft: Int
  private var lastRequest: Double?

  /// - Throws: when libcurl cannot begin.
  init(
    _ system: SystemSpec, _ landing: any LandingWriter, clock: RequestClock, limit: Int, acceptsHTML: Bool
  ) throws(StageFailure) {
    self.system = system
    self.landing = landing
    self.clock = clock
    self.limit = limit
    self.acceptsHTML = acceptsHTML
    policy = RetryPolicy(retries: system.retries)
    retriesLeft = system.retries.budget
    let authority = system.authorityFile.map { $0.hasPrefix("/") ? $0 : "\(landing.baseFolder)/\($0)" }
    guard
      let transfer = HTTPTransfer(system, authorityFile: authority, isCancelled: { landing.isCancelled })
    else { throw HTTPDiagnostics.noLibrary(at: system.baseURL) }
    self.transfer = transfer
  }

  /// - Throws: outside of the hours in which the system may be called.
  func checkHours() throws(StageFailure) {
    guard system.isOpen(atMinute: clock.minuteOfDay()) else {
      throw HTTPDiagnostics.outsideHours(system.name, at: system.baseURL)
    }
  }

  /// Makes a request, as often as the system's `retries` allow.
  ///
  /// - Parameter target: where a wanted body goes; made anew for each try.
  /// - Throws: a ``StageFailure`` when there is no answer that is wanted. Nothing is left begun then.
  func ask(
    _ request: SystemRequest, into target: (HTTPTransfer.Head) throws -> any AnswerTarget
  ) throws -> Answer {
    var attempt = 1
    while true {
      if landing.isCancelled { return .cancelled }
      try waitForTurn()
      switch try self.attempt(request, target) {
      case .done(let answer): return answer
      case .failed(let failure, let isPassing, let asked):
        guard isPassing, attempt < system.retries.attempts, retriesLeft > 0 else { throw failure }
        retriesLeft -= 1
        try landing.pause(seconds: policy.wait(after: attempt, asked: asked, chance: clock.chance()))
        attempt += 1
      }
    }
  }

  /// Keeps to the requests that the system allows in a minute.
  private func waitForTurn() throws {
    if let most = system.requestsPerMinute, let lastRequest {
      let wait = 60 / Double(most) - (MonotonicClock.seconds() - lastRequest)
      if wait > 0 { try landing.pause(seconds: wait) }
    }
    lastRequest = MonotonicClock.seconds()
  }

  // MARK: - One try

  /// What one try came to.
  private enum Attempt {
    case done(Answer)
    case failed(StageFailure, isPassing: Bool, retryAfter: Double?)
  }

  private func attempt(
    _ asked: SystemRequest, _ target: (HTTPTransfer.Head) throws -> any AnswerTarget
  ) throws -> Attempt {
    var request = try signed(asked)
    for _ in 0...Self.maximumRedirects {
      var reader: AnswerReader?
      do {
        let outcome = try withoutActuallyEscaping(target) { target in
          try transfer.perform(
            request,
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
          return .done(.cancelled)
        case .failed(let fault):
          reader?.discard()
          let isPassing = fault.isPassing
          return .failed(
            HTTPDiagnostics.failed(fault, at: asked.place), isPassing: isPassing, retryAfter: nil)
        case .answered(let head, let redirect):
          if let reader {
            try reader.finish()
            return .done(.taken(head, reader.identity))
          }
          if asked.bodilessStatuses.contains(head.status) { return .done(.bodiless(head)) }
          if [301, 302, 303, 307, 308].contains(head.status), let redirect {
            request = try follow(redirect, head.status, request, place: asked.place)
            continue
          }
          let after = head.headers["retry-after"].flatMap { RetryPolicy.asked($0, now: clock.now()) }
          return .failed(
            HTTPDiagnostics.answered(head.status, at: asked.place),
            isPassing: HTTPDiagnostics.isPassing(head.status), retryAfter: after)
        }
      } catch let failure as StageFailure where failure.id == "extract.broken-compression" {
        // Most often a body cut where its length was not announced.
        reader?.discard()
        return .failed(failure, isPassing: true, retryAfter: nil)
      } catch let passing as PassingFailure {
        reader?.discard()
        return .failed(passing.failure, isPassing: true, retryAfter: nil)
      } catch {
        reader?.discard()
        throw error
      }
    }
    throw HTTPDiagnostics.redirectsWithoutEnd(at: asked.place)
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
      acceptsHTML: acceptsHTML, place: asked.place)
  }

  /// The request with what the system knows us by.
  private func signed(_ asked: SystemRequest) throws -> HTTPTransfer.Request {
    var request = HTTPTransfer.Request(url: asked.address)
    request.isPost = asked.isPost
    request.body = asked.makeBody?() ?? asked.body
    var headers = asked.headers
    switch system.authentication {
    case .none: break
    case .basic(let user, let password): request.user = (user, password)
    case .bearer(let token): headers.append(("Authorization", "Bearer \(token.reveal())"))
    case .headers(let keys): headers += keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value.reveal()) }
    }
    if let body = request.body, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      headers.append(("Content-Type", SystemRequest.contentType(of: body)))
    }
    request.headers = try headers.map { name, value in
      // A line break in a value would begin a header of its own.
      guard value.utf8.allSatisfy({ $0 >= 32 || $0 == 9 }) else {
        throw HTTPDiagnostics.unusable(at: asked.place)
      }
      return value.isEmpty ? "\(name);" : "\(name): \(value)"
    }
    return request
  }

  private func follow(
    _ address: String, _ status: Int, _ request: HTTPTransfer.Request, place: String
  ) throws -> HTTPTransfer.Request {
    guard let target = WebOrigin(address), let own = WebOrigin(system.baseURL), target == own else {
      throw HTTPDiagnostics.redirectElsewhere(
        WebOrigin(address)?.description ?? "an address of another kind", at: place)
    }
    var next = request
    next.url = address
    if request.isPost, [301, 302, 303].contains(status) {
      (next.isPost, next.body) = (false, nil)
      next.headers.removeAll { $0.lowercased().hasPrefix("content-type:") }
    }
    return next
  }
}

extension HTTPTransfer.Fault {
  /// Whether the same request may go well a moment later.
  var isPassing: Bool {
    switch self {
    case .cannotResolve, .cannotConnect, .timedOut, .cutShort, .lost: true
    case .certificate, .badAddress: false
    }
  }
}

extension HTTPTransfer.Head {
  /// What of an answer is worth keeping with its payload, without secrets.
  var facts: [String: String] {
    var facts = ["status": String(status)]
    for name in ["content-type", "etag", "last-modified"] { facts[name] = headers[name] }
    return facts
  }

  /// Bytes of the body, where it comes as it is and its length is announced.
  var expectedBytes: Int64? {
    headers["content-encoding"] == nil ? headers["content-length"].flatMap { Int64($0) } : nil
  }
}
