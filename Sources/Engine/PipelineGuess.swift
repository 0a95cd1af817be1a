// SPDX-License-Identifier: Apache-2.0

import Components
import Paths

/// A first pipeline and its entity files, written from what a sample payload holds. For a person to mend:
/// names, types and
/// the key are guesses, and say so.
public struct PipelineGuess {
  public struct File: Sendable {
    /// Relative to the folder it is written into.
    public var path: String
    public var text: String
  }

  /// Of the pipeline and its entity.
  public let name: String
  let sample: GuessSample
  /// The format tells numbers from texts, and this sample does.
  let hasLiterals: Bool
  private let payloadPath: String
  private let namespaces: GuessedNamespaces

  /// - Parameters:
  ///   - name: what to call the pipeline; made to fit.
  ///   - payloadPath: the sample, as the extract section shall name it.
  public init(name: String, payloadPath: String, sample: GuessSample) {
    self.name = Self.pipelineName(name)
    self.payloadPath = payloadPath
    self.sample = sample
    namespaces = sample.isMarkup ? GuessedNamespaces(sample.root) : GuessedNamespaces()
    hasLiterals = Self.hasLiterals(sample.root)
  }

  /// A name that pipelines and entities may have.
  public static func pipelineName(_ text: String) -> String {
    let name = GuessText.identifier(text)
    return name == "systems" || name.hasPrefix("sqlite_") || name == "schema" || name == "codelists"
      ? name + "_data" : name
  }

  private static func hasLiterals(_ node: ObservedNode) -> Bool {
    (node.forms.count > 0 && node.forms.isLiteral) || node.children.contains(where: hasLiterals)
  }

  /// The pipeline file first, then one entity file for the records and each nested list.
  public var files: [File] {
    let records = GuessedRecords(sample.root, step: step)
    let main = GuessedEntity(records.chosen, name: name, guess: self)
    var text = "# A first guess from \(GuessText.comment(payloadPath)).\n"
    text += "# Look at every line, then at the rows: terrace preview \(name)\n"
    if !sample.isWhole {
      text +=
        "# Only its first \(GuessSample.headBytes >> 20) MiB were looked at: types may be too narrow for the rest.\n"
    }
    text += "pipeline: \(name)\n\nextract:\n  file:\n    path: \(GuessText.quoted(payloadPath))"
    text += "   # or a pattern, as \"in/*.\(sample.decoder)\"\n"
    for setting in sample.extractorSettings { text += "    \(setting)\n" }
    text += "\ndecode:\n" + decode(records)
    text += "\ntransform:\n" + main.transform(indentation: "  ", encoding: sample.fontEncoding)
    text += "\nload:\n"
    if main.isIdentified {
      text += "  center: { mode: merge }\n"
    } else if main.key.isEmpty {
      text += "  center: { mode: append }\n"
    } else {
      text +=
        "  # A new payload replaces all rows of the last: nothing tells which of them are the same record.\n"
      text += "  center: { mode: replace }\n"
    }
    return [File(path: "\(name).yaml", text: text)]
      + main.all.map { File(path: "schema/\($0.name).yaml", text: $0.schema) }
  }

  private func decode(_ records: GuessedRecords) -> String {
    var lines: [String] = []
    if let encoding = sample.encoding {
      lines.append("encoding: \(encoding)   # \(sample.encodingReason)")
    }
    if !namespaces.declared.isEmpty {
      lines.append("namespaces:")
      for (prefix, uri) in namespaces.declared { lines.append("  \(prefix): \(GuessText.quoted(uri))") }
    }
    let place = records.chosen
    if place.path != "/" || sample.isMarkup {
      lines.append("records: \(GuessText.quoted(place.path))")
    }
    lines += sample.root.settings
    if let total = total(place) {
      lines.append(
        "# total: \(GuessText.comment(GuessText.quoted(total)))   # if it is the number of records"
      )
    }
    for other in records.others.prefix(10) {
      lines.append("# also there, \(other.node.count) times: \(GuessText.comment(other.path))")
    }
    let isEmpty = lines.allSatisfy { $0.hasPrefix("#") }
    return "  \(sample.decoder):" + (isEmpty ? " {}\n" : "\n") + lines.map { "    \($0)\n" }.joined()
  }

  /// A value above the records that may be their number.
  private func total(_ place: GuessedRecords.Place) -> String? {
    for (node, path) in place.ancestors where !node.isList {
      for child in node.children where child.kind != .branch && !child.isList && child.canBeNamed {
        guard let value = child.values.first.flatMap({ Int($0) }), child.values.count == 1 else { continue }
        let isNamed = !GuessedEntity.words(GuessText.identifier(child.name)).isDisjoint(with: Self.totalWords)
        if value == place.node.count || (isNamed && value >= place.node.count) {
          return (path == "/" ? "" : path) + "/" + step(child)
        }
      }
    }
    return nil
  }

  private static let totalWords: Set<String> = ["tong", "total", "count", "records", "luong", "matches"]

  func step(_ node: ObservedNode) -> String {
    if node.entry != .name { return "*" }
    let name = RecordPath.Name(node.name).description
    let prefix = node.namespace.flatMap { namespaces.prefix(of: $0) }
    let full = prefix.map { "\($0):\(name)" } ?? name
    return node.kind == .attribute ? "@" + full : full
  }
}
