// SPDX-License-Identifier: Apache-2.0

import CSpawn
import Glibc

/// A program at work as our child, in a process group of its own, without a shell.
///
/// It reads from /dev/null, and of our descriptors it has none but the two pipes of what it prints. However the
/// watch over it ends, its whole group is gone when ``watch(_:isCancelled:output:errors:)`` returns.
/// Used by one thread.
final class ChildProcess {
  struct Order {
    /// Path to execute; a relative one counts from the folder.
    var program: String
    /// What the program is told, its own name first.
    var arguments: [String]
    /// `NAME=value`
    var environment: [String]
    var folder: String
  }

  enum Departure: Equatable {
    case code(Int32)
    case signal(Int32)
  }

  /// Why the watch ended.
  enum End: Equatable {
    case left(Departure)
    case cancelled
    case overtime
    /// Neither output nor errors came for too long.
    case stalled
    /// The program left, and something that it started holds its output open: there may be more to come.
    case heldOpen
  }

  /// In seconds.
  struct Limits {
    var wall: Double
    var stall: Double
    /// From asking the group to end to killing it; also how long output may stay open behind the program.
    var grace = 5.0
  }

  /// A system call that failed.
  struct SpawnError: Error, Equatable {
    var number: Int32
  }

  let process: pid_t
  private var output: Int32
  private var errors: Int32
  private var isReaped = false
  private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)

  init(_ order: Order) throws(SpawnError) {
    let output = try Pipe()
    let errors: Pipe
    do throws(SpawnError) { errors = try Pipe() } catch {
      output.close()
      throw error
    }
    var process: pid_t = 0
    let failed = Self.spawn(order, output: output.writing, errors: errors.writing, &process)
    for end in [output.writing, errors.writing] { close(end) }
    guard failed == 0 else {
      for end in [output.reading, errors.reading] { close(end) }
      piece.deallocate()
      throw SpawnError(number: failed)
    }
    self.process = process
    self.output = output.reading
    self.errors = errors.reading
  }

  deinit {
    end(grace: 0)
    piece.deallocate()
  }

  /// Hands on what the program prints, in pieces as they come, until it has left or must go.
  ///
  /// - Parameters:
  ///   - output: takes standard output; what it throws ends the program, and is thrown on.
  ///   - errors: takes standard error.
  func watch(
    _ limits: Limits, isCancelled: () -> Bool, output take: (UnsafeRawBufferPointer) throws -> Void,
    errors takeErrors: (UnsafeRawBufferPointer) -> Void
  ) throws -> End {
    defer { end(grace: limits.grace) }
    let begun = MonotonicClock.seconds()
    // When output came last, and when either came.
    var came = begun
    var sign = begun
    var left: (departure: Departure, at: Double)?
    while true {
      if isCancelled() { return .cancelled }
      let now = MonotonicClock.seconds()
      if left == nil { left = departure().map { ($0, now) } }
      if now - begun > limits.wall { return .overtime }
      if let left {
        // One piece holds all that a pipe does: what the program itself said.
        _ = drain(&errors, takeErrors)
        if output < 0 { return .left(left.departure) }
        if now - max(left.at, came) > limits.grace { return .heldOpen }
      } else if now - sign > limits.stall {
        return .stalled
      }
      wait(milliseconds: output < 0 || left != nil ? 5 : 50)
      let hasOutput = try drain(&output, take)
      let hasErrors = drain(&errors, takeErrors)
      // Taking a piece may last; that is not the program's doing.
      if hasOutput { came = MonotonicClock.seconds() }
      if hasOutput || hasErrors { sign = MonotonicClock.seconds() }
    }
  }

  // MARK: - Reading

  /// Waits until something is there to read.
  private func wait(milliseconds: Int32) {
    var ends = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    // A negative descriptor is passed over.
    _ = poll(&ends, nfds_t(ends.count), milliseconds)
  }

  /// Takes one piece, if one is there. Closes the end and sets it to -1 when no more can come.
  private func drain(
    _ end: inout Int32, _ take: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows -> Bool {
    guard end >= 0 else { return false }
    let count = read(end, piece.baseAddress, piece.count)
    if count > 0 {
      try take(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      return true
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return false }
    close(end)
    end = -1
    return false
  }

  // MARK: - The end

  /// How the program left, if it has. Until it is reaped its id cannot be given to another.
  private func departure() -> Departure? {
    var facts = siginfo_t()
    guard waitid(P_PID, id_t(process), &facts, WEXITED | WNOHANG | WNOWAIT) == 0 else {
      // Somebody else reaped it: nothing can be said of how it left.
      return errno == ECHILD ? .code(Int32(EX_SOFTWARE)) : nil
    }
    guard facts._sifields._sigchld.si_pid == process else { return nil }
    let status = facts._sifields._sigchld.si_status
    return facts.si_code == CLD_EXITED ? .code(status) : .signal(status)
  }

  /// Ends the whole group: asks, waits, kills. Then nothing of it is left to be reaped by us.
  private func end(grace: Double) {
    guard !isReaped else { return }
    if departure() == nil {
      kill(-process, SIGTERM)
      // One that was stopped hears nothing.
      kill(-process, SIGCONT)
      let until = MonotonicClock.seconds() + grace
      while departure() == nil, MonotonicClock.seconds() < until {
        // A program that says its last words must not wait for us to read them.
        wait(milliseconds: 5)
        _ = drain(&output) { _ in }
        _ = drain(&errors) { _ in }
        if output < 0, errors < 0 { usleep(2000) }
      }
    }
    kill(-process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    isReaped = true
    for end in [output, errors] where end >= 0 { close(end) }
    (output, errors) = (-1, -1)
  }

  // MARK: - The beginning

  /// A pipe whose ends no other child inherits.
  private struct Pipe {
    let reading: Int32
    let writing: Int32

    init() throws(SpawnError) {
      var ends: [Int32] = [-1, -1]
      let failed = cspawn_pipe(&ends)
      guard failed == 0 else { throw SpawnError(number: failed) }
      // Where our own standard streams are closed, pipes get their numbers, which the child needs.
      let raised = ends.map { $0 > 2 ? $0 : fcntl($0, F_DUPFD_CLOEXEC, 3) }
      for (end, above) in zip(ends, raised) where end != above { Glibc.close(end) }
      guard raised.allSatisfy({ $0 >= 0 }) else {
        for end in raised where end >= 0 { Glibc.close(end) }
        throw SpawnError(number: EMFILE)
      }
      (reading, writing) = (raised[0], raised[1])
      _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    }

    func close() { for end in [reading, writing] { Glibc.close(end) } }
  }

  private static func spawn(
    _ order: Order, output: Int32, errors: Int32, _ process: inout pid_t
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    cspawn_close_from(&actions, 3)
    cspawn_change_folder(&actions, order.folder)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    // What we ignore or catch, a program may want: it ends by SIGPIPE when we are gone.
    for signal in 1..<Int32(32) where signal != SIGKILL && signal != SIGSTOP { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments: [UnsafeMutablePointer<CChar>?] = order.arguments.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = order.environment.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var failed = ETXTBSY
    // Busy is a file that was just written while another child was on its way: for an instant.
    for _ in 0..<50 where failed == ETXTBSY {
      failed = posix_spawn(&process, order.program, &actions, &attributes, &arguments, &environment)
      if failed == ETXTBSY { usleep(10_000) }
    }
    return failed
  }
}
