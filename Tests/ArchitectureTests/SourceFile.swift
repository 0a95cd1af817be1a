// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Swift file as the tests of the house read it: its text, and the same with everything blanked that is no code.
struct SourceFile {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// From the root of the project, as `Sources/Records/Chunk.swift`.
  let path: String
  let text: [UInt8]
  /// Comments and the insides of literals are blanks; offsets are those of `text`.
  let code: [UInt8]

  static func all(under folder: String) throws -> [SourceFile] {
    let start = root.appending(path: folder)
    let found = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
    return try (found?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
      .map { try SourceFile($0) }.sorted { $0.path < $1.path }
  }

  private init(_ url: URL) throws {
    path = String(url.path().dropFirst(Self.root.path().count))
    text = Array(try String(contentsOf: url, encoding: .utf8).utf8)
    var scan = CodeScan(text)
    code = scan.run()
  }

  var name: String { String(path.split(separator: "/").last?.dropLast(".swift".count) ?? "") }
  var codeText: String { String(decoding: code, as: UTF8.self) }

  func line(at offset: Int) -> Int { 1 + text[..<offset].count { $0 == UInt8(ascii: "\n") } }

  /// What stands between the parentheses around an offset, or nil outside of any.
  func call(around offset: Int) -> Range<Int>? {
    var depth = 0
    var start = offset
    while start > 0 {
      start -= 1
      if code[start] == UInt8(ascii: ")") { depth += 1 }
      if code[start] == UInt8(ascii: "(") { depth -= 1 }
      if depth < 0 { break }
    }
    guard depth < 0 else { return nil }
    depth = 0
    for end in start..<code.count {
      if code[end] == UInt8(ascii: "(") { depth += 1 }
      if code[end] == UInt8(ascii: ")") { depth -= 1 }
      if depth == 0 { return start + 1..<end }
    }
    return nil
  }
}

/// Blanks comments and the insides of literals; interpolations count as insides.
private struct CodeScan {
  private let text: [UInt8]
  private var code: [UInt8]
  private var at = 0

  init(_ text: [UInt8]) {
    self.text = text
    code = text
  }

  mutating func run() -> [UInt8] {
    while at < text.count {
      if starts("//") {
        while at < text.count, text[at] != UInt8(ascii: "\n") { blank() }
      } else if text[at] == UInt8(ascii: "\"") || (text[at] == UInt8(ascii: "#") && isRawLiteral) {
        literal()
      } else {
        at += 1
      }
    }
    return code
  }

  private var isRawLiteral: Bool {
    let quote = text[at...].first { $0 != UInt8(ascii: "#") }
    return quote == UInt8(ascii: "\"")
  }

  private mutating func literal() {
    var hashes = ""
    while starts("#") {
      hashes += "#"
      at += 1
    }
    let quotes = starts("\"\"\"") ? "\"\"\"" : "\""
    at += quotes.utf8.count
    while at < text.count, !starts(quotes + hashes) {
      if starts("\\" + hashes + "(") {
        blank()
        for _ in hashes.utf8 { blank() }
        interpolation()
      } else if starts("\\" + hashes) {
        blank()
        for _ in hashes.utf8 { blank() }
        if at < text.count { blank() }
      } else {
        blank()
      }
    }
    at += quotes.utf8.count + hashes.utf8.count
  }

  /// From `(` to behind its `)`; literals within may hold literals.
  private mutating func interpolation() {
    let start = at
    var depth = 0
    repeat {
      if text[at] == UInt8(ascii: "\"") || (text[at] == UInt8(ascii: "#") && isRawLiteral) {
        literal()
      } else {
        if text[at] == UInt8(ascii: "(") { depth += 1 }
        if text[at] == UInt8(ascii: ")") { depth -= 1 }
        at += 1
      }
    } while depth > 0 && at < text.count
    for place in start..<min(at, code.count) where code[place] != UInt8(ascii: "\n") {
      code[place] = UInt8(ascii: " ")
    }
  }

  private func starts(_ word: String) -> Bool { text[at...].starts(with: word.utf8) }

  private mutating func blank() {
    if text[at] != UInt8(ascii: "\n") { code[at] = UInt8(ascii: " ") }
    at += 1
  }
}
