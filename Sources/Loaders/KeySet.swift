// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// What became of the record that stands for a key within its batch.
enum KeyOutcome: Int64 {
  case inserted, updated, unchanged, stale
  /// Rejected because the center has its key (`append`).
  case exists
  /// Put aside for the run's end (`replace`).
  case staged
  /// Stands only in the next pass: the record it beats can no longer be taken back in this one.
  case waits
  /// The row was marked as deleted.
  case deleted
}

/// The keys of one entity that a batch has brought so far, each with the record that stands for it: in memory
/// up to a limit, from there on in temporary files. How much memory it takes does not grow beyond the limit.
final class KeySet {
  struct Entry: BitwiseCopyable {
    var key: KeyDigest
    var content: UInt64
    private var ordinalAndOutcome: Int64
    fileprivate var versionBits: Int128

    init(key: KeyDigest, content: UInt64, ordinal: Int64, outcome: KeyOutcome) {
      self.key = key
      self.content = content
      ordinalAndOutcome = ordinal << 3 | outcome.rawValue
      versionBits = KeySet.noVersion
    }

    var ordinal: Int64 { ordinalAndOutcome >> 3 }
    var outcome: KeyOutcome { KeyOutcome(rawValue: ordinalAndOutcome & 7) ?? .inserted }
  }

  /// Keys held in memory: with their slots some two mebibytes.
  static let usualLimit = 1 << 15

  /// No 38-digit number is as low.
  private static let noVersion = Int128.min

  private let limit: Int
  private var entries = GrowableBuffer<Entry>(capacity: 1024)
  /// By open addressing: half of the key's digest, and below it index + 1 into `entries`; 0 is free. Another
  /// key's entry is told by the half, without going to it.
  private var slots: UnsafeMutablePointer<UInt64>
  private var mask: Int
  private var texts = VersionTexts()
  /// What did not fit; an entry in memory stands before one of the same key here.
  private var runs: DigestRuns?

  init(limit: Int = usualLimit) {
    self.limit = limit
    mask = 2047
    slots = .allocate(capacity: 2048)
    slots.initialize(repeating: 0, count: 2048)
  }

  deinit {
    entries.deallocate()
    slots.deallocate()
  }

  @inline(__always)
  private func slot(of key: KeyDigest) -> Int {
    var at = Int(truncatingIfNeeded: key.low) & mask
    let half = key.high >> 32
    while slots[at] != 0, slots[at] >> 32 != half || entry(at).pointee.key != key { at = (at + 1) & mask }
    return at
  }

  @inline(__always)
  private func entry(_ slot: Int) -> UnsafeMutablePointer<Entry> {
    entries.base + (Int(slots[slot] & 0xFFFF_FFFF) - 1)
  }

  private func take(_ slot: Int, for key: KeyDigest, index: Int) {
    slots[slot] = (key.high >> 32) << 32 | UInt64(index + 1)
  }

  func find(_ key: KeyDigest) throws(StageFailure) -> Entry? {
    let at = slot(of: key)
    if slots[at] != 0 { return entry(at).pointee }
    guard let runs else { return nil }
    var entry = Entry(key: key, content: 0, ordinal: 0, outcome: .inserted)
    do throws(TemporaryFileFailure) {
      return try runs.find(key, into: &entry) ? entry : nil
    } catch {
      throw .keys(error)
    }
  }

  /// Adds a record, or puts it in the place of the one that stood for its key.
  func store(_ entry: Entry, version: RowVersion) throws(StageFailure) {
    do throws(TemporaryFileFailure) {
      var entry = entry
      entry.versionBits = try keep(version)
      var at = slot(of: entry.key)
      if slots[at] != 0 {
        self.entry(at).pointee = entry
        return
      }
      if entries.count >= limit {
        try spill()
        at = slot(of: entry.key)
      }
      take(at, for: entry.key, index: entries.count)
      entries.append(entry)
      if entries.count * 2 > mask + 1 { grow() }
    } catch {
      throw .keys(error)
    }
  }

