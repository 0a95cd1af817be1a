// SPDX-License-Identifier: Apache-2.0

import GRDB

extension Ledger {
  /// The ledger's tables. A migration that was released is never changed: what comes later is a new one.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(
        sql: """
          CREATE TABLE run (
            id TEXT NOT NULL PRIMARY KEY, pipeline TEXT NOT NULL, status TEXT NOT NULL,
            started_at INTEGER NOT NULL, ended_at INTEGER, exit INTEGER, error TEXT,
            plan_digest TEXT NOT NULL, declared INTEGER, bytes INTEGER NOT NULL,
            counters TEXT NOT NULL, filled TEXT NOT NULL) WITHOUT ROWID;
          CREATE INDEX run_pipeline ON run (pipeline, id);

          CREATE TABLE batch (
            id TEXT NOT NULL PRIMARY KEY, run TEXT NOT NULL, pipeline TEXT NOT NULL,
            status TEXT NOT NULL, fault TEXT, origin TEXT NOT NULL, name TEXT NOT NULL,
            request TEXT NOT NULL, response TEXT NOT NULL, digest TEXT NOT NULL,
            bytes INTEGER NOT NULL, landed_at INTEGER NOT NULL, landing_date TEXT NOT NULL,
            checkpoint TEXT, attempt INTEGER NOT NULL, plan_digest TEXT, declared INTEGER,
            counters TEXT NOT NULL, filled TEXT NOT NULL, error TEXT) WITHOUT ROWID;
          CREATE INDEX batch_status ON batch (pipeline, status, id);
          CREATE INDEX batch_origin ON batch (pipeline, origin, digest);
          CREATE INDEX batch_run ON batch (run, id);
          CREATE INDEX batch_digest ON batch (digest);

          CREATE TABLE attempt (
            batch TEXT NOT NULL, number INTEGER NOT NULL, pipeline TEXT NOT NULL, run TEXT NOT NULL,
            kind TEXT NOT NULL, outcome TEXT NOT NULL, plan_digest TEXT NOT NULL,
            decode_digest TEXT NOT NULL, started_at INTEGER NOT NULL, closed_at INTEGER,
            counters TEXT NOT NULL, error TEXT, closing TEXT,
            PRIMARY KEY (batch, number)) WITHOUT ROWID;
          CREATE INDEX attempt_open ON attempt (pipeline, batch, number) WHERE outcome = 'open';
          CREATE INDEX attempt_closed ON attempt (pipeline, closed_at) WHERE outcome = 'committed';

          -- What an attempt that is not closed has found: durable, seen by nobody.
          CREATE TABLE finding (
            batch TEXT NOT NULL, attempt INTEGER NOT NULL, is_note INTEGER NOT NULL,
            pipeline TEXT NOT NULL, entity TEXT NOT NULL, record INTEGER NOT NULL,
            "offset" INTEGER NOT NULL, length INTEGER NOT NULL, line INTEGER NOT NULL,
            path TEXT NOT NULL, identity TEXT NOT NULL, "key" TEXT, failures TEXT NOT NULL);
          CREATE INDEX finding_attempt ON finding (batch, attempt);

          -- `occurrence` tells records of one identity in one payload apart, so that each keeps its evidence.
          CREATE TABLE reject (
            number INTEGER PRIMARY KEY AUTOINCREMENT, is_note INTEGER NOT NULL, status TEXT NOT NULL,
            batch TEXT NOT NULL, attempt INTEGER NOT NULL, pipeline TEXT NOT NULL,
            entity TEXT NOT NULL, record INTEGER NOT NULL, "offset" INTEGER NOT NULL,
            length INTEGER NOT NULL, line INTEGER NOT NULL, path TEXT NOT NULL,
            identity TEXT NOT NULL, occurrence INTEGER NOT NULL, "key" TEXT,
            seen INTEGER NOT NULL, failures TEXT NOT NULL);
          CREATE UNIQUE INDEX reject_open ON reject (pipeline, identity, entity, is_note, occurrence)
            WHERE status = 'open';
          CREATE INDEX reject_waived ON reject (pipeline, identity) WHERE status = 'waived';
          CREATE INDEX reject_batch ON reject (batch, status);

          CREATE TABLE checkpoint (pipeline TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;

          CREATE TABLE action (
            number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,
            what TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
            previous TEXT NOT NULL, hash TEXT NOT NULL);
          """)
    }
    migrator.registerMigration("2") { db in
      try db.execute(sql: "ALTER TABLE run ADD COLUMN kind TEXT NOT NULL DEFAULT 'run'")
    }
    migrator.registerMigration("3") { db in
      try db.execute(
        sql: """
          -- The batch that loaded the record: replaying an older one does not open its reject again.
          ALTER TABLE reject ADD COLUMN resolved_by TEXT;
          CREATE INDEX reject_resolved ON reject (pipeline, resolved_by) WHERE status = 'resolved';
          """)
    }
    migrator.registerMigration("highest-value") { db in
      try db.execute(
        sql: """
          -- Highest value of the field that the extractor goes on from, over the batch's records.
          ALTER TABLE batch ADD COLUMN highest TEXT;
          -- Parts of a backfill that are landed whole, until all of it is.
          CREATE TABLE finished_part (
            pipeline TEXT NOT NULL, backfill TEXT NOT NULL, part TEXT NOT NULL,
            PRIMARY KEY (pipeline, backfill, part)) WITHOUT ROWID;
          """)
    }
    return migrator
  }
}
