// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// Loads records into the integration center: the tables of the shared schema in the database that the
/// center's URL names.
public struct CenterLoader: Loader {
  /// Read by planning into ``LoadPlan/mode``; declared here for documentation and checks.
  static let mode = Setting<LoadPlan.Mode>(
    "mode",
    "How records meet the rows that stand: append adds rows, merge inserts or updates by key, replace puts "
      + "what a whole run brought in place of this pipeline's rows, replace_slice each slice that came (a unit's report "
      + "of a period) in place of the rows of that slice. By default merge if the entity has a key, else append.",
    shape: .choice(LoadPlan.Mode.allCases.map(\.rawValue)), default: nil, isRequired: false,
    read: { tree throws(Diagnostic) in
      if let mode = tree.text.flatMap(LoadPlan.Mode.init(rawValue:)) { return mode }
      let modes = LoadPlan.Mode.allCases.map(\.rawValue).joined(separator: ", ")
      throw Diagnostic(
        id: "load.unknown-mode", "'\(tree.text ?? "")' is not a load mode", at: tree.position,
        length: tree.length, help: "write one of \(modes)")
    })
  /// Read by planning into ``LoadPlan/version``.
  static let version = Setting<String>(
    "version", "Field whose higher value is the newer state of a row. Without it, landing order decides.",
    shape: .text, default: nil, isRequired: false,
    read: { tree throws(Diagnostic) in
      if let name = tree.text { return name }
      throw Diagnostic(
        id: "load.version-not-a-field", "'version' names no field", at: tree.position, length: tree.length,
        help: "write the name of a mapped field, as updated_at")
    })

  /// Read by planning into ``LoadPlan/slice``.
  static let slice = Setting.list(
    "slice",
    "In replace_slice: fields that name what the source sends whole, as [unit_code, period, year]. What is sent again "
      + "replaces what stood.", isRequired: false)

  public static let description = ComponentDescription(
    "center", "Loads records into the tables of the integration center, all or nothing per batch.",
    example: "center: { mode: merge, version: updated_at }",
    [mode.description, version.description, slice.description])

  public init(_ settings: Settings) throws(Diagnostic) {
  }

  public func connect(center: String, plan: LoadPlan) throws(StageFailure) -> any LoadConnection {
    switch try CenterURL(center) {
    case .sqlite(let path): try SQLiteConnection(path: path, plan: plan)
    }
  }

  public func distinctValues(
    of field: String, in entity: String, center: String
  ) throws(StageFailure) -> [String] {
    // Where nothing was loaded yet there is no file.
    if case .sqlite(let path) = try CenterURL(center), access(path, F_OK) != 0 { return [] }
    return try SQLiteCenterQuery(center: center).distinctValues(of: field, in: entity)
  }

  public func examine(
    query: String, entities: [String: EntitySchema]
  ) throws(CenterQueryFault) -> CenterQueryFacts {
    try SQLiteCenterRows(query: query, entities: entities).examine()
  }

  public func rows(
    of query: String, entities: [String: EntitySchema], center: String, isCancelled: () -> Bool,
    take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    switch try CenterURL(center) {
    case .sqlite(let path):
      try SQLiteCenterRows(query: query, entities: entities)
        .rows(center: path, isCancelled: isCancelled, take: take)
    }
  }
}
