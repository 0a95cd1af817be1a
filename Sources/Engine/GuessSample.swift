// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// The beginning of a sample payload, its format and encoding, and what it holds.
public struct GuessSample: Sendable {
  /// Name of the decoder that knows it.
  public var decoder: String
  public var isMarkup: Bool
  public var root: ObservedNode
  /// The encoding to declare, or nil when the payload tells it itself.
  public var encoding: String?
  /// How the encoding was told, for a comment.
  var encodingReason = ""
  /// The legacy encoding to declare for the fields' text.
  var fontEncoding: LegacyEncoding?
  /// Settings that reading the file needed, as `compression: gzip`.
  public var extractorSettings: [String] = []
  /// The sample was looked at from its first byte to its last.
  public var isWhole: Bool

  public init(
    decoder: String, isMarkup: Bool, root: ObservedNode, encoding: String? = nil, isWhole: Bool = true
  ) {
    self.decoder = decoder
    self.isMarkup = isMarkup
    self.root = root
    self.encoding = encoding
    self.isWhole = isWhole
  }

  /// How much of a sample is looked at.
  public static let headBytes = 8 << 20
  static let extractor = "file"

  /// Reads the beginning of a file as a pipeline would, and tells its format.
  ///
  /// - Throws: a ``StageFailure`` when the file cannot be read, or no decoder of the catalog knows its
  /// format.
  public init(path: String, catalog: Catalog) throws {
    var (head, isWhole) = try Self.read(path, catalog, compression: nil)
    var settings: [String] = []
    if head.starts(with: [0x1F, 0x8B]) {
      settings = ["compression: gzip"]
      (head, isWhole) = try Self.read(path, catalog, compression: "gzip")
    }
    if let foreign = ForeignFormat(head) { throw foreign.failure(path) }
    try self.init(head: head, isWhole: isWhole, name: path, catalog: catalog)
    extractorSettings = settings
  }

  /// Tells the format of bytes.
  public init(head: [UInt8], isWhole: Bool, name: String, catalog: Catalog) throws {
    let decoders = try catalog.decoders.map { type in
      try type.init(Settings(Tree(.mapping([]), at: .start(of: name)), owner: "'\(type.description.name)'"))
    }
    guard !head.isEmpty else {
      throw StageFailure(
        id: "guess.empty", "the sample is empty", at: name,
        help: "guess from a payload with at least one record",
        exit: .data)
    }
    let sample = try SampleText(of: head, decoders, name: name)
    let text = sample.text
    let order =
      decoders.filter { !Swift.type(of: $0).acceptsAnyText }
      + decoders.filter { Swift.type(of: $0).acceptsAnyText }
    for decoder in order {
      let type = Swift.type(of: decoder)
      guard let root = text.withUnsafeBufferPointer({ decoder.observe($0) }) else { continue }
      self.init(
        decoder: type.description.name, isMarkup: type.isMarkup, root: root, encoding: sample.encoding,
        isWhole: isWhole)
      encodingReason = sample.reason
      fontEncoding = sample.fontEncoding
      return
    }
    throw Self.unknown(text, order, name)
  }

  private static func read(
    _ path: String, _ catalog: Catalog, compression: String?
  ) throws -> (head: [UInt8], isWhole: Bool) {
    guard let type = catalog.extractors.first(where: { $0.description.name == extractor }) else {
      throw StageFailure(
        id: "guess.no-file-extractor", "this program has no extractor '\(extractor)'",
        help: "add it to the program's catalog", exit: .usage)
    }
    let start = FilePosition.start(of: path)
    var entries = [("path", path)]
    if let compression { entries.append(("compression", compression)) }
    let tree = Tree(
      .mapping(
        entries.map { key, value in
          Tree.Entry(key: key, keyPosition: start, value: Tree(.scalar(value, isPlain: false), at: start))
        }), at: start)
    let landing = HeadLanding(limit: headBytes)
    do {
      try type.init(Settings(tree, owner: "extractor '\(extractor)'")).extract(since: nil, into: landing)
    } catch is HeadLanding.Enough {}
    guard landing.hasBegun else {
      throw StageFailure(
        id: "guess.nothing-there", "no file matches '\(path)'", help: "name a payload that is there",
        exit: .usage)
    }
    return (landing.bytes, landing.isWhole)
  }

