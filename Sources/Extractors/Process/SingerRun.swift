// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// One run of a tap: its messages, from the first line to how it left. Used by one thread.
///
/// A STATE holds for the records before it. It is handed over with the payload they stand in, so it becomes durable
/// only when they are loaded.
final class SingerRun {
  /// The landing zone failed: nothing can be kept of the payload begun.
  private struct LandingBroke: Error { var cause: any Error }
  private struct Cancelled: Error {}

  private let extractor: SingerExtractor
  private let landing: any LandingWriter
  private let values: RequestValues
  private let name: String
  private let given: String?
  private var lines: LineSplitter
  private var metrics = SingerMetrics()
  /// The last STATE of the tap, or the one it was given.
  private var state: String?
  private var isOpen = false
  /// Whether a STATE came since the payload was begun.
  private var hasStateWithin = false
  private var written = 0
  private var inPayload = 0
  private var buffer: [UInt8] = []
  /// Records by stream, of every stream met.
  private var counts: [String: Int] = [:]
  private var origins: [String: Int] = [:]

  init(_ extractor: SingerExtractor, _ checkpoint: Checkpoint?, _ landing: any LandingWriter) {
    self.extractor = extractor
    self.landing = landing
    values = RequestValues(runDate: landing.landingDate)
    name = extractor.program.name ?? extractor.program.programName(values)
    given = checkpoint.flatMap(SingerState.read)
    state = given
    lines = LineSplitter(limit: extractor.lineBytes)
  }

  func extract() throws {
    let run = ProgramRun(extractor.program, values, landing, grace: extractor.grace)
    do {
      let folder: PrivateFolder
      let arguments: [String]
      do throws(PrivateFolder.Failure) {
        folder = try PrivateFolder()
        arguments = try self.arguments(folder)
      } catch {
        throw SingerDiagnostics.noFolder(error.path, String(cString: strerror(error.number)), at: run.place)
      }
      guard let departure = try withExtendedLifetime(folder, { try output(of: run, arguments) }) else {
        if isOpen { landing.discard() }
        return
      }
      try run.check(departure, success: [0])
      try judge(at: run.place)
      try end(run.facts(departure))
    } catch let broke as LandingBroke {
      landing.discard()
      throw broke.cause
    } catch is Cancelled {
      return
    } catch {
      try keep()
      throw error
    }
    if let state { try landing.finish(resume: SingerState.checkpoint(state)) }
  }

  private func arguments(_ folder: PrivateFolder) throws(PrivateFolder.Failure) -> [String] {
    var arguments: [String] = []
    if let config = extractor.config {
      arguments += ["--config", try folder.write("config.json", config.json(values))]
    } else if let file = extractor.configFile {
      arguments += ["--config", file]
    }
    if let given { arguments += ["--state", try folder.write("state.json", given)] }
    if let catalog = extractor.catalog { arguments += ["--catalog", catalog] }
    return arguments
  }

  private func output(of run: ProgramRun, _ arguments: [String]) throws -> ChildProcess.Departure? {
    do {
      let departure = try run.output(
        arguments: arguments, errors: { metrics.take($0) }, { try lines.feed($0, message) })
      if departure != nil { try lines.finish(message) }
      return departure
    } catch LineSplitter.Failure.tooLong(let line) {
      throw SingerDiagnostics.lineTooLong(extractor.lineBytes, at: place(line))
    }
  }

  // MARK: - Messages