  private func spill() throws(TemporaryFileFailure) {
    let runs = self.runs ?? DigestRuns(entryBytes: MemoryLayout<Entry>.stride)
    self.runs = runs
    try runs.add(entries.base, count: entries.count)
    entries.count = 0
    slots.update(repeating: 0, count: mask + 1)
  }

  /// - Returns: a version whose bytes are valid until the next call.
  func version(of entry: Entry, isText: Bool) throws(StageFailure) -> RowVersion {
    if entry.versionBits == Self.noVersion { return .none }
    guard isText else { return .number(entry.versionBits) }
    do throws(TemporaryFileFailure) {
      return .text(try texts.text(at: Int(truncatingIfNeeded: entry.versionBits)))
    } catch {
      throw .keys(error)
    }
  }

  private func keep(_ version: RowVersion) throws(TemporaryFileFailure) -> Int128 {
    switch version {
    case .none: Self.noVersion
    case .number(let number): number
    case .text(let bytes): Int128(try texts.append(bytes))
    }
  }

  private func grow() {
    slots.deallocate()
    let capacity = (mask + 1) * 2
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
    mask = capacity - 1
    for index in 0..<entries.count {
      let key = entries.base[index].key
      take(slot(of: key), for: key, index: index)
    }
  }
}

/// Text versions, each behind its length: the last ones in memory, those before them in a temporary file.
private struct VersionTexts: ~Copyable {
  private static let bufferBytes = 64 << 10

  private var buffer = GrowableBuffer<UInt8>(capacity: 64)
  private var file: TemporaryFile?
  /// Bytes in the file.
  private var written = 0
  /// Holds a text that was read back.
  private var scratch = GrowableBuffer<UInt8>(capacity: 64)

  deinit {
    buffer.deallocate()
    scratch.deallocate()
  }

  /// - Returns: the text's place.
  mutating func append(_ text: UnsafeBufferPointer<UInt8>) throws(TemporaryFileFailure) -> Int {
    if buffer.count >= Self.bufferBytes {
      if file == nil { file = try TemporaryFile() }
      try file?.write(UnsafeRawBufferPointer(start: buffer.base, count: buffer.count), at: written)
      written += buffer.count
      buffer.count = 0
    }
    let place = written + buffer.count
    for shift in stride(from: 0, to: 64, by: 8) {
      buffer.append(UInt8(truncatingIfNeeded: text.count >> shift))
    }
    if let base = text.baseAddress { buffer.append(base, count: text.count) }
    return place
  }

  /// The text at a place, valid until the next call.
  mutating func text(at place: Int) throws(TemporaryFileFailure) -> UnsafeBufferPointer<UInt8> {
    guard place < written, let file else {
      let at = UnsafeRawPointer(buffer.base + (place - written))
      let count = at.loadUnaligned(as: Int.self).littleEndian
      return UnsafeBufferPointer(start: buffer.base + (place - written) + 8, count: count)
    }
    scratch.reserve(8)
    try file.read(UnsafeMutableRawBufferPointer(start: scratch.base, count: 8), at: place)
    let count = UnsafeRawPointer(scratch.base).loadUnaligned(as: Int.self).littleEndian
    scratch.reserve(count)
    try file.read(UnsafeMutableRawBufferPointer(start: scratch.base, count: count), at: place + 8)
    return UnsafeBufferPointer(start: scratch.base, count: count)
  }
}

extension StageFailure {
  fileprivate static func keys(_ failure: TemporaryFileFailure) -> StageFailure {
    StageFailure(
      id: "load.temporary-file",
      "cannot \(failure.action) the temporary file that tells records of one key in a large batch: "
        + failure.cause,
      help: "free space in the folder for temporary files, or name another by TMPDIR, then run again",
      exit: .storage)
  }
}
