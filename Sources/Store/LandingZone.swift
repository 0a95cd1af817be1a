// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Records
import Synchronization

/// Where payloads are kept: one file per digest, compressed, never changed, readable by its owner only.
///
/// A file is named by the SHA-256 of the payload's bytes (`landing/ab/cd/abcd…`) and appears under that name
/// only once it is durable. What it looks like inside is in `LandingFormat.swift`.
public struct LandingZone: Sendable {
  private static let temporaryPrefix = ".incoming-"

  /// Folders of the first level whose names this process made durable.
  private final class DurableFolders: Sendable {
    let names = Mutex<Set<String>>([])
  }

  private let root: String
  private let durable = DurableFolders()

  /// Opens the zone of a home, and removes what writers that died left unfinished.
  public init(home: Home) throws(StageFailure) {
    root = home.landingPath
    removeAbandonedFiles()
  }

  /// Begins to land a payload.
  public func makeWriter() throws(StageFailure) -> PayloadWriter { try PayloadWriter(zone: self) }

  /// - Throws: a ``StageFailure`` (74) when it is not there or damaged, (78) when a newer program wrote it.
  public func reader(_ digest: String) throws(StageFailure) -> PayloadReader {
    PayloadReader(try open(digest))
  }

  /// Whether the payload is there. Does not look inside: see ``verify(_:)``.
  public func contains(_ digest: String) -> Bool {
    path(digest).map { access($0, F_OK) == 0 } ?? false
  }

  /// Reads the whole payload and compares every checksum and the SHA-256.
  ///
  /// - Throws: a ``StageFailure`` (74), id `store.landing-damaged` at the first byte that is not as it was.
  public func verify(_ digest: String) throws(StageFailure) { try open(digest).verify() }

  /// Bytes the payload takes on disk.
  public func storedBytes(_ digest: String) throws(StageFailure) -> Int64 {
    guard let path = path(digest), contains(digest) else { throw .payloadMissing(digest) }
    return Int64(try StoreFile(path, O_RDONLY).size())
  }

  /// Removes the payload for good; does nothing when it is not there.
  public func remove(_ digest: String) throws(StageFailure) {
    guard let path = path(digest) else { return }
    try step("landing.remove")
    guard unlink(path) == 0 else {
      if errno == ENOENT { return }
      throw .storage("remove", path, errno)
    }
    try StoreFile.syncFolder(folders(digest)[1])
  }

  /// Gives a complete and durable temporary file its name. A good file of that name stays; a damaged one is
  /// replaced.
  func adopt(_ file: StoreFile, digest: String, bytes: UInt64) throws(StageFailure) {
    guard let path = path(digest) else { throw .payloadMissing(digest) }
    // A folder's own name must be durable before what is in it counts.
    var changed = [root]
    for folder in folders(digest) {
      if mkdir(folder, 0o700) != 0 {
        guard errno == EEXIST else { throw .storage("make the folder", folder, errno) }
        if isKnownDurable(folder) { changed.removeLast() }
      }
      changed.append(folder)
    }
    try step("landing.rename")
    if isGood(path, digest: digest, bytes: bytes) {
      unlink(file.path)
    } else if rename(file.path, path) != 0 {
      throw .storage("name", path, errno)
    }
    try step("landing.name-durable")
    for folder in changed.reversed() { try StoreFile.syncFolder(folder) }
    durable.names.withLock { _ = $0.insert(folders(digest)[0]) }
    FailPoint.hit("landing.done")
  }

  /// A file of a name of its own, locked for as long as it is open, so that nobody takes it for abandoned.
  func makeTemporaryFile() throws(StageFailure) -> StoreFile {
    while true {
      let name = Self.temporaryPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
      let file = try StoreFile(root + "/" + name, O_RDWR | O_CREAT | O_EXCL)
      // Between making and locking, another process may have taken it for abandoned and removed it.
      if file.lock(waiting: true), file.isLinked { return file }
    }
  }

  private func removeAbandonedFiles() {
    guard let folder = opendir(root) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix(Self.temporaryPrefix), let file = try? StoreFile(root + "/" + name, O_RDWR)
      else {
        continue
      }
      if file.lock(waiting: false) { unlink(file.path) }
    }
  }

  private func open(_ digest: String) throws(StageFailure) -> LandedFile {
    guard let path = path(digest), contains(digest) else { throw .payloadMissing(digest) }
    return try LandedFile(path, digest: digest)
  }

  private func isGood(_ path: String, digest: String, bytes: UInt64) -> Bool {
    guard access(path, F_OK) == 0, let file = try? LandedFile(path, digest: digest) else { return false }
    return file.ending.bytes == bytes
  }

  /// Whether a folder's name is durable without our doing: we saw to it before, or it has not changed for so
  /// long that it cannot be another process' which is just making it.
  private func isKnownDurable(_ folder: String) -> Bool {
    if durable.names.withLock({ $0.contains(folder) }) { return true }
    var facts = stat()
    return stat(folder, &facts) == 0 && facts.st_ctim.tv_sec < time(nil) - 300
  }

  private func folders(_ digest: String) -> [String] {
    let first = root + "/" + digest.prefix(2)
    return [first, first + "/" + digest.dropFirst(2).prefix(2)]
  }

  /// Nil for anything that is not a digest: a name from the ledger never leads out of the folder.
  private func path(_ digest: String) -> String? {
    guard digest.utf8.count == 64,
      digest.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { return nil }
    return folders(digest)[1] + "/" + digest
  }
}
