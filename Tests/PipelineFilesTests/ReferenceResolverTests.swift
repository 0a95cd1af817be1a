// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import PipelineFiles
import Records
import Testing

@Suite("References")
struct ReferenceResolverTests {
  private func tree(_ text: String) throws -> Tree {
    try #require(YAMLReader.read("a: \"\(text)\"", file: "a.yaml").tree)
  }

  @Test("puts variables in and leaves secrets and run-time names alone")
  func resolves() throws {
    let resolver = ReferenceResolver(
      environment: ["X": "1", "TERRACE_SECRET_K": "geheim"], secretsFolder: nil)
    let (resolved, found) = resolver.resolve(
      try tree("${env:X}-${secret:K}-${since}-${page}-${run_date:dd/MM/yyyy}-$x-${"))
    #expect(found == [])
    #expect(resolved["a"]?.text == "1-${secret:K}-${since}-${page}-${run_date:dd/MM/yyyy}-$x-${")
    #expect(resolver.secret("<${secret:K}>").reveal() == "<geheim>")
    #expect(resolver.secret("${secret:OTHER}").reveal() == "")
    #expect(!"\(resolved)".contains("geheim"))
  }

  @Test(
    "diagnoses at the value",
    arguments: [
      ("${env:NONE}", "reference.missing-variable"), ("${env:EVIL}", "reference.nested"),
      ("${env:}", "reference.malformed"), ("${secret:../x}", "reference.malformed"),
      ("${env:X", "reference.malformed"), ("${secret:NONE}", "secret.missing"),
    ])
  func faults(_ text: String, _ id: String) throws {
    let resolver = ReferenceResolver(
      environment: ["X": "1", "EVIL": "${secret:K}"], secretsFolder: "/nowhere")
    let found = resolver.resolve(try tree(text)).diagnostics
    #expect(found.map(\.id) == [id])
    #expect(found.first?.position == FilePosition(file: "a.yaml", line: 1, column: 4))
  }

  @Test("reads secrets from files that nobody else can read")
  func files() throws {
    let folder = try TemporaryFolder()
    try folder.write("GOOD", Data("geheim\n".utf8))
    try folder.write("OPEN", Data("geheim".utf8), mode: 0o644)
    try folder.write("BYTES", Data([0xFF, 0xFE]))
    let resolver = ReferenceResolver(environment: [:], secretsFolder: folder.path)
    #expect(resolver.secret("${secret:GOOD}").reveal() == "geheim")
    #expect(resolver.secret("${secret:OPEN}").reveal() == "")
    let ids = try ["GOOD", "OPEN", "BYTES"].map {
      resolver.resolve(try tree("${secret:\($0)}")).diagnostics.map(\.id)
    }
    #expect(ids == [[], ["secret.exposed"], ["secret.unreadable"]])
  }

  @Test("asks the environment first, then the service's credentials, then the home folder")
  func order() throws {
    let credentials = try TemporaryFolder(["A": "2", "B": "2"])
    let home = try TemporaryFolder(["A": "3", "B": "3", "C": "3"])
    let resolver = ReferenceResolver(
      environment: ["TERRACE_SECRET_A": "1", "CREDENTIALS_DIRECTORY": credentials.path],
      secretsFolder: home.path)
    #expect(["A", "B", "C"].map { resolver.secret("${secret:\($0)}").reveal() } == ["1", "2", "3"])
  }
}
