// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// The folder that holds what outlives a run: landing zone, ledger, locks. Readable and writable by its
/// owner only.
public struct Home: Sendable {
  /// The folder, as given.
  public let path: String

  public var landingPath: String { path + "/landing" }
  public var ledgerPath: String { path + "/ledger.db" }
  public var locksPath: String { path + "/locks" }
  public var systemsPath: String { path + "/systems" }

  /// Opens the folder, and makes it when it is not there.
  ///
  /// From here on the process makes files that only its owner can read (umask 077), and a passed file size
  /// limit is an error of the write instead of the end of the process.
  ///
  /// - Throws: a ``StageFailure`` (77) when another user owns the folder or may write to it, (74) when it
  ///   cannot be made.
  public init(_ path: String) throws(StageFailure) {
    self.path = path
    umask(0o077)
    signal(SIGXFSZ, SIG_IGN)
    for folder in [path, landingPath, locksPath, systemsPath] { try Self.open(folder) }
    try Self.requirePrivate(ledgerPath, unlessMissing: true)
  }

  /// Refuses to begin work that would fill the disk.
  ///
  /// - Parameter reserve: bytes that must be free for others.
  /// - Throws: a ``StageFailure`` (74) when less is free.
  public func requireFreeSpace(reserve: UInt64 = 16 << 20) throws(StageFailure) {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { throw .storage("read the free space of", path, errno) }
    let (free, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
    guard overflow || free >= reserve else {
      throw StageFailure(
        id: "store.disk-nearly-full",
        "'\(path)' has \(free / 1024) KiB free on its disk, less than the reserve of \(reserve / 1024) KiB",
        at: path, help: "free space there, or choose another folder with --home; then run again",
        exit: .storage, state: "nothing was begun")
    }
  }

  private static func open(_ folder: String) throws(StageFailure) {
    var parent = ""
    for step in folder.split(separator: "/", omittingEmptySubsequences: false) {
      parent += (parent.isEmpty && !folder.hasPrefix("/") ? "" : "/") + step
      if parent == "//" { parent = "/" }
      if step.isEmpty { continue }
      guard mkdir(parent, 0o700) != 0, errno != EEXIST else { continue }
      // Folders above may forbid writing (EACCES, EROFS) and yet be there.
      let reason = errno
      var facts = stat()
      guard stat(parent, &facts) == 0 else { throw .storage("make the folder", parent, reason) }
    }
    try requirePrivate(folder, unlessMissing: false)
  }

  /// Files and folders of ours must be ours, and nobody else's to write; what others can read is closed to
  /// them.
  static func requirePrivate(_ path: String, unlessMissing: Bool) throws(StageFailure) {
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      if unlessMissing, errno == ENOENT { return }
      throw .storage("open", path, errno)
    }
    guard facts.st_uid == geteuid() || geteuid() == 0 else {
      throw StageFailure(
        id: "store.not-owner",
        "'\(path)' belongs to user \(facts.st_uid), not to user \(geteuid()) who runs this",
        at: path, help: "run as that user, or choose another folder with --home", exit: .permission)
    }
    guard facts.st_mode & 0o022 == 0 else {
      throw StageFailure(
        id: "store.writable-by-others", "other users may write to '\(path)' (mode \(octal(facts.st_mode)))",
        at: path, help: "look whether anything was changed, then close it: chmod -R go-rwx '\(path)'",
        exit: .permission)
    }
    if facts.st_mode & 0o077 != 0, chmod(path, facts.st_mode & 0o7700) != 0 {
      throw .storage("close to others", path, errno)
    }
  }

  private static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o777, radix: 8) }
}
