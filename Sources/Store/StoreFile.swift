// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// An open file or folder, closed when it goes away. Calls that a signal interrupts go on.
final class StoreFile: Sendable {
  let path: String
  let descriptor: Int32

  init(_ path: String, _ flags: Int32) throws(StageFailure) {
    var opened: Int32
    repeat { opened = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0o600) } while opened < 0 && errno == EINTR
    guard opened >= 0 else { throw .storage(flags & O_CREAT == 0 ? "open" : "make", path, errno) }
    self.path = path
    descriptor = opened
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer) throws(StageFailure) {
    var rest = bytes
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw .storage("write", path, errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Fills `bytes` from an offset; false where the file ends before.
  func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StageFailure) -> Bool {
    guard let offset = off_t(exactly: offset) else { return false }
    var done = 0
    while done < bytes.count {
      let got = pread(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, offset + off_t(done))
      if got < 0 {
        if errno == EINTR { continue }
        throw .storage("read", path, errno)
      }
      if got == 0 { return false }
      done += got
    }
    return true
  }

  /// Makes what was written durable. A failure is final: after it the kernel may have dropped the pages, so
  /// that a second try would succeed without having written anything.
  func sync() throws(StageFailure) {
    guard fsync(descriptor) == 0 else { throw .storage("make durable", path, errno) }
  }

  func size() throws(StageFailure) -> UInt64 {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw .storage("read", path, errno) }
    return UInt64(max(0, facts.st_size))
  }

  /// Takes the lock that says the file is in use, and waits for it if asked; false when another holds it.
  func lock(waiting: Bool) -> Bool {
    while flock(descriptor, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
      guard errno == EINTR else { return false }
    }
    return true
  }

  /// Takes the lock together with others that share it, or turns an own one into that.
  func share() {
    while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
  }

  /// Whether the file still has a name.
  var isLinked: Bool {
    var facts = stat()
    return fstat(descriptor, &facts) == 0 && facts.st_nlink > 0
  }

  /// Makes names in a folder durable.
  static func syncFolder(_ path: String) throws(StageFailure) {
    try StoreFile(path, O_RDONLY | O_DIRECTORY).sync()
  }
}
