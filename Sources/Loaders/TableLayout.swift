// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The columns of an entity's table: the parent's key columns in front, then the entity's fields.
struct TableLayout: Equatable {
  struct Column: Equatable {
    var name: String
    var type: FieldType
  }

  /// What stands beside the fields in each row: the batch that last wrote it, its pipeline, and when.
  static let bookkeeping = ["_batch", "_pipeline", "_loaded_at"]

  /// When a source said that what the row holds is gone; null for a row that stands.
  static let deletedAt = "_deleted_at"

  let entity: EntitySchema
  let columns: [Column]
  /// How many of the columns are the parent's key columns.
  let parentColumns: Int
  /// Names of the columns that identify a row; empty for an entity without a key.
  let identity: [String]
  /// Whether its rows can be marked as deleted.
  var marksDeletions = false
  /// Versions that parts of its rows have of their own.
  var ownVersions: [String] = []

  /// The batch that last wrote the part of a row that has this version.
  static func batch(of ownVersion: String) -> String { "_batch_of_\(ownVersion)" }

  /// Loader's columns that may be null.
  var marks: [String] {
    (marksDeletions ? [Self.deletedAt] : []) + ownVersions.map(Self.batch)
  }

  var name: String { entity.name }
  var parentIdentity: [String] { columns.prefix(parentColumns).map(\.name) }

  init(_ entity: EntitySchema, among entities: [String: EntitySchema]) throws(StageFailure) {
    try self.init(entity, among: entities, below: [])
  }

  private init(
    _ entity: EntitySchema, among entities: [String: EntitySchema], below: [String]
  ) throws(StageFailure) {
    var columns: [Column] = []
    var identity: [String] = []
    if let parentName = entity.parent {
      guard let parent = entities[parentName], !below.contains(entity.name) else {
        throw Self.refused(
          entity, "its parent '\(parentName)' is no entity of the schema, or descends from it",
          help: "name an existing entity as parent of '\(entity.name)'")
      }
      let above = try TableLayout(parent, among: entities, below: below + [entity.name])
      guard !above.identity.isEmpty else {
        throw Self.refused(
          entity, "its parent '\(parentName)' has no key, so its rows could not be told apart by parent",
          help: "give '\(parentName)' a key")
      }
      columns = above.columns.filter { above.identity.contains($0.name) }
      columns.sort { left, right in
        (above.identity.firstIndex(of: left.name) ?? 0) < (above.identity.firstIndex(of: right.name) ?? 0)
      }
      identity = above.identity
    }
    parentColumns = columns.count
    columns += entity.fields.map { Column(name: $0.name, type: $0.type) }
    var seen = Set(Self.bookkeeping)
    for column in columns where !seen.insert(column.name.lowercased()).inserted || column.name.hasPrefix("_")
    {
      throw Self.refused(
        entity, "column '\(column.name)' would stand twice in its table, or is the loader's own",
        help: "rename the field '\(column.name)'; names that begin with '_' are reserved")
    }
    let lowered = entity.name.lowercased()
    if lowered.hasPrefix("_terrace") || lowered.hasPrefix("sqlite_") {
      throw Self.refused(entity, "its name is reserved", help: "rename the entity")
    }
    for key in entity.key where entity.field(key) == nil {
      throw Self.refused(entity, "its key names no field '\(key)'", help: "declare the field '\(key)'")
    }
    self.entity = entity
    self.columns = columns
    self.identity = entity.key.isEmpty ? [] : identity + entity.key
  }

  private static func refused(_ entity: EntitySchema, _ why: String, help: String) -> StageFailure {
    StageFailure(
      id: "load.schema-conflict", "entity '\(entity.name)' can have no table: \(why)", help: help,
      exit: .files)
  }
}

extension FieldType {
  /// Whether SQLite keeps values as integers: its numbers hold 18 digits exactly, and no more.
  var isInteger: Bool {
    switch self {
    case .integer, .boolean: true
    case .decimal(let precision, let scale): precision <= 18 && scale == 0
    default: false
    }
  }

  /// What stored values mean. Between types of one storage a schema may change without touching a row.
  var storage: String {
    switch self {
    case .text, .code: "text"
    case .integer: "integer"
    case .decimal(_, let scale): isInteger ? "integer" : "decimal digits, \(scale) after the point"
    case .boolean: "boolean"
    case .date: "date"
    case .timestamp: "timestamp"
    case .partialDate: "partial date"
    }
  }

  /// Whether rows stored under `standing` can be read as this type without a change.
  func canRead(_ standing: String) -> Bool {
    standing == storage || (self == .partialDate && standing == FieldType.date.storage)
  }
}