  /// Says what the decoder that came furthest holds against it.
  private static func unknown(
    _ text: [UInt8], _ decoders: [any RecordDecoder], _ name: String
  ) -> StageFailure {
    var furthest: (format: String, bytes: Int, failure: StageFailure)?
    for decoder in decoders where !Swift.type(of: decoder).acceptsAnyText {
      let (bytes, failure) = attempt(text, decoder)
      guard let failure, bytes > max(furthest?.bytes ?? 0, 1) else { continue }
      furthest = (Swift.type(of: decoder).description.name, bytes, failure)
    }
    if let (format, _, failure) = furthest {
      return StageFailure(
        id: "guess.broken-sample", "the sample begins like \(format), but \(failure.message)",
        at: [name, failure.place].compactMap(\.self).joined(separator: ", "),
        help:
          "guess from a payload that is whole and sound: mend a copy of it, or ask the source",
        exit: .data)
    }
    let names = decoders.map { Swift.type(of: $0).description.name }.joined(separator: ", ")
    return StageFailure(
      id: "guess.unknown-format", "the format of the sample is not one of \(names)", at: name,
      help: "guess from a payload as the source sends it; 'terrace describe decoders' lists the formats",
      exit: .data)
  }

  /// How many bytes a decoder takes before it fails.
  private static func attempt(_ text: [UInt8], _ decoder: any RecordDecoder) -> (
    bytes: Int, failure: StageFailure?
  ) {
    var taken = 0
    do {
      let session = try decoder.session(DecodePlan(kinds: []), late: nil, into: NoChunks())
      try text.withUnsafeBufferPointer { bytes in
        while taken < bytes.count {
          let count = min(taken < 4096 ? 1 : 4096, bytes.count - taken)
          try session.feed(UnsafeBufferPointer(rebasing: bytes[taken..<(taken + count)]))
          taken += count
        }
      }
      _ = try session.finish()
      return (taken, nil)
    } catch { return (taken, error as? StageFailure) }
  }
}

extension FilePosition {
  fileprivate static func start(of file: String) -> FilePosition {
    FilePosition(file: file, line: 1, column: 1)
  }
}

/// Keeps the beginning of the first payload, and then ends the extraction.
private final class HeadLanding: LandingWriter {
  struct Enough: Error {}

  private let limit: Int
  private(set) var bytes: [UInt8] = []
  private(set) var isWhole = false
  private(set) var hasBegun = false

  init(limit: Int) { self.limit = limit }

  var isCancelled: Bool { Interruption.requested != nil }
  let baseFolder = "."
  var landingDate: CalendarDate { EngineClock().landingDate }
  let isFull = true

  func begin(_ head: PayloadHead) throws { hasBegun = true }

  func write(_ piece: UnsafeRawBufferPointer) throws {
    bytes.append(contentsOf: piece.prefix(limit - bytes.count))
    if bytes.count >= limit { throw Enough() }
  }

  func end(resume checkpoint: Checkpoint?) throws {
    isWhole = true
    throw Enough()
  }

  func finish(resume checkpoint: @escaping @Sendable (HighestValue?) -> Checkpoint) throws {}
  func discard() {}
  func values(at paths: [RecordPath]) throws -> [String?] { paths.map { _ in nil } }
  func recordCount() throws -> Int { 0 }
  func lastValue(at path: RecordPath) throws -> String? { nil }
  func pause(seconds: Double) throws {}
  func values(in bytes: [UInt8], every path: RecordPath, decoder: String) throws -> [String] { [] }
  func codes(of list: String) throws -> [String] { [] }
  func centerValues(of field: String) throws -> [String] { [] }
  let scratchFolder = "/tmp"
}

/// For passes that want no records.
private final class NoChunks: ChunkSink {
  func emptyChunk(kind: Int) -> Chunk {
    Chunk(kind: kind, table: Table(captures: 0))
  }
  func take(_ chunk: Chunk) throws {}
}
