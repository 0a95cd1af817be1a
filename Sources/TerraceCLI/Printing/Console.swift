// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Synchronization

/// The terminal: data on standard output, messages on standard error.
struct Console: Sendable {
  var isOutputTerminal = isatty(1) == 1
  var isErrorTerminal = isatty(2) == 1
  var isVerbose = false
  var isColorAllowed = true
  /// How far the run is, while one goes on.
  let progress: ProgressLine?

  init(_ options: GlobalOptions) {
    isVerbose = options.verbose
    progress = ProgressLine(isErrorTerminal: isatty(2) == 1)
    let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    isColorAllowed = !options.noColor && !noColor && !isDumb
  }

  var usesErrorColor: Bool { isErrorTerminal && isColorAllowed }
  var usesOutputColor: Bool { isOutputTerminal && isColorAllowed }
  /// Whether a person is looking, or asked for words: cron gets silence on success.
  var isTalkative: Bool { isOutputTerminal || isVerbose }

  /// Whether the command has written its document, or its text.
  static let hasWritten = Atomic<Bool>(false)

  func write(_ text: String) {
    progress?.clear()
    Self.write(text)
  }

  /// Writes what stands on standard output, from where there is no console.
  static func write(_ text: String) {
    hasWritten.store(true, ordering: .relaxed)
    write(bytes: text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", to: 1)
  }

  func message(_ text: String) { write(Redaction.redacted(text), to: 2) }

  private func write(_ text: String, to descriptor: Int32) {
    progress?.clear()
    Self.write(bytes: text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", to: descriptor)
  }

  /// Writes a text as it is.
  static func write(bytes text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
    }
  }
}
