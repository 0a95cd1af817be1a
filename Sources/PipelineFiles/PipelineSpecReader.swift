// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Reads the located tree of a pipeline file into a ``PipelineSpec`` and gathers everything that is wrong
/// with it.
public struct PipelineSpecReader {
  let file: String
  /// The file's lines, to find where the text within quotes begins.
  let lines: [Substring]
  var diagnostics: [Diagnostic] = []

  init(file: String, text: String) {
    self.file = file
    let shown = text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    lines = SourceText(file: file, text: shown).lines()
  }

  /// - Parameters:
  ///   - tree: the parsed file.
  ///   - text: the file's text.
  /// - Returns: what could be read (nil if the file is no mapping), and all diagnostics in the order found.
  public static func read(_ tree: Tree, file: String, text: String)
    -> (spec: PipelineSpec?, diagnostics: [Diagnostic])
  {
    var reader = PipelineSpecReader(file: file, text: text)
    let spec = reader.pipeline(tree)
    return (spec, reader.diagnostics)
  }

  private mutating func pipeline(_ tree: Tree) -> PipelineSpec? {
    guard let keys = section(.pipeline, tree) else { return nil }
    var spec = PipelineSpec(file: file, position: tree.position)
    spec.name = text(keys["pipeline"], "pipeline").flatMap { pipelineName($0) }
    spec.title = text(keys["title"], "title")
    spec.owner = text(keys["owner"], "owner")
    spec.schedule = text(keys["schedule"], "schedule").flatMap { schedule($0) }
    spec.purpose = text(keys["purpose"], "purpose")
    spec.legalBasis = text(keys["legal_basis"], "legal_basis")
    spec.agreement = keys["agreement"].flatMap { agreement($0) }
    spec.extract = keys["extract"].flatMap { component($0, family: "extractor", section: "extract") }
    spec.decode = keys["decode"].flatMap { decode($0) }
    spec.load = keys["load"].flatMap { load($0) }
    if let given = keys["transform"] {
      let entries = given.items ?? [given]
      if entries.isEmpty { report(.emptyList("transform", at: given)) }
      spec.transforms = entries.compactMap { transform($0, isChild: false) }
    }
    if let given = keys["validate"] {
      for item in list(given, "validate") {
        switch rule(item) {
        case .rule(let rule): spec.rules.append(rule)
        case .limit(let limit):
          if let first = spec.rejectLimit {
            report(.secondRejectLimit(limit.position, first: first.position))
          }
          spec.rejectLimit = spec.rejectLimit ?? limit
        case nil: break
        }
      }
    }
    return spec
  }

  private mutating func pipelineName(_ name: Located<String>) -> Located<String>? {
    let isName = name.value.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    if !isName || name.value.isEmpty { report(.badPipelineName(name)) }
    return isName ? name : nil
  }

  private mutating func schedule(_ text: Located<String>) -> Located<String>? {
    do throws(CronScheduleError) {
      _ = try CronSchedule(parsing: text.value)
      return text
    } catch {
      report(.badSchedule(text, error))
      return nil
    }
  }

  private mutating func agreement(_ tree: Tree) -> AgreementSpec? {
    guard let keys = section(.agreement, tree) else { return nil }
    return AgreementSpec(
      number: text(keys["number"], "number"), validTo: day(keys["valid_to"], "valid_to"),
      contact: text(keys["contact"], "contact"))
  }

  /// Exactly one key, the component's name, with its settings below it; or the name alone.
  mutating func component(_ tree: Tree, family: String, section: String) -> ComponentSpec? {
    if case .scalar(let name, _) = tree.value, !tree.isNull {
      let settings = Tree(.mapping([]), at: tree.position, length: tree.length)
      return ComponentSpec(name: Located(name, at: start(of: tree), length: name.count), settings: settings)
    }
    guard let entries = tree.entries, let entry = entries.first, entries.count == 1 else {
      report(.notOneComponent(tree, family: family, section: section))
      return nil
    }
    let name = Located(entry.key, at: entry.keyPosition, length: entry.key.count)
    if entry.value.isNull {
      let settings = Tree(.mapping([]), at: entry.keyPosition, length: entry.key.count)
      return ComponentSpec(name: name, settings: settings)
    }
    guard entry.value.entries != nil else {
      report(.wrongShape(entry.key, expected: "a mapping of settings", at: entry.value))
      return nil
    }
    return ComponentSpec(name: name, settings: entry.value)
  }

