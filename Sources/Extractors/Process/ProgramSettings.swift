// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// The settings of a program to run, the same for every extractor that runs one.
struct ProgramSettings: Sendable {
  private static let run = Setting<[RequestTemplate]>.templates(
    "run",
    "Program and arguments, one each; no shell reads them. It runs in the folder that holds the pipelines "
      + "folder.")
  private static let environment = Setting<[RequestParameter]>.parameters(
    "environment",
    "Variables for the program. Of ours it has only \(ProgramEnvironment.handedOn), and those under 'pass'.")
  private static let pass = Setting.list(
    "pass", "Names of variables of ours that the program is to have too, as HTTPS_PROXY.", default: [])
  private static let timeout = Setting.duration(
    "timeout", "How long the program may take; then it is ended.", default: 3600)
  private static let stall = Setting.duration(
    "stall", "How long the program may print nothing at all; then it is ended.", default: 600)
  private static let limit = Setting.size(
    "limit_bytes", "Most bytes that the program may print.", default: 4 << 30)
  private static let name = Setting.text(
    "name",
    "What the payload is called, in its origin too: a new one supersedes a failed one of the same origin. "
      + "Without it, the command line tells origins apart.", isRequired: false)

  /// What stands first, and what stands last, in documentation.
  static let first = [run.description, environment.description, pass.description]
  static let last = [timeout.description, stall.description, limit.description, name.description]

  let run: [RequestTemplate]
  let environment: [RequestParameter]
  let pass: [String]
  let timeout: Double
  let stall: Double
  let limit: Int
  let name: String?
  let secrets: [Secret]
  /// `run` as it stands in the file.
  let written: Tree

  /// - Parameter others: settings of the extractor beside these in which secrets may stand.
  init(_ settings: Settings, secretsIn others: [String] = []) throws(Diagnostic) {
    let tree = settings.tree
    let written = tree["run"] ?? tree
    run = try settings[Self.run]
    environment = try settings.find(Self.environment) ?? []
    pass = try settings[Self.pass]
    timeout = try settings[Self.timeout]
    stall = try settings[Self.stall]
    limit = try settings[Self.limit]
    name = try settings.find(Self.name)
    self.written = written
    secrets = (["run", "environment"] + others).flatMap {
      Redactor.secrets(in: tree[$0], settings.environment)
    }
    try Self.check(written)
    for template in run + environment.map(\.value) {
      let unknown = template.names.subtracting([.since, .runDate]).map(\.rawValue).min()
      if let unknown { throw CommandDiagnostics.unknownValue(unknown, at: written) }
    }
    for entry in tree["environment"]?.entries ?? [] where !Self.isName(entry.key) {
      throw CommandDiagnostics.badVariable(entry.key, at: entry.keyPosition)
    }
    for (index, name) in pass.enumerated() {
      let place = tree["pass"]?.items?[index] ?? tree["pass"] ?? tree
      guard Self.isName(name) else { throw CommandDiagnostics.badVariable(name, at: place.position) }
      if name.hasPrefix("TERRACE_SECRET_") {
        throw CommandDiagnostics.secretPassed(String(name.dropFirst(15)), at: place)
      }
    }
  }

  var usesSince: Bool { (run + environment.map(\.value)).contains(where: \.usesSince) }
  var formatsSince: Bool { (run + environment.map(\.value)).contains(where: \.formatsSince) }

  /// Where `run` stands in the file.
  var position: FilePosition { written.position }

  /// The file name of the program.
  func programName(_ values: RequestValues) -> String {
    let program = run[0].shown(values)
    return program.split(separator: "/").last.map(String.init) ?? program
  }

  /// The command line as it may be shown and kept.
  func shown(_ values: RequestValues) -> String {
    run.map { argument in
      let text = argument.shown(values)
      return text.isEmpty || text.contains(where: { $0.isWhitespace || $0 == "'" }) ? "'\(text)'" : text
    }.joined(separator: " ")
  }

  private static func check(_ written: Tree) throws(Diagnostic) {
    guard let items = written.items else {
      if let text = written.text, text.contains(where: \.isWhitespace) {
        throw CommandDiagnostics.oneText(text, at: written)
      }
      return
    }
    guard let program = items.first?.text, !program.isEmpty else {
      throw CommandDiagnostics.noProgram(at: written)
    }
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && !name.utf8.contains { $0 == 61 || $0 == 0 }
  }
}

extension Setting where Value == [RequestTemplate] {
  /// Texts in brackets or lines, in which run-time values and secrets may stand; a single text is a list of one.
  fileprivate static func templates(_ name: String, _ summary: String) -> Setting {
    let list = Setting<[String]>.list(name, summary)
    return Setting(
      name, summary, shape: .list(.secret), default: nil, defaultText: nil, isRequired: true,
      readWith: { tree, environment throws(Diagnostic) in
        try list.description.check(tree)
        var templates: [RequestTemplate] = []
        for item in tree.items ?? [tree] {
          templates.append(try RequestTemplate(item, environment))
        }
        return templates
      })
  }
}
