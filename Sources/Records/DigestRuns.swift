// SPDX-License-Identifier: Apache-2.0

/// Entries by digest that did not fit into memory: temporary files, each sorted, merged eight at a time as they
/// become many. Needs some five mebibytes of memory whatever it holds.
///
/// An entry is any plain value of fixed size that begins with its ``KeyDigest``. Of several entries of one
/// digest the last added stands, unless they are combined. Digests are spread evenly, so a place in a file is guessed from the digest
/// and met within a read or two.
public final class DigestRuns {
  private static let fanIn = 8
  private static let bufferBytes = 64 << 10
  private static let probeBytes = 4096

  /// One sorted file. Level 0 holds what was added at once, each higher one eight times as much.
  private struct Run {
    let file: TemporaryFile
    let count: Int
  }

  /// Takes a newer entry of the same digest into an older one.
  public typealias Combination = (_ older: UnsafeMutableRawPointer, _ newer: UnsafeRawPointer) -> Void

  private let entryBytes: Int
  private let combine: Combination?
  /// By level, the oldest first; all of one level are newer than those of the next.
  private var levels: [[Run]] = []
  private var filter = DigestFilter()
  private let probe: UnsafeMutableRawBufferPointer
  private let output: UnsafeMutableRawBufferPointer

  /// - Parameters:
  ///   - entryBytes: size of an entry; at least that of its digest.
  ///   - combine: what becomes of several entries of one digest; only ``forEach(_:)`` gives them combined.
  public init(entryBytes: Int, combine: Combination? = nil) {
    precondition(entryBytes >= MemoryLayout<KeyDigest>.size, "an entry begins with its digest")
    self.entryBytes = entryBytes
    self.combine = combine
    probe = .allocate(byteCount: max(Self.probeBytes / entryBytes, 1) * entryBytes, alignment: 16)
    output = .allocate(byteCount: Self.bufferBytes / entryBytes * entryBytes, alignment: 16)
  }

  deinit {
    probe.deallocate()
    output.deallocate()
  }

  // MARK: Adding

  /// Keeps entries of which no two have the same digest.
  public func add(_ entries: UnsafeRawPointer, count: Int) throws(TemporaryFileFailure) {
    if count == 0 { return }
    var order = UnsafeMutableBufferPointer<(digest: KeyDigest, index: Int)>.allocate(capacity: count)
    defer { order.deallocate() }
    for index in 0..<count {
      let digest = Self.digest(entries + index * entryBytes)
      filter.add(digest)
      order.initializeElement(at: index, to: (digest, index))
    }
    order.sort { $0.digest < $1.digest }
    var writer = try RunWriter(output)
    for (_, index) in order { try writer.append(entries + index * entryBytes, entryBytes) }
    try keep(Run(file: try writer.finish(), count: count), level: 0)
  }

  private func keep(_ run: Run, level: Int) throws(TemporaryFileFailure) {
    if levels.count == level { levels.append([]) }
    levels[level].append(run)
    guard levels[level].count == Self.fanIn else { return }
    let merged = try merge(levels[level])
    levels[level] = []
    try keep(merged, level: level + 1)
  }

  /// - Parameter runs: the oldest first.
  private func merge(_ runs: [Run]) throws(TemporaryFileFailure) -> Run {
    var writer = try RunWriter(output)
    var count = 0
    try walk(runs) { entry throws(TemporaryFileFailure) in
      try writer.append(entry, entryBytes)
      count += 1
    }
    return Run(file: try writer.finish(), count: count)
  }

  /// Calls `body` with one entry for each digest, in the order of the digests.
  ///
  /// - Parameter runs: the oldest first.
  private func walk(
    _ runs: [Run], _ body: (UnsafeRawPointer) throws(TemporaryFileFailure) -> Void
  ) throws(TemporaryFileFailure) {
    var readers: [RunReader] = []
    let standing = UnsafeMutableRawPointer.allocate(byteCount: entryBytes, alignment: 16)
    defer {
      for reader in readers { reader.buffer.deallocate() }
      standing.deallocate()
    }
    for run in runs {
      readers.append(RunReader(run.file, count: run.count, entryBytes: entryBytes, Self.bufferBytes))
      try readers[readers.count - 1].fill()
    }
    while true {
      var least: KeyDigest?
      for reader in readers {
        guard let digest = reader.digest else { continue }
        if let met = least, !(digest < met) { continue }
        least = digest
      }
      guard let least else { break }
      var isFirst = true
      for index in readers.indices where readers[index].digest == least {
        if let combine, !isFirst {
          combine(standing, readers[index].entry)
        } else {
          // Of equal ones the newest stands.
          standing.copyMemory(from: readers[index].entry, byteCount: entryBytes)
        }
        isFirst = false
        try readers[index].advance()
      }
      try body(standing)
    }
  }

