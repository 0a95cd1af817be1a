// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// The real program, started in a workbench's folder as cron would: no terminal, output to files.
final class Program {
  struct Ended: CustomStringConvertible {
    /// The exit code, or the number of the signal that ended it, negative.
    var exit: Int32
    var output: String
    var errors: String
    /// Largest resident size seen, in KiB.
    var peak: Int

    var description: String { "exit \(exit)\n\(output)\n\(errors)" }

    /// The document on standard output, which must be the only one there.
    func json() throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(object as? [String: Any])
    }
  }

  let process: pid_t
  private let outputs: (out: String, err: String)
  private var status: Int32?
  private var peak = 0

  /// The program stands beside the test bundle.
  static let path: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes {
      $0.baseAddress.map { readlink("/proc/self/exe", $0.assumingMemoryBound(to: CChar.self), 4095) } ?? 0
    }
    let test = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    return URL(filePath: test).deletingLastPathComponent().path + "/terrace"
  }()

  /// - Parameter failpoint: what `TERRACE_FAILPOINT` says.
  init(
    _ arguments: [String], in bench: Workbench, failpoint: String? = nil, environment: [String: String] = [:]
  ) throws {
    let name = bench.folder + "/." + UUID().uuidString
    outputs = (name + ".out", name + ".err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputs.out, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, outputs.err, O_WRONLY | O_CREAT, 0o600)
    var variables = environment
    variables["PATH"] = "/usr/bin:/bin"
    variables["TZ"] = "Asia/Ho_Chi_Minh"
    variables["TERRACE_FAILPOINT"] = failpoint
    for (name, value) in Sanitizer.options { variables[name] = value }
    let words = [Self.path, "-C", bench.folder, "--home", bench.home]
    let all = [words[0]] + Array(arguments.prefix(1)) + words.dropFirst() + arguments.dropFirst()
    var argv = all.map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid = pid_t()
    let code = posix_spawn(&pid, Self.path, &actions, nil, &argv, &envp)
    guard code == 0 else { throw Workbench.Problem(description: "cannot start \(Self.path): \(code)") }
    process = pid
  }

  deinit {
    guard status == nil else { return }
    kill(process, SIGKILL)
    var ignored: Int32 = 0
    waitpid(process, &ignored, 0)
  }

  /// Starts the program and waits for its end.
  static func run(
    _ arguments: String..., in bench: Workbench, failpoint: String? = nil, environment: [String: String] = [:]
  ) throws -> Ended {
    try Program(arguments, in: bench, failpoint: failpoint, environment: environment).end()
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// Waits until the program stopped itself at an armed step; false when it ended without reaching it.
  func stops() -> Bool {
    var found: Int32 = 0
    guard waitpid(process, &found, WUNTRACED) == process else { return false }
    if found & 0xff == 0x7f { return true }
    status = found
    return false
  }

  func end() throws -> Ended {
    if status == nil {
      var found: Int32 = 0
      while waitpid(process, &found, 0) < 0 && errno == EINTR {}
      status = found
    }
    let status = status ?? 0
    defer {
      unlink(outputs.out)
      unlink(outputs.err)
    }
    return Ended(
      exit: status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f),
      output: try String(contentsOfFile: outputs.out, encoding: .utf8),
      errors: try String(contentsOfFile: outputs.err, encoding: .utf8), peak: peak)
  }

  /// Waits for the end and looks at the memory meanwhile: the kernel keeps its highest value, so that only the last
  /// moments can be missed.
  func endWatchingMemory() throws -> Ended {
    var found: Int32 = 0
    while waitpid(process, &found, WNOHANG) == 0 {
      let facts = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
      let line = facts.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      peak = max(peak, line.flatMap { Int($0.filter(\.isNumber)) } ?? 0)
      poll(nil, 0, 2)
    }
    status = found
    return try end()
  }
}

/// What `make sanitize` says to the runtime of a sanitizer, for the programs that tests start as well.
enum Sanitizer {
  static let options = ProcessInfo.processInfo.environment.filter {
    $0.key == "ASAN_OPTIONS" || $0.key == "TSAN_OPTIONS"
  }
  /// Memory and time are not a program's own then.
  static var isAtWork: Bool { !options.isEmpty }
}
