// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB

/// A text that lookups in code lists found odd, with the records that hold it in one field.
public struct LookupFinding: Sendable, Equatable {
  public var pipeline: String
  public var entity: String
  /// `lookup.commune`, `lookup.commune.accents`.
  public var rule: String
  public var field: String
  public var value: String
  /// `none`, `basic` or `sensitive`: whether listings mask the value.
  public var personal: String
  public var records: Int
  /// The first reject or note that says so.
  public var example: String
}

extension Ledger {
  /// What lookups said of open rejects and of notes, counted by pipeline, field and text.
  public func lookupFindings() throws(StageFailure) -> [LookupFinding] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT pipeline, entity, json_extract(value, '$.rule') AS rule, json_extract(value, '$.field') AS field,
            json_extract(value, '$.value') AS text, json_extract(value, '$.personal') AS personal,
            count(DISTINCT number) AS records, min(number) AS example
          FROM reject, json_each(reject.failures)
          WHERE status = 'open' AND rule LIKE 'lookup.%'
          GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5
          """
      ).map { row in
        LookupFinding(
          pipeline: row["pipeline"], entity: row["entity"], rule: row["rule"], field: row["field"],
          value: row["text"] ?? "", personal: row["personal"], records: row["records"],
          example: Self.rejectID(row["example"]))
      }
    }
  }
}