  private func message(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws {
    if line.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { return }
    guard let message = JSONMembers(line) else {
      throw SingerDiagnostics.notAMessage("no JSON object", at: place(number))
    }
    guard let type = message.text("type") else {
      throw SingerDiagnostics.notAMessage("an object without 'type'", at: place(number))
    }
    switch type.uppercased() {
    case "RECORD": try record(message, number)
    case "SCHEMA":
      guard let stream = message.text("stream") else {
        throw SingerDiagnostics.notAMessage("a SCHEMA without 'stream'", at: place(number))
      }
      counts[stream, default: 0] += 0
    case "STATE":
      guard let value = message.raw("value") else {
        throw SingerDiagnostics.notAMessage("a STATE without 'value'", at: place(number))
      }
      try keep(state: value, number)
    case "BATCH" where message.text("stream") == extractor.stream:
      throw SingerDiagnostics.batch(at: place(number))
    // ACTIVATE_VERSION, and what taps may come to say.
    default: break
    }
  }

  private func record(_ message: JSONMembers, _ number: Int) throws {
    guard let stream = message.text("stream") else {
      throw SingerDiagnostics.notAMessage("a RECORD without 'stream'", at: place(number))
    }
    counts[stream, default: 0] += 1
    guard stream == extractor.stream else { return }
    guard let record = message.raw("record"), record.first == 123 else {
      throw SingerDiagnostics.notAMessage("a RECORD whose 'record' is no object", at: place(number))
    }
    if !isOpen { try begin() }
    buffer += record
    buffer.append(10)
    written += record.count + 1
    inPayload += 1
    if buffer.count >= 1 << 18 { try flush() }
  }

  private func keep(state value: UnsafeBufferPointer<UInt8>, _ number: Int) throws {
    guard let text = String(validating: value, as: UTF8.self) else {
      throw SingerDiagnostics.notAMessage("a STATE that is not UTF-8", at: place(number))
    }
    // Many taps say an empty state before they begin: it must not undo what is known.
    if text == "null" || text.filter({ !$0.isWhitespace }) == "{}" { return }
    state = text
    guard isOpen else { return }
    hasStateWithin = true
    if written >= extractor.payloadBytes { try end([:]) }
  }

  // MARK: - Payloads

  private func begin() throws {
    // One piece of output may hold the records of many payloads.
    if landing.isCancelled { throw Cancelled() }
    let origin = nextOrigin()
    let number = origins.values.reduce(0, +)
    try landed {
      try landing.begin(
        PayloadHead(
          origin: origin, name: number == 1 ? name : "\(name) \(number)",
          request: ["stream": extractor.stream]))
    }
    (isOpen, hasStateWithin, written, inPayload) = (true, false, 0, 0)
  }

  /// What the tap gives after a state, as a request would say it: so a payload that failed is superseded by the one
  /// that is asked for again from the same state.
  private func nextOrigin() -> String {
    var origin = "singer:\(name)/\(extractor.stream)"
    if let state {
      var hasher = KeyHasher()
      Array(state.utf8).withUnsafeBufferPointer { hasher.combine($0) }
      origin += "?state=\(hasher.finish().hexadecimal.prefix(16))"
    }
    origins[origin, default: 0] += 1
    let times = origins[origin] ?? 1
    return times == 1 ? origin : "\(origin)#\(times)"
  }

  private func flush() throws {
    guard !buffer.isEmpty else { return }
    try landed { try buffer.withUnsafeBytes { try landing.write($0) } }
    buffer.removeAll(keepingCapacity: true)
  }

  private func end(_ facts: [String: String]) throws {
    guard isOpen else { return }
    try flush()
    var facts = facts
    facts["records"] = "\(inPayload)"
    let others = counts.filter { $0.key != extractor.stream }.sorted { $0.key < $1.key }
    if !others.isEmpty {
      facts["other streams"] = others.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
    landing.note(facts)
    try landed { try landing.end(resume: state.map(SingerState.checkpoint)) }
    isOpen = false
  }

  /// What is kept of the payload begun when the tap broke off: what a STATE vouches for. The records behind that STATE
  /// are met again.
  private func keep() throws {
    guard isOpen else { return }
    guard hasStateWithin else { return landing.discard() }
    do { try end([:]) } catch let broke as LandingBroke {
      landing.discard()
      throw broke.cause
    }
  }

  private func landed(_ work: () throws -> Void) throws {
    do { try work() } catch { throw LandingBroke(cause: error) }
  }

  // MARK: - Judging

  private func judge(at place: String) throws(StageFailure) {
    // With a state, a tap that has nothing new may say nothing at all.
    if counts[extractor.stream] == nil, !counts.isEmpty || given == nil {
      throw SingerDiagnostics.noSuchStream(
        extractor.stream, among: counts.keys.sorted(), at: extractor.program.position)
    }
    guard extractor.checksCounts, let said = metrics.records(of: extractor.stream) else { return }
    let came = counts[extractor.stream] ?? 0
    if said != came { throw SingerDiagnostics.countDiffers(said: said, came: came, at: place) }
  }

  private func place(_ line: Int) -> String { "\(name), line \(line) of its output" }
}
