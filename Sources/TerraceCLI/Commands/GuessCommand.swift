// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Glibc

struct GuessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guess", abstract: "A first pipeline and entity file from a sample payload.",
    usage: "terrace guess PAYLOAD [--name NAME] [--write]",
    discussion: """
      Looks at the beginning of an XML, JSON, NDJSON or CSV file and prints a pipeline that loads it, and its
      entity files. With --write they are put into the pipelines folder; no file is ever overwritten.
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: "A file as the source sends it.", completion: .file())
  var payload: String

  @Option(help: "Name of the pipeline and its entity (default: the file's name).")
  var name: String?

  @Flag(help: "Write the files into the pipelines folder.")
  var write = false

  func run() throws {
    let workspace = Workspace(global)
    let path = Workspace.absolutePath(payload)
    do {
      let sample = try GuessSample(path: path, catalog: TerraceProgram.catalog)
      let guess = PipelineGuess(
        name: name ?? stem(path), payloadPath: path.relative(to: workspace.baseFolder), sample: sample)
      let files = guess.files
      if write {
        try GuessFiles(folder: workspace.pipelinesFolder).write(files)
      }
      show(files, guess, workspace)
    } catch let failure as StageFailure { throw workspace.fail(failure) }
  }

  private func show(_ files: [PipelineGuess.File], _ guess: PipelineGuess, _ workspace: Workspace) {
    let console = workspace.console
    if global.format == .json {
      console.write(
        JSONText.object([
          ("pipeline", .string(guess.name)),
          (
            "files",
            .array(
              files.map {
                .object([("path", .string("\(global.pipelines)/\($0.path)")), ("text", .string($0.text))])
              })
          ),
          ("written", .boolean(write)),
        ]).text())
    } else if !write {
      console.write(
        files.map { "# file: \(global.pipelines)/\($0.path)\n\($0.text)" }.joined(separator: "\n"))
    } else if console.isTalkative {
      for file in files { console.write("wrote \(global.pipelines)/\(file.path)") }
    }
    guard console.isErrorTerminal || console.isVerbose else { return }
    let first =
      write ? [] : ["terrace guess \(payload) --write      put these files into \(global.pipelines)"]
    let steps =
      first + [
        "terrace preview \(guess.name)      rows and what would be rejected, nothing written",
        "terrace run \(guess.name)          load them",
      ]
    console.message("next:\n" + steps.map { "  \($0)" }.joined(separator: "\n"))
  }

  /// The file's name up to its first dot.
  private func stem(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    return last.split(separator: ".").first.map(String.init) ?? last
  }
}

extension String {
  /// The path as pipelines write it: from the folder, when it is inside; else as it is.
  fileprivate func relative(to folder: String) -> String {
    let start = folder == "/" ? "/" : folder + "/"
    return hasPrefix(start) && count > start.count ? String(dropFirst(start.count)) : self
  }
}
