// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Components
import Diagnostics

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Describe components and their settings.",
    usage: "terrace describe [<family> [<name>]]",
    discussion: """
      terrace describe                 everything a pipeline can name
      terrace describe extractor http  its settings, with an example
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: "extractor, decoder, transformer, validator or loader; none lists all.")
  var family: String?

  @Argument(help: "One component of the family.")
  var name: String?

  func run() throws {
    let workspace = Workspace(global)
    let families = TerraceProgram.catalog.families
    guard let family else {
      workspace.console.write(families.map(Self.list).joined(separator: "\n"))
      return
    }
    guard let found = families.first(where: { $0.name == family || $0.name + "s" == family }) else {
      throw workspace.fail(
        StageFailure(
          id: "describe.unknown-family", "there is no component family '\(family)'",
          help: "the families are \(families.map(\.name).joined(separator: ", ")).", exit: .usage))
    }
    guard let name else {
      workspace.console.write(Self.list(found))
      return
    }
    guard let description = found.components.first(where: { $0.name == name }) else {
      let names = found.components.map(\.name)
      let near = Suggestion.nearest(to: name, among: names).map { "did you mean '\($0)'? " } ?? ""
      throw workspace.fail(
        StageFailure(
          id: "describe.unknown-component", "there is no \(found.name) '\(name)'",
          help: near + "There are \(names.joined(separator: ", ")).", exit: .usage))
    }
    workspace.console.write(ComponentText.plain(found.name, description))
  }

  private static func list(_ family: (name: String, components: [ComponentDescription])) -> String {
    var table = TableText([(family.name, .left), ("", .left)])
    table.cellWidth = 100
    for component in family.components { table.add(["  " + component.name, component.summary]) }
    return table.text
  }
}
