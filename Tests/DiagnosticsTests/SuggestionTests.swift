// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@Suite("Suggestions")
struct SuggestionTests {
  @Test(
    "finds the name that was meant",
    arguments: [
      ("delimeter", "delimiter"), ("recrods", "records"), ("Path", "path"), ("pth", "path"),
      ("pathh", "path"),
      ("xyz", nil), ("", nil), ("retry", nil),
    ] as [(String, String?)])
  func nearest(_ written: String, _ expected: String?) {
    #expect(
      Suggestion.nearest(to: written, among: ["path", "delimiter", "records", "retries_x"]) == expected)
  }

  @Test("lists the names when none is near")
  func help() {
    #expect(Suggestion.help(for: "xyz", among: ["b", "a1234"]) == "use one of: a1234, b")
    #expect(Suggestion.help(for: "xyz", among: []) == "there is nothing to name here; remove it")
  }

  @Test("reads and writes durations and sizes")
  func quantities() {
    #expect(["500ms", "30s", "1.5h", "1d", "0"].map(Seconds.parse) == [0.5, 30, 5400, 86_400, 0])
    #expect(
      ["", "s", "-1s", "1 s", "1e9d", "infs", "1.2.3s", "99999999d"].allSatisfy { Seconds.parse($0) == nil })
    #expect([0.5, 30, 90, 5400, 86_400, 0].map(Seconds.text) == ["500ms", "30s", "90s", "90m", "1d", "0s"])
    #expect(["4096", "64KiB", "10 MiB"].map(ByteCount.parse) == [4096, 65_536, 10 << 20])
    #expect(["", "KiB", "-1", "1KB", "9999999999TiB", "１KiB"].allSatisfy { ByteCount.parse($0) == nil })
    #expect([4096, 10 << 20, 1000, 0].map(ByteCount.text) == ["4KiB", "10MiB", "1000", "0"])
  }
}
