// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// The files a new extractor begins with: a tiny one that works, its test, a sample, and what makes it known.
public struct NewExtractor: Sendable {
  /// As pipeline files call it: `tide_gauge`.
  public let name: String

  /// - Throws: a ``StageFailure`` (64) for a name that no component may have.
  public init(name: String, known: [String]) throws(StageFailure) {
    let isName =
      name.first?.isLowercase == true
      && name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 95 }
      && !name.hasSuffix("_") && !name.contains("__") && name.utf8.count <= 40
    guard isName else {
      throw StageFailure(
        id: "new.bad-name", "'\(name)' is no name of an extractor",
        help: "use small letters, digits and single underscores, as tide_gauge", exit: .usage)
    }
    guard !known.contains(name), !Self.taken.contains(name) else {
      throw StageFailure(
        id: "new.name-taken", "there is an extractor '\(name)' already, or another thing of this name",
        help: "choose another name; 'terrace describe' lists the components", exit: .usage)
    }
    self.name = name
  }

  /// Names whose type or module would be that of something else.
  private static let taken = ["terrace", "extractor", "new", "swift", "testing", "glibc"]

  /// `TideGauge`
  private var stem: String {
    name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
  private var type: String { "\(stem)Extractor" }
  /// A package's module, which no type of it may be called after.
  private var module: String { "\(stem)Source" }

  // MARK: - Inside the sources of Terrace

  /// The files of an extractor in Terrace itself, from the root of its sources.
  public var filesInside: [PipelineGuess.File] {
    [
      .init(
        path: "Sources/Extractors/\(type).swift",
        text: source(imports: ["Components", "Diagnostics", "Glibc"])),
      .init(
        path: "Tests/ExtractorsTests/\(type)Tests.swift",
        text: test(imports: ["Components", "PipelineTesting", "Testing"], testable: "Extractors")),
      .init(path: "Samples/\(name)/first.csv", text: Self.sample),
    ]
  }

  /// The list of extractors with this one in its place.
  ///
  /// - Throws: a ``StageFailure`` (64) when the list is not as it was.
  public func listed(in list: String) throws(StageFailure) -> String {
    var lines = list.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let entry = "  \(type).self,"
    guard let start = lines.firstIndex(where: { $0.hasSuffix("= [") }),
      let end = lines[start...].firstIndex(of: "]"), !lines.contains(entry)
    else {
      throw StageFailure(
        id: "new.unknown-list", "the list of extractors is not as it was; nothing was written",
        at: "Sources/Extractors/AllExtractors.swift",
        help: "let it be one entry a line, between '= [' and ']'",
        exit: .usage)
    }
    lines.insert(entry, at: lines[start + 1..<end].firstIndex { $0 > entry } ?? end)
    return lines.joined(separator: "\n")
  }

  // MARK: - A package of its own

  /// The files of a package with this extractor and a program that knows it.
  ///
  /// - Parameter terrace: where the package finds Terrace: a folder, or the URL of a repository.
  public func filesOfPackage(terrace: String) -> [PipelineGuess.File] {
    [
      .init(path: "Package.swift", text: manifest(terrace)),
      .init(
        path: "Sources/\(module)/\(type).swift",
        text: source(imports: ["Glibc", "Terrace"])),
      .init(path: "Sources/\(name)/main.swift", text: main),
      .init(
        path: "Tests/\(module)Tests/\(type)Tests.swift",
        text: test(imports: [module, "PipelineTesting", "Terrace", "Testing"], testable: nil)),
      .init(path: "Samples/\(name)/first.csv", text: Self.sample),
      .init(path: "Pipelines/\(name).yaml", text: pipeline),
      .init(path: "Pipelines/schema/\(name)_record.yaml", text: Self.schema(name)),
      .init(path: ".gitignore", text: ".build/\n.terrace/\n"),
    ]
  }

  private func manifest(_ terrace: String) -> String {
    let isURL = terrace.contains("://")
    let source =
      isURL
      ? ".package(url: \"\(terrace)\", branch: \"main\")"
      : ".package(name: \"terrace\", path: \"\(terrace)\")"
    let last = terrace.split(separator: "/").last.map(String.init) ?? "terrace"
    let package = !isURL ? "terrace" : last.hasSuffix(".git") ? String(last.dropLast(4)) : last
    return """
      // swift-tools-version: 6.2
      import PackageDescription

      let terrace: Target.Dependency = .product(name: "Terrace", package: "\(package)")

      let package = Package(
        name: "\(name)",
        platforms: [.macOS(.v15)],
        dependencies: [
          \(source)
        ],
        targets: [
          .target(name: "\(module)", dependencies: [terrace]),
          .executableTarget(name: "\(name)", dependencies: ["\(module)", terrace]),
          .testTarget(
            name: "\(module)Tests",
            dependencies: ["\(module)", terrace, .product(name: "PipelineTesting", package: "\(package)")]),
        ]
      )

      """
  }

  private var main: String {
    Self.imports([module, "Terrace"])
      + "\nTerraceProgram.main(BuiltIns.catalog + Catalog(extractors: [\(type).self]))\n"
  }

  private static func imports(_ modules: [String]) -> String {
    modules.sorted().map { "import \($0)\n" }.joined()
  }

  // MARK: - What both have

  private func source(imports: [String]) -> String {
    let isInside = !imports.contains("Terrace")
    return """
      \(isInside ? "// SPDX-License-Identifier: Apache-2.0\n\n" : "")\(Self.imports(imports).dropLast())

      /// Lands one file. Works as it stands: put your protocol where `bytes(of:)` opens the file.
      public struct \(type): Extractor {
        static let path = Setting.text("path", "File to read; counts from the folder that holds the pipelines.")

        public static let description = ComponentDescription(
          "\(name)", "Reads one file.", example: "\(name): { path: Samples/\(name)/first.csv }",
          [path.description])

        let path: String

        public init(_ settings: Settings) throws(Diagnostic) { path = try settings[Self.path] }

        /// Whether several payloads of a run are pages of one whole.
        public var isPaging: Bool { false }

        public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
          // One payload here. With several, look at isCancelled before each, give each its own origin, and end
          // each with the checkpoint from which a next run goes on behind it.
          if landing.isCancelled { return }
          let bytes = try bytes(of: path.hasPrefix("/") ? path : "\\(landing.baseFolder)/\\(path)")
          try landing.begin(PayloadHead(origin: "\(name):\\(path)", name: path))
          try bytes.withUnsafeBytes { try landing.write($0) }
          try landing.end(resume: nil)
        }

        private func bytes(of file: String) throws(StageFailure) -> [UInt8] {
          let descriptor = open(file, O_RDONLY | O_CLOEXEC)
          guard descriptor >= 0 else {
            throw StageFailure(
              id: "\(name.replacingUnderscores).unreadable",
              "'\\(path)' cannot be read: \\(String(cString: strerror(errno)))", at: path,
              help: "put it there, or give the user that runs terrace the right to read it", exit: .unavailable)
          }
          defer { close(descriptor) }
          var bytes: [UInt8] = []
          var piece = [UInt8](repeating: 0, count: 1 << 16)
          while true {
            let count = read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            guard count > 0 else {
              throw StageFailure(
                id: "\(name.replacingUnderscores).broken", "'\\(path)' broke off: \\(String(cString: strerror(errno)))",
                at: path, help: "look at the disk, then run again", exit: .storage)
            }
            bytes += piece[..<count]
          }
        }
      }

      """
  }

  private func test(imports: [String], testable: String?) -> String {
    """
    \(testable == nil ? "" : "// SPDX-License-Identifier: Apache-2.0\n\n")\(Self.imports(imports).dropLast())
    \(testable.map { "\n@testable import \($0)\n" } ?? "")
    /// The root of the package, whose samples are the payloads here.
    private let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    @Suite("\(name)")
    struct \(type)Tests {
      private func extractor(_ path: String) throws -> \(type) {
        try \(type)(.written(["path": "\\(path)"]))
      }

      @Test("keeps the promises of an extractor")
      func kit() throws {
        let kit = ExtractorKit(
          try extractor("Samples/\(name)/first.csv"),
          broken: ["no file": try extractor("Samples/\(name)/none.csv")]
        ) { MemoryLanding(baseFolder: root) }
        #expect(kit.violations() == [])
      }

      @Test("lands the bytes as they are, with where they came from")
      func lands() throws {
        let landing = MemoryLanding(baseFolder: root)
        try extractor("Samples/\(name)/first.csv").extract(since: nil, into: landing)
        #expect(landing.payloads.map(\\.head.origin) == ["\(name):Samples/\(name)/first.csv"])
        #expect(landing.payloads.map(\\.text) == ["code,name\\nA1,Quản Bạ\\nA2,Yên Minh\\n"])
      }
    }

    """
  }

  private static let sample = "code,name\nA1,Quản Bạ\nA2,Yên Minh\n"

  private var pipeline: String {
    """
    pipeline: \(name)
    extract: { \(name): { path: Samples/\(name)/first.csv } }
    decode:
      csv: {}
    transform:
      to: \(name)_record
      map: { code: code, name: name }
    load: { center: { mode: merge } }

    """
  }

  private static func schema(_ name: String) -> String {
    """
    entity: \(name)_record
    key: [code]
    fields:
      code: { type: text }
      name: { type: text }

    """
  }
}

extension String {
  /// As ids of errors have it.
  fileprivate var replacingUnderscores: String { split(separator: "_").joined(separator: "-") }
}
