// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// What any loader must keep: seeded random sequences of batches are loaded into a fresh center and into a
/// model in memory; counters and tables must agree after each batch.
///
/// The records are few and alike, so that duplicates, equal versions, unchanged rows, references within the
/// batch and changed nested lists come up all the time.
public struct LoaderKit {
  public struct Discrepancy: Error, CustomStringConvertible {
    public var description: String
  }

  /// Where the rows of one center are read back from.
  public struct Center {
    /// What the loader is given.
    public var url: String
    /// All rows of a table, each column as stored text.
    public var rows: (_ entity: String) throws -> [[String: String?]]

    public init(url: String, rows: @escaping (_ entity: String) throws -> [[String: String?]]) {
      self.url = url
      self.rows = rows
    }
  }

  let loader: any Loader

  public init(_ loader: any Loader) { self.loader = loader }

  /// Loads `batches` random batches (where the run is the unit of commit: runs of three) and compares after each.
  ///
  /// - Throws: a ``Discrepancy`` that names seed and batch, or whatever the loader throws.
  public func check(
    _ mode: LoadPlan.Mode, version: Bool, unit: LoadPlan.CommitUnit? = nil, seed: UInt64, batches: Int,
    in center: Center
  ) throws {
    var random = SeededRandom(seed: seed)
    let plan = KitSchema.plan(mode, version: version ? "updated_at" : nil, unit)
    var model = LoaderModel(mode: mode, hasVersion: version)
    try loadUnits(center)
    let connection = try loader.connect(center: center.url, plan: plan)
    defer { connection.close() }
    var landed: [(batch: String, records: [TestRecord])] = []
    var runs: [[(String, [TestRecord])]] = []
    for number in 1...batches {
      if plan.commitUnit == .run {
        try publish(number, plan, connection, &runs, &model, &random)
      } else {
        let again = !landed.isEmpty && random.below(4) == 0 ? random.below(landed.count) : nil
        var records = again.map { landed[$0].records } ?? KitSchema.records(mode, &random)
        if again != nil, random.below(3) == 0 { KitSchema.change(&records, &random) }
        let name = again.map { landed[$0].batch } ?? "B\(1000 + number)"
        if again == nil { landed.append((name, records)) }
        var batch = LoadBatch(
          batch: name, attempt: number, run: "R\(number)", planDigest: "d", loadedAt: Int64(number),
          isReplay: again != nil)
        if again != nil, !version {
          let newer = model.keysLoaded(after: name)
          let digests = Set(newer.map(KitSchema.digest))
          batch.newerKeys = { digests.contains($0) }
        }
        let expected = model.load(name, records, isReplay: again != nil)
        let found = try LoadDriver.load(batch, into: connection) { KitSchema.chunks(records, &random) }
        try compare(found.counters, expected, "seed \(seed), step \(number), batch \(name)")
        try compare(try connection.committed(batch: name, attempt: number), expected, "receipt of \(name)")
      }
      try compare(model, with: center, "seed \(seed), step \(number)")
    }
  }

  private func loadUnits(_ center: Center) throws {
    let connection = try loader.connect(center: center.url, plan: KitSchema.unitPlan)
    let batch = LoadBatch(batch: "B0001", attempt: 1, run: "R0", planDigest: "d", loadedAt: 0)
    _ = try LoadDriver.load(batch, into: connection) {
      [TableBuilder.chunk(["U1", "U2"].map { TestRecord($0) }, of: KitSchema.unitPlan.kinds[0])]
    }
    connection.close()
  }

  /// Loads a run of three batches, or of slices sometimes an earlier one again.
  private func publish(
    _ number: Int, _ plan: LoadPlan, _ connection: any LoadConnection,
    _ runs: inout [[(String, [TestRecord])]], _ model: inout LoaderModel, _ random: inout SeededRandom
  ) throws {
    var contents: [(String, [TestRecord])]
    if plan.mode == .replaceSlice, !runs.isEmpty, random.below(3) == 0 {
      contents = runs[random.below(runs.count)]
    } else {
      contents = (0..<3).map { ("B\(1000 + number * 10 + $0)", KitSchema.records(plan.mode, &random)) }
      runs.append(contents)
    }
    let batches = contents.map { name, _ in
      LoadBatch(
        batch: name, attempt: number, run: "R\(number)", planDigest: "d", loadedAt: Int64(number),
        unit: contents[0].0)
    }
    for (batch, content) in zip(batches, contents) {
      _ = try LoadDriver.load(batch, into: connection) { KitSchema.chunks(content.1, &random) }
    }
    if random.below(4) == 0 {
      _ = try connection.rehearse(run: "R\(number)", batches: batches)
      return try connection.discardStaged(run: "R\(number)")
    }
    let found = try connection.publish(run: "R\(number)", batches: batches)
    let expected = plan.mode == .replace ? model.replace(contents) : model.replaceSlices(contents)
    for (name, counters) in expected {
      try compare(found[name], counters, "run \(number), batch \(name)")
    }
  }

  private func compare(_ found: Counters?, _ expected: Counters, _ place: String) throws {
    // What was read is the engine's to count, not the loader's.
    var expected = expected
    expected.read = found?.read ?? 0
    guard let found, found == expected else {
      throw Discrepancy(
        description: "\(place): counted \(found.map { "\($0)" } ?? "nothing")\n  expected \(expected)")
    }
  }

  private func compare(_ model: LoaderModel, with center: Center, _ place: String) throws {
    for (entity, expected) in model.tables {
      let found = try center.rows(entity).map { row in
        let isDeleted = (row["_deleted_at"] ?? nil) != nil
        return (KitSchema.columns[entity] ?? []).map { (row[$0] ?? nil) ?? "NULL" }.joined(separator: " | ")
          + (isDeleted ? " | deleted" : "")
      }.sorted()
      let expected = expected.sorted()
      guard found != expected else { continue }
      let missing = expected.filter { !found.contains($0) }
      let extra = found.filter { !expected.contains($0) }
      throw Discrepancy(
        description: "\(place), table \(entity):\n  missing \(missing.joined(separator: "\n          "))"
          + "\n  extra   \(extra.joined(separator: "\n          "))")
    }
  }
}

/// The same numbers for the same seed on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    // SplitMix64 (Steele, Lea, Flood 2014).
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// A number from 0 up to `bound`, without it.
  public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
