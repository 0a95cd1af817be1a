// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("The sources")
struct SourceTests {
  private static let files = Result { try SourceFile.all(under: "Sources") }

  @Test("every diagnostic and failure says what to do")
  func everyFindingHasHelp() throws {
    var found = 0
    for file in try Self.files.get() {
      for place in file.code.indices where file.code[place...].starts(with: "id: \"".utf8) {
        guard let call = file.call(around: place) else { continue }
        // The parameters of a function that hands them on.
        let arguments = String(decoding: file.code[call], as: UTF8.self)
        if arguments.contains("id: String") { continue }
        found += 1
        // The lexer's `what:` ends in a sentence of help for every literal that is never closed.
        let hasHelp = arguments.contains("help:") || arguments.contains("what:")
        if !hasHelp || String(decoding: file.text[call], as: UTF8.self).contains("help: \"\"") {
          Issue.record("\(file.path):\(file.line(at: place)) has no help")
        }
      }
    }
    #expect(found > 250, "\(found) found")
  }

  @Test("ids are area.kebab-fact")
  func idsHaveOneForm() throws {
    let form = try Regex("id: \"([^\"]*)\"")
    let wanted = try Regex("[a-z]+\\.[a-z0-9]+(-[a-z0-9]+)*")
    for file in try Self.files.get() {
      let text = String(decoding: file.text, as: UTF8.self)
      for match in text.matches(of: form) {
        let id = String(match.output[1].substring ?? "")
        if id.isEmpty || id.contains("\\(") || id.hasSuffix(".") { continue }
        #expect(id.wholeMatch(of: wanted) != nil, "\(file.path): \(id)")
      }
    }
  }

  @Test("a file is called after what is in it")
  func filesAreCalledAfterTheirContents() throws {
    let declaration = try Regex(
      "\\b(?:struct|class|enum|protocol|actor|extension|typealias|func|let|var) ([A-Za-z_][\\w.]*)")
    for file in try Self.files.get() {
      // The manifest of a program and a module of re-exports declare nothing of their own.
      if file.name == "main" || file.codeText.contains("@_exported ") { continue }
      let topic = String(file.name.split(separator: "+")[0])
      let names = Set(
        file.codeText.matches(of: declaration).compactMap { match -> String? in
          guard let name = match.output[1].substring?.split(separator: ".").last else { return nil }
          return name.prefix(1).uppercased() + name.dropFirst()
        })
      // A file in the plural gathers what ends in its last word: `LedgerRows` has `RunRow`.
      let last = topic.lastIndex(where: \.isUppercase).map { topic[$0...] } ?? topic[...]
      let gathers = topic.hasSuffix("s") && names.contains { $0.hasSuffix(last.dropLast()) }
      if !names.contains(topic), !gathers {
        Issue.record("\(file.path) declares no \(topic)")
      }
    }
  }

  @Test("nothing stops the program or is left for later")
  func nothingStops() throws {
    for file in try Self.files.get() {
      let code = file.codeText
      for word in ["fatalError(", "try!", "as!"] where code.contains(word) {
        Issue.record("\(file.path) has \(word)")
      }
      let text = String(decoding: file.text, as: UTF8.self)
      for word in ["TODO", "FIXME"] where text.contains(word) { Issue.record("\(file.path) has \(word)") }
    }
  }

  @Test("paths that the documentation names exist")
  func documentedPathsExist() throws {
    let quoted = try Regex("`([^`\\s]+)`")
    var checked = 0
    for page in try Self.pages() {
      let text = try String(contentsOf: page, encoding: .utf8)
      for match in text.matches(of: quoted) {
        var path = String(match.output[1].substring ?? "")
        guard Self.isPath(path) else { continue }
        if let colon = path.firstIndex(of: ":") { path = String(path[..<colon]) }
        checked += 1
        let places = ["", "Sources/"].map { SourceFile.root.appending(path: $0 + path).path() }
        #expect(
          places.contains { FileManager.default.fileExists(atPath: $0) },
          "\(page.lastPathComponent) names \(path)")
      }
    }
    #expect(checked > 0)
  }

  /// The README and every page people write; `docs/reference` is generated.
  private static func pages() throws -> [URL] {
    let docs = FileManager.default.enumerator(
      at: SourceFile.root.appending(path: "docs"), includingPropertiesForKeys: nil)
    let pages = (docs?.compactMap { $0 as? URL } ?? []).filter {
      $0.pathExtension == "md" && !$0.path().contains("/reference/")
    }
    let readme = SourceFile.root.appending(path: "README.md")
    return pages + (FileManager.default.fileExists(atPath: readme.path()) ? [readme] : [])
  }

  /// A path begins in a folder of the project. `<name>` and `*` stand for many.
  private static func isPath(_ text: String) -> Bool {
    let folders = ["Sources", "Tests", "Pipelines", "Samples", "Benchmarks", "Fuzzing", "scripts", "docs"]
    let looks =
      folders.contains { text.hasPrefix($0 + "/") } || text.hasSuffix(".swift") && text.contains("/")
    return looks && !text.contains("<") && !text.contains("*") && !text.contains("…")
  }
}
