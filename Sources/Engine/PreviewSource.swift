// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Paths
import Planning
import Records

/// Gets a payload for a preview: a file at hand, or the first one the extractor brings. Keeps nothing on disk.
public struct PreviewSource {
  private let plan: Plan
  private let baseFolder: String
  private let clock: EngineClock
  private let center: String?

  /// - Parameter center: the center's URL, for extractors that read rows of it; nothing is written to it.
  public init(_ plan: Plan, _ baseFolder: String, _ clock: EngineClock, center: String? = nil) {
    self.plan = plan
    self.baseFolder = baseFolder
    self.clock = clock
    self.center = center
  }

  /// - Parameters:
  ///   - rows: how many records to look at; nil looks at all.
  ///   - payload: a file to look at instead of asking the source.
  public func preview(rows: Int?, payload: String?) throws -> Preview {
    if let payload {
      let facts = PayloadFacts(name: payload.lastPathComponent, landingDate: clock.landingDate)
      let preview = try Preview(plan, facts: facts, rows: rows) {
        let file = try FileBlocks(payload)
        return { try file.next() }
      }
      return judged(preview, facts)
    }
    let landing = PreviewLanding(plan, baseFolder, clock, center: center)
    do {
      try plan.extractor.extract(since: nil, into: landing)
    } catch is PreviewLanding.Enough {}
    guard let head = landing.head else {
      throw StageFailure(
        id: "preview.nothing-there", "the source has no payload",
        help: "look at the extract section of \(plan.file).",
        exit: .unavailable)
    }
    let facts = PayloadFacts(name: head.name, request: head.request, landingDate: clock.landingDate)
    let held = HeldBytes(landing.buffer)
    return judged(try Preview(plan, facts: facts, rows: rows) { held.blocks() }, facts)
  }

  /// Says what a run would hold against the payload as a whole, where all of it was looked at.
  private func judged(_ preview: Preview, _ facts: PayloadFacts) -> Preview {
    guard !preview.documentValues.isEmpty else { return preview }
    var preview = preview
    let failure = BatchVerdict.ofPayload(
      plan, documentValues: preview.documentValues, records: preview.decoded, name: facts.name)
    preview.failure = failure ?? preview.failure
    return preview
  }
}

/// A payload in memory, at an address that stays.
final class HeldBytes {
  private let bytes: UnsafeMutableBufferPointer<UInt8>

  init(_ source: some Collection<UInt8>) {
    bytes = .allocate(capacity: max(source.count, 1))
    _ = bytes.initialize(from: source)
    count = source.count
  }

  private let count: Int

  deinit { bytes.deallocate() }

  /// Gives the bytes once, then nil; keeps this alive.
  func blocks() -> () -> UnsafeBufferPointer<UInt8>? {
    var isGiven = false
    return { [self] in
      if isGiven { return nil }
      isGiven = true
      return UnsafeBufferPointer(rebasing: UnsafeBufferPointer(bytes)[..<count])
    }
  }
}

/// Keeps the first payload in memory, up to a bound that some records always fit in, and then ends the extraction.
private final class PreviewLanding: LandingWriter {
  struct Enough: Error {}

  private static let limit = 64 << 20
  private let plan: Plan
  private(set) var buffer: [UInt8] = []
  private(set) var head: PayloadHead?
  private var isEnough = false
  private let center: String?
  let baseFolder: String
  let landingDate: CalendarDate
  let isFull = true

  init(_ plan: Plan, _ baseFolder: String, _ clock: EngineClock, center: String?) {
    self.plan = plan
    self.center = center
    self.baseFolder = baseFolder
    landingDate = clock.landingDate
  }

  var isCancelled: Bool { Interruption.requested != nil }
  func begin(_ head: PayloadHead) throws { self.head = head }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.limit {
      isEnough = true
      throw Enough()
    }
  }

  func end(resume checkpoint: Checkpoint?) throws { throw Enough() }

  func finish(resume checkpoint: @escaping @Sendable (HighestValue?) -> Checkpoint) throws {}

  func discard() {
    // An extractor cleans up when it is told that there is enough.
    if isEnough { return }
    buffer.removeAll()
    head = nil
  }

  func values(at paths: [RecordPath]) throws -> [String?] { paths.map { _ in nil } }
  func recordCount() throws -> Int { 0 }
  func lastValue(at path: RecordPath) throws -> String? { nil }
  func pause(seconds: Double) throws { usleep(useconds_t(seconds * 1e6)) }

  func values(in bytes: [UInt8], every path: RecordPath, decoder: String) throws -> [String] {
    try PayloadPeek(plan: plan).values(every: path, decoder: decoder) { take in
      try bytes.withUnsafeBufferPointer(take)
    }
  }

  func codes(of list: String) throws -> [String] {
    SourceFacts(plan: plan, landingDate: landingDate).codes(of: list)
  }

  func centerValues(of field: String) throws -> [String] {
    throw StageFailure(
      id: "preview.needs-center",
      "what is asked for depends on '\(field)' of the center, which a preview leaves alone",
      help: "run the pipeline with --limit, or preview a file with --payload", exit: .unavailable)
  }

  func centerRows(
    of query: String, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    guard let center else {
      throw StageFailure(
        id: "preview.needs-center", "there is no center here to ask",
        help: "preview a file with --payload", exit: .unavailable)
    }
    return try SourceFacts(plan: plan, landingDate: landingDate)
      .centerRows(of: query, center: center, isCancelled: { isCancelled }, take: take)
  }

  var scratchFolder: String { "/tmp" }
}

/// A file's bytes, piece by piece.
public final class FileBlocks {
  private let descriptor: Int32
  private let path: String
  private let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 20)

  public init(_ path: String) throws(StageFailure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw StageFailure(
        id: "file.cannot-open", "cannot open '\(path)': \(String(cString: strerror(errno)))",
        help: "check the path and its rights.", exit: .usage)
    }
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// The next piece, valid until the next call; nil at the end.
  public func next() throws(StageFailure) -> UnsafeBufferPointer<UInt8>? {
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count == 0 { return nil }
    guard count > 0 else {
      throw StageFailure(
        id: "file.cannot-read", "cannot read '\(path)': \(String(cString: strerror(errno)))",
        help: "check that it is a file.", exit: .usage)
    }
    return UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count])
  }
}

extension String {
  fileprivate var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}
