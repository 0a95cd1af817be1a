// SPDX-License-Identifier: Apache-2.0

import CLibCurl
import Diagnostics
import Glibc
import Records

/// One libcurl handle for the requests of one run: keeps its connection. Used by one thread.
///
/// libcurl follows no redirect, decodes no content and reads no `.netrc` here: what it would do by itself is decided
/// by ``HTTPRun``, where it can be bounded.
final class HTTPTransfer {
  struct Request {
    /// With its query; may hold secrets.
    var url: String
    var isPost = false
    var headers: [String] = []
    var body: String?
    var user: (name: Secret, password: Secret)?
    /// Whether name and password go as a digest; else they go as they are.
    var isDigest = false
  }

  /// Whom a handle calls.
  enum Role {
    case system
    /// Where tokens come from: it is shown our certificate, and may have any key.
    case issuer
    /// Where a redirect leads: it is shown nothing.
    case stranger
  }

  /// Why a transfer is to end before its time.
  enum Stop { case cancelled, runOver }

  struct Head: Equatable {
    var status = 0
    /// By lower-case name; of several equal ones the last.
    var headers: [String: String] = [:]
  }

  enum Outcome: Equatable {
    /// `redirect` is the absolute address of a `Location`.
    case answered(Head, redirect: String?)
    case failed(Fault)
    case cancelled
  }

  private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  private let handle: UnsafeMutableRawPointer
  private let system: SystemSpec
  private let hasCertificate: Bool
  private let stop: () -> Stop?
  private let guardian = SocketGuard()
  private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  // Of the request under way.
  private var head = Head()
  private var isHeadOver = false
  private var isHeadTaken = false
  private var takeHead: (Head) throws -> Bool = { _ in false }
  private var takeBody: (UnsafeRawBufferPointer) throws -> Void = { _ in }
  private var isBodyWanted = false
  private var unwantedBytes = 0
  private var thrown: (any Error)?
  private var watch: ProgressWatch
  private var stopped: Stopped?

  private enum Stopped {
    case asked(Stop)
    case waiting(ProgressWatch.Verdict)
  }

