// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("Programs")
struct CommandExtractorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func extractor(_ settings: (String, Written)...) throws -> CommandExtractor {
    var extractor = try CommandExtractor(Written.map(settings).settings("extractor 'command'"))
    extractor.grace = 0.3
    return extractor
  }

  private func shell(_ script: String) -> Written { ["sh", "-c", .text(script)] }

  private func landing(isFull: Bool = false) -> MemoryLanding {
    MemoryLanding(baseFolder: folder.path, isFull: isFull)
  }

  private func run(_ extractor: CommandExtractor, since checkpoint: Checkpoint? = nil) throws -> MemoryLanding
  {
    let landing = landing()
    try extractor.extract(since: checkpoint, into: landing)
    landing.close()
    #expect(landing.violations == [])
    return landing
  }

  /// What a program that must fail fails with; nothing of it is landed.
  private func failure(_ settings: (String, Written)...) throws -> StageFailure {
    let landing = landing()
    var extractor = try CommandExtractor(Written.map(settings).settings("extractor 'command'"))
    extractor.grace = 0.3
    let failure = #expect(throws: StageFailure.self) { try extractor.extract(since: nil, into: landing) }
    landing.close()
    #expect(landing.violations == [])
    #expect(landing.payloads == [])
    #expect(landing.discarded.count == 1)
    return try #require(failure)
  }

  @Test("keeps the promises of an extractor")
  func kit() throws {
    let extractor = try extractor(
      ("run", ["sh", "-c", "echo $TOKEN >&2; echo $1", "sh", "${secret:ARGUMENT}"]),
      ("environment", ["TOKEN": "${secret:TOKEN}"]))
    let kit = ExtractorKit(extractor, secrets: ["geheim-TOKEN"]) { landing() }
    #expect(kit.violations() == [])
  }

  @Test("lands what a program prints as one payload, with how it left and what it said")
  func lands() throws {
    let landing = try run(
      extractor(("run", ["sh", "-c", "echo a; echo b; echo careful >&2", "x y", "${secret:KEY}"])))
    #expect(landing.payloads.map(\.text) == ["a\nb\n"])
    let head = try #require(landing.payloads.first?.head)
    #expect(
      head.origin == "command:sh -c 'echo a; echo b; echo careful >&2' 'x y' ${secret:KEY}")
    #expect(head.name == "sh")
    #expect(head.response["exit"] == "0")
    #expect(head.response["stderr"] == "careful")
    #expect(Double(head.response["seconds"] ?? "") != nil)
    #expect(landing.finished == nil)
  }

  @Test("calls the payload as the file says")
  func name() throws {
    let landing = try run(extractor(("run", shell("echo a")), ("name", "prices")))
    #expect(landing.payloads.map(\.head.origin) == ["command:prices"])
    #expect(landing.payloads.map(\.head.name) == ["prices"])
  }

  @Test("lands every byte as it came: none, zeros, no UTF-8, several MiB")
  func bytes() throws {
    #expect(try run(extractor(("run", ["true"]))).payloads.map(\.bytes) == [[]])
    #expect(
      try run(extractor(("run", ["printf", "a\\000\\377\\r"]))).payloads.map(\.bytes) == [[97, 0, 255, 13]])
    let much = try run(extractor(("run", ["head", "-c", "5000000", "/dev/zero"])))
    #expect(much.payloads.map(\.bytes.count) == [5_000_000])
  }

  @Test("does not wait for who reads standard error, and gives no input")
  func streams() throws {
    let script = "head -c 3000000 /dev/zero | tr '\\0' 'e' >&2; cat; echo done"
    #expect(try run(extractor(("run", shell(script)))).payloads.map(\.text) == ["done\n"])
  }

  @Test("hands on no descriptor and no ignored signal of ours")
  func inherits() throws {
    let ours = open("/dev/null", O_RDONLY)
    defer { close(ours) }
    signal(SIGPIPE, SIG_IGN)
    let script = "ls /proc/$$/fd | tr '\\n' ' '; grep -E '^Sig(Blk|Ign)' /proc/$$/status | cut -f 2; :"
    let text = try #require(try run(extractor(("run", shell(script)))).payloads.first?.text)
    let words = text.split(whereSeparator: \.isWhitespace)
    #expect(words.prefix(3) == ["0", "1", "2"])
    // Signals 32 and 33 are the C library's own.
    let masks = words.dropFirst(3).map { UInt64($0, radix: 16).map { $0 & 0x7FFF_FFFF } }
    #expect(masks == [0, 0])
  }

  @Test("hands on few variables of ours, those passed, and those of the file")
  func environment() throws {
    setenv("TERRACE_TEST_PASSED", "yes", 1)
    setenv("TERRACE_TEST_OTHER", "no", 1)
    let landing = try run(
      extractor(
        ("run", ["env"]), ("environment", ["A": "1", "DAY": "${run_date:dd/MM/yyyy}"]),
        ("pass", ["TERRACE_TEST_PASSED", "TERRACE_TEST_MISSING"])))
    let lines = Set(landing.payloads.first?.text.split(separator: "\n").map(String.init) ?? [])
    #expect(lines.isSuperset(of: ["A=1", "DAY=22/11/2026", "TERRACE_TEST_PASSED=yes"]))
    let names = Set(lines.map { String($0.prefix { $0 != "=" }) })
    let known: Set = ["HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER"]
    #expect(
      names.subtracting(known).filter { !$0.hasPrefix("LC_") } == Set(["A", "DAY", "TERRACE_TEST_PASSED"]))
  }

  @Test("runs in the base folder, and finds programs there")
  func baseFolder() throws {
    try folder.write("bin/tap", Data("#!/bin/sh\npwd; cat in/a.txt".utf8))
    try folder.write("in/a.txt", Data("a".utf8))
    chmod(folder.path + "/bin/tap", 0o755)
    let text = try run(extractor(("run", ["bin/tap"]))).payloads.first?.text
    #expect(text?.hasSuffix("\na") == true)
  }

  @Test("counts from the last complete run")
  func since() throws {
    var extractor = try extractor(
      ("run", ["echo", "${since}"]), ("since", ["first": "2020-01-01", "format": "dd/MM/yyyy"]))
    extractor.clock.now = { 1_767_571_200 }
    let first = try run(extractor)
    #expect(first.payloads.map(\.text) == ["01/01/2020\n"])
    #expect(try run(extractor, since: first.checkpoint).payloads.map(\.text) == ["05/01/2026\n"])
  }

  // MARK: - Leaving badly

  @Test("lands nothing of a program that left badly, and says why")
  func badExit() throws {
    let failure = try failure(("run", shell("echo a; echo 'no such table' >&2; exit 3")))
    #expect(failure.id == "extract.program-failed")
    #expect(failure.message == "the program left with exit code 3: no such table")
    #expect(failure.exit == .unavailable)
    #expect(!failure.isTransient)
  }

  @Test(
    "takes the codes of sysexits.h as what they mean",
    arguments: [
      (1, ExitCode.unavailable), (64, .files), (65, .data), (69, .unavailable), (70, .unavailable),
      (74, .storage), (75, .tryAgain), (76, .sourceProtocol), (77, .permission), (78, .files), (127, .files),
    ])
  func sysexits(_ code: Int, _ expected: ExitCode) throws {
    let failure = try failure(("run", shell("exit \(code)")))
    #expect(failure.exit == expected)
    #expect(failure.isTransient == (code == 75))
  }

  @Test("takes an exit code as success where the file says so")
  func success() throws {
    let landing = try run(extractor(("run", shell("echo a; exit 1")), ("success", ["0", "1"])))
    #expect(landing.payloads.map(\.text) == ["a\n"])
    #expect(landing.payloads.map(\.head.response["exit"]) == ["1"])
    #expect(try failure(("run", ["true"]), ("success", ["1"])).id == "extract.program-failed")
  }

  @Test("tells a program that was killed from one that crashed")
  func signals() throws {
    let killed = try failure(("run", shell("kill -9 $$")))
    #expect(killed.id == "extract.program-killed")
    #expect(killed.exit == .tryAgain)
    #expect(try failure(("run", shell("kill -6 $$"))).exit == .sourceProtocol)
  }

  @Test("says at which place of the file a program is named that is not there, or cannot be executed")
  func noProgram() throws {
    try folder.write("plain", Data("#!/bin/sh".utf8))
    try folder.write("bare", Data("echo a".utf8))
    try folder.write("lost", Data("#!/no/such/interpreter".utf8))
    for name in ["bare", "lost"] { chmod("\(folder.path)/\(name)", 0o755) }
    let missing = try failure(("run", ["no-such-program-of-ours"]))
    #expect(missing.id == "extract.program-not-found")
    #expect(missing.place == "a.yaml:1:1")
    #expect(missing.exit == .files)
    #expect(try failure(("run", ["./none"])).id == "extract.program-not-found")
    for name in ["./plain", "./bare", "./lost", "/"] {
      let failure = try failure(("run", .list([.text(name)])))
      #expect(failure.id == "extract.program-not-executable", "\(name)")
      #expect(failure.exit == .files)
    }
  }

  // MARK: - Not leaving

  @Test("ends a program that prints without end, and all that it started")
  func endless() throws {
    let failure = try failure(
      ("run", shell("echo $$ > ids; sleep 100 & echo $! >> ids; exec yes")), ("limit_bytes", "1MiB"))
    #expect(failure.id == "extract.too-large")
    try expectGone(2)
  }

  @Test("ends a program that is silent for too long, also one that does not want to")
  func stall() throws {
    let failure = try failure(
      ("run", shell("trap '' TERM; echo $$ > ids; echo waiting >&2; while :; do sleep 100; done")),
      ("stall", "1500ms"))
    #expect(failure.id == "extract.program-stalled")
    #expect(failure.message == "the program printed nothing for 1500ms and was ended: waiting")
    #expect(failure.isTransient)
    try expectGone(1)
  }

  @Test("ends a program that takes too long, however busy it is")
  func overtime() throws {
    let failure = try failure(
      ("run", shell("echo $$ > ids; while :; do echo a; sleep 0.05; done")), ("timeout", "1500ms"))
    #expect(failure.id == "extract.program-overtime")
    #expect(failure.exit == .tryAgain)
    try expectGone(1)
  }

  @Test("takes no output for whole that something left behind still holds open")
  func heldOpen() throws {
    let failure = try failure(("run", shell("sleep 100 & echo $! > ids; echo a")))
    #expect(failure.id == "extract.program-held-open")
    try expectGone(1)
  }

  @Test("ends what prints without end behind a program that left")
  func endlessBehind() throws {
    let failure = try failure(
      ("run", shell("while :; do echo a; sleep 0.02; done & echo $! > ids")), ("timeout", "2s"))
    #expect(failure.id == "extract.program-overtime")
    try expectGone(1)
    let landing = try run(extractor(("run", shell("yes >&2 & echo $! > ids; echo b"))))
    #expect(landing.payloads.map(\.text) == ["b\n"])
    try expectGone(1)
  }

  @Test("ends what a program left behind, where its output is whole")
  func leftBehind() throws {
    let landing = try run(extractor(("run", shell("sleep 100 >/dev/null & echo $! > ids; echo a"))))
    #expect(landing.payloads.map(\.text) == ["a\n"])
    try expectGone(1)
  }

  @Test("waits for a program that closed its output and still decides how to leave")
  func closedOutput() throws {
    #expect(
      try failure(("run", shell("echo a; exec >&- 2>&-; sleep 0.2; exit 4"))).message.contains("code 4"))
  }

  @Test("a cancellation ends the program and all that it started, quietly")
  func cancellation() throws {
    let landing = landing()
    landing.onWrite = { _ in landing.cancelsWithinPayload = true }
    try extractor(("run", shell("echo $$ > ids; sleep 100 & echo $! >> ids; echo a; wait")))
      .extract(since: nil, into: landing)
    landing.close()
    #expect(landing.violations == [])
    #expect(landing.payloads == [])
    try expectGone(2)
  }

  @Test("a landing zone that fails ends the program")
  func brokenLanding() throws {
    struct Full: Error {}
    let landing = landing()
    landing.onWrite = { _ in throw Full() }
    #expect(throws: Full.self) {
      try extractor(("run", shell("echo $$ > ids; exec yes"))).extract(since: nil, into: landing)
    }
    try expectGone(1)
  }

  private func expectGone(_ count: Int, _ location: SourceLocation = #_sourceLocation) throws {
    let ids = LivingProcess.ids(in: folder.path + "/ids")
    #expect(ids.count == count, sourceLocation: location)
    #expect(LivingProcess.areGone(ids), sourceLocation: location)
  }

  // MARK: - Secrets

  @Test("keeps secrets out of what it says, however the program repeats them")
  func secrets() throws {
    let script = "echo \"$1 $TOKEN x$(echo $TOKEN | cut -c8-)x\" >&2; exit 1"
    let failure = try failure(
      ("run", ["sh", "-c", .text(script), "sh", "--key=${secret:KEY}"]),
      ("environment", ["TOKEN": "Bearer ${secret:TOKEN}"]))
    #expect(
      failure.message == "the program left with exit code 1: --key=••• Bearer ••• x•••x")
    #expect(failure.place?.contains("geheim") == false)
  }

  @Test("keeps no part of a secret that the cut of a long text divides")
  func dividedSecret() {
    let secret = "0123456789abcdefghij"
    for shift in 0...40 {
      var tail = ErrorTail(Redactor([Secret(secret)]))
      let text = "start " + secret + String(repeating: "x", count: ErrorTail.kept - 20 + shift)
      Array(text.utf8).withUnsafeBytes { tail.take($0) }
      #expect(!tail.text.contains("j"), "\(shift)")
    }
  }

  @Test("shows no control characters of what a program says")
  func controlCharacters() {
    var tail = ErrorTail(Redactor([]))
    Array("\u{1B}[31mred\u{202E}\u{7}\r\n\u{FFFD}end\n".utf8).withUnsafeBytes { tail.take($0) }
    #expect(tail.text == "[31mred\n\u{FFFD}end\n")
    #expect(tail.summary == "[31mred | \u{FFFD}end")
  }

  // MARK: - Files

  @Test(
    "rejects what a file cannot mean",
    arguments: [
      (["run": "xlsx2csv a.xlsx"], "command.one-text"),
      (["run": []], "command.no-program"),
      (["run": ["", "a"]], "command.no-program"),
      (["run": ["a", "${page}"]], "command.unknown-value"),
      (["run": ["a", "${since}"]], "command.since-without-first"),
      (["run": ["a", "${sinse}"]], "http.unknown-value"),
      (["run": "a", "success": ["256"]], "command.bad-exit-code"),
      (["run": "a", "success": "none"], "command.bad-exit-code"),
      (["run": "a", "environment": ["A=B": "c"]], "command.bad-variable"),
      (["run": "a", "pass": ["A=B"]], "command.bad-variable"),
      (["run": "a", "pass": ["TERRACE_SECRET_KEY"]], "command.secret-passed"),
    ] as [(Written, String)])
  func rejects(_ written: Written, _ id: String) {
    let found = #expect(throws: Diagnostic.self) {
      try CommandExtractor(written.settings("extractor 'command'"))
    }
    #expect(found?.id == id)
  }
}
