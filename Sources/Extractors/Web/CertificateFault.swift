// SPDX-License-Identifier: Apache-2.0

/// Why a certificate is not trusted.
struct CertificateFault: Error, Equatable {
  enum Reason: Equatable {
    case expired, tooEarly, wrongHost, selfSigned, unknownAuthority, incompleteChain, revoked, wrongKey
    case badAuthorityFile
    case other(String)
  }

  var reason: Reason
  /// What it says of itself; nil when it could not be seen.
  var facts: CertificateFacts?

  /// - Parameters:
  ///   - code: OpenSSL's `X509_V_ERR_…`; 0 when the chain was fine.
  ///   - words: libcurl's.
  init(code: Int, words: String, chain: [CertificateFacts]) {
    facts = chain.first
    switch code {
    case _ where words.contains("subject name") || words.contains("target host"): reason = .wrongHost
    case 9: reason = .tooEarly
    case 10: reason = .expired
    case 18: reason = .selfSigned
    case 19: reason = .unknownAuthority
    case 20, 21, 2:
      // Whoever sends nothing but its own certificate leaves out what leads to an authority, known or not.
      reason = chain.count == 1 ? .incompleteChain : .unknownAuthority
    case 23: reason = .revoked
    case 62: reason = .wrongHost
    default: reason = .other(words)
    }
  }

  init(_ reason: Reason) { self.reason = reason }

  /// Reads on after "the source's certificate is not to be trusted: ".
  var sentence: String {
    switch reason {
    case .expired: "it expired" + (facts?.expires.map { " on \($0.day)" } ?? "")
    case .tooEarly: "it is not valid before " + (facts?.begins?.day ?? "a day to come")
    case .wrongHost:
      "it is for another host" + (facts.map { $0.names.isEmpty ? "" : " (\($0.names.prefix(120)))" } ?? "")
    case .selfSigned: "it is self-signed" + expiry
    case .unknownAuthority: "its authority is not known here" + issuer + expiry
    case .incompleteChain: "its chain is incomplete, or its authority is not known here" + issuer + expiry
    case .revoked: "it is revoked"
    case .wrongKey: "its key is none of those that 'pin' names" + expiry
    case .badAuthorityFile: "the file of 'ca_file' cannot be read"
    case .other(let words): words + expiry
    }
  }

  var help: String {
    switch reason {
    case .expired, .tooEarly: "tell the system's owner to renew it; look at this machine's clock"
    case .wrongHost: "call the host that the certificate is for in 'base_url', or tell the system's owner"
    case .incompleteChain:
      "tell the system's owner to send the certificates in between, or put them and the authority into a file "
        + "and name it under 'tls: { ca_file: … }' in systems.yaml"
    case .revoked: "ask the system's owner for what happened; do not go on before"
    case .wrongKey: "ask the system's owner whether the key was changed, and name the new one under 'pin'"
    case .badAuthorityFile: "correct 'ca_file' in systems.yaml: a file of PEM certificates that we may read"
    default:
      "name the authority's file under 'tls: { ca_file: … }' in systems.yaml, or tell the system's owner"
    }
  }

  private var issuer: String { facts.map { " (issued by \($0.issuer.prefix(120)))" } ?? "" }
  private var expiry: String { facts?.expires.map { "; it expires on \($0.day)" } ?? "" }
}
