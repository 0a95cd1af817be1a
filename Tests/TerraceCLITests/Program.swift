// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The built program at work in a folder of its own.
final class Program: Sendable {
  struct Result {
    var exit: Int32
    var output: String
    var errors: String
  }

  let folder: URL

  init(_ files: [String: String] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "terrace-cli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (path, text) in files { try write(path, text) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func write(_ path: String, _ text: String) throws {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Runs the program there with no terminal, as cron does.
  func run(_ arguments: String...) throws -> Result { try run(arguments) }

  func run(_ arguments: [String]) throws -> Result {
    let process = Process()
    process.executableURL = try Self.executable()
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // What the runtime of a sanitizer is told holds for the program too.
    let sanitizers = ProcessInfo.processInfo.environment.filter {
      $0.key == "ASAN_OPTIONS" || $0.key == "TSAN_OPTIONS"
    }
    process.environment = sanitizers.merging(["PATH": "/usr/bin:/bin"]) { _, own in own }
    let (output, errors) = (folder.appending(path: ".out"), folder.appending(path: ".err"))
    for url in [output, errors] { try Data().write(to: url) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Result(
      exit: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  /// The program is built beside the tests.
  static func executable() throws -> URL {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: tests).deletingLastPathComponent().appending(path: "terrace")
  }
}
