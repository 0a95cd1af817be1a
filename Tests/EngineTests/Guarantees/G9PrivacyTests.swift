// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Glibc
import Store
import Synchronization
import Testing

@Suite("G9 Secrets and personal data stay in")
struct G9PrivacyTests {
  /// Values that must not be seen: long, short, in a key, with characters that are escaped in JSON and XML.
  private static let canaries = ["CanaryName", "1234567890", "31/02/1999", "Canary\"Quote", "CanaryLong"]
  private static let long = String(repeating: "CanaryLong ", count: 60)

  private func bench() throws -> Workbench {
    try Workbench([
      "Pipelines/patients.yaml": """
      pipeline: patients
      extract: { file: { path: "in/*.json" } }
      decode: { json: { records: /r } }
      transform:
        to: patient
        dates: dd/MM/yyyy
        map: { id: id, name: n, born: b, blood: g, note: t, weight: w }
      validate:
        - { check: "weight > 1.5", message: Cân nặng quá nhỏ }
        - { check: "name != 'CanaryName Noted'", else: note, message: Tên lạ }
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/patient.yaml": """
      entity: patient
      key: [id]
      fields:
        id: { type: text, personal: basic, pattern: "[0-9]{10}" }
        name: { type: text, personal: basic, max_length: 40 }
        born: { type: date, personal: basic }
        blood: { type: text, personal: sensitive, values: [A, B, AB, O] }
        note: { type: text, personal: sensitive, max_length: 50 }
        weight: { type: "decimal(5,1)", personal: basic }
      """,
      "in/1.json": """
      {"r": [
        {"id": "1234567890", "n": "CanaryName", "b": "31/02/1999", "g": "A", "t": "x", "w": 2},
        {"id": "1234567890", "n": "CanaryName", "b": "01/02/1999", "g": "CanaryName", "t": "x", "w": 2},
        {"id": "1234567890x", "n": "CanaryName", "b": "01/02/1999", "g": "A", "t": "x", "w": 2},
        {"id": "2234567890", "n": "Canary\\"Quote \(Self.long)", "b": "01/02/1999", "g": "A", "t": "\(Self.long)", "w": 2},
        {"id": "3234567890", "n": ["CanaryName", "CanaryName hai"], "b": "01/02/1999", "g": "A", "t": "x", "w": 1.0},
        {"id": "4234567890", "n": {"CanaryName": "CanaryName"}, "b": "01/02/1999", "g": "A", "t": "x", "w": 0.1},
        {"id": "5234567890", "n": "CanaryName", "b": "01/02/1999", "g": "A", "t": "x", "w": "CanaryName"},
        {"id": "6234567890", "n": "CanaryName Noted", "b": "01/02/1999", "g": "A", "t": "x", "w": 3},
        {"id": "7234567890", "n": "CanaryName", "b": "01/02/1999", "g": "A", "t": "x", "w": 3},
        {"id": "7234567890", "n": "CanaryName hai", "b": "01/02/1999", "g": "A", "t": "x", "w": 3}
      ]}
      """,
    ])
  }

  private func leaks(_ ended: Program.Ended) -> [String] {
    let text = ended.output + ended.errors
    return (Self.canaries + ["234567890"]).filter { text.contains($0) }
  }

  @Test("no personal value is seen in any listing, report, message or preview without --reveal")
  func masked() throws {
    let bench = try bench()
    #expect(leaks(try Program.run("preview", "patients", in: bench)) == [])
    #expect(leaks(try Program.run("preview", "patients", "--format", "json", in: bench)) == [])
    let run = try Program.run("run", "-v", in: bench)
    #expect(run.exit == 0, "\(run)")
    #expect(leaks(run) == [])
    let rejects = try bench.ledger().rejects(.init(status: nil))
    #expect(rejects.count >= 7)
    try bench.write(
      "Pipelines/patients.yaml",
      String(contentsOfFile: bench.folder + "/Pipelines/patients.yaml", encoding: .utf8).replacing(
        "note: t,", with: "note: n,"))
    for format in ["text", "json"] {
      for words in [
        ["rejects"], ["rejects", "--notes"], ["rejects", "--all"], ["rejects", "--by", "cause"], ["status"],
        ["runs"], ["batches"],
        ["show", "last"], ["show", try #require(bench.ledger().batches().first).id], ["run", "--full"],
        ["replay", "patients", "--dry-run"], ["check"], ["preview", "patients"],
      ] + rejects.map({ ["show", $0.id] }) {
        let ended = try Program(words + ["--format", format], in: bench).end()
        #expect(ended.exit == 0, "\(words): \(ended)")
        #expect(leaks(ended) == [], "\(words): \(ended)")
      }
    }
  }

  @Test("--reveal shows the values, and is recorded each time; --raw alone shows none")
  func reveal() throws {
    let bench = try bench()
    try bench.run("patients")
    let reject = try #require(try bench.ledger().rejects().first).id
    let batch = try #require(try bench.ledger().batches().first).id
    for words in [["show", reject, "--raw"], ["show", batch, "--raw"]] {
      let refused = try Program(words, in: bench).end()
      #expect(refused.exit == 64 && leaks(refused).isEmpty, "\(words): \(refused)")
    }
    let commands = [
      ["rejects", "--reveal"], ["show", reject, "--reveal"], ["show", reject, "--raw", "--reveal"],
      ["show", batch, "--raw", "--reveal"],
      ["preview", "patients", "--reveal"], ["replay", "patients", "--dry-run", "--reveal"],
    ]
    for (index, words) in commands.enumerated() {
      let ended = try Program(words, in: bench).end()
      #expect(ended.exit == 0, "\(words): \(ended)")
      let actions = try bench.ledger().actions()
      #expect(actions.count == index + 1, "\(words)")
      #expect(actions.last?.what == "reveal")
      if words[0] != "replay" { #expect(!leaks(ended).isEmpty, "\(words): \(ended)") }
    }
    #expect(try bench.ledger().firstTamperedAction() == nil)
  }

  @Test("errors of a payload with personal data do not quote them")
  func errors() throws {
    let bench = try bench()
    for text in [
      #"{"r": [{"id": "1234567890", "n": CanaryName}]}"#, #"{"r": [{"id": "1234567890", "n": "CanaryName"#,
      #"{"r": [{"id": "1234567890", "n": "CanaryName", "n": "CanaryName"}]}"#,
    ] {
      try bench.write("in/1.json", text)
      let ended = try Program.run("run", in: bench)
      #expect(ended.exit == 65, "\(ended)")
      #expect(leaks(ended) == [], "\(ended)")
    }
  }

  @Test("what is kept can be read by its owner only")
  func modes() throws {
    let bench = try bench()
    umask(0o022)
    #expect(try Program.run("run", in: bench).exit == 0)
    let all = try #require(FileManager.default.enumerator(atPath: bench.home)).compactMap { $0 as? String }
    #expect(
      all.contains("center.db") && all.contains("ledger.db") && all.contains { $0.hasPrefix("landing/") })
    for path in all + [""] {
      var facts = stat()
      #expect(lstat(bench.home + "/" + path, &facts) == 0)
      let isFolder = facts.st_mode & S_IFMT == S_IFDIR
      #expect(
        facts.st_mode & 0o777 == (isFolder ? 0o700 : 0o600), "\(path) \(String(facts.st_mode, radix: 8))")
    }
  }

  @Test("a home that others may write to is refused with 77")
  func openHome() throws {
    let bench = try bench()
    #expect(try Program.run("run", in: bench).exit == 0)
    chmod(bench.home, 0o777)
    let ended = try Program.run("run", in: bench)
    #expect(ended.exit == 77 && ended.errors.contains("[store.writable-by-others]"), "\(ended)")
  }

  @Test(
    "secrets of systems are never printed or kept, not even when the source sends them back",
    arguments: ["401 Unauthorized", "500 Oops", "200 OK"])
  func secrets(status: String) throws {
    let bench = try bench()
    let server = try EchoServer(status: status)
    defer { server.stop() }
    try bench.write(
      "Pipelines/systems.yaml",
      """
      clinic:
        base_url: "http://127.0.0.1:\(server.port)"
        insecure_http: true
        authentication: { bearer: { token: "${secret:clinic}" } }
        retries: { attempts: 1 }
      """)
    try bench.write(
      "Pipelines/remote.yaml",
      String(contentsOfFile: bench.folder + "/Pipelines/patients.yaml", encoding: .utf8)
        .replacing("pipeline: patients", with: "pipeline: remote")
        .replacing("{ file: { path: \"in/*.json\" } }", with: "{ http: { system: clinic, path: /x } }"))
    let secret = "CanarySecret"
    for words in [
      ["check"], ["run", "remote", "-v"], ["run", "remote", "--format", "json"], ["preview", "remote"],
      ["status"], ["batches"],
    ] {
      let ended = try Program(words, in: bench, environment: ["TERRACE_SECRET_clinic": secret]).end()
      if words.contains("-v") {
        #expect(ended.exit == (status.hasPrefix("401") ? 77 : status.hasPrefix("500") ? 75 : 65), "\(ended)")
      }
      #expect(!(ended.output + ended.errors).contains(secret), "\(words): \(ended)")
    }
    #expect(server.requests > 0)
    let ledger = try Data(contentsOf: URL(filePath: bench.home + "/ledger.db"))
    #expect(ledger.range(of: Data(secret.utf8)) == nil)
    let missing = try Program.run("run", "remote", in: bench)
    #expect(missing.exit == 78 && missing.errors.contains("TERRACE_SECRET_clinic"), "\(missing)")
  }
}

/// A source that answers every request with the request itself.
private final class EchoServer: @unchecked Sendable {
  let port: UInt16
  private let listener: Int32
  private let count = Atomic<Int>(0)

  var requests: Int { count.load(ordering: .relaxed) }

  init(status: String) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isListening else { throw Workbench.Problem(description: "cannot listen") }
    Thread.detachNewThread { [self] in
      while case let client = accept(listener, nil, nil), client >= 0 {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let got = max(0, read(client, &bytes, bytes.count))
        count.add(1, ordering: .relaxed)
        let head = "HTTP/1.1 \(status)\r\nContent-Length: \(got)\r\nConnection: close\r\n\r\n"
        let answer = Array(head.utf8) + bytes.prefix(got)
        _ = write(client, answer, answer.count)
        close(client)
      }
      close(listener)
    }
  }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }
}
