// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Synchronization

/// One line on a terminal that says how far a run is, redrawn in its place and gone before anything else is printed;
/// nothing when nobody looks.
final class ProgressLine: RunObserver {
  private static let clearing = "\r\u{1B}[K"

  private let isShown = Mutex(false)

  /// - Returns: nil where standard error is no terminal that can redraw a line.
  init?(isErrorTerminal: Bool) {
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    guard isErrorTerminal, !isDumb else { return nil }
  }

  func progressed(_ progress: RunProgress) {
    let text = Self.text(progress)
    // A line that wraps could not be cleared.
    let line = Self.clearing + text.prefix(max(10, Self.columns - 1))
    isShown.withLock { isShown in
      Console.write(bytes: line, to: 2)
      isShown = true
    }
  }

  func ended(pipeline: String) { clear() }

  /// Takes the line away, if it is there.
  func clear() {
    isShown.withLock { isShown in
      if isShown { Console.write(bytes: Self.clearing, to: 2) }
      isShown = false
    }
  }

  static func text(_ progress: RunProgress) -> String {
    let rate = Double(progress.bytes) / max(0.001, progress.seconds) / 1e6
    // Below ten a tenth tells slow from standing still.
    let tenths = Int((rate * 10).rounded())
    let shown = tenths < 100 ? "\(tenths / 10).\(tenths % 10)" : String(Int(rate.rounded()))
    let share = progress.share.map { ", \(Int($0 * 100)) %" } ?? ""
    return "\(progress.pipeline): \(progress.records) records, \(shown) MB/s\(share)"
  }

  private static var columns: Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
