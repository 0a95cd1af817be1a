// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// Keeps a pipeline to one run at a time. The kernel drops the lock when its process dies, however it dies.
public final class PipelineLock: Sendable {
  /// Who holds a lock, for messages only.
  public struct Holder: Sendable, Equatable {
    public var process: Int32
    public var host: String
    /// Seconds since 1970, UTC.
    public var startedAt: Int64
    public var command: String

    public init(process: Int32, host: String, startedAt: Int64, command: String) {
      self.process = process
      self.host = host
      self.startedAt = startedAt
      self.command = command
    }
  }

  public enum Outcome: Sendable {
    case acquired(PipelineLock)
    /// Somebody has it; nil in the moment before they wrote who they are.
    case held(Holder?)
  }

  private let descriptor: Int32

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Gives the lock back.
  deinit { close(descriptor) }

  /// Takes the pipeline's lock, without waiting. It is held until the answer's lock goes away.
  ///
  /// - Parameters:
  ///   - startedAt: seconds since 1970, for the message others see.
  ///   - command: what the one who holds it was asked to do.
  public static func acquire(
    _ pipeline: String, in home: Home, startedAt: Int64, command: String
  ) throws(StageFailure) -> Outcome {
    let path = path(pipeline, in: home)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .storage("open the lock", path, errno) }
    let lock = PipelineLock(descriptor)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return .held(lock.readHolder())
      default: throw .storage("lock", path, errno)
      }
    }
    lock.write(Holder(process: getpid(), host: hostName, startedAt: startedAt, command: command))
    return .acquired(lock)
  }

  /// Who holds the pipeline's lock at this moment, without taking it; nil when nobody does.
  public static func holder(_ pipeline: String, in home: Home) -> Holder? {
    let descriptor = open(path(pipeline, in: home), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    let lock = PipelineLock(descriptor)
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
    return lock.readHolder() ?? Holder(process: 0, host: "", startedAt: 0, command: "")
  }

  /// Letters, digits, `_` and `-` stand for themselves, any other byte is written in hexadecimal; names too
  /// long for a file are cut and told apart by a checksum.
  static func fileName(_ pipeline: String) -> String {
    var name = ""
    for byte in pipeline.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default: name += "%" + hexadecimal([byte])
      }
    }
    guard name.utf8.count > 180 else { return name + ".lock" }
    let checksum = Array(pipeline.utf8).withUnsafeBytes { XXHash64.hash($0) }
    return name.prefix(160) + "~" + String(checksum, radix: 16) + ".lock"
  }

  private static func path(_ pipeline: String, in home: Home) -> String {
    home.locksPath + "/" + fileName(pipeline)
  }

  private static var hostName: String {
    var facts = utsname()
    guard uname(&facts) == 0 else { return "" }
    return withUnsafeBytes(of: facts.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// Best effort: the lock holds without it.
  private func write(_ holder: Holder) {
    let command = holder.command.map { $0.isNewline ? " " : $0 }
    let text = "\(holder.process)\n\(holder.startedAt)\n\(holder.host)\n" + String(command) + "\n"
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.utf8.count, 0)
  }

  private func readHolder() -> Holder? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let lines = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 5, let process = Int32(lines[0]), let startedAt = Int64(lines[1]) else { return nil }
    return Holder(process: process, host: String(lines[2]), startedAt: startedAt, command: String(lines[3]))
  }
}
