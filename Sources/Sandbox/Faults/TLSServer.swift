// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation

/// How a source's TLS stands. The names are those of `terrace sandbox --tls`.
public enum TLSCase: String, CaseIterable, Sendable {
  case good
  case expired
  case wrongHost = "wrong-host"
  case selfSigned = "self-signed"
  case unknownAuthority = "unknown-ca"
  case incompleteChain = "incomplete-chain"
  case oldest = "tls1.0"
  case clientCertificate = "client-certificate"

  /// What is the case, in a line.
  public var summary: String {
    switch self {
    case .good: "a certificate of an authority of its own"
    case .expired: "one that ended yesterday"
    case .wrongHost: "one of another host"
    case .selfSigned: "one that nobody vouches for but itself"
    case .unknownAuthority: "one of another authority than the file's"
    case .incompleteChain: "the certificate between it and the authority is not sent"
    case .oldest: "TLS 1.0 and nothing newer"
    case .clientCertificate: "a good one, and the client must show one too"
    }
  }
}

/// Encrypts a front's connections with certificates made for it.
public final class TLSServer: @unchecked Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  /// PEM files: `ca.pem` to be trusted, `client.pem` and `client.key` for a client to show.
  public let folder: String
  public var authorityFile: String { folder + "/ca.pem" }

  private let context: OpaquePointer

  /// Makes keys and certificates and writes what a client needs into a temporary folder.
  public init(_ tlsCase: TLSCase) throws {
    // A peer that goes away while it is written to must not end the process.
    signal(SIGPIPE, SIG_IGN)
    folder = FileManager.default.temporaryDirectory.appending(path: "terrace-tls-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw Self.failure("a context") }
    self.context = context
    let root = try Identity("Terrace sandbox authority", isAuthority: true)
    let between = try Identity("Terrace sandbox issuer", isAuthority: true, issuer: root)
    let stranger = try Identity("Another authority", isAuthority: true)
    let here = "IP:127.0.0.1,DNS:localhost"
    let own =
      switch tlsCase {
      case .expired: try Identity("localhost", hosts: here, from: -900_000, to: -86_400, issuer: between)
      case .wrongHost: try Identity("other.invalid", hosts: "DNS:other.invalid", issuer: between)
      case .selfSigned: try Identity("localhost", hosts: here)
      case .unknownAuthority: try Identity("localhost", hosts: here, issuer: stranger)
      default: try Identity("localhost", hosts: here, issuer: between)
      }
    let client = try Identity("terrace", issuer: root)
    guard SSL_CTX_use_certificate(context, own.certificate) == 1,
      SSL_CTX_use_PrivateKey(context, own.key) == 1,
      terrace_tls_save_certificate(authorityFile, root.certificate) == 1,
      terrace_tls_save_certificate(folder + "/client.pem", client.certificate) == 1,
      terrace_tls_save_key(folder + "/client.key", client.key) == 1
    else { throw Self.failure("the certificates") }
    switch tlsCase {
    case .selfSigned, .unknownAuthority, .incompleteChain: break
    default:
      guard terrace_tls_send_also(context, between.certificate) == 1 else { throw Self.failure("the chain") }
    }
    if tlsCase == .oldest, terrace_tls_only_oldest(context) != 1 { throw Self.failure("TLS 1.0") }
    if tlsCase == .clientCertificate {
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
      guard SSL_CTX_load_verify_locations(context, authorityFile, nil) == 1 else {
        throw Self.failure("the authority")
      }
    }
  }

  deinit {
    SSL_CTX_free(context)
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Nil when the peer does not want it so.
  func accept(_ socket: PlainSocket) -> (any WireStream)? {
    guard let connection = SSL_new(context) else { return nil }
    let stream = SecureStream(connection, socket)
    guard SSL_set_fd(connection, socket.descriptor) == 1, SSL_accept(connection) == 1 else {
      ERR_clear_error()
      return nil
    }
    return stream
  }

  fileprivate static func failure(_ what: String) -> Failure {
    Failure(description: "OpenSSL refuses \(what)")
  }
}

/// A key and its certificate.
private final class Identity {
  let key: OpaquePointer
  let certificate: OpaquePointer

  init(
    _ name: String, hosts: String? = nil, isAuthority: Bool = false, from: Int = -3600, to: Int = 864_000,
    issuer: Identity? = nil
  ) throws {
    guard let key = terrace_tls_key(),
      let certificate = terrace_tls_certificate(
        name, hosts, isAuthority ? 1 : 0, from, to, key, issuer?.certificate, issuer?.key ?? key)
    else { throw TLSServer.failure("a certificate of \(name)") }
    self.key = key
    self.certificate = certificate
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }
}

/// A connection below TLS.
private final class SecureStream: WireStream {
  private let connection: OpaquePointer
  private let socket: PlainSocket
  private var isReset = false

  init(_ connection: OpaquePointer, _ socket: PlainSocket) {
    self.connection = connection
    self.socket = socket
  }

  deinit {
    if !isReset { SSL_shutdown(connection) }
    ERR_clear_error()
    SSL_free(connection)
  }

  func send(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        SSL_write(connection, $0.baseAddress, Int32(min($0.count, 1 << 20)))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(Int(count))
    }
    return true
  }

  func receive() -> [UInt8]? {
    var piece = [UInt8](repeating: 0, count: 1 << 14)
    let count = SSL_read(connection, &piece, Int32(piece.count))
    return count > 0 ? Array(piece[..<Int(count)]) : nil
  }

  func waitForClose() { while receive() != nil {} }

  func resetOnClose() {
    isReset = true
    socket.resetOnClose()
  }
}
