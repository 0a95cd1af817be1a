// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What a file cannot mean when it names a program to run; sorted by id.
enum CommandDiagnostics {
  static func badExitCode(_ text: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.bad-exit-code", "'\(text.prefix(40))' is no exit code", at: tree.position,
      length: tree.length,
      help: "write numbers from 0 to 255, as [0, 1]")
  }

  static func badVariable(_ name: String, at position: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "command.bad-variable", "'\(name.prefix(40))' is no name of a variable", at: position,
      length: max(1, name.count), help: "write a name without '=', as LANG")
  }

  static func configWithoutNames(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.config", "'config' must be names with values", at: tree.position, length: tree.length,
      help: "write 'config: { api_url: … }', or name a file by 'config_file'")
  }

  static func noProgram(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.no-program", "'run' names no program", at: tree.position, length: tree.length,
      help: "write the program and its arguments, as [xlsx2csv, in/prices.xlsx]")
  }

  static func oneText(_ text: String, at tree: Tree) -> Diagnostic {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: ", ")
    return Diagnostic(
      id: "command.one-text", "'run' is one text, and no shell takes it apart", at: tree.position,
      length: tree.length, help: "write program and arguments as a list: [\(words)]")
  }

  static func secretPassed(_ name: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.secret-passed", "a secret of ours cannot be passed as it is", at: tree.position,
      length: tree.length,
      help: "write 'environment: { NAME: \"${secret:\(name)}\" }': so it is kept out of messages")
  }

  static func sinceWithoutFirst(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.since-without-first", "'${since}' has no value before the first run", at: tree.position,
      length: tree.length, help: "add 'since: { first: 2000-01-01 }' beside 'run'")
  }

  static func sinceWithState(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.since-with-state", "'${since}' has no value here: the tap keeps a state of its own",
      at: tree.position, length: tree.length,
      help: "write the day to begin at into 'config', under the name that the tap's documentation gives")
  }

  static func twoConfigs(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.two-configs", "'config' and 'config_file' both say what the tap is configured by",
      at: tree.position, length: tree.length, help: "keep one of them")
  }

  static func unknownValue(_ name: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "command.unknown-value", "'${\(name)}' has no value here: a program runs once", at: tree.position,
      length: tree.length, help: "use ${since} or ${run_date:dd/MM/yyyy}, or let the program turn the pages")
  }
}
