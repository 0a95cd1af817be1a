// SPDX-License-Identifier: Apache-2.0

import CLibCurl

extension HTTPTransfer {
  /// Why there is no complete answer.
  enum Fault: Error, Equatable {
    case cannotResolve
    case cannotConnect
    case timedOut(String)
    /// The time of the whole run is over.
    case runOver
    /// Fewer bytes than announced.
    case cutShort
    case lost(String)
    /// The source's certificate is not to be trusted; what it says of itself, where it could be seen.
    case certificate(CertificateFault)
    /// The source speaks no version of TLS that is safe.
    case oldTLS
    /// The source wants a certificate of ours, or refused it: its words.
    case clientCertificate(String)
    /// Our own certificate or key cannot be used.
    case ownCertificate
    case badAddress
    /// An address that no source may have.
    case forbiddenAddress(String)
    /// The proxy's status.
    case proxy(Int)
  }

  /// What libcurl's words say of a handshake that failed, or nil when they say nothing in particular.
  ///
  /// - Parameter words: of libcurl's error buffer; they end in those of OpenSSL, or name the alert that came.
  static func handshakeFault(_ words: String, hasCertificate: Bool) -> Fault? {
    let words = words.lowercased()
    func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
    if says("unsupported protocol", "protocol version", "no protocols available", "wrong version number") {
      return .oldTLS
    }
    if says("certificate required") { return .clientCertificate("it asks for a certificate, and got none") }
    guard says("alert") else { return nil }
    if says("certificate revoked") { return .clientCertificate("it holds ours to be revoked") }
    if says("certificate expired") { return .clientCertificate("it holds ours to be expired") }
    if says("unknown ca") { return .clientCertificate("it does not know who issued ours") }
    if says("bad certificate", "certificate unknown", "unsupported certificate", "access denied") {
      return .clientCertificate("it refuses ours")
    }
    if says("handshake failure") {
      return .clientCertificate(
        hasCertificate ? "it broke off the handshake" : "it broke off the handshake; it may ask for one")
    }
    return nil
  }
}

extension HTTPTransfer.Fault {
  /// Whether the same request may go well a moment later.
  var isPassing: Bool {
    switch self {
    case .cannotResolve, .cannotConnect, .timedOut, .cutShort, .lost: true
    case .proxy(let status): status >= 500
    case .certificate, .oldTLS, .clientCertificate, .ownCertificate, .badAddress, .forbiddenAddress, .runOver:
      false
    }
  }

  /// Whether it tells of the system as a whole, and not of one request.
  var isOfSystem: Bool {
    switch self {
    case .cannotResolve, .cannotConnect, .timedOut, .lost, .proxy: isPassing
    default: false
    }
  }
}
