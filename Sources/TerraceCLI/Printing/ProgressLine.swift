// SPDX-License-Identifier: Apache-2.0

import Engine
import Records

/// One line on a terminal that says how far a run is; nothing when nobody looks.
final class ProgressLine: RunObserver {
  private let console: Console
  private let started = EngineClock().monotonic()

  /// - Returns: nil where standard error is not a terminal.
  init?(_ console: Console) {
    guard console.isErrorTerminal else { return nil }
    self.console = console
  }

  func progressed(pipeline: String, records: Int, bytes: Int64, expectedBytes: Int64?) {
    let seconds = max(0.001, EngineClock().monotonic() - started)
    var text = "\(pipeline): \(records) records, \(Int(Double(bytes) / seconds / 1e6)) MB/s"
    if let expectedBytes, expectedBytes > 0 { text += ", \(min(100, bytes * 100 / expectedBytes)) %" }
    console.message("\r\u{1B}[K" + text + "\u{1B}[\(text.count)D\u{1B}[1A")
  }

  static let clear = "\r\u{1B}[K"
}
