// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Expressions
import PipelineFiles
import Records

struct CodeListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codelist", abstract: "Show code lists: what a code meant, and when.",
    subcommands: [Show.self, Coverage.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the entries of a code list with their validity, predecessors and successors.",
      usage: "terrace codelist show [<list> [<code>]] [--as-of <day>] [--source <name>]",
      discussion: """
        A code is looked up as pipelines do it: also by an alias, or by its name in other spellings. Of an entry
        that was divided, '(part)' stands behind what it became, and behind it where it is a predecessor.

          terrace codelist show commune
          terrace codelist show commune 00691
          terrace codelist show commune 00691 --as-of 2025-06-30
          terrace codelist show ethnic_group 44 --source public_list
        """)

    @OptionGroup(title: "Options everywhere") var global: GlobalOptions

    @Argument(help: "The code list; none names them all.")
    var list: String?

    @Argument(help: "Only this code, alias or name.")
    var code: String?

    @Option(
      name: .customLong("as-of"),
      help: ArgumentHelp("Only what is valid on this day, as 2025-06-30.", valueName: "day"))
    var asOf: String?

    @Option(help: ArgumentHelp("As this source numbers and names.", valueName: "name"))
    var source: String?

    func validate() throws {
      if let asOf, CalendarDate(iso: asOf) == nil {
        throw ValidationError("'\(asOf)' is no day: write it as 2025-06-30")
      }
    }

    func run() throws {
      let workspace = Workspace(global)
      let folder = workspace.files().folder
      guard let name = list else { return try showNames(workspace, folder) }
      let list = try found(name, workspace, folder)
      if let source, list.sources[source] == nil {
        throw workspace.fail(
          StageFailure(
            id: "codelist.unknown-source", "code list '\(name)' knows no source '\(source)'",
            help: list.sources.isEmpty
              ? "it has no column 'aliases:NAME': ask without --source"
              : Suggestion.help(for: source, among: list.sources.keys.sorted()), exit: .usage))
      }
      let day = asOf.flatMap { CalendarDate(iso: $0) }
      let entries = try entries(list, day, workspace)
      switch global.format {
      case .json: workspace.console.write(CodeListText(list: list).json(entries).text())
      case .text: workspace.console.write(CodeListText(list: list, isFull: code != nil).table(entries))
      }
    }

    private func showNames(_ workspace: Workspace, _ folder: PipelineFolder) throws {
      let lists = folder.lists.values.sorted { $0.name < $1.name }
      switch global.format {
      case .json:
        workspace.console.write(JSONText.object([("lists", .array(lists.map { .string($0.name) }))]).text())
      case .text:
        var table = TableText([("list", .left), ("entries", .right)])
        for list in lists { table.add([list.name, String(list.entries.count)]) }
        workspace.console.write(lists.isEmpty ? "no code lists" : table.text)
      }
    }

    private func found(_ name: String, _ workspace: Workspace, _ folder: PipelineFolder) throws -> CodeList {
      if let list = folder.lists[name] { return list }
      if folder.unreadableLists.contains(name) {
        let place = folder.displayName(of: "codelists/\(name).")
        workspace.show(
          folder.diagnostics.filter { $0.position?.file.hasPrefix(place) == true }, folder.sources)
        throw ExitCode(Diagnostics.ExitCode.files.rawValue)
      }
      throw workspace.fail(
        StageFailure(
          id: "codelist.unknown-list", "there is no code list '\(name)'",
          help: Suggestion.help(for: name, among: folder.lists.keys.sorted()), exit: .usage))
    }

    /// The entries asked for, in the order of the list.
    private func entries(_ list: CodeList, _ day: CalendarDate?, _ workspace: Workspace) throws
      -> [CodeListEntry]
    {
      func valid(_ entries: [CodeListEntry]) -> [CodeListEntry] {
        day.map { day in entries.filter { $0.isValid(on: day) } } ?? entries
      }
      guard let code else { return valid(list.entries) }
      switch CodeSearch(list, source: source).find(code, asOf: day) {
      case .found(let entry, _): return valid(list.entries(of: entry.code))
      case .ambiguous(let entries): return entries
      case .notValid(let entries):
        let periods = entries.map { "\($0.code) is valid \(CodeListText.validity($0))" }.joined(
          separator: "; ")
        let successors = Set(entries.flatMap(\.successors)).sorted().joined(separator: ", ")
        throw workspace.fail(
          StageFailure(
            id: "codelist.not-valid", "'\(code)' of \(list.name) is not valid on \(asOf ?? "")",
            help: periods + (successors.isEmpty ? "." : "; it is followed by \(successors)."), exit: .usage))
      case .unknown:
        throw workspace.fail(
          StageFailure(
            id: "codelist.unknown-code",
            "there is no '\(code)' in \(list.name)" + (source.map { " as source '\($0)' has it" } ?? ""),
            help: source == nil
              ? CodeCandidates(list).help(for: code) : "ask without --source for the list's own codes",
            exit: .usage))
      }
    }
  }
}
