// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Records
import Testing

@Suite("Systems")
struct SystemsReaderTests {
  private func read(_ text: String, environment: [String: String] = [:]) -> SystemsReader {
    let tree =
      YAMLReader.read(text, file: "a.yaml").tree
      ?? Tree(.sequence([]), at: FilePosition(file: "", line: 0, column: 0))
    return SystemsReader(tree, resolver: ReferenceResolver(environment: environment, secretsFolder: nil))
  }

  @Test("reads everything a system can say")
  func whole() throws {
    let text = """
      finance:
        title: Hệ thống tài sản công
        owner: so-tai-chinh
        base_url: ${env:FINANCE}/api/
        authentication: { basic: { user: "${env:WHO}", password: "a${secret:PASS}b" } }
        tls: { ca_file: ca.pem }
        hours: ["18:00-06:00", "12:00 - 13:30"]
        requests_per_minute: 30
        parallel: 2
        retries: { attempts: 3, first_wait: 500ms, longest_wait: 1m, budget: 9 }
        timeouts: { connect: 1s, first_byte: 2s, stall: 3s, whole: 4m }
      """
    let reader = read(
      text, environment: ["FINANCE": "https://h.example:8443", "WHO": "me", "TERRACE_SECRET_PASS": "x"])
    #expect(reader.diagnostics == [])
    let system = try #require(reader.systems["finance"])
    #expect(system.title == "Hệ thống tài sản công" && system.owner == "so-tai-chinh")
    #expect(system.baseURL == "https://h.example:8443/api")
    #expect(system.authentication == .basic(user: Secret("me"), password: Secret("axb")))
    #expect(system.authorityFile == "ca.pem" && system.requestsPerMinute == 30 && system.parallel == 2)
    #expect(system.retries.attempts == 3 && system.retries.firstWait == 0.5)
    #expect(system.retries.longestWait == 60 && system.retries.budget == 9)
    #expect(system.timeouts.connect == 1 && system.timeouts.firstByte == 2)
    #expect(system.timeouts.stall == 3 && system.timeouts.whole == 240)
    let open = [0, 359, 360, 719, 720, 809, 810, 1080].map { system.isOpen(atMinute: $0, weekday: 1) }
    #expect(open == [true, true, false, false, true, true, false, true])
  }

