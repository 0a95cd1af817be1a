// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// Asks one system during one run: signs in, keeps to its hours and its pace, tries again what failed for a passing
/// reason, and follows redirects where they may lead. What to ask, and what an answer means, is decided above.
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
  let landing: any LandingWriter
  let transfer: HTTPTransfer
  let clock: RequestClock
  let identity: ClientIdentity
  /// Most bytes of one answer, once it is uncompressed.
  let limit: Int
  let acceptsHTML: Bool
  /// Made when a redirect leads away.
  var stranger: HTTPTransfer?
  /// Made when tokens come from another host.
  var issuer: HTTPTransfer?
  private let tokens: TokenCache
  private let gate: any SystemGate
  private let policy: RetryPolicy
  /// Moment of the monotonic clock at which the run's time is over.
  private let deadline: Double
  private var retriesLeft: Int
  private var attempts: Int
  private var isOpen = false
  private var hasSeenCertificate = false

  /// - Throws: when a file of `tls` cannot be used, or libcurl cannot begin.
  init(
    _ system: SystemSpec, _ landing: any LandingWriter, clock: RequestClock, limit: Int, acceptsHTML: Bool,
    tokens: TokenCache = .shared
  ) throws {
    self.system = system
    self.landing = landing
    self.clock = clock
    self.limit = limit
    self.acceptsHTML = acceptsHTML
    self.tokens = tokens
    gate = try landing.gate(for: system)
    policy = RetryPolicy(retries: system.retries)
    retriesLeft = system.retries.budget
    attempts = system.retries.attempts
    deadline = clock.monotonic() + system.timeouts.run
    identity = try ClientIdentity(system, baseFolder: landing.baseFolder)
    let stop = Self.stop(landing, clock, deadline)
    guard let transfer = HTTPTransfer(system, .system, identity, stop: stop) else {
      throw HTTPDiagnostics.noLibrary(at: system.baseURL)
    }
    self.transfer = transfer
  }

  private static func stop(_ landing: any LandingWriter, _ clock: RequestClock, _ deadline: Double)
    -> () -> HTTPTransfer.Stop?
  {
    { landing.isCancelled ? .cancelled : clock.monotonic() >= deadline ? .runOver : nil }
  }

  /// A further handle, for whoever is not the system itself.
  func makeTransfer(_ role: HTTPTransfer.Role) throws -> HTTPTransfer {
    guard let made = HTTPTransfer(system, role, identity, stop: Self.stop(landing, clock, deadline)) else {
      throw HTTPDiagnostics.noLibrary(at: system.baseURL)
    }
    return made
  }

  /// - Throws: outside of the hours in which the system may be called, and while it is left in peace because another
  ///   run gave up on it.
  func checkHours() throws {
    let time = clock.localTime()
    guard system.isOpen(atMinute: time.minute, weekday: time.weekday) else {
      throw HTTPDiagnostics.outsideHours(system.name, at: system.baseURL)
    }
    if isOpen { return }
    switch try gate.condition() {
    case .well: break
    case .doubtful: attempts = 1
    case .resting(let rest): throw HTTPDiagnostics.resting(system.name, rest, at: system.baseURL)
    }
    isOpen = true
    if system.baseURL.hasPrefix("http://"), !system.baseURL.isLoopback {
      landing.notice("the system '\(system.name)' is called without encryption (insecure_http: true)")
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
    var hasRenewed = false
    while true {
      if landing.isCancelled { return .cancelled }
      try checkHours()
      var token: AccessToken?
      let tried: Tried<Answer>
      switch try currentToken() {
      case .cancelled: return .cancelled
      case .failed(let failed): tried = .failed(failed)
      case .done(let current):
        token = current
        tried = try inTurn { try self.attempt(request, token, target) }
      }
      switch tried {
      case .cancelled: return .cancelled
      case .done(let answer):
        noteCertificate()
        attempts = system.retries.attempts
        return answer
      case .failed(let failed):
        if failed.status == 401, let token, !hasRenewed,
          case .clientCredentials(let credentials) = system.authentication
        {
          // Tokens are revoked, and servers forget them: a new one shows whether that was it.
          tokens.drop(token, for: credentials)
          hasRenewed = true
          continue
        }
        guard failed.isPassing, attempt < attempts, retriesLeft > 0 else {
          if failed.isOfSystem { try gate.giveUp(failed.failure.message, asked: failed.retryAfter) }
          throw failed.failure
        }
        retriesLeft -= 1
        try pause(policy.wait(after: attempt, asked: failed.retryAfter, chance: clock.chance()))
        attempt += 1
      }
    }
  }

  // MARK: - Turns

  /// What one try came to.
  enum Tried<Value> {
    case done(Value)
    case failed(FailedTry)
    case cancelled

    /// Whether the system answered as one that is well.
    var hasAnswered: Bool {
      switch self {
      case .done: true
      case .failed(let failed): failed.status != nil && !failed.isPassing
      case .cancelled: false
      }
    }
  }

  /// Why one try brought nothing.
  struct FailedTry {
    var failure: StageFailure
    /// Of the answer, if there was one.
    var status: Int?
    /// Whether the same request may go well a moment later.
    var isPassing = false
    /// Whether it tells of the system as a whole.
    var isOfSystem = false
    /// Seconds that the source asks us to wait.
    var retryAfter: Double?
  }

  /// Does some work when it is its turn, among all that call the system.
  private func inTurn<Value>(_ work: () throws -> Tried<Value>) throws -> Tried<Value> {
    var hasAnswered = false
    defer { gate.leave(hasAnswered: hasAnswered) }
    waiting: while true {
      switch try gate.enter() {
      case .granted: break waiting
      case .wait(let seconds):
        try pause(seconds)
        if landing.isCancelled { return .cancelled }
      }
    }
    let tried = try work()
    hasAnswered = tried.hasAnswered
    return tried
  }

  /// Waits, but not for a moment that lies behind the end of the run's time.
  private func pause(_ seconds: Double) throws {
    guard clock.monotonic() + seconds < deadline else {
      throw HTTPDiagnostics.failed(.runOver, system, at: system.baseURL)
    }
    try landing.pause(seconds: seconds)
  }

  /// The token to sign with; nil where none is needed.
  private func currentToken() throws -> Tried<AccessToken?> {
    guard case .clientCredentials(let credentials) = system.authentication else { return .done(nil) }
    if let token = tokens.token(for: credentials, now: clock.monotonic()) { return .done(token) }
    return try inTurn {
      switch try self.newToken(credentials) {
      case .done(let token):
        tokens.keep(token, for: credentials)
        return .done(token)
      case .failed(let failed): return .failed(failed)
      case .cancelled: return .cancelled
      }
    }
  }

  /// Says in time that the system's certificate will end.
  private func noteCertificate() {
    if hasSeenCertificate { return }
    hasSeenCertificate = true
    guard let expires = transfer.certificate?.expires else { return }
    let days = (expires.seconds - clock.now()).floorDivided(by: 86_400)
    guard (0..<30).contains(days) else { return }
    landing.notice(
      "the certificate of the system '\(system.name)' expires on \(expires.day), in \(days) "
        + "day\(days == 1 ? "" : "s"): tell its owner")
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
