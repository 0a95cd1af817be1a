// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("Signing in")
struct SystemSigningTests {
  private static let pages: [(String, Written)] = [("paginate", ["page": ["parameter": "p", "size": "1"]])]

  private func landing() -> MemoryLanding {
    let landing = MemoryLanding()
    landing.countRecords = { $0.text.filter { $0 == "r" }.count }
    return landing
  }

  private func token(_ value: String, _ rest: String = ", \"expires_in\": 3600") -> ScriptedServer.Answer {
    .ok("{\"token_type\": \"Bearer\", \"scope\": {\"a\": [1, \"}\"]}, \"access_token\": \"\(value)\"\(rest)}")
  }

  private func oauth(
    _ server: ScriptedServer, _ change: (inout SystemSpec.ClientCredentials) -> Void = { _ in },
    system changeSystem: (inout SystemSpec) -> Void = { _ in }
  ) -> SystemSpec {
    var credentials = SystemSpec.ClientCredentials(
      tokenURL: server.base + "/token", id: Secret("id:1"), secret: Secret("canary-secret+&"))
    change(&credentials)
    return Asking.system(server.base) {
      $0.authentication = .clientCredentials(credentials)
      changeSystem(&$0)
    }
  }

  @Test("puts a key into the query, and nowhere that is kept")
  func queryKey() throws {
    let server = try ScriptedServer([.ok("r"), .status(302, "Location: /data?p=2&api_key=old"), .ok("")])
    defer { server.stop() }
    let landing = landing()
    let system = Asking.system(server.base) { $0.authentication = .query(["api_key": Secret("canary key&")]) }
    #expect(try Asking.run(system, Self.pages, into: landing) == nil)
    #expect(
      server.requests.map(\.target) == ["1", "2", "2"].map { "/data?p=\($0)&api_key=canary%20key%26" })
    #expect(!"\(landing.payloads.map(\.head)) \(landing.checkpoint as Any)".contains("canary"))
  }

  @Test("answers a digest challenge without sending the password")
  func digest() throws {
    let server = try ScriptedServer([
      .status(401, "WWW-Authenticate: Digest realm=\"tabmis\", nonce=\"abc\", qop=\"auth\", algorithm=MD5"),
      .ok("r"),
    ])
    defer { server.stop() }
    let system = Asking.system(server.base) {
      $0.authentication = .digest(user: Secret("me"), password: Secret("canary-password"))
    }
    #expect(try Asking.run(system) == nil)
    let sent = server.requests.map { $0.headers["authorization"] ?? "" }
    #expect(sent.count == 2 && sent[0] == "" && sent[1].hasPrefix("Digest username=\"me\""))
    #expect(!sent[1].contains("canary"))
  }

  @Test("asks for one token for all pages and runs, and shows it to the system alone")
  func tokenIsShared() throws {
    let server = try ScriptedServer([token("t-1"), .ok("r1"), .ok(""), .ok("")])
    defer { server.stop() }
    let system = oauth(server) { credentials in
      (credentials.scope, credentials.audience) = ("read all", "lgsp")
      credentials.form = ["resource": Secret("x y")]
    }
    let landing = landing()
    for _ in 1...2 { #expect(try Asking.run(system, Self.pages, into: landing) == nil) }
    #expect(server.requests.map { $0.line.split(separator: " ")[0] } == ["POST", "GET", "GET", "GET"])
    let asked = server.requests[0]
    #expect(asked.body == "grant_type=client_credentials&scope=read%20all&audience=lgsp&resource=x%20y")
    #expect(
      asked.headers["authorization"]
        == "Basic " + Data("id%3A1:canary-secret%2B%26".utf8).base64EncodedString())
    #expect(asked.headers["content-type"] == "application/x-www-form-urlencoded")
    #expect(server.requests.dropFirst().allSatisfy { $0.headers["authorization"] == "Bearer t-1" })
    #expect(!"\(landing.payloads.map(\.head))".contains("t-1"))
  }

  @Test("sends the credentials in the body when asked")
  func credentialsInBody() throws {
    let server = try ScriptedServer([token("t"), .ok("r")])
    defer { server.stop() }
    #expect(try Asking.run(oauth(server) { $0.place = .body }) == nil)
    #expect(server.requests[0].headers["authorization"] == nil)
    #expect(
      server.requests[0].body
        == "grant_type=client_credentials&client_id=id%3A1&client_secret=canary-secret%2B%26")
  }

  @Test("brings a new token some time before the old one ends")
  func tokenIsRenewed() throws {
    let server = try ScriptedServer([token("t-1"), .ok("r"), .ok("r"), token("t-2"), .ok("r")])
    defer { server.stop() }
    let system = oauth(server)
    for (moment, seen) in [(0, "t-1"), (3539, "t-1"), (3541, "t-2")] {
      #expect(try Asking.run(system) { $0.monotonic = { Double(moment) } } == nil)
      #expect(server.requests.last?.headers["authorization"] == "Bearer \(seen)")
    }
  }

  @Test("brings a new token once when the system does not take the old one")
  func tokenIsRefused() throws {
    let mended = try ScriptedServer([token("t-1"), .status(401), token("t-2"), .ok("r")])
    defer { mended.stop() }
    #expect(try Asking.run(oauth(mended)) == nil)
    #expect(mended.requests.last?.headers["authorization"] == "Bearer t-2")
    let lasting = try ScriptedServer([token("t-1"), .status(401), token("t-2"), .status(401), .ok("r")])
    defer { lasting.stop() }
    let failure = try Asking.run(oauth(lasting))
    #expect(failure?.id == "extract.forbidden" && failure?.exit == .permission && lasting.requests.count == 4)
  }

  @Test(
    "says what the token endpoint said, without what it sends back",
    arguments: [
      (
        400, "{\"error\": \"invalid_client\", \"error_description\": \"canary-secret+&\"}",
        "extract.token-refused", 77
      ),
      (401, "{\"error\": \"canary-secret+&\"}", "extract.token-refused", 77),
      (401, "no JSON", "extract.token-refused", 77),
      (200, "{\"access_token\": 7}", "extract.no-token", 76),
      (200, "{\"access_token\": \"a\\nb\"}", "extract.no-token", 76),
      (200, "{\"access_token\": \"a\", \"token_type\": \"mac\"}", "extract.no-token", 76),
      (200, "{\"access_token\": \"a\"", "extract.no-token", 76), (404, "", "extract.not-there", 69),
      (302, "", "extract.redirect-elsewhere", 69),
    ])
  func tokenErrors(_ status: Int, _ body: String, _ id: String, _ exit: Int32) throws {
    let text =
      "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\nLocation: /steal\r\nConnection: close\r\n\r\n"
    let server = try ScriptedServer([.raw(text + body), .ok("r")])
    defer { server.stop() }
    let failure = try Asking.run(oauth(server))
    #expect(failure?.id == id && failure?.exit.rawValue == exit, "\(failure as Any)")
    #expect(server.requests.count == 1 && failure?.place == server.base + "/token")
    #expect(failure.map { "\($0)".contains("canary") } == false)
    if body.contains("invalid_client") { #expect(failure?.message.hasSuffix("400: invalid_client") == true) }
  }

  @Test("asks a token endpoint again that is busy")
  func busyEndpoint() throws {
    let server = try ScriptedServer([.status(503), token("t"), .ok("r")])
    defer { server.stop() }
    let landing = landing()
    #expect(try Asking.run(oauth(server, system: { $0.retries.attempts = 2 }), into: landing) == nil)
    #expect(landing.pauses == [0.5] && landing.payloads.count == 1)
  }

  @Test(
    "shows no secret to another origin, whatever leads there",
    arguments: [301, 302, 303, 307, 308], ["bearer", "headers", "basic", "digest", "query"])
  func redirects(_ status: Int, _ way: String) throws {
    for host in ["127.0.0.1", "localhost"] {
      let other = try ScriptedServer([.ok("r")])
      defer { other.stop() }
      let there = "http://\(host):\(other.port)"
      let server = try ScriptedServer([
        .status(status, "Location: \(there)/file?signed=1&api_key=canary-key", "Set-Cookie: s=canary-cookie"),
        .ok("r"),
      ])
      defer { server.stop() }
      let system = Asking.system(server.base) {
        $0.redirectOrigins = [there]
        $0.authentication =
          switch way {
          case "bearer": .bearer(Secret("canary-token"))
          case "headers": .headers(["X-Api-Key": Secret("canary-key"), "Cookie": Secret("canary-cookie")])
          case "basic": .basic(user: Secret("canary-user"), password: Secret("canary-password"))
          case "digest": .digest(user: Secret("canary-user"), password: Secret("canary-password"))
          default: .query(["api_key": Secret("canary-key")])
          }
      }
      let headers: [(String, Written)] = [
        ("headers", ["X-Own": "canary-own", "Referer": "canary-referer", "Accept": "text/xml"])
      ]
      #expect(try Asking.run(system, headers) == nil)
      #expect(other.requests.count == 1)
      let seen = other.requests.map { "\($0.line) \($0.headers) \($0.body)" }.joined()
      // What the system itself writes into an address is its own, unless it is our key that it sends back.
      let own = way == "query" ? seen : seen.replacing("&api_key=canary-key", with: "")
      #expect(!own.contains("canary") && own.contains("signed=1"), "\(seen)")
      #expect(!seen.contains("Basic") && other.requests.first?.headers["accept"] == "text/xml")
    }
  }

  @Test("sends no body on to another origin, and goes nowhere that is not listed")
  func refusedRedirects() throws {
    let other = try ScriptedServer([.ok("r"), .ok("r")])
    defer { other.stop() }
    let body: [(String, Written)] = [("method", "POST"), ("body", "canary-body")]
    for (status, listed, written) in [
      (307, true, body), (308, true, body), (302, false, []), (307, false, body),
    ] {
      let server = try ScriptedServer([.status(status, "Location: \(other.base)/x")])
      defer { server.stop() }
      let system = Asking.system(server.base) {
        $0.redirectOrigins = listed ? [other.base] : ["https://h.example"]
      }
      let failure = try Asking.run(system, written)
      #expect(failure?.id == "extract.redirect-elsewhere" && failure?.exit == .unavailable)
    }
    #expect(other.requests.isEmpty)
  }

  @Test(
    "calls no address that no source has",
    arguments: ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.1.1]", "0.0.0.0"])
  func forbiddenAddresses(_ host: String) throws {
    let failure = try Asking.run(Asking.system("http://\(host):9") { $0.allowsInsecureHTTP = true })
    #expect(failure?.id == "extract.forbidden-address" && failure?.exit == .unavailable, "\(failure as Any)")
  }

  @Test("says at every run that a system is called without encryption")
  func insecure() throws {
    let landing = landing()
    _ = try Asking.run(Asking.system("http://0.0.0.0:9"), into: landing)
    #expect(landing.notices == ["the system 'finance' is called without encryption (insecure_http: true)"])
  }
}
