// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// A kind of record with its root table and the keys its batch has brought.
final class RootKind {
  let index: Int
  let writer: TableWriter
  let keys: KeySet
  /// Position of the version field among the mapped fields.
  let version: Int?
  let hasTextVersion: Bool
  /// Positions of the fields that name a slice among the mapped fields.
  let slice: [Int]
  /// The slices of its entity, where these are replaced.
  let slices: EntitySlices?
  /// Kinds of other versions write the same rows: one that this kind inserted may hold more than its own.
  let sharesRows: Bool
  /// `_rowid_` of the row that the last merge inserted or found.
  var lastRowid: Int64 = 0
  /// The last record's key stood in the center: the next one is looked up before it is inserted.
  var prefersLookup = false
  /// Digests of what the rows of the chunk at work would write, without their children.
  private(set) var contents = GrowableBuffer<ContentHasher>(capacity: 1024)

  init(index: Int, writer: TableWriter, keys: KeySet, plan: LoadPlan, slices: EntitySlices?) {
    self.slices = slices
    slice = plan.slice.sorted().compactMap { name in writer.fields.firstIndex { $0.name == name } }
    self.index = index
    self.writer = writer
    self.keys = keys
    let kind = plan.kinds[index]
    sharesRows = plan.kinds.contains {
      $0.entity.name == kind.entity.name && $0.ownVersion != kind.ownVersion
    }
    let field = kind.ownVersion ?? plan.version
    version = writer.fields.firstIndex { $0.name == field }
    switch version.map({ writer.fields[$0].type }) {
    case .text, .code, .partialDate: hasTextVersion = true
    default: hasTextVersion = false
    }
  }

  deinit { contents.deallocate() }

  var hasKey: Bool { !writer.keys.isEmpty }

  /// Takes the columns of a chunk's table; they must not change until the next call.
  func attach(_ table: Table) throws(StageFailure) {
    try writer.attach(table)
    guard hasKey else { return }
    contents.reserve(table.rows - contents.count)
    contents.count = table.rows
    // Kinds that map other fields write other rows from the same values.
    contents.base.update(repeating: ContentHasher(seed: UInt64(index)), count: table.rows)
    for field in 0..<writer.fields.count {
      writer.readers[field].hash(0..<table.rows, into: contents.base)
    }
  }
}

/// A record on its way into a ``KeySet``.
struct KeyedRecord {
  let row: Int
  let ordinal: Int64
  let key: KeyDigest
  let content: UInt64
  let version: RowVersion
  var outcome = KeyOutcome.stale

  init(row: Int, ordinal: Int64, isDeletion: Bool = false, in kind: RootKind) {
    self.row = row
    self.ordinal = ordinal
    let writer = kind.writer
    var hasher = KeyHasher()
    for key in writer.keys { writer.readers[key].hash(row, into: &hasher) }
    key = hasher.finish()
    var content: ContentHasher
    if isDeletion {
      // Two deletions of one version say the same, and what else stands in them says nothing.
      content = ContentHasher(seed: UInt64(kind.index))
      content.mix(.max)
      if let version = kind.version { writer.readers[version].hash(row, into: &content) }
    } else {
      content = kind.contents[row]
      for child in writer.children { child.hash(below: row, into: &content) }
    }
    self.content = content.digest
    version = kind.version.map { writer.readers[$0].version(row) } ?? .none
  }

  var entry: KeySet.Entry {
    KeySet.Entry(key: key, content: content, ordinal: ordinal, outcome: outcome)
  }
}

extension LoadPlan {
  /// Entities that batches of this pipeline bring rows of, nested lists included.
  var fedEntities: Set<String> {
    var names: Set<String> = []
    func visit(_ kind: LoadKind) {
      names.insert(kind.entity.name)
      kind.children.forEach(visit)
    }
    kinds.forEach(visit)
    return names
  }
}
