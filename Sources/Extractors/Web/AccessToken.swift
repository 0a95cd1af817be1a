// SPDX-License-Identifier: Apache-2.0

import Records
import Synchronization

/// A token that a system's token endpoint gave.
struct AccessToken: Equatable {
  var value: Secret
  /// Moment of the monotonic clock from which on a new one is asked for; nil while the system takes it.
  var renewal: Double?

  /// - Parameter lifetime: seconds that the endpoint promised, counted from before it was asked.
  init(_ value: String, lifetime: Double?, askedAt moment: Double) {
    self.value = Secret(value)
    // Some time before its end: a request under way, or clocks that differ, must not meet it.
    renewal = lifetime.map { moment + $0 - min(60, $0 / 10) }
  }
}

/// The tokens of this process: pipelines of one system share them. Kept in memory only.
final class TokenCache: Sendable {
  static let shared = TokenCache()

  private let tokens = Mutex<[(credentials: SystemSpec.ClientCredentials, token: AccessToken)]>([])

  func token(for credentials: SystemSpec.ClientCredentials, now: Double) -> AccessToken? {
    tokens.withLock { tokens in
      guard let token = tokens.first(where: { $0.credentials == credentials })?.token else { return nil }
      return token.renewal.map { now < $0 } ?? true ? token : nil
    }
  }

  func keep(_ token: AccessToken, for credentials: SystemSpec.ClientCredentials) {
    tokens.withLock { tokens in
      tokens.removeAll { $0.credentials == credentials }
      tokens.append((credentials, token))
    }
  }

  /// Forgets a token that the system did not take, unless another run has brought a new one since.
  func drop(_ token: AccessToken, for credentials: SystemSpec.ClientCredentials) {
    tokens.withLock { tokens in tokens.removeAll { $0.credentials == credentials && $0.token == token } }
  }
}
