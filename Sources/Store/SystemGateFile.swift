// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Records

/// What the runs of all processes share of one system: the moment of the next request, the places that may call at the
/// same time, and whether a run gave up on it. Files under `<home>/systems`; the kernel frees what a dead process held.
///
/// Used by one thread; any number of gates on one folder see each other.
public final class SystemGateFile {
  /// A process that was stopped while it held the file must not hold up the others for ever.
  private static let longestBusy = 30.0

  private let system: SystemSpec
  private let path: String
  private let now: () -> Double
  private let command: Int32
  private let descriptor: Int32
  private var place: Int32?
  /// Held while this gate's first request shows whether the system is back.
  private var probe: Int32?
  private var isTroubled = false
  private var busySince: Double?

  /// - Parameters:
  ///   - now: seconds since 1970. A clock that is set back costs one wait, never more.
  ///   - command: whose run this is: a command that gave up on a system does not ask it again at once.
  /// - Throws: when the home cannot be written to.
  public init(
    _ system: SystemSpec, in home: Home, command: Int32 = getpid(),
    now: @escaping () -> Double = SystemGateFile.wallTime
  ) throws(StageFailure) {
    self.system = system
    self.now = now
    self.command = command
    path = home.systemsPath + "/" + PipelineLock.fileName(system.name).dropLast(".lock".count)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .storage("open the state of a system", path, errno) }
  }

  deinit {
    for held in [place, probe].compactMap(\.self) { close(held) }
    close(descriptor)
  }

  /// The machine's own clock.
  public static func wallTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// How the runs before found the system. One that was given up is asked by one run at a time.
  public func condition() throws(StageFailure) -> SystemCondition {
    // Reading needs no lock: what is half written has a wrong checksum, and counts as not written yet.
    let state = SystemState.read(descriptor)
    guard let rest = state.rest else { return .well }
    let isOver = now() >= Double(rest.until) || now() < Double(rest.since)
    if state.command == command, !isOver { return .resting(rest) }
    if probe != nil { return .doubtful }
    probe = try lockedFile(path + ".probe")
    return probe == nil ? .resting(rest) : .doubtful
  }

  /// Takes a place and a moment, or says how long to wait before asking again.
  public func enter() throws(StageFailure) -> SystemTurn {
    if place == nil, try !takePlace() { return .wait(seconds: 0.2) }
    guard try lock() else { return .wait(seconds: 0.02) }
    defer { flock(descriptor, LOCK_UN) }
    var state = SystemState.read(descriptor)
    isTroubled = state.rest != nil
    guard let perMinute = system.requestsPerMinute else { return .granted }
    let interval = 60 / Double(perMinute)
    let wait = state.next - now()
    // A moment farther away than the pace can ask for, but for rounding, was written before the clock was set back.
    if wait > 0, wait <= interval + 1 {
      givePlaceBack()
      return .wait(seconds: wait)
    }
    state.next = now() + interval
    state.write(descriptor)
    return .granted
  }

  /// Gives the place back, and notes that a system that was given up answers again.
  public func leave(hasAnswered: Bool) {
    givePlaceBack()
    if hasAnswered, isTroubled {
      forgetRest()
      endProbe()
    }
  }

  /// Leaves the system in peace for its `cool_down`, or as long as it asked for if that is longer.
  public func giveUp(_ reason: String, asked: Double?) throws(StageFailure) {
    endProbe()
    // Best effort: another that gives up at this moment says the same.
    guard lockBriefly() else { return }
    defer { flock(descriptor, LOCK_UN) }
    var state = SystemState.read(descriptor)
    let seconds = min(max(system.retries.coolDown, asked ?? 0), SystemSpec.Retries.longestCoolDown)
    state.rest = SystemRest(since: Int64(now()), until: Int64(now() + seconds), reason: reason)
    state.command = command
    state.write(descriptor)
  }

  private func forgetRest() {
    // Best effort: who comes next finds out too.
    guard lockBriefly() else { return }
    defer { flock(descriptor, LOCK_UN) }
    var state = SystemState.read(descriptor)
    state.rest = nil
    state.write(descriptor)
    isTroubled = false
  }

  private func endProbe() {
    if let probe { close(probe) }
    probe = nil
  }

  private func takePlace() throws(StageFailure) -> Bool {
    for number in 1...max(1, system.parallel) {
      place = try lockedFile("\(path).\(number)")
      if place != nil { return true }
    }
    return false
  }

  /// Nil when another holds it.
  private func lockedFile(_ file: String) throws(StageFailure) -> Int32? {
    let held = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard held >= 0 else { throw .storage("open a place of a system", file, errno) }
    if flock(held, LOCK_EX | LOCK_NB) == 0 { return held }
    close(held)
    return nil
  }

  private func givePlaceBack() {
    if let place { close(place) }
    place = nil
  }

  /// Others hold the file for an instant only.
  private func lockBriefly() -> Bool {
    for _ in 0..<50 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      usleep(1000)
    }
    return false
  }

  private func lock() throws(StageFailure) -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      busySince = nil
      return true
    }
    let since = busySince ?? now()
    busySince = since
    guard now() - since > Self.longestBusy else { return false }
    givePlaceBack()
    throw StageFailure(
      id: "store.system-busy",
      "another process holds the state of the system '\(system.name)' and does not move",
      at: path, help: "look for a stopped terrace process ('ps', state T) and end it; then run again",
      exit: .tryAgain, isTransient: true)
  }
}

/// The file's content: one line with a checksum. What cannot be read counts as never written.
private struct SystemState {
  /// Seconds since 1970 before which no request may begin.
  var next = 0.0
  /// Who gave up.
  var command: Int32 = 0
  var rest: SystemRest?

  static func read(_ descriptor: Int32) -> SystemState {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let lines = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    guard lines.count >= 2, lines[0] == Self.checksum(lines[1]) else { return SystemState() }
    let parts = lines[1].split(separator: "\t", omittingEmptySubsequences: false)
    guard parts.count == 5, let next = Double(parts[0]), next.isFinite, let command = Int32(parts[1]),
      let since = Int64(parts[2]), let until = Int64(parts[3])
    else { return SystemState() }
    var state = SystemState(next: next, command: command)
    if until > 0 { state.rest = SystemRest(since: since, until: until, reason: String(parts[4])) }
    return state
  }

  func write(_ descriptor: Int32) {
    let reason = (rest?.reason ?? "").prefix(200).map { $0.isNewline || $0 == "\t" ? " " : $0 }
    let line = "\(next)\t\(command)\t\(rest?.since ?? 0)\t\(rest?.until ?? 0)\t\(String(reason))"
    let text = "\(Self.checksum(line[...]))\n\(line)\n"
    // Only pace and peace are lost when this fails; the next one to write mends it.
    _ = pwrite(descriptor, text, text.utf8.count, 0)
  }

  private static func checksum(_ line: Substring) -> String {
    String(Array(line.utf8).withUnsafeBytes { XXHash64.hash($0) }, radix: 16)
  }
}
