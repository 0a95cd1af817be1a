// SPDX-License-Identifier: Apache-2.0

import CLibCurl
import Records

/// What a certificate says of itself, as libcurl tells it.
struct CertificateFacts: Equatable {
  struct Moment: Equatable {
    /// Seconds since 1970.
    var seconds: Int64

    var day: String { CalendarDate(days: Int32(clamping: seconds.floorDivided(by: 86_400))).description }

    /// `Nov 23 01:17:12 2026 GMT`, as OpenSSL prints it.
    init?(_ text: String) {
      let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
      let words = text.split(separator: " ")
      guard words.count >= 4, let month = months.firstIndex(of: String(words[0])), let day = Int(words[1]),
        let year = Int(words[3]), let date = CalendarDate(year: year, month: month + 1, day: day)
      else { return nil }
      let time = words[2].split(separator: ":").compactMap { Int64($0) }
      guard time.count == 3, time.allSatisfy({ (0...60).contains($0) }) else { return nil }
      seconds = Int64(date.days) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    }
  }

  var subject = ""
  var issuer = ""
  /// As `DNS:a.example, DNS:b.example`.
  var names = ""
  var begins: Moment?
  var expires: Moment?

  /// The chain that the last handshake of a handle brought, the source's own first.
  static func chain(of handle: UnsafeMutableRawPointer) -> [CertificateFacts] {
    var found: UnsafeMutablePointer<curl_certinfo>?
    guard terrace_curl_get_certificates(handle, &found) == CURLE_OK, let found = found?.pointee,
      let lists = found.certinfo
    else { return [] }
    return (0..<Int(max(0, found.num_of_certs))).map { index in
      var facts = CertificateFacts()
      var item = lists[index]
      while let entry = item {
        if let data = entry.pointee.data { facts.take(String(cString: data)) }
        item = entry.pointee.next
      }
      return facts
    }
  }

  private mutating func take(_ line: String) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = String(line[line.index(after: colon)...])
    switch line[..<colon] {
    case "Subject": subject = value
    case "Issuer": issuer = value
    case "X509v3 Subject Alternative Name": names = value
    case "Start date": begins = Moment(value)
    case "Expire date": expires = Moment(value)
    default: break
    }
  }
}
