// SPDX-License-Identifier: Apache-2.0

import Components
import Crypto
import Diagnostics
import Records

/// The UsernameToken of WS-Security 1.1 (OASIS UsernameToken Profile), and a timestamp where the service wants one.
struct MessageSecurity: Sendable {
  private static let user = Setting<Secret>.secretText("user", "Name of the account.", isRequired: true)
  private static let password = Setting<Secret>.secretText("password", "Its password.", isRequired: true)
  private static let digest = Setting.boolean(
    "digest", "Whether a digest of the password is sent in its place.", default: false)
  private static let username = Setting.group(
    "username", "A name and a password.", [user.description, password.description, digest.description],
    isRequired: true)
  private static let timestamp = Setting.duration(
    "timestamp", "How long the message is to be held valid, as 5m; by default it does not say.",
    isRequired: false)

  static let all = [username.description, timestamp.description]

  private let user: Secret
  private let password: Secret
  private let sendsDigest: Bool
  /// Seconds.
  private let validFor: Double?

  init(_ settings: Settings) throws(Diagnostic) {
    let name = try settings[Self.username]
    user = try name[Self.user]
    password = try name[Self.password]
    sendsDigest = try name[Self.digest]
    validFor = try settings.find(Self.timestamp)
  }

  private static let base = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
  private static let profile = base + "username-token-profile-1.0#"

  /// The header block of one message. None may be sent twice: services remember nonces.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - nonce: 16 bytes of chance.
  func header(now: Int64, nonce: [UInt8]) -> String {
    let created = Self.text(now)
    var time = ""
    if let validFor {
      let until = now.addingReportingOverflow(Int64(min(validFor, 1e9).rounded(.up)))
      time =
        "<wsu:Timestamp><wsu:Created>\(created)</wsu:Created>"
        + "<wsu:Expires>\(Self.text(until.overflow ? now : until.partialValue))</wsu:Expires></wsu:Timestamp>"
    }
    var key = password.reveal()
    if sendsDigest {
      var hash = Insecure.SHA1()
      hash.update(data: nonce + Array(created.utf8) + Array(key.utf8))
      key = Base64Text.encode(Array(hash.finalize()))
    }
    return "<wsse:Security xmlns:wsse=\"\(Self.base)wssecurity-secext-1.0.xsd\""
      + " xmlns:wsu=\"\(Self.base)wssecurity-utility-1.0.xsd\" soap:mustUnderstand=\"1\">\(time)"
      + "<wsse:UsernameToken><wsse:Username>\(XMLText.escaped(user.reveal()))</wsse:Username>"
      + "<wsse:Password Type=\"\(Self.profile)Password\(sendsDigest ? "Digest" : "Text")\">"
      + "\(XMLText.escaped(key))</wsse:Password>"
      + "<wsse:Nonce EncodingType=\"\(Self.base)soap-message-security-1.0#Base64Binary\">"
      + "\(Base64Text.encode(nonce))</wsse:Nonce><wsu:Created>\(created)</wsu:Created>"
      + "</wsse:UsernameToken></wsse:Security>"
  }

  private static func text(_ seconds: Int64) -> String {
    let (clamped, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return Instant(microseconds: overflow ? 0 : clamped).description
  }
}

extension Setting where Value == Secret {
  /// A text in which `${secret:NAME}` may stand.
  static func secretText(_ name: String, _ summary: String, isRequired: Bool = false) -> Setting {
    let text = Setting<String>.text(name, summary)
    return Setting(
      name, summary, shape: .secret, default: nil, defaultText: nil, isRequired: isRequired,
      readWith: { tree, environment throws(Diagnostic) in
        try text.description.check(tree)
        return environment.secret(tree.text ?? "")
      })
  }
}