  @Test("reads how to sign in, whom to trust and how to be polite in every other way")
  func otherWays() throws {
    let text = """
      lgsp:
        base_url: https://h.example
        authentication:
          oauth2: { token_url: https://h.example/token, client_id: me, client_secret: "${secret:S}", scope: dmdc,
            audience: province, form: { tenant: hg }, credentials_in: body }
        tls: { certificate_file: c.pem, key_file: c.key, passphrase: "${secret:S}", pin: [sha256//abc=] }
        proxy: none
        hours: "mon-fri,sun 22:00-05:00"
        allow_redirect_to: [https://files.example]
        retries: { cool_down: 20m }
        timeouts: { run: 2h }
        most_growth: 20
      """
    let reader = read(text, environment: ["TERRACE_SECRET_S": "x"])
    let system = try #require(reader.systems["lgsp"])
    guard case .clientCredentials(let credentials) = system.authentication else {
      Issue.record("\(system.authentication)")
      return
    }
    #expect(credentials.tokenURL == "https://h.example/token" && credentials.scope == "dmdc")
    #expect(credentials.audience == "province" && credentials.place == .body)
    #expect(credentials.form["tenant"]?.reveal() == "hg" && credentials.secret.reveal() == "x")
    #expect(system.clientCertificate != nil && system.proxy == .none && system.mostGrowth == 20)
    #expect(system.redirectOrigins == ["https://files.example"])
    #expect(system.retries.coolDown == 1200 && system.timeouts.run == 7200)
    // Saturday's night is not meant, but what began on Friday evening goes on into it.
    func open(_ weekday: Int, _ hour: Int) -> Bool { system.isOpen(atMinute: hour * 60, weekday: weekday) }
    #expect(
      open(5, 23) && open(6, 4) && !open(6, 5) && !open(6, 23) && !open(7, 4) && open(7, 22) && open(1, 3))
  }

  @Test(
    "points at what is wrong",
    arguments: [
      ("s:\n  1️⃣title: x\n", "1️⃣ system.missing-key"),
      ("s: { base_url: 1️⃣ftp://h }", "1️⃣ system.bad-url"),
      ("s: { base_url: \"1️⃣https://u:p@h\" }", "a.yaml:1:16 system.bad-url"),
      ("s: { base_url: 1️⃣http://h }", "1️⃣ system.insecure-http"),
      ("s: { base_url: 1️⃣http://127.0.0.1.evil.example }", "1️⃣ system.insecure-http"),
      ("s: { base_url: http://h, insecure_http: true }", "-"),
      ("s: { base_url: http://127.0.0.1:8080 }", "-"),
      ("s: { base_url: \"http://[::1]:80/x\" }", "-"),
      ("s: { base_url: https://h, 1️⃣autentication: none }", "1️⃣ system.unknown-key"),
      ("s: { base_url: https://h, authentication: 1️⃣ntlm }", "1️⃣ system.authentication"),
      ("s: { base_url: https://h, authentication: { bearer: 1️⃣{} } }", "1️⃣ system.missing-key"),
      ("s: { base_url: https://h, authentication: { header: { 1️⃣\"a: b\": x } } }", "1️⃣ system.bad-header"),
      ("s: { base_url: https://h, hours: 1️⃣night }", "1️⃣ system.wrong-type"),
      ("s: { base_url: https://h, hours: [\"1:00-2:00\", 1️⃣25:00-26:00] }", "1️⃣ system.wrong-type"),
      ("s: { base_url: https://h, parallel: 1️⃣0 }", "1️⃣ system.wrong-type"),
      ("s: { base_url: https://h, timeouts: { connect: 1️⃣5 } }", "1️⃣ system.wrong-type"),
      ("s: { base_url: https://h, timeouts: { 1️⃣conect: 5s } }", "1️⃣ system.unknown-key"),
      ("s: { base_url: 1️⃣\"${env:NOWHERE}\" }", "1️⃣ reference.missing-variable"),
      (
        "s: { base_url: https://h, authentication: { bearer: { token: 1️⃣\"${secret:T}\" } } }",
        "1️⃣ secret.missing"
      ),
      ("1️⃣- a", "1️⃣ system.wrong-type"),
    ])
  func faults(_ text: String, _ expected: String) {
    let marked = MarkedText(text)
    #expect(read(marked.text).diagnostics.ids(in: marked).first ?? "-" == expected)
  }

  @Test("never shows the password of an address")
  func passwordInAddress() {
    let found = read("s: { base_url: \"https://me:hunter2@h\" }").diagnostics
    #expect(found.count == 1)
    #expect(!"\(found.map(\.message)) \(found.map(\.help))".contains("hunter2"))
  }

  @Test("keeps what is wrong with one system beside it")
  func apart() {
    let reader = read("good: { base_url: https://h }\nbad: { base_url: x }")
    #expect(Array(reader.systems.keys) == ["good"])
    #expect(reader.diagnostics(of: "good") == [])
    #expect(reader.diagnostics(of: "bad").count == 1)
  }

  @Test("knows a system that is at fault, so that nothing but its fault is reported")
  func faultyIsKnown() {
    let reader = read("s: { base_url: https://h, nonsense: 1 }")
    #expect(reader.systems["s"] != nil)
    #expect(reader.diagnostics(of: "s").map(\.severity) == [.error])
  }

  @Test("lets a file be checked where the secrets are not, but not run")
  func missingSecret() {
    let reader = read("s: { base_url: https://h, authentication: { bearer: { token: \"${secret:T}\" } } }")
    #expect(reader.systems["s"] != nil)
    #expect(reader.diagnostics(of: "s").map(\.severity) == [.warning])
    #expect(reader.diagnostics(of: "s").requiringSecrets().map(\.severity) == [.error])
  }
}
