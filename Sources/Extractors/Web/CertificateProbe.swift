// SPDX-License-Identifier: Apache-2.0

import CLibCurl
import Records

/// Looks at a certificate that was just refused, to say what is wrong with it: libcurl tells nothing of a chain that it
/// does not trust.
///
/// Only hands are shaken: no request, no secret and no certificate of ours is sent, and nothing is read. The answer
/// stays refused.
enum CertificateProbe {
  static func chain(_ address: String, _ system: SystemSpec) -> [CertificateFacts] {
    guard let handle = curl_easy_init() else { return [] }
    defer { curl_easy_cleanup(handle) }
    terrace_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "https")
    terrace_curl_set_string(handle, CURLOPT_URL, address)
    terrace_curl_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
    terrace_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    terrace_curl_set_long(handle, CURLOPT_CERTINFO, 1)
    terrace_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0)
    terrace_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0)
    terrace_curl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(min(system.timeouts.connect, 10) * 1000))
    HTTPTransfer.setProxy(handle, system)
    SocketGuard.install(on: handle, nil)
    guard curl_easy_perform(handle) == CURLE_OK else { return [] }
    return CertificateFacts.chain(of: handle)
  }
}
