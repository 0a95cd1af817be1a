// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import PipelineFiles

/// Parses the paths of one pipeline and checks what can be known of them without data.
struct PathReader {
  /// nil when the pipeline names no decoder that exists: then nothing is known of the format.
  let decoder: (any RecordDecoder.Type)?
  /// Declared prefixes.
  let prefixes: [String]

  /// A path of a value.
  ///
  /// - Parameter depth: steps from the document to the record that the path counts from.
  func readValue(_ text: Located<String>, depth: Int, _ diagnostics: inout [Diagnostic]) -> RecordPath? {
    guard let path = read(text, &diagnostics) else { return nil }
    guard path.steps.last != .list else {
      diagnostics.append(.listAsValue(text))
      return nil
    }
    if path.climbs > (path.origin == .document ? 0 : depth) {
      diagnostics.append(.climbsTooHigh(text))
      return nil
    }
    return path
  }

  /// A path that counts from wherever it likes.
  private func read(_ text: Located<String>, _ diagnostics: inout [Diagnostic]) -> RecordPath? {
    let path: RecordPath
    do {
      path = try RecordPath(parsing: text.value)
    } catch {
      diagnostics.append(
        Diagnostic(
          id: "path.malformed", error.message, at: text.position(at: error.offset), help: error.help))
      return nil
    }
    var isSound = true
    for name in path.names where !checkName(name, of: text, &diagnostics) { isSound = false }
    if path.predicatePaths.contains(where: { $0.origin == .document || $0.climbs > 0 }) {
      diagnostics.append(.predicateOutside(text))
      isSound = false
    }
    return isSound ? path : nil
  }

  /// A path of a value that stands once in a document.
  func readDocumentPath(_ text: Located<String>, _ diagnostics: inout [Diagnostic]) -> RecordPath? {
    guard let path = read(text, &diagnostics) else { return nil }
    guard path.origin == .document else {
      diagnostics.append(.notADocumentPath(text))
      return nil
    }
    return path
  }

  /// A path of records: of a root kind from the document, of a child kind from its parent record.
  func readRecords(_ text: Located<String>, isChild: Bool, _ diagnostics: inout [Diagnostic]) -> RecordPath? {
    guard let path = read(text, &diagnostics) else { return nil }
    if isChild, path.origin == .document || path.steps.isEmpty {
      diagnostics.append(.childRecordsFromDocument(text))
      return nil
    }
    if !isChild, path.origin != .document {
      diagnostics.append(.notADocumentPath(text))
      return nil
    }
    for (index, step) in path.steps.enumerated() {
      switch step {
      case .child(_, let predicates), .any(let predicates):
        if index < path.steps.count - 1, !predicates.allSatisfy(\.looksAtAttributesOnly) {
          diagnostics.append(.earlyPredicate(text))
          return nil
        }
      case .list where index > 0:
        guard decoder?.isMarkup != true else {
          diagnostics.append(.listOfMarkup(text))
          return nil
        }
      case .parent, .attribute, .text, .name, .position, .list:
        diagnostics.append(.notARecordPath(text))
        return nil
      }
    }
    return path
  }

  private func checkName(
    _ name: PathName, of text: Located<String>, _ diagnostics: inout [Diagnostic]
  ) -> Bool {
    guard let decoder else { return true }
    let written = name.name.written
    if decoder.isMarkup {
      guard let colon = written.firstIndex(of: ":") else { return true }
      let prefix = String(written[..<colon])
      if prefix == "xml" || prefixes.contains(prefix) { return true }
      diagnostics.append(
        .unknownPrefix(prefix, at: place(of: prefix + ":", in: text), declared: prefixes))
      return false
    }
    guard name.isAttribute else { return true }
    diagnostics.append(
      .attributeWithoutMarkup(
        written, at: place(of: "@", in: text), format: decoder.description.name))
    return false
  }

  private func place(of part: String, in text: Located<String>) -> FilePosition {
    let characters = Array(text.value)
    let wanted = Array(part)
    let offset = characters.indices.first { characters[$0...].starts(with: wanted) }
    return text.position(at: offset ?? 0)
  }
}

/// A name within a path, and whether it is an attribute's.
struct PathName {
  var name: RecordPath.Name
  var isAttribute: Bool
}

extension RecordPath {
  /// How many steps above its start the path goes.
  fileprivate var climbs: Int {
    var depth = 0
    var highest = 0
    for step in steps {
      depth += step == .parent ? -1 : 1
      highest = max(highest, -depth)
    }
    return highest
  }

  /// The paths of all predicates, also of those within predicates.
  fileprivate var predicatePaths: [RecordPath] {
    steps.flatMap { step -> [RecordPath] in
      switch step {
      case .child(_, let predicates), .any(let predicates):
        predicates.compactMap(\.path).flatMap { [$0] + $0.predicatePaths }
      case .parent, .attribute, .text, .name, .position, .list: []
      }
    }
  }

  /// All names of steps and predicates, in order.
  fileprivate var names: [PathName] {
    steps.flatMap { step -> [PathName] in
      switch step {
      case .child(let name, let predicates):
        [PathName(name: name, isAttribute: false)] + predicates.flatMap(\.names)
      case .any(let predicates): predicates.flatMap(\.names)
      case .attribute(let name): [PathName(name: name, isAttribute: true)]
      case .parent, .text, .name, .position, .list: []
      }
    }
  }
}

extension RecordPath.Predicate {
  fileprivate var names: [PathName] { path?.names ?? [] }

  /// A predicate that a reader can judge when the element begins.
  fileprivate var looksAtAttributesOnly: Bool {
    guard let path, path.steps.count == 1, case .attribute = path.steps[0] else { return false }
    return true
  }

  fileprivate var path: RecordPath? {
    switch self {
    case .index: nil
    case .equals(let path, _), .differs(let path, _), .has(let path), .hasNot(let path): path
    }
  }
}
