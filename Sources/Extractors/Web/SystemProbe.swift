// SPDX-License-Identifier: Apache-2.0

import CLibCurl
import Diagnostics
import Records

/// Looks whether a system can be reached and lets us in, without pulling data: one request for its `base_url`, of
/// whose answer nothing but the status is read.
public struct SystemProbe {
  /// What was seen.
  public struct Facts: Sendable, Equatable {
    /// Of the answer.
    public var status: Int?
    /// When the certificate ends, in seconds since 1970; nil without TLS.
    public var certificateEnds: Int64?
    /// Why there was no answer, or not the wanted one.
    public var failure: StageFailure?
  }

  private let system: SystemSpec
  private let authorityFile: String?

  /// Longest time in seconds that a look may take: nobody waits for a doctor as for data.
  private static let patience = 15.0

  /// - Parameter baseFolder: what a relative `ca_file` counts from.
  public init(_ system: SystemSpec, baseFolder: String) {
    self.system = system
    authorityFile = system.authorityFile.map { $0.hasPrefix("/") ? $0 : "\(baseFolder)/\($0)" }
  }

  public func look() -> Facts {
    var facts = Facts()
    guard let handle = curl_easy_init() else { return facts }
    defer { curl_easy_cleanup(handle) }
    let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    defer { words.deallocate() }
    let list = headers()
    defer { curl_slist_free_all(list) }
    prepare(handle, words, list)
    let code = curl_easy_perform(handle)
    terrace_curl_set_pointer(handle, CURLOPT_HTTPHEADER, nil)
    facts.certificateEnds = Self.certificateEnds(handle)
    var status = 0
    terrace_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    if status > 0 { facts.status = status }
    // The body is not wanted: refusing it is how the transfer ends.
    let isAnswered = code == CURLE_OK || (code == CURLE_WRITE_ERROR && status > 0)
    facts.failure = isAnswered ? refusal(status) : failure(code, String(cString: words))
    return facts
  }

  private func prepare(
    _ handle: UnsafeMutableRawPointer, _ words: UnsafeMutablePointer<CChar>,
    _ list: UnsafeMutablePointer<curl_slist>?
  ) {
    terrace_curl_set_string(handle, CURLOPT_URL, system.baseURL)
    terrace_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    terrace_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    terrace_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
    terrace_curl_set_long(handle, CURLOPT_NETRC, 0)
    terrace_curl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    terrace_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
    terrace_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
    terrace_curl_set_long(handle, CURLOPT_CERTINFO, 1)
    let connect = min(system.timeouts.connect, Self.patience)
    terrace_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(connect * 1000))
    terrace_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(Self.patience * 1000))
    terrace_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, words)
    terrace_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
    terrace_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { _, _, _, _ in 0 }
    if let authorityFile { terrace_curl_set_string(handle, CURLOPT_CAINFO, authorityFile) }
    if system.baseURL.isLoopback { terrace_curl_set_string(handle, CURLOPT_NOPROXY, "*") }
    if case .basic(let user, let password) = system.authentication {
      terrace_curl_set_long(handle, CURLOPT_HTTPAUTH, 1)
      terrace_curl_set_string(handle, CURLOPT_USERNAME, user.reveal())
      terrace_curl_set_string(handle, CURLOPT_PASSWORD, password.reveal())
    }
  }

  private func headers() -> UnsafeMutablePointer<curl_slist>? {
    var lines: [String] = []
    if case .bearer(let token) = system.authentication { lines = ["Authorization: Bearer \(token.reveal())"] }
    if case .headers(let keys) = system.authentication {
      lines = keys.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.reveal())" }
    }
    // A line break in a value would begin a header of its own.
    let safe = lines.filter { $0.utf8.allSatisfy { $0 >= 32 } }
    return safe.reduce(nil) { curl_slist_append($0, $1) }
  }

  private func refusal(_ status: Int) -> StageFailure? {
    guard [401, 403, 407].contains(status) else { return nil }
    return StageFailure(
      id: "doctor.sign-in", "it answers \(status): it does not let us in", at: system.baseURL,
      help: "look at 'authentication' in systems.yaml and at the secrets it names", exit: .permission)
  }

  private func failure(_ code: CURLcode, _ words: String) -> StageFailure {
    let reason = words.isEmpty ? String(cString: curl_easy_strerror(code)) : words
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      return StageFailure(
        id: "doctor.unknown-host", "its name cannot be resolved", at: system.baseURL,
        help: "correct 'base_url' in systems.yaml, or look at this machine's name service", exit: .unavailable
      )
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_CERTPROBLEM:
      return StageFailure(
        id: "doctor.certificate", "its certificate is not to be trusted: \(reason)", at: system.baseURL,
        help: "name the authority's file under 'tls: { ca_file: … }' in systems.yaml, or tell the owner",
        exit: .unavailable)
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED:
      return StageFailure(
        id: "doctor.tls", "no TLS connection comes about: \(reason)", at: system.baseURL,
        help: "the system must speak TLS 1.2 or newer; tell its owner", exit: .unavailable)
    case CURLE_COULDNT_CONNECT:
      return StageFailure(
        id: "doctor.no-connection", "nobody answers at its address", at: system.baseURL,
        help: "look at the network and at 'base_url' in systems.yaml, or whether the system is down",
        exit: .tryAgain)
    default:
      return StageFailure(
        id: "doctor.no-answer", "it gave no answer: \(reason)", at: system.baseURL,
        help: "look whether the system is down; 'timeouts' in systems.yaml say how long is waited",
        exit: .tryAgain)
    }
  }

  /// `Nov 23 01:17:12 2026 GMT` of the source's own certificate.
  private static func certificateEnds(_ handle: UnsafeMutableRawPointer) -> Int64? {
    var found: UnsafeMutablePointer<curl_certinfo>?
    guard terrace_curl_get_certificates(handle, &found) == CURLE_OK, let found = found?.pointee,
      found.num_of_certs > 0
    else { return nil }
    var item = found.certinfo?[0]
    while let entry = item {
      if let data = entry.pointee.data {
        let line = String(cString: data)
        if line.hasPrefix("Expire date:") { return moment(line.dropFirst("Expire date:".count)) }
      }
      item = entry.pointee.next
    }
    return nil
  }

  private static func moment(_ text: Substring) -> Int64? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count >= 4, let month = months.firstIndex(of: String(words[0])), let day = Int(words[1]),
      let year = Int(words[3]), let date = CalendarDate(year: year, month: month + 1, day: day)
    else { return nil }
    let time = words[2].split(separator: ":").compactMap { Int64($0) }
    guard time.count == 3, time.allSatisfy({ (0...60).contains($0) }) else { return nil }
    return Int64(date.days) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
  }
}
