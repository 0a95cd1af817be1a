// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation
import Glibc
import Sandbox
import Testing

@Suite("terrace doctor")
struct DoctorTests {
  private static let files = [
    "Pipelines/people.yaml": """
    pipeline: people
    schedule: "0 2 * * *"
    extract: { file: { path: "in/*.csv" } }
    decode:
      csv: {}
    transform: { to: person, map: { code: code } }
    load: { center: { mode: merge } }
    """,
    "Pipelines/schema/person.yaml": "entity: person\nkey: [code]\nfields: { code: { type: text } }\n",
    "in/1.csv": "code\nA1\n",
  ]

  /// A folder whose pipeline has run.
  private func bench(_ more: [String: String] = [:], runs: Bool = true) throws -> Program {
    let program = try Program(Self.files.merging(more) { _, new in new })
    if runs { #expect(try program.run("run").exit == 0) }
    return program
  }

  private func system(_ url: String, _ more: String = "") -> [String: String] {
    ["Pipelines/systems.yaml": "source:\n  base_url: \(url)\n  timeouts: { connect: 1s }\n\(more)"]
  }

  /// The fault lines, and what the command left with.
  private func faults(_ program: Program) throws -> (lines: [String], exit: Int32) {
    let ended = try program.run("doctor")
    let lines = ended.output.split(separator: "\n").map(String.init)
    for (index, line) in lines.enumerated() where line.hasPrefix("fault") {
      #expect(index + 1 < lines.count && lines[index + 1].hasPrefix("       "), "\(line) has no help")
    }
    return (lines.filter { $0.hasPrefix("fault") }, ended.exit)
  }

  private func expectFault(_ program: Program, _ text: String, exit: Int32) throws {
    let (lines, left) = try faults(program)
    #expect(lines.count == 1 && lines.first?.contains(text) == true, "\(lines)")
    #expect(left == exit)
  }

  @Test("finds nothing where all is well, before a first run and after it")
  func well() throws {
    let fresh = try bench(runs: false).run("doctor")
    #expect(fresh.exit == 0 && fresh.output.hasSuffix("all is well\n"), "\(fresh.output)")
    let run = try bench().run("doctor")
    #expect(run.exit == 0 && run.output.hasSuffix("all is well\n"), "\(run.output)")
    #expect(run.output.contains("ok     pipeline people: last ran "))
  }

  @Test("makes nothing and changes nothing")
  func readOnly() throws {
    let program = try bench(runs: false)
    _ = try program.run("doctor")
    #expect(!FileManager.default.fileExists(atPath: program.folder.appending(path: ".terrace").path()))
    let open = try bench()
    let home = open.folder.appending(path: ".terrace").path()
    chmod(home, 0o755)
    _ = try open.run("doctor")
    var facts = stat()
    stat(home, &facts)
    #expect(facts.st_mode & 0o777 == 0o755)
  }

  @Test("names a folder without pipelines")
  func noFolder() throws {
    let program = try Program()
    let (lines, exit) = try faults(program)
    #expect(lines.first?.hasPrefix("fault  files: ") == true && exit == 78, "\(lines)")
  }

  @Test("names a mistake in a file")
  func mistake() throws {
    try expectFault(
      try bench(
        ["Pipelines/schema/person.yaml": "entity: person\nkey: [cod]\nfields: { code: { type: text } }\n"],
        runs: false),
      "files: ", exit: 78)
  }

  @Test("names a secret that is missing, once")
  func missingSecret() throws {
    let program = try bench()
    try program.write(
      "Pipelines/systems.yaml",
      system("http://127.0.0.1:1", "  authentication: { bearer: { token: \"${secret:TOKEN}\" } }\n")[
        "Pipelines/systems.yaml"] ?? "")
    try expectFault(program, "secrets: there is no secret 'TOKEN' here", exit: 78)
  }

  @Test("names a secret that others can read")
  func exposedSecret() throws {
    let front = try FaultFront(origin: .computed { _ in WireAnswer("text/plain", "") })
    defer { front.stop() }
    let program = try bench()
    try program.write(
      "Pipelines/systems.yaml",
      system(front.url, "  authentication: { bearer: { token: \"${secret:TOKEN}\" } }\n")[
        "Pipelines/systems.yaml"] ?? "")
    try program.write(".terrace/secrets/TOKEN", "x")
    chmod(program.folder.appending(path: ".terrace/secrets").path(), 0o700)
    chmod(program.folder.appending(path: ".terrace/secrets/TOKEN").path(), 0o644)
    let (lines, exit) = try faults(program)
    #expect(lines.contains { $0.contains("secrets/TOKEN' (mode 0644)") } && exit == 77, "\(lines)")
  }

  @Test("names a home that others may use")
  func openHome() throws {
    let program = try bench()
    chmod(program.folder.appending(path: ".terrace").path(), 0o777)
    try expectFault(program, ".terrace' (mode 0777)", exit: 77)
  }

  @Test("names a clock that shows a time before the last run")
  func clock() throws {
    let program = try bench()
    try change(program, "UPDATE run SET started_at = started_at + 864000, ended_at = ended_at + 864000")
    let (lines, exit) = try faults(program)
    #expect(lines.contains { $0.hasPrefix("fault  clock: it shows ") && $0.contains("before the last run") })
    #expect(exit == 78)
  }

  @Test("names a pipeline that is overdue")
  func overdue() throws {
    let program = try bench()
    try change(program, "UPDATE run SET started_at = started_at - 864000, ended_at = ended_at - 864000")
    try expectFault(program, "pipeline people: is overdue by its schedule '0 2 * * *'", exit: 75)
  }

  @Test("names a center that is no database")
  func center() throws {
    let program = try bench()
    try program.write(".terrace/center.db", "this is a letter to a friend")
    try expectFault(program, "center.db' is no SQLite database", exit: 74)
  }

  @Test("names a ledger that cannot be read")
  func ledger() throws {
    let program = try bench()
    try program.write(".terrace/ledger.db", String(repeating: "rubbish ", count: 1000))
    let (lines, exit) = try faults(program)
    #expect(
      lines.contains { $0.hasPrefix("fault  ledger: ") || $0.contains("ledger.db") } && exit != 0, "\(lines)")
  }