  /// Calls `body` with one entry for each digest, in the order of the digests.
  public func forEach(
    _ body: (UnsafeRawPointer) throws(TemporaryFileFailure) -> Void
  ) throws(TemporaryFileFailure) {
    try walk(levels.reversed().flatMap(\.self), body)
  }

  // MARK: Finding

  /// Copies the entry of a digest to `entry`.
  ///
  /// - Returns: false when there is none.
  public func find(
    _ digest: KeyDigest, into entry: UnsafeMutableRawPointer
  ) throws(TemporaryFileFailure) -> Bool {
    guard filter.mayHold(digest) else { return false }
    for runs in levels {
      for run in runs.reversed() where try find(digest, in: run, into: entry) { return true }
    }
    return false
  }

  private func find(
    _ digest: KeyDigest, in run: Run, into entry: UnsafeMutableRawPointer
  ) throws(TemporaryFileFailure) -> Bool {
    let window = probe.count / entryBytes
    var (low, high) = (0, run.count)
    var (least, most) = (UInt64.min, UInt64.max)
    var tries = 0
    while low < high {
      // Guessed by the digest; now and then halved, so that no distribution makes it long.
      tries += 1
      let share = tries % 3 == 0 ? 0.5 : Double(digest.high - least) / max(Double(most - least), 1)
      let guess = low + Int(share * Double(high - low))
      let start = max(low, min(guess - window / 2, high - window))
      let count = min(window, high - start)
      try run.file.read(
        UnsafeMutableRawBufferPointer(rebasing: probe[..<(count * entryBytes)]), at: start * entryBytes)
      guard let base = probe.baseAddress else { return false }
      let first = Self.digest(base)
      let last = Self.digest(base + (count - 1) * entryBytes)
      if digest < first {
        (high, most) = (start, first.high)
      } else if last < digest {
        (low, least) = (start + count, last.high)
      } else {
        return find(digest, among: count, into: entry)
      }
    }
    return false
  }

  private func find(_ digest: KeyDigest, among count: Int, into entry: UnsafeMutableRawPointer) -> Bool {
    guard let base = probe.baseAddress else { return false }
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if Self.digest(base + middle * entryBytes) < digest { low = middle + 1 } else { high = middle }
    }
    guard low < count, Self.digest(base + low * entryBytes) == digest else { return false }
    entry.copyMemory(from: base + low * entryBytes, byteCount: entryBytes)
    return true
  }

  @inline(__always)
  fileprivate static func digest(_ entry: UnsafeRawPointer) -> KeyDigest {
    entry.loadUnaligned(as: KeyDigest.self)
  }
}

extension KeyDigest {
  /// By value, the high word first: the order of sorted files, which means nothing else.
  @inline(__always)
  fileprivate static func < (left: KeyDigest, right: KeyDigest) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }
}

/// Writes one sorted file through a buffer.
private struct RunWriter {
  private let file: TemporaryFile
  private let buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var offset = 0

  init(_ buffer: UnsafeMutableRawBufferPointer) throws(TemporaryFileFailure) {
    file = try TemporaryFile()
    self.buffer = buffer
  }

  mutating func append(_ entry: UnsafeRawPointer, _ bytes: Int) throws(TemporaryFileFailure) {
    if filled + bytes > buffer.count { try flush() }
    buffer.baseAddress.map { $0 + filled }?.copyMemory(from: entry, byteCount: bytes)
    filled += bytes
  }

  private mutating func flush() throws(TemporaryFileFailure) {
    try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<filled]), at: offset)
    offset += filled
    filled = 0
  }

  mutating func finish() throws(TemporaryFileFailure) -> TemporaryFile {
    try flush()
    return file
  }
}

/// Reads one sorted file from its beginning through a buffer.
private struct RunReader {
  private let file: TemporaryFile
  private let entryBytes: Int
  private let end: Int
  private var offset = 0
  private var filled = 0
  private var at = 0
  let buffer: UnsafeMutableRawBufferPointer
  /// That of the entry it stands at; nil at the end.
  private(set) var digest: KeyDigest?

  init(_ file: TemporaryFile, count: Int, entryBytes: Int, _ bufferBytes: Int) {
    self.file = file
    self.entryBytes = entryBytes
    end = count * entryBytes
    buffer = .allocate(byteCount: bufferBytes / entryBytes * entryBytes, alignment: 16)
  }

  var entry: UnsafeRawPointer { UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped + at) }

  mutating func fill() throws(TemporaryFileFailure) {
    filled = min(buffer.count, end - offset)
    at = 0
    if filled > 0 {
      try file.read(UnsafeMutableRawBufferPointer(rebasing: buffer[..<filled]), at: offset)
      offset += filled
    }
    digest = filled > 0 ? DigestRuns.digest(entry) : nil
  }

  mutating func advance() throws(TemporaryFileFailure) {
    at += entryBytes
    if at == filled { return try fill() }
    digest = DigestRuns.digest(entry)
  }
}