  /// - Parameter stop: asked often whether to go on.
  init?(_ system: SystemSpec, _ role: Role, _ identity: ClientIdentity, stop: @escaping () -> Stop?) {
    guard Self.isReady, let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.system = system
    self.stop = stop
    hasCertificate = role != .stranger && identity.certificate != nil
    watch = ProgressWatch(system.timeouts)
    // Which of them may be called without TLS was decided when systems.yaml was read; redirects never lead down.
    var isPlainAllowed = system.baseURL.hasPrefix("http://")
    if case .clientCredentials(let credentials) = system.authentication {
      isPlainAllowed = isPlainAllowed || credentials.tokenURL.hasPrefix("http://")
    }
    terrace_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, isPlainAllowed ? "http,https" : "https")
    terrace_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    terrace_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
    terrace_curl_set_long(handle, CURLOPT_NETRC, 0)
    terrace_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    terrace_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
    terrace_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
    terrace_curl_set_long(handle, CURLOPT_CERTINFO, 1)
    terrace_curl_set_long(handle, CURLOPT_BUFFERSIZE, 256 << 10)
    terrace_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(system.timeouts.connect))
    terrace_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Self.milliseconds(system.timeouts.whole))
    terrace_curl_set_long(handle, CURLOPT_NOPROGRESS, 0)
    if let file = identity.authorityFile { terrace_curl_set_string(handle, CURLOPT_CAINFO, file) }
    if role != .stranger, let certificate = identity.certificate { show(certificate) }
    if role == .system, !system.pinnedKeys.isEmpty {
      terrace_curl_set_string(handle, CURLOPT_PINNEDPUBLICKEY, system.pinnedKeys.joined(separator: ";"))
    }
    Self.setProxy(handle, system)
    words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    terrace_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, words)
    SocketGuard.install(on: handle, guardian)
    setCallbacks()
  }

  deinit {
    curl_easy_cleanup(handle)
    words.deallocate()
  }

  private func show(_ certificate: SystemSpec.ClientCertificate) {
    terrace_curl_set_string(handle, CURLOPT_SSLCERT, certificate.file)
    if certificate.isPKCS12 { terrace_curl_set_string(handle, CURLOPT_SSLCERTTYPE, "P12") }
    if let key = certificate.keyFile { terrace_curl_set_string(handle, CURLOPT_SSLKEY, key) }
    if let passphrase = certificate.passphrase {
      terrace_curl_set_string(handle, CURLOPT_KEYPASSWD, passphrase.reveal())
    }
  }

  static func setProxy(_ handle: UnsafeMutableRawPointer, _ system: SystemSpec) {
    terrace_curl_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if system.baseURL.isLoopback, case .environment = system.proxy {
      terrace_curl_set_string(handle, CURLOPT_NOPROXY, "*")
    }
    switch system.proxy {
    case .environment: break
    case .none: terrace_curl_set_string(handle, CURLOPT_NOPROXY, "*")
    case .server(let url, let user, let password):
      terrace_curl_set_string(handle, CURLOPT_PROXY, url)
      // What the environment excepts is not what the file says.
      terrace_curl_set_string(handle, CURLOPT_NOPROXY, "")
      if let user { terrace_curl_set_string(handle, CURLOPT_PROXYUSERNAME, user.reveal()) }
      if let password { terrace_curl_set_string(handle, CURLOPT_PROXYPASSWORD, password.reveal()) }
    }
  }

  /// What the source's certificate said in the last handshake; nil without one.
  var certificate: CertificateFacts? { CertificateFacts.chain(of: handle).first }

  /// Makes a request and hands on its answer as it comes.
  ///
  /// - Parameters:
  ///   - takeHead: told the status and headers once, before the body; answers whether the body is wanted.
  ///   - takeBody: given the body as it was sent.
  /// - Throws: what the closures throw.
  func perform(
    _ request: Request, takeHead: @escaping (Head) throws -> Bool,
    takeBody: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Outcome {
    head = Head()
    (isHeadOver, isHeadTaken, isBodyWanted, unwantedBytes) = (false, false, false, 0)
    (thrown, stopped) = (nil, nil)
    watch = ProgressWatch(system.timeouts)
    guardian.reset()
    words.pointee = 0
    self.takeHead = takeHead
    self.takeBody = takeBody
    defer {
      self.takeHead = { _ in false }
      self.takeBody = { _ in }
    }
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    // Without `Expect:` curl would wait for a `100 Continue` that old servers never send.
    for header in request.headers + ["Accept-Encoding: \(AnswerReader.encodings)", "Expect:"] {
      list = curl_slist_append(list, header)
    }
    terrace_curl_set_string(handle, CURLOPT_URL, request.url)
    terrace_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
    if request.isPost {
      let body = request.body ?? ""
      terrace_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.utf8.count))
      terrace_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, body)
    } else {
      terrace_curl_set_long(handle, CURLOPT_HTTPGET, 1)
    }
    if let user = request.user {
      // CURLAUTH_BASIC and CURLAUTH_DIGEST, which are macros.
      terrace_curl_set_long(handle, CURLOPT_HTTPAUTH, request.isDigest ? 2 : 1)
      terrace_curl_set_string(handle, CURLOPT_USERNAME, user.name.reveal())
      terrace_curl_set_string(handle, CURLOPT_PASSWORD, user.password.reveal())
    }
    let code = curl_easy_perform(handle)
    // The list goes away with this call; the handle stays.
    terrace_curl_set_pointer(handle, CURLOPT_HTTPHEADER, nil)
    if let thrown { throw thrown }
    if code == CURLE_OK || (code == CURLE_WRITE_ERROR && isHeadTaken && !isBodyWanted) {
      if !isHeadTaken { _ = try takeHead(head) }
      return .answered(head, redirect: redirect())
    }
    return outcome(code, request.url)
  }

  private func redirect() -> String? {
    var address: UnsafeMutablePointer<CChar>?
    guard terrace_curl_get_string(handle, CURLINFO_REDIRECT_URL, &address) == CURLE_OK, let address else {
      return nil
    }
    return String(cString: address)
  }

  private func outcome(_ code: CURLcode, _ address: String) -> Outcome {
    let timeouts = system.timeouts
    switch stopped {
    case .asked(.cancelled): return .cancelled
    case .asked(.runOver): return .failed(.runOver)
    case .waiting(.firstByte):
      return .failed(.timedOut("no answer within \(Seconds.text(timeouts.firstByte))"))
    case .waiting(.stall):
      return .failed(.timedOut("the answer stood still for \(Seconds.text(timeouts.stall))"))
    case nil: break
    }
    if let refused = guardian.refused { return .failed(.forbiddenAddress(refused)) }
    let general = String(cString: curl_easy_strerror(code))
    let particular = String(cString: words)
    var proxyStatus = 0
    terrace_curl_get_long(handle, CURLINFO_HTTP_CONNECTCODE, &proxyStatus)
    if proxyStatus >= 300 { return .failed(.proxy(proxyStatus)) }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .failed(.cannotResolve)
    case CURLE_COULDNT_CONNECT: return .failed(.cannotConnect)
    case CURLE_OPERATION_TIMEDOUT:
      return .failed(
        .timedOut(
          head.status == 0
            ? "no connection within \(Seconds.text(timeouts.connect))"
            : "the answer was not complete within \(Seconds.text(timeouts.whole))"))
    case CURLE_PARTIAL_FILE: return .failed(.cutShort)
    case CURLE_SSL_CERTPROBLEM: return .failed(.ownCertificate)
    case CURLE_SSL_CACERT_BADFILE: return .failed(.certificate(CertificateFault(.badAuthorityFile)))
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return .failed(.certificate(CertificateFault(.wrongKey)))
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      var reason = 0
      terrace_curl_get_long(handle, CURLINFO_SSL_VERIFYRESULT, &reason)
      let chain = CertificateProbe.chain(address, system)
      return .failed(
        .certificate(
          CertificateFault(code: reason, words: particular.isEmpty ? general : particular, chain: chain)))
    // libcurl takes an answer without a status line for HTTP/0.9, and calls that an unsupported protocol.
    case CURLE_UNSUPPORTED_PROTOCOL where particular.contains("HTTP/0.9"):
      return .failed(.lost("what the source sends is not HTTP"))
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .failed(.badAddress)
    default:
      if !isHeadOver, let fault = Self.handshakeFault(particular, hasCertificate: hasCertificate) {
        return .failed(fault)
      }
      // A body cut after some of it came is a broken answer, whatever curl calls it.
      return .failed(isHeadOver && isBodyWanted ? .cutShort : .lost(general))
    }
  }

  private static func milliseconds(_ seconds: Double) -> Int { max(1, Int(min(seconds, 1e9) * 1000)) }

  // MARK: - Callbacks

  private func setCallbacks() {
    let me = Unmanaged.passUnretained(self).toOpaque()
    terrace_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, me in
      guard let bytes, let me else { return 0 }
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(me).takeUnretainedValue()
      transfer.header(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    terrace_curl_set_pointer(handle, CURLOPT_HEADERDATA, me)
    terrace_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, me in
      guard let bytes, let me else { return 0 }
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(me).takeUnretainedValue()
      return transfer.body(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }
    terrace_curl_set_pointer(handle, CURLOPT_WRITEDATA, me)
    terrace_curl_set_progress(handle) { me, _, received, _, _ in
      guard let me else { return 1 }
      return Unmanaged<HTTPTransfer>.fromOpaque(me).takeUnretainedValue().progress(Int64(received))
    }
    terrace_curl_set_pointer(handle, CURLOPT_XFERINFODATA, me)
  }

  private func header(_ bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self).filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
    if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ")
      head = Head(status: words.count > 1 ? Int(words[1]) ?? 0 : 0)
      isHeadOver = false
    } else if line.isEmpty {
      isHeadOver = head.status >= 200
    } else if let colon = line.firstIndex(of: ":"), !isHeadOver {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      // More headers than any server needs would only fill memory.
      if head.headers.count < 200 {
        let name = line[..<colon].lowercased()
        // Links may stand in lines of their own, and mean one list.
        let earlier = name == "link" ? head.headers[name].map { $0 + ", " } ?? "" : ""
        if earlier.utf8.count < 64 << 10 { head.headers[name] = earlier + value }
      }
    }
  }

  private func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      if !isHeadTaken {
        isHeadTaken = true
        isBodyWanted = try takeHead(head)
      }
      if isBodyWanted {
        try takeBody(bytes)
        return true
      }
      // The rest of an unwanted body is read as long as that is cheaper than a new connection.
      unwantedBytes += bytes.count
      return unwantedBytes <= 64 << 10
    } catch {
      thrown = error
      return false
    }
  }

  private func progress(_ received: Int64) -> Int32 {
    if let stop = stop() {
      stopped = .asked(stop)
    } else if stopped == nil, let verdict = watch.judge(received: received, hasHead: head.status != 0) {
      stopped = .waiting(verdict)
    }
    return stopped == nil ? 0 : 1
  }
}

extension String {
  /// Whether an address is of this machine.
  var isLoopback: Bool {
    guard let start = range(of: "://") else { return false }
    let authority = self[start...].prefix { $0 != "/" && $0 != "?" }
    if authority.hasPrefix("[::1]") { return true }
    let host = authority.prefix { $0 != ":" }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return host == "localhost"
      || (parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil })
  }

  /// The index after the first occurrence.
  private func range(of text: String) -> Index? {
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(text) { return rest.index(rest.startIndex, offsetBy: text.count) }
      rest.removeFirst()
    }
    return nil
  }
}