  @Test("names a system whose name cannot be resolved")
  func unknownHost() throws {
    try expectFault(
      try bench(system("https://nobody.invalid")), "system source: its name cannot be resolved", exit: 69)
  }

  @Test("names a system where nobody answers")
  func nobody() throws {
    try expectFault(
      try bench(system("http://127.0.0.1:1")), "system source: nobody answers at its address", exit: 75)
  }

  @Test(
    "names a certificate that is not to be trusted, with the reason",
    arguments: [(TLSCase.expired, "expired"), (.unknownAuthority, "certificate"), (.wrongHost, "match")])
  func certificate(_ tlsCase: TLSCase, _ reason: String) throws {
    let tls = try TLSServer(tlsCase)
    let front = try FaultFront(origin: .computed { _ in WireAnswer("text/plain", "") }, tls: tls)
    defer { front.stop() }
    let program = try bench(system(front.url, "  tls: { ca_file: \(tls.authorityFile) }\n"))
    let (lines, exit) = try faults(program)
    #expect(exit == 69 && lines.first?.contains("is not to be trusted") == true, "\(lines)")
    #expect(lines.first?.contains(reason) == true, "\(lines)")
  }

  @Test("tells of a certificate that ends soon, which is no fault")
  func certificateEnds() throws {
    let tls = try TLSServer(.good)
    let front = try FaultFront(origin: .computed { _ in WireAnswer("text/plain", "") }, tls: tls)
    defer { front.stop() }
    let ended = try bench(system(front.url, "  tls: { ca_file: \(tls.authorityFile) }\n")).run("doctor")
    #expect(ended.exit == 0)
    // Ten days less the moment that passed since the certificate was made.
    #expect(
      ended.output.contains(#/note   system source: answers \(200\); its certificate ends in (9|10) days/#),
      "\(ended)")
  }

  @Test("says where it cannot know whether signing in would do")
  func untried() throws {
    let front = try FaultFront(origin: .computed { _ in WireAnswer(404, "text/plain", "no") })
    defer { front.stop() }
    let key = "  authentication: { bearer: { token: \"${secret:KEY}\" } }\n"
    let program = try bench(system(front.url, key))
    try program.write(".terrace/secrets/KEY", "abc")
    for path in ["", "/KEY"] {
      chmod(program.folder.appending(path: ".terrace/secrets" + path).path(), path.isEmpty ? 0o700 : 0o600)
    }
    let ended = try program.run("doctor")
    #expect(
      ended.output.contains(
        "answers (404); nothing stands at its base_url, so whether it lets us in is not known"), "\(ended)")
  }

  @Test("names a sign-in that is refused, and asks once")
  func signIn() throws {
    let front = try FaultFront(origin: .computed { _ in WireAnswer(401, "text/plain", "who?") })
    defer { front.stop() }
    try expectFault(try bench(system(front.url)), "system source: it answers 401", exit: 77)
    #expect(front.requests.count == 1)
  }

  @Test("says who holds a lock, which is no fault")
  func lock() throws {
    let program = try bench()
    let file = program.folder.appending(path: ".terrace/locks/people.lock").path()
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    let ended = try program.run("doctor")
    #expect(ended.exit == 0 && ended.output.contains("holds its lock since"), "\(ended.output)")
  }

  @Test("gives the gravest code of several faults, and a document of all")
  func json() throws {
    let program = try bench(system("http://127.0.0.1:1"))
    try program.write(".terrace/center.db", "this is a letter to a friend")
    let ended = try program.run("doctor", "--format", "json")
    #expect(ended.exit == 74)
    let document = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
    #expect(document?["exit"] as? Int == 74)
    let findings = document?["findings"] as? [[String: Any]] ?? []
    #expect(findings.count { $0["state"] as? String == "fault" } == 2)
  }

  @Test("leaves the systems alone when told so")
  func offline() throws {
    let program = try bench(system("http://127.0.0.1:1"))
    #expect(try program.run("doctor", "--offline").exit == 0)
  }

  private func change(_ program: Program, _ sql: String) throws {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    let path = program.folder.appending(path: ".terrace/ledger.db").path()
    #expect(sqlite3_open(path, &database) == SQLITE_OK)
    #expect(
      sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(database)))")
  }
}
