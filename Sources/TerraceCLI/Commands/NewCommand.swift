// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Components
import Diagnostics
import Engine
import Glibc

struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Begin something new: an extractor of one's own.",
    subcommands: [NewExtractorCommand.self])
}

struct NewExtractorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extractor", abstract: "Write the files of a new extractor: one that works, to be changed.",
    usage: "terrace new extractor <name> [--folder <dir>] [--terrace <where>]",
    discussion: """
      Inside the sources of Terrace it writes the extractor, its test and a sample, and adds it to the list.
      Elsewhere it writes a package with them, a pipeline, and a program that knows it. No file is overwritten.
      docs/ADDING-AN-EXTRACTOR.md tells how to go on.
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: "What pipeline files call it: small letters, digits and underscores.")
  var name: String

  @Option(
    help: ArgumentHelp(
      "Where to write (default: here in Terrace's sources, else ./<name>).", valueName: "dir"))
  var folder: String?

  @Option(
    help: ArgumentHelp(
      "Folder or URL of Terrace for a new package (default: the sources this program was built from).",
      valueName: "where"))
  var terrace: String?

  func run() throws {
    let workspace = Workspace(global)
    do {
      let (place, written) = try write(workspace)
      show(written, place, workspace)
    } catch let failure as StageFailure { throw workspace.fail(failure) }
  }

  private func write(_ workspace: Workspace) throws -> (place: String, written: [String]) {
    let known = TerraceProgram.catalog.extractors.map { $0.description.name }
    let new = try NewExtractor(name: name, known: known)
    let here = Workspace.absolutePath(folder ?? ".")
    if SourceFolder.isTerrace(here) { return (here, try writeInside(new, here)) }
    let place = Workspace.absolutePath(folder ?? name)
    let files = new.filesOfPackage(terrace: try terracePlace(workspace))
    try GuessFiles(folder: place).write(files)
    return (place, files.map(\.path))
  }

  private func writeInside(_ new: NewExtractor, _ root: String) throws(StageFailure) -> [String] {
    let list = SourceFolder(root: root)
    let changed = try new.listed(in: try list.extractorList())
    try GuessFiles(folder: root).write(new.filesInside)
    try list.replaceExtractorList(changed)
    return new.filesInside.map(\.path) + [SourceFolder.listPath]
  }

  private func terracePlace(_ workspace: Workspace) throws(StageFailure) -> String {
    if let terrace { return terrace.contains("://") ? terrace : Workspace.absolutePath(terrace) }
    guard let place = SourceFolder.ofThisProgram else {
      throw StageFailure(
        id: "new.where-is-terrace", "this program does not stand in the sources of Terrace",
        help: "say where they are: --terrace <folder or URL>", exit: .usage)
    }
    return place
  }

  private func show(_ written: [String], _ place: String, _ workspace: Workspace) {
    if global.format == .json {
      workspace.console.write(
        JSONText.object([
          ("extractor", .string(name)), ("folder", .string(place)),
          ("written", .array(written.map { .string($0) })),
        ]).text())
      return
    }
    workspace.console.write(written.map { "wrote \(place)/\($0)" }.joined(separator: "\n"))
    workspace.console.message("next: swift test --package-path \(place) --filter ExtractorTests")
  }
}

/// The sources of Terrace on disk.
struct SourceFolder {
  static let listPath = "Sources/Extractors/AllExtractors.swift"

  let root: String

  static func isTerrace(_ folder: String) -> Bool { access("\(folder)/\(listPath)", R_OK) == 0 }

  /// The sources whose `.build` holds this program.
  static var ofThisProgram: String? {
    guard let path = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(path) }
    var parts = String(cString: path).split(separator: "/")
    while !parts.isEmpty {
      parts.removeLast()
      let folder = "/" + parts.joined(separator: "/")
      if isTerrace(folder) { return folder }
    }
    return nil
  }

  func extractorList() throws(StageFailure) -> String {
    guard let file = fopen("\(root)/\(Self.listPath)", "r") else { throw Self.failure(Self.listPath) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  /// Puts a new list in place at once.
  func replaceExtractorList(_ text: String) throws(StageFailure) {
    let path = "\(root)/\(Self.listPath)"
    guard let file = fopen(path + ".new", "w") else { throw Self.failure(path) }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten, rename(path + ".new", path) == 0 else {
      unlink(path + ".new")
      throw Self.failure(path)
    }
  }

  private static func failure(_ path: String) -> StageFailure {
    StageFailure(
      id: "new.cannot-write", "'\(path)' cannot be read or written: \(String(cString: strerror(errno)))",
      help: "look at the rights of the folder", exit: .storage)
  }
}
