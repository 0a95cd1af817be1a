// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Records

/// The slices of one entity.
final class EntitySlices {
  struct Slice {
    var digest: KeyDigest
    /// A batch that landed later has brought it.
    var isStale = false
    /// Rows of the pipeline stood in it.
    var stood = false
    /// Another batch of this run has brought it.
    var isSecond = false
    /// A record of this load was loaded into it.
    var came = false

    fileprivate var bits: UInt64 {
      (isStale ? 1 : 0) | (stood ? 2 : 0) | (isSecond ? 4 : 0) | (came ? 8 : 0)
    }

    fileprivate init(_ digest: KeyDigest, bits: UInt64 = 0) {
      self.digest = digest
      isStale = bits & 1 != 0
      stood = bits & 2 != 0
      isSecond = bits & 4 != 0
      came = bits & 8 != 0
    }
  }

  let entity: EntitySchema
  /// By which the temporary tables tell entities apart.
  let index: Int
  private unowned let slices: Slices
  /// Of the names, so that other fields make other slices.
  private let seed: KeyHasher
  private let met: KeySet
  /// That of the last record: records of one slice mostly come together.
  private(set) var current: Slice?
  /// Whether a slice came in which rows stood.
  private(set) var mayRemove = false
  private let owner: SQLiteStatement
  private let own: SQLiteStatement
  private let came: SQLiteStatement
  /// Looks for a row of the pipeline in a slice; nil where none can stand, or nothing is removed.
  private let stands: SQLiteStatement?

  init(
    _ entity: EntitySchema, index: Int, in slices: Slices, keysInMemory: Int
  ) throws(StageFailure) {
    self.entity = entity
    self.index = index
    self.slices = slices
    met = KeySet(limit: keysInMemory)
    let (plan, database) = (slices.plan, slices.database)
    var seed = KeyHasher()
    for var name in slices.fields { name.withUTF8 { seed.combine($0) } }
    self.seed = seed
    owner = try database.prepare(
      "SELECT batch, run FROM _terrace_slices WHERE pipeline = ?1 AND entity = ?2 AND high = ?3 AND low = ?4")
    own = try database.prepare(
      "INSERT OR REPLACE INTO _terrace_slices (pipeline, entity, high, low, batch, run) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    for statement in [owner, own] {
      statement.bind(plan.pipeline, at: 1)
      statement.bind(entity.name, at: 2)
    }
    own.bind(slices.unit, at: 5)
    own.bind(slices.run, at: 6)
    came = try database.prepare(
      "INSERT INTO temp._terrace_came VALUES (?1, "
        + "\(slices.fields.indices.map { "?\($0 + 2)" }.joined(separator: ", ")))")
    came.bind(Int64(index), at: 1)
    let table = quoted(entity.name)
    guard slices.removesRest, try database.prepare("SELECT 1 FROM \(table) LIMIT 1").step() else {
      stands = nil
      return
    }
    try SliceIndex(entity, plan: plan, database: database).make()
    stands = try database.prepare(
      "SELECT 1 FROM \(table) WHERE "
        + slices.fields.enumerated().map { "\(quoted($1)) = ?\($0 + 2)" }.joined(separator: " AND ")
        + " AND _pipeline = ?1 LIMIT 1")
    stands?.bind(plan.pipeline, at: 1)
  }

  /// Goes to the slice of a record, whose slice fields all have values.
  func enter(_ row: Int, of kind: RootKind) throws(StageFailure) {
    var hasher = seed
    for field in kind.slice { kind.writer.readers[field].hash(row, into: &hasher) }
    let digest = hasher.finish()
    if current?.digest == digest { return }
    if let known = try met.find(digest) {
      current = Slice(digest, bits: known.content)
    } else {
      try meet(digest, row, of: kind)
    }
  }

  private func meet(_ digest: KeyDigest, _ row: Int, of kind: RootKind) throws(StageFailure) {
    var slice = Slice(digest)
    var isKnown = false
    if let (batch, run) = try lastWord(on: digest) {
      isKnown = true
      slice.isStale = batch > slices.unit
      slice.isSecond = run == slices.run && batch < slices.unit
    }
    if !slice.isStale, let stands {
      bind(row, of: kind, to: stands, from: 2)
      slice.stood = try stands.step()
      stands.reset()
      if slice.stood, !isKnown { slice.isStale = try isOvertaken(row, of: kind) }
    }
    try keep(slice)
  }

  /// Of a slice that never came as such (the mode was another, or other fields named it) the rows tell.
  private func isOvertaken(_ row: Int, of kind: RootKind) throws(StageFailure) -> Bool {
    let newest = try slices.database.prepare(
      "SELECT max(_batch) FROM \(quoted(entity.name)) WHERE "
        + slices.fields.enumerated().map { "\(quoted($1)) = ?\($0 + 2)" }.joined(separator: " AND ")
        + " AND _pipeline = ?1")
    newest.bind(slices.plan.pipeline, at: 1)
    bind(row, of: kind, to: newest, from: 2)
    guard try newest.step() else { return false }
    defer { newest.reset() }
    return newest.text(0).map { $0 > slices.last } ?? false
  }