  private mutating func decode(_ tree: Tree) -> DecodeSpec? {
    guard let whole = component(tree, family: "decoder", section: "decode") else { return nil }
    let (keys, settings) = split(whole.settings, section: .decode)
    var spec = DecodeSpec(decoder: ComponentSpec(name: whole.name, settings: settings), tree: tree)
    spec.records = text(keys["records"], "records")
    spec.namespaces = namespaces(keys["namespaces"])
    spec.total = keys["total"].flatMap { total($0) }
    spec.encoding = text(keys["encoding"], "encoding")
    spec.errors = errorConditions(keys["errors"])
    spec.allowsEmpty = choice(keys["empty"], "empty", of: .decode)?.value == "allowed"
    if let given = keys["limits"], let limits = section(.limits, given) {
      spec.limits.depth = integer(limits["depth"], "depth", minimum: 1)?.value
      spec.limits.textBytes = size(limits["text"], "text")
      spec.limits.tagBytes = size(limits["tag"], "tag")
    }
    spec.within = keys["within"].flatMap { within($0) }
    return spec
  }

  private mutating func within(_ tree: Tree) -> WithinSpec? {
    guard let keys = section(.within, tree), let format = text(keys["format"], "format"),
      let at = text(keys["at"], "at")
    else { return nil }
    return WithinSpec(
      format: format, at: at, namespaces: namespaces(keys["namespaces"]),
      errors: errorConditions(keys["errors"]), limit: size(keys["limit"], "limit"))
  }

  private mutating func namespaces(_ tree: Tree?) -> [NamespaceSpec] {
    guard let tree else { return [] }
    return names(tree, "namespaces").compactMap { entry in
      let uris = texts(entry.value, entry.key)
      if entry.value.items?.isEmpty == true { report(.emptyList(entry.key, at: entry.value)) }
      guard !uris.isEmpty else { return nil }
      let prefix = Located(entry.key, at: entry.keyPosition, length: entry.key.count)
      return NamespaceSpec(prefix: prefix, uris: uris)
    }
  }

  private mutating func errorConditions(_ tree: Tree?) -> [ErrorConditionSpec] {
    guard let tree else { return [] }
    return (tree.items ?? [tree]).compactMap { errorCondition($0) }
  }

  private mutating func total(_ tree: Tree) -> TotalSpec? {
    if tree.entries == nil { return text(tree, "total").map { TotalSpec(path: $0, scope: nil) } }
    guard let keys = section(.total, tree), let path = text(keys["path"], "path") else { return nil }
    let scope = choice(keys["of"], "of", of: .total).flatMap { TotalSpec.Scope(rawValue: $0.value) }
    return TotalSpec(path: path, scope: scope)
  }

  private mutating func errorCondition(_ tree: Tree) -> ErrorConditionSpec? {
    if tree.entries == nil { return text(tree, "errors").map { ErrorConditionSpec(when: $0) } }
    guard let keys = section(.errors, tree), let when = text(keys["when"], "when") else { return nil }
    var spec = ErrorConditionSpec(when: when)
    if keys["is"] != nil, let other = keys.keyPosition("is_not") {
      report(.conflict("is_not", with: "is", at: other, in: .errors))
    }
    if let given = keys["is"] { spec.values = texts(given, "is").map(\.value) }
    if let given = keys["is_not"] {
      spec.values = texts(given, "is_not").map(\.value)
      spec.isNegated = true
    }
    spec.message = text(keys["message"], "message")
    spec.isRetriable = boolean(keys["retry"], "retry")?.value ?? false
    return spec
  }

  private mutating func load(_ tree: Tree) -> LoadSpec? {
    guard let whole = component(tree, family: "loader", section: "load") else { return nil }
    let (keys, settings) = split(whole.settings, section: .load)
    let slice = keys["slice"].map { given in
      let fields = texts(given, "slice")
      if given.items?.isEmpty == true { report(.emptyList("slice", at: given)) }
      return fields
    }
    return LoadSpec(
      loader: ComponentSpec(name: whole.name, settings: settings),
      mode: text(keys["mode"], "mode"), version: text(keys["version"], "version"), slice: slice)
  }
}
