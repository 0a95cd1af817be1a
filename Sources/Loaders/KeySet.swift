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
}

/// The keys of one entity that a batch has brought so far, each with the record that stands for it: in memory
/// up to a limit, from there on in a temporary file.
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

    fileprivate init(key: KeyDigest, content: UInt64, packed: Int64) {
      self.key = key
      self.content = content
      ordinalAndOutcome = packed
      versionBits = KeySet.noVersion
    }

    fileprivate var packed: Int64 { ordinalAndOutcome }
    var ordinal: Int64 { ordinalAndOutcome >> 3 }
    var outcome: KeyOutcome { KeyOutcome(rawValue: ordinalAndOutcome & 7) ?? .inserted }
  }

  /// No 38-digit number is as low.
  private static let noVersion = Int128.min

  private let limit: Int
  private var entries = GrowableBuffer<Entry>(capacity: 1024)
  /// Index + 1 into `entries`, by open addressing; 0 is free.
  private var slots: UnsafeMutablePointer<UInt32>
  private var mask: Int
  /// Text versions, each behind its length; entries hold their offset.
  private var texts = GrowableBuffer<UInt8>(capacity: 64)
  private var spill: KeySpill?

  init(limit: Int = 1_000_000) {
    self.limit = limit
    mask = 2047
    slots = .allocate(capacity: 2048)
    slots.initialize(repeating: 0, count: 2048)
  }

  deinit {
    entries.deallocate()
    texts.deallocate()
    slots.deallocate()
  }

  @inline(__always)
  private func slot(of key: KeyDigest) -> Int {
    var at = Int(truncatingIfNeeded: key.low) & mask
    while slots[at] != 0, entries.base[Int(slots[at]) - 1].key != key { at = (at + 1) & mask }
    return at
  }

  func find(_ key: KeyDigest) throws(StageFailure) -> Entry? {
    let index = slots[slot(of: key)]
    if index != 0 { return entries.base[Int(index) - 1] }
    return try spill?.find(key)
  }

  /// Adds a record, or puts it in the place of the one that stood for its key.
  func store(_ entry: Entry, version: RowVersion) throws(StageFailure) {
    var entry = entry
    entry.versionBits = keep(version)
    let at = slot(of: entry.key)
    if slots[at] != 0 {
      entries.base[Int(slots[at]) - 1] = entry
    } else if entries.count < limit {
      entries.append(entry)
      slots[at] = UInt32(truncatingIfNeeded: entries.count)
      if entries.count * 2 > mask { grow() }
    } else {
      if spill == nil { spill = try KeySpill() }
      try spill?.store(entry)
    }
  }

  func version(of entry: Entry, isText: Bool) -> RowVersion {
    if entry.versionBits == Self.noVersion { return .none }
    guard isText else { return .number(entry.versionBits) }
    let offset = Int(truncatingIfNeeded: entry.versionBits)
    let length = UnsafeRawPointer(texts.base + offset).loadUnaligned(as: Int.self).littleEndian
    return .text(UnsafeBufferPointer(start: texts.base + offset + 8, count: length))
  }

  private func keep(_ version: RowVersion) -> Int128 {
    switch version {
    case .none: return Self.noVersion
    case .number(let number): return number
    case .text(let bytes):
      let offset = texts.count
      for shift in stride(from: 0, to: 64, by: 8) {
        texts.append(UInt8(truncatingIfNeeded: bytes.count >> shift))
      }
      if let base = bytes.baseAddress { texts.append(base, count: bytes.count) }
      return Int128(offset)
    }
  }

  private func grow() {
    slots.deallocate()
    let capacity = (mask + 1) * 2
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
    mask = capacity - 1
    for index in 0..<entries.count {
      slots[slot(of: entries.base[index].key)] = UInt32(truncatingIfNeeded: index + 1)
    }
  }
}

/// The part of a ``KeySet`` that did not fit into memory: a temporary file that vanishes with its connection.
private final class KeySpill {
  private let database: SQLiteDatabase
  private let select: SQLiteStatement
  private let upsert: SQLiteStatement

  init() throws(StageFailure) {
    database = try SQLiteDatabase(temporary: ())
    try database.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192")
    try database.execute(
      "CREATE TABLE keys (high INTEGER, low INTEGER, content INTEGER, packed INTEGER, version_high INTEGER, "
        + "version_low INTEGER, PRIMARY KEY (high, low)) WITHOUT ROWID; BEGIN")
    select = try database.prepare(
      "SELECT content, packed, version_high, version_low FROM keys WHERE high = ?1 AND low = ?2")
    upsert = try database.prepare("INSERT OR REPLACE INTO keys VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
  }

  func find(_ key: KeyDigest) throws(StageFailure) -> KeySet.Entry? {
    select.bind(Int64(bitPattern: key.high), at: 1)
    select.bind(Int64(bitPattern: key.low), at: 2)
    guard try select.step() else { return nil }
    defer { select.reset() }
    var entry = KeySet.Entry(
      key: key, content: UInt64(bitPattern: select.integer(0)), packed: select.integer(1))
    entry.versionBits =
      Int128(select.integer(2)) << 64 | Int128(UInt64(bitPattern: select.integer(3)))
    return entry
  }

  func store(_ entry: KeySet.Entry) throws(StageFailure) {
    upsert.bind(Int64(bitPattern: entry.key.high), at: 1)
    upsert.bind(Int64(bitPattern: entry.key.low), at: 2)
    upsert.bind(Int64(bitPattern: entry.content), at: 3)
    upsert.bind(entry.packed, at: 4)
    upsert.bind(Int64(truncatingIfNeeded: entry.versionBits >> 64), at: 5)
    upsert.bind(Int64(truncatingIfNeeded: entry.versionBits), at: 6)
    try upsert.run()
  }
}
