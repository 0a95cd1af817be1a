// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// A first pipeline and its entity files, written from what a sample payload holds. For a person to mend: names, types and
/// the key are guesses, and say so.
public struct PipelineGuess {
  public struct File: Sendable {
    /// Relative to the pipelines folder.
    public var path: String
    public var text: String
  }

  private let name: String
  private let decoder: String
  private let payloadPath: String
  private let root: ObservedNode
  private let namespaces: [(prefix: String, uri: String)]

  /// - Parameters:
  ///   - name: of the pipeline and its entity.
  ///   - decoder: the format's name, as `xml`.
  ///   - payloadPath: the sample, as the extract section shall name it.
  public init(name: String, decoder: String, payloadPath: String, root: ObservedNode) {
    self.name = name
    self.decoder = decoder
    self.payloadPath = payloadPath
    self.root = root
    var uris: [String] = []
    Self.collectNamespaces(root, &uris)
    namespaces = uris.enumerated().map { index, uri in
      (prefix: uris.count == 1 ? "n" : "n\(index + 1)", uri: uri)
    }
  }

  private static func collectNamespaces(_ node: ObservedNode, _ uris: inout [String]) {
    if let uri = node.namespace, !uri.isEmpty, !uris.contains(uri), uri != "http://www.w3.org/XML/1998/namespace",
      uri != "http://www.w3.org/2001/XMLSchema-instance"
    {
      uris.append(uri)
    }
    for child in node.children { collectNamespaces(child, &uris) }
  }

  /// The pipeline file first, then one entity file for the records and each nested list.
  public var files: [File] {
    let (path, record) = records
    var entities: [GuessedEntity] = []
    let main = GuessedEntity(name: name, node: record, parent: nil, guess: self, into: &entities)
    var text = "# A first guess from \(payloadPath): look at every line, then 'terrace preview \(name)'.\n"
    text += "pipeline: \(name)\n\nextract:\n  file: { path: \(Self.quoted(payloadPath)) }\n\ndecode:\n  \(decoder):"
    var settings: [String] = []
    if !namespaces.isEmpty {
      let pairs = namespaces.map { "\($0.prefix): \(Self.quoted($0.uri))" }.joined(separator: ", ")
      settings.append("namespaces: { \(pairs) }")
    }
    if path != "/" || decoder == "xml" { settings.append("records: \(Self.quoted(path))") }
    text += settings.isEmpty ? " {}\n" : "\n" + settings.map { "    \($0)\n" }.joined()
    text += "\ntransform:\n" + main.transform(indentation: "  ")
    text += "\nload:\n  center: { mode: \(main.key.isEmpty ? "append" : "merge") }\n"
    return [File(path: "\(name).yaml", text: text)]
      + entities.map { File(path: "schema/\($0.name).yaml", text: $0.schema) }
  }

  /// The repeated branch that holds the most values, and its path.
  private var records: (path: String, node: ObservedNode) {
    var best: (path: String, node: ObservedNode, weight: Int)?
    func visit(_ node: ObservedNode, _ path: String) {
      if node.kind == .branch, !path.isEmpty || root.count > 1 || node.children.isEmpty == false {
        let leaves = Self.values(of: node)
        // Records repeat and hold several values; of two such nodes the outer one holds the other as a nested list.
        if node.count > 1, leaves > 0, best == nil || node.count * leaves > (best?.weight ?? 0) * 4 {
          best = (path.isEmpty ? "/" : path, node, node.count * leaves)
        }
      }
      for child in node.children where child.kind == .branch { visit(child, path + "/" + step(child)) }
    }
    visit(root, root.name.isEmpty ? "" : "/" + step(root))
    if let best { return (best.path, best.node) }
    return (root.name.isEmpty ? "/" : "/" + step(root), root)
  }

  private static func values(of node: ObservedNode) -> Int {
    node.children.reduce(0) { $0 + ($1.kind == .branch ? ($1.mostPerParent <= 1 ? values(of: $1) : 0) : 1) }
  }

  func step(_ node: ObservedNode) -> String {
    var name = ""
    for character in node.name {
      if "/[]@*\\".contains(character) { name.append("\\") }
      name.append(character)
    }
    let prefix = node.namespace.flatMap { uri in namespaces.first { $0.uri == uri }?.prefix }
    let full = prefix.map { "\($0):\(name)" } ?? name
    return node.kind == .attribute ? "@" + full : full
  }

  static func quoted(_ text: String) -> String {
    let isPlain =
      text.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || ("0"..."9").contains($0) || "_./:-".unicodeScalars.contains($0) }
      && !text.isEmpty && !text.hasSuffix(":") && !text.contains(": ")
      && text.first.map { $0.isLetter || $0 == "/" } == true
      && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    if isPlain { return text }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