  private func keep(_ slice: Slice) throws(StageFailure) {
    current = slice
    try met.store(
      KeySet.Entry(key: slice.digest, content: slice.bits, ordinal: 0, outcome: .inserted), version: .none)
  }

  private func bind(_ row: Int, of kind: RootKind, to statement: SQLiteStatement, from first: Int32) {
    var index = first
    for field in kind.slice {
      kind.writer.readers[field].bind(row, to: statement.handle, at: index, kind.writer.scratch(field))
      index += 1
    }
  }

  /// The batch that brought a slice last, and the run that loaded it.
  private func lastWord(on digest: KeyDigest) throws(StageFailure) -> (batch: String, run: String)? {
    owner.bind(Int64(bitPattern: digest.high), at: 3)
    owner.bind(Int64(bitPattern: digest.low), at: 4)
    guard try owner.step() else { return nil }
    defer { owner.reset() }
    return (owner.text(0) ?? "", owner.text(1) ?? "")
  }

  /// Says that a record was loaded into the slice last entered: the slice is this load's now.
  func take(_ row: Int, of kind: RootKind) throws(StageFailure) {
    guard var slice = current, !slice.came, !slice.isStale else { return }
    if slice.isSecond, let (batch, _) = try lastWord(on: slice.digest) {
      slices.cameTwice(SliceTwice(entity: entity.name, slice: name(of: row, kind), earlier: batch))
    }
    own.bind(Int64(bitPattern: slice.digest.high), at: 3)
    own.bind(Int64(bitPattern: slice.digest.low), at: 4)
    try own.run()
    if slice.stood {
      bind(row, of: kind, to: came, from: 2)
      try came.run()
      mayRemove = true
    }
    slice.came = true
    try keep(slice)
  }

  private func name(of row: Int, _ kind: RootKind) -> String {
    slices.plan.slice.map { name in
      let value = kind.writer.table.fields.first { $0.name == name }?.column.text(row)
      return "\(name) \(entity.field(name)?.personal == PersonalClass.none ? value ?? "" : "•••")"
    }.joined(separator: ", ")
  }

  /// Remembers a row that the load brought or found, if the slice last entered had rows before.
  func keep(rowid: Int64) throws(StageFailure) {
    if slices.removesRest, current?.stood == true { try slices.keep(rowid, of: self) }
  }

  func forget(rowid: Int64) throws(StageFailure) {
    if slices.removesRest { try slices.forget(rowid, of: self) }
  }

  /// Whether a row that stands is of another slice than the record of its key, and a later batch had the last word on
  /// that one.
  func isOvertaken(_ row: Int, _ standing: SQLiteStatement, of kind: RootKind) throws(StageFailure) -> Bool {
    let writer = kind.writer
    let hasMoved = kind.slice.contains { field in
      writer.readers[field].differs(row, from: standing.handle, at: Int32(field + 1), writer.scratch(field))
    }
    guard hasMoved else { return false }
    var hasher = seed
    for field in kind.slice {
      switch writer.readers[field].standingVersion(standing, at: Int32(field + 1)) {
      case .none: return false
      case .text(let bytes): hasher.combine(bytes)
      case .number(let number): hasher.combine(number)
      }
    }
    guard let (batch, _) = try lastWord(on: hasher.finish()) else { return false }
    return batch > slices.unit
  }
}

/// By what the rows of a slice are found.
private struct SliceIndex {
  let table: String
  let fields: [String]
  let identity: [String]
  let database: SQLiteDatabase

  init(_ entity: EntitySchema, plan: LoadPlan, database: SQLiteDatabase) throws(StageFailure) {
    table = entity.name
    fields = plan.slice.sorted()
    identity = try TableLayout(entity, among: plan.entities).identity
    self.database = database
  }

  /// Makes it once rows stand, unless the key begins with the slice.
  func make() throws(StageFailure) {
    if Set(identity.prefix(fields.count)) == Set(fields) { return }
    let name = "_slices_of_\(table).\(fields.joined(separator: "."))"
    let known = try database.prepare(
      "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1 AND tbl_name = ?2 COLLATE NOCASE")
    known.bind(name, at: 1)
    known.bind(table, at: 2)
    if try known.step() {
      known.reset()
      return
    }
    // One of that name went away with a renamed table.
    try database.execute("DROP INDEX IF EXISTS \(quoted(name))")
    try database.execute(
      "CREATE INDEX \(quoted(name)) ON \(quoted(table)) (\(fields.map(quoted).joined(separator: ", ")))")
  }
}
