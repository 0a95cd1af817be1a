// SPDX-License-Identifier: Apache-2.0

/// The record counts that a tap says on standard error, in lines with `METRIC: {"type":"counter",…}`.
struct SingerMetrics {
  private static let mark = Array("METRIC: ".utf8)

  private var lines = LineSplitter(limit: 64 << 10)
  private var counts: [String: Int] = [:]
  /// Whether a line was too long to be looked at: a count may have stood in it.
  private var hasGap = false

  mutating func take(_ piece: UnsafeRawBufferPointer) {
    var counts = counts
    do {
      try lines.feed(piece) { line, _ in Self.read(line, &counts) }
    } catch {
      hasGap = true
      lines = LineSplitter(limit: lines.limit)
    }
    self.counts = counts
  }

  /// Nil when the tap said nothing of the stream.
  func records(of stream: String) -> Int? { hasGap ? nil : counts[stream] }

  private static func read(_ line: UnsafeBufferPointer<UInt8>, _ counts: inout [String: Int]) {
    guard let brace = line.firstIndex(of: 123), brace >= mark.count,
      line[(brace - mark.count)..<brace].elementsEqual(mark),
      let metric = JSONMembers(UnsafeBufferPointer(rebasing: line[brace...])),
      metric.text("type") == "counter", metric.text("metric") == "record_count",
      let stream = metric.object("tags")?.text("stream"), let value = metric.raw("value"),
      let number = Int(String(decoding: value, as: UTF8.self))
    else { return }
    // Taps count anew after each line.
    let (sum, overflow) = counts[stream, default: 0].addingReportingOverflow(number)
    counts[stream] = overflow ? .max : sum
  }
}
