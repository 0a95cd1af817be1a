// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB

extension Ledger {
  /// Whether a part of a backfill is landed whole, by a run that did not come to the end of all of it.
  public func isFinished(part: String, of backfill: String, pipeline: String) throws(StageFailure) -> Bool {
    try read { db in
      try Bool.fetchOne(
        db,
        sql: "SELECT 1 FROM finished_part WHERE pipeline = ? AND backfill = ? AND part = ?",
        arguments: [pipeline, backfill, part]) ?? false
    }
  }

  /// Writes down that a part of a backfill is landed whole. What is landed is settled by the next run at the latest, so
  /// the part need not be asked for again.
  public func finish(part: String, of backfill: String, pipeline: String) throws(StageFailure) {
    try write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO finished_part (pipeline, backfill, part) VALUES (?, ?, ?)",
        arguments: [pipeline, backfill, part])
    }
  }

  /// Forgets the parts of a backfill that came to its end: asked for again, it is a new one.
  public func forgetParts(of backfill: String, pipeline: String) throws(StageFailure) {
    try write { db in
      try db.execute(
        sql: "DELETE FROM finished_part WHERE pipeline = ? AND backfill = ?", arguments: [pipeline, backfill])
    }
  }
}
