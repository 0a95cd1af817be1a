// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// The ways in which sector systems page and sign in, one small address each, with the same invented records.
///
/// | address | pages by |
/// |---|---|
/// | `/forms/page?page=&size=` | a page's number; `total` |
/// | `/forms/offset?offset=&limit=` | a record's number; `total` |
/// | `/forms/cursor?cursor=&size=` | `next_cursor` of the answer |
/// | `/forms/next?size=` | `next` of the answer, an address |
/// | `/forms/link?size=` | the header `Link: <…>; rel="next"` |
/// | `/forms/last-id?after=&size=` | the last record's `id` |
///
/// | address | signs in by |
/// |---|---|
/// | `/forms/basic`, `/forms/digest` | user `terrace`, password `sandbox` |
/// | `/forms/bearer` | `Authorization: Bearer sandbox` |
/// | `/forms/headers` | `X-SystemId: terrace`, `X-SecretKey: sandbox` |
/// | `/forms/query-key?key=sandbox` | a parameter |
/// | `/forms/oauth2` | a token of `POST /forms/token` (client `terrace`, secret `sandbox`), good for three requests |
public struct FormsSystem: Sendable {
  public static let records = 25

  private let seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// - Parameter number: of the request, from 1.
  public func answer(_ request: WireRequest, fault: Fault?, number: Int) -> WireAnswer {
    switch request.path.dropFirst("/forms/".count) {
    case "token": return token(request, number)
    case "basic", "digest", "bearer", "headers", "query-key", "oauth2":
      return signInFailure(request, number) ?? Self.json(items(Array(1...Self.records)), total: Self.records)
    case "page", "offset", "cursor", "next", "link", "last-id": return page(request, fault, number)
    default:
      return WireAnswer(404, "application/json", #"{"status":"error","message":"no such form"}"# + "\n")
    }
  }

  // MARK: - Pages

  private func page(_ request: WireRequest, _ fault: Fault?, _ number: Int) -> WireAnswer {
    let query = request.query
    let size = max(
      1, min(query["size"].flatMap { Int($0) } ?? query["limit"].flatMap { Int($0) } ?? 10, 1000))
    // A record that has gone shifts all behind it towards the front.
    let all = fault == .shifting ? Array(min(number, 10)...Self.records) : Array(1...Self.records)
    let form = request.path.dropFirst("/forms/".count)
    // A cursor is the last id behind a letter, so that nobody takes it for a number.
    let after = (query["cursor"]?.dropFirst() ?? query["after"].map { $0[...] }).flatMap { Int($0) } ?? 0
    var start = 0
    switch form {
    case "page": start = max(0, (query["page"].flatMap { Int($0) } ?? 1) - 1) * size
    case "offset": start = max(0, query["offset"].flatMap { Int($0) } ?? 0)
    default:
      start = all.firstIndex { $0 > after } ?? all.count
    }
    if fault == .duplicates, start > 0 { start -= 1 }
    let cut = Array(all.dropFirst(start).prefix(size))
    let isLast = start + cut.count >= all.count
    let last = fault == .nextItself && after > 0 ? after : cut.last ?? 0
    let next = "\(request.path)?after=\(last)&size=\(size)"
    switch form {
    case "cursor":
      return Self.json(items(cut), total: all.count, isLast ? "" : #","next_cursor":"c\#(last)""#)
    case "next": return Self.json(items(cut), total: all.count, isLast ? "" : #","next":"\#(next)""#)
    case "link":
      return WireAnswer(
        200, "application/json", "[\(items(cut))]\n", isLast ? [] : [("Link", "<\(next)>; rel=\"next\"")])
    default: return Self.json(items(cut), total: all.count)
    }
  }

  private func items(_ numbers: [Int]) -> String {
    numbers.map { number in
      let place = Draw(seed: seed, record: number).pick("form-place", ["Quản Bạ", "Yên Minh", "Đồng Văn"])
      return #"{"id":"\#(number)","code":"F\#(100 + number)","name":"\#(place) \#(number)"}"#
    }.joined(separator: ",")
  }

  private static func json(_ items: String, total: Int, _ more: String = "") -> WireAnswer {
    WireAnswer("application/json", #"{"status":"ok","total":\#(total),"items":[\#(items)]\#(more)}"# + "\n")
  }

  // MARK: - Signing in

  private func token(_ request: WireRequest, _ number: Int) -> WireAnswer {
    let form = WireRequest.form(String(decoding: request.body, as: UTF8.self))
    let isBasic = request.headers["authorization"] == Self.basic
    guard form["grant_type"] == "client_credentials",
      isBasic || (form["client_id"] == "terrace" && form["client_secret"] == "sandbox")
    else { return WireAnswer(401, "application/json", #"{"error":"invalid_client"}"# + "\n") }
    return WireAnswer(
      "application/json",
      #"{"access_token":"sandbox-token-\#(number)","token_type":"Bearer","expires_in":60}"# + "\n")
  }

  private static let basic = "Basic " + Data("terrace:sandbox".utf8).base64EncodedString()
  private static let nonce = "2026-11-22-sandbox"

  /// Nil for who may come in.
  private func signInFailure(_ request: WireRequest, _ number: Int) -> WireAnswer? {
    let given = request.headers["authorization"] ?? ""
    var challenge: [(String, String)] = []
    let isIn: Bool
    switch request.path.dropFirst("/forms/".count) {
    case "basic":
      isIn = given == Self.basic
      challenge = [("WWW-Authenticate", #"Basic realm="sandbox""#)]
    case "digest":
      isIn = Self.isDigest(given, request)
      challenge = [
        ("WWW-Authenticate", #"Digest realm="sandbox", nonce="\#(Self.nonce)", qop="auth", algorithm=MD5"#)
      ]
    case "bearer": isIn = given == "Bearer sandbox"
    case "headers":
      isIn = request.headers["x-systemid"] == "terrace" && request.headers["x-secretkey"] == "sandbox"
    case "query-key": isIn = request.query["key"] == "sandbox"
    default:
      // The token names the request that gave it: three requests later it is too old.
      let issued = given.hasPrefix("Bearer sandbox-token-") ? Int(given.dropFirst(21)) : nil
      isIn = issued.map { number > $0 && number <= $0 + 3 } ?? false
    }
    return isIn
      ? nil : WireAnswer(401, "application/json", #"{"status":"error","message":"401"}"# + "\n", challenge)
  }

  /// As RFC 7616 has it, with MD5 and `qop=auth`.
  private static func isDigest(_ header: String, _ request: WireRequest) -> Bool {
    guard header.hasPrefix("Digest ") else { return false }
    var parts: [String: String] = [:]
    for part in header.dropFirst(7).split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2 else { return false }
      parts[pair[0].filter { $0 != " " }] = pair[1].filter { $0 != "\"" }
    }
    func hash(_ text: String) -> String {
      Insecure.MD5.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    guard parts["username"] == "terrace", parts["nonce"] == nonce, let count = parts["nc"],
      let cnonce = parts["cnonce"]
    else { return false }
    let who = hash("terrace:sandbox:sandbox")
    let what = hash("\(request.method):\(request.target)")
    return parts["response"] == hash("\(who):\(nonce):\(count):\(cnonce):auth:\(what)")
  }
}
