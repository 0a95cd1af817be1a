// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Glibc
import Records
import Synchronization

/// The database of runs, batches, attempts, rejects and checkpoints. Safe to use from several threads, and
/// from several processes at once; each function that changes something is one durable transaction.
///
/// Every function throws a ``StageFailure``: 74 when the disk fails or is full or the file is damaged, 75
/// when another process kept it locked for too long, 77 without rights, 78 when a newer program wrote it.
public final class Ledger: Sendable {
  public let path: String
  let queue: DatabaseQueue
  /// Locked, shared, by every process that has the ledger open.
  private let users: StoreFile
  /// The newest ids that this process handed out, by kind.
  let newest = Mutex<[Character: String]>([:])
  let clock: @Sendable () -> Int64

  /// Past this size the whole file is checked at opening only when the last process using it died.
  private static let alwaysChecked: UInt64 = 4 << 20

  /// Opens the ledger of a home; makes it or brings it up to date first.
  ///
  /// - Parameter milliseconds: the clock that ids are made from.
  public init(
    home: Home, milliseconds: @escaping @Sendable () -> Int64 = Ledger.systemMilliseconds
  ) throws(StageFailure) {
    path = home.ledgerPath
    clock = milliseconds
    let path = path
    try Self.requireNotEmptied(home)
    // One process at a time opens, so that none meets a ledger that another is just making.
    let gate = try StoreFile(home.locksPath + "/.ledger", O_RDWR | O_CREAT)
    guard gate.lock(waiting: true) else { throw .storage("lock", gate.path, errno) }
    users = try StoreFile(home.locksPath + "/.ledger-users", O_RDWR | O_CREAT)
    let isAlone = users.lock(waiting: false)
    let mustCheck = Self.mustCheck(path, isAlone: isAlone)
    users.share()
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration)
      let migrator = Self.migrator
      let isCurrent = try queue.read { db in
        if mustCheck, let fault = try Self.fault(in: db) { throw StageFailure.ledgerDamaged(path, fault) }
        guard try !migrator.hasBeenSuperseded(db) else { throw StageFailure.ledgerNewer(path) }
        return try migrator.hasCompletedMigrations(db)
      }
      if !isCurrent { try migrator.migrate(queue) }
    } catch {
      throw StageFailure.ledger(error, path)
    }
  }

  /// Closes the file. What is done afterwards fails.
  public func close() throws(StageFailure) {
    do { try queue.close() } catch { throw .ledger(error, path) }
  }

  /// Milliseconds since 1970 by the system's clock.
  @Sendable public static func systemMilliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(StageFailure) -> Value {
    do { return try queue.read(body) } catch { throw .ledger(error, path) }
  }

  func write<Value>(_ body: (Database) throws -> Value) throws(StageFailure) -> Value {
    do {
      let value = try queue.write { db in
        let value = try body(db)
        try step("ledger.commit")
        return value
      }
      FailPoint.hit("ledger.committed")
      return value
    } catch {
      throw .ledger(error, path)
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "ledger"
    configuration.busyMode = .timeout(30)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.execute(sql: "PRAGMA secure_delete = ON")
    }
    return configuration
  }

  private static func fault(in db: Database) throws -> String? {
    let lines = try String.fetchAll(db, sql: "PRAGMA quick_check(1)")
    return lines == ["ok"] ? nil : lines.first ?? "quick check failed"
  }

  /// A write-ahead log that is still there while nobody uses the ledger was left by a process that died.
  private static func mustCheck(_ path: String, isAlone: Bool) -> Bool {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return false }
    return UInt64(max(0, facts.st_size)) <= alwaysChecked || (isAlone && access(path + "-wal", F_OK) == 0)
  }

  /// SQLite takes an empty file for a new database: with payloads beside it, it is one that was lost.
  private static func requireNotEmptied(_ home: Home) throws(StageFailure) {
    var facts = stat()
    guard stat(home.ledgerPath, &facts) == 0, facts.st_size == 0, access(home.ledgerPath + "-wal", F_OK) != 0,
      let folder = opendir(home.landingPath)
    else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) {
        throw .ledgerDamaged(home.ledgerPath, "it is empty although payloads were landed")
      }
    }
  }
}
