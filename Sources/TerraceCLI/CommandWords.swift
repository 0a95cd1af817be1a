// SPDX-License-Identifier: Apache-2.0

/// The words that the program was started with.
enum CommandWords {
  /// Options everywhere that take a value.
  private static let valued: Set = ["-C", "--pipelines", "--home", "--center", "--format"]
  private static let flags: Set = ["-v", "--verbose", "--no-color"]

  /// Puts options everywhere that stand before the command behind its other words, where the parser looks for them:
  /// `terrace -C dir run` is `terrace run -C dir`.
  static func ordered(_ given: some Collection<String>) -> [String] {
    var rest = Array(given)[...]
    var leading: [String] = []
    while let word = rest.first {
      if flags.contains(word) || valued.contains(where: { word.hasPrefix($0 + "=") }) {
        leading.append(rest.removeFirst())
      } else if valued.contains(word), rest.count > 1 {
        leading += rest.prefix(2)
        rest = rest.dropFirst(2)
      } else {
        break
      }
    }
    guard let command = rest.first, !command.hasPrefix("-") else { return Array(given) }
    // Behind '--' every word is taken as it is.
    let end = rest.firstIndex(of: "--") ?? rest.endIndex
    return Array(rest[..<end] + leading + rest[end...])
  }
}
