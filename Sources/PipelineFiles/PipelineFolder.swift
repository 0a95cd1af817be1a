// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Records

/// A pipelines folder with what stands beside the pipelines: shared schema, code lists, systems. Read once; a value
/// from then on.
public struct PipelineFolder: Sendable {
  /// A pipeline's file, not yet parsed.
  public struct PipelineFile: Sendable, Equatable {
    /// Without `.yaml`.
    public var name: String
    public var source: SourceText
  }

  /// As given.
  public let path: String
  /// `*.yaml` directly in the folder but `systems.yaml` and `*.test.yaml`, by name.
  public private(set) var pipelines: [PipelineFile] = []
  public private(set) var schema = SharedSchema([:], lists: [])
  public private(set) var lists: [String: CodeList] = [:]
  /// Lists whose files are there but at fault.
  public private(set) var unreadableLists: Set<String> = []
  public private(set) var systems = SystemsReader()
  /// Everything wrong with schema, lists and systems, and with pipeline files that cannot be read as text.
  public private(set) var diagnostics: [Diagnostic] = []
  /// Every text read, by the file name that positions carry: for snippets and digests. Names count from the folder
  /// that holds the pipelines folder (`Pipelines/schema/public_asset.yaml`).
  public private(set) var sources: [String: SourceText] = [:]

  private let displayName: String

  /// Reads a folder.
  ///
  /// - Parameter displayName: what positions call the folder; by default its last path component.
  public init(_ path: String, displayName: String? = nil, resolver: ReferenceResolver) {
    var trimmed = path[...]
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    self.path = String(trimmed)
    self.displayName = displayName ?? trimmed.split(separator: "/").last.map(String.init) ?? self.path
    guard let names = FolderListing.names(in: self.path) else {
      diagnostics.append(FolderDiagnostics.noFolder(self.path))
      return
    }
    for name in names where name.hasSuffix(".yaml") && !name.hasSuffix(".test.yaml") && name != "systems.yaml"
    {
      guard let source = read(name, atMost: YAMLReader.maximumBytes) else { continue }
      pipelines.append(PipelineFile(name: String(name.dropLast(5)), source: source))
    }
    readLists()
    readSchema()
    if names.contains("systems.yaml"), let source = read("systems.yaml", atMost: YAMLReader.maximumBytes),
      let tree = parse(source)
    {
      systems = SystemsReader(tree, resolver: resolver)
      diagnostics += systems.diagnostics
    }
    diagnostics.sort { left, right in
      guard let one = left.position else { return right.position != nil }
      return right.position.map { one < $0 } ?? false
    }
  }

  /// The same folder with its systems at other addresses.
  public func redirectingSystems(_ address: (_ url: String) -> String?) -> PipelineFolder {
    var copy = self
    copy.systems.redirect(address)
    return copy
  }

  /// The text that a file name of positions stands for.
  public func source(_ file: String) -> SourceText? { sources[file] }

  /// The name that positions carry for a file below the folder.
  public func displayName(of relativePath: String) -> String { "\(displayName)/\(relativePath)" }

  // MARK: - Reading

  private mutating func read(_ relativePath: String, atMost limit: Int) -> SourceText? {
    let file = displayName(of: relativePath)
    switch TextFile.read("\(path)/\(relativePath)", atMost: limit) {
    case .success(let content):
      let source = SourceText(file: file, text: content.text)
      sources[file] = source
      return source
    case .failure(let problem):
      diagnostics.append(FolderDiagnostics.unreadable(file, problem, limit: limit))
      return nil
    }
  }

  private mutating func parse(_ source: SourceText) -> Tree? {
    let (tree, found) = YAMLReader.read(source.text, file: source.file)
    diagnostics += found
    return tree.flatMap { found.contains { $0.severity == .error } ? nil : $0 }
  }

  private mutating func readLists() {
    let names = FolderListing.names(in: "\(path)/codelists") ?? []
    for name in names where name.hasSuffix(".csv") {
      let list = String(name.dropLast(4))
      // A list of every commune that ever was has 3 MB.
      guard let source = read("codelists/\(name)", atMost: 64 << 20) else {
        unreadableLists.insert(list)
        continue
      }
      var head: Tree?
      if names.contains("\(list).yaml") {
        head = read("codelists/\(list).yaml", atMost: YAMLReader.maximumBytes).flatMap { parse($0) }
        if head == nil {
          unreadableLists.insert(list)
          continue
        }
      }
      let reader = CodeListReader(source.text, name: list, head: head, file: source.file)
      diagnostics += reader.diagnostics
      if let found = reader.list { lists[list] = found } else { unreadableLists.insert(list) }
    }
    for name in names where name.hasSuffix(".yaml") && !names.contains("\(name.dropLast(5)).csv") {
      diagnostics.append(FolderDiagnostics.headWithoutList(displayName(of: "codelists/\(name)")))
    }
  }

  private mutating func readSchema() {
    var trees: [String: Tree?] = [:]
    for name in FolderListing.names(in: "\(path)/schema") ?? [] where name.hasSuffix(".yaml") {
      let source = read("schema/\(name)", atMost: YAMLReader.maximumBytes)
      trees.updateValue(source.flatMap { parse($0) }, forKey: String(name.dropLast(5)))
    }
    schema = SharedSchema(trees, lists: Set(lists.keys).union(unreadableLists))
    diagnostics += schema.diagnostics
  }
}

/// Names in a folder.
private enum FolderListing {
  /// Sorted, without hidden ones; nil when there is no such folder.
  static func names(in folder: String) -> [String]? {
    guard let handle = opendir(folder) else { return nil }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}

/// What is said of files as a whole; sorted by id.
private enum FolderDiagnostics {
  static func headWithoutList(_ file: String) -> Diagnostic {
    Diagnostic(
      .warning, id: "folder.head-without-list", "this head file belongs to no code list", at: start(file),
      help: "put the list beside it as \(file.dropLast(5)).csv")
  }

  static func noFolder(_ path: String) -> Diagnostic {
    Diagnostic(
      id: "folder.missing", "there is no folder '\(path)'", at: nil,
      help: "say where the pipelines are with --pipelines DIR, or go there with -C DIR")
  }

  static func unreadable(_ file: String, _ problem: TextFile.Problem, limit: Int) -> Diagnostic {
    switch problem {
    case .missing, .notAFile:
      Diagnostic(
        id: "folder.not-a-file", "'\(file)' is not a file", at: start(file), help: "move it out of the folder"
      )
    case .unreadable(let reason):
      Diagnostic(
        id: "folder.unreadable", "'\(file)' cannot be read: \(reason)", at: start(file),
        help: "look at its permissions")
    case .tooLarge(let bytes):
      Diagnostic(
        id: "folder.too-large", "the file has \(bytes) bytes; \(limit) are allowed", at: start(file),
        help: "split it, or keep data out of it")
    case .notUTF8(let line, let column):
      Diagnostic(
        id: "folder.not-utf8", "this byte is not UTF-8",
        at: FilePosition(file: file, line: line, column: column),
        help: "save the file as UTF-8")
    }
  }

  private static func start(_ file: String) -> FilePosition { FilePosition(file: file, line: 1, column: 1) }
}
