// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Code that pages quote")
struct QuotedCodeTests {
  private static func quotes(in text: String) throws -> [(all: Substring, path: String, code: Substring)] {
    let quote = try Regex(
      "<!-- from ([^ ]+) -->\\n```[a-z]+\\n((?s:.*?))\\n```", as: (Substring, Substring, Substring).self)
    return text.matches(of: quote).map { ($0.output.0, String($0.output.1), $0.output.2) }
  }

  @Test("stands in the file that it is quoted from", arguments: ["README.md", "docs/ADDING-AN-EXTRACTOR.md"])
  func isEqual(_ page: String) throws {
    let text = try read(page)
    let quotes = try Self.quotes(in: text)
    #expect(quotes.count >= 2)
    for quote in quotes {
      let source = try read(quote.path)
      #expect(source.contains(quote.code), "\(page) quotes \(quote.path) otherwise:\n\(quote.code)")
    }
  }

  @Test("is all the Swift that they show", arguments: ["README.md", "docs/ADDING-AN-EXTRACTOR.md"])
  func isAll(_ page: String) throws {
    let text = try read(page)
    let quotes = try Self.quotes(in: text).count { $0.all.contains("```swift") }
    #expect(text.components(separatedBy: "```swift").count - 1 == quotes)
  }

  private func read(_ path: String) throws -> String {
    try String(contentsOf: SourceFile.root.appending(path: path), encoding: .utf8)
  }
}
