// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("The image")
struct ImageTests {
  private func lines(_ file: String) throws -> [String] {
    try String(contentsOf: SourceFile.root.appending(path: file), encoding: .utf8).split(separator: "\n")
      .map(String.init)
  }

  @Test("is built from every folder that the package names")
  func folders() throws {
    let copied = try lines("Dockerfile").filter { $0.hasPrefix("COPY ") && !$0.contains("--from") }
      .flatMap { $0.split(separator: " ").dropFirst().dropLast() }.map(String.init)
    // `Fuzzing` is part of the package only when it is asked for.
    let named = try lines("Package.swift").compactMap { $0.firstMatch(of: #/path: "([^"\/]+)/#)?.output.1 }
      .map(String.init).filter { $0 != "Fuzzing" }
    #expect(!named.isEmpty)
    for folder in Set(named + ["Package.swift", "Sources", "Tests"]) {
      #expect(copied.contains(folder), "\(folder) is not copied")
    }
  }

  @Test("has the development packages that the setup installs for the build")
  func packages() throws {
    let text = try lines("Dockerfile").joined(separator: " ")
    let wanted = try lines("scripts/setup").first { $0.hasPrefix("wanted=(") } ?? ""
    for package in wanted.split(whereSeparator: { "(= )".contains($0) }).filter({ $0.hasSuffix("-dev") }) {
      #expect(text.contains(package), "\(package) is not installed")
    }
  }
}
