// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// What can be wrong with an archive; sorted by id.
enum ArchiveDiagnostics {
  static func besidePages(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "archive.beside-pages", "an archive has no pages", at: tree.position, length: tree.length,
      help: "remove 'unzip' or 'paginate'")
  }

  static func besideCompression(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "archive.beside-compression", "members of an archive are uncompressed by 'unzip' alone",
      at: tree.position, length: tree.length, help: "remove 'compression'")
  }

  static func badName(at place: String) -> StageFailure {
    failure(
      "archive.bad-name", "a member's name would lead out of a folder, or cannot be shown", place,
      "look at the archive: it was not made by a program for exchanging data")
  }

  static func broken(_ fact: String, at place: String) -> StageFailure {
    failure(
      "archive.broken", "not a zip archive, or broken: \(fact)", place,
      "fetch or send it again; if it is no archive, remove 'unzip'")
  }

  static func encrypted(_ name: String, at place: String) -> StageFailure {
    failure(
      "archive.encrypted", "'\(name)' is encrypted", place,
      "ask the system's owner for an archive without a password")
  }

  static func noMember(_ pattern: String, _ names: [String], at place: String) -> StageFailure {
    let there = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
    return failure(
      "archive.no-member", "no member matches '\(pattern)'", place,
      names.isEmpty
        ? "the archive is empty: ask the system's owner" : "correct 'unzip'; there are \(there)")
  }

  static func tooLarge(at place: String) -> StageFailure {
    failure(
      "archive.too-large", "the archive is of the kind for more than 4 GiB (ZIP64), which is not read", place,
      "ask the system's owner for smaller archives")
  }

  static func tooMany(_ count: Int, at place: String) -> StageFailure {
    failure(
      "archive.too-many-members",
      "the archive has \(count) members, more than \(ZipReader.mostMembers)", place,
      "ask the system's owner for smaller archives")
  }

  static func unknownMethod(_ name: String, _ method: UInt16, at place: String) -> StageFailure {
    failure(
      "archive.unknown-method", "'\(name)' is compressed in a way that is not read (\(method))", place,
      "ask the system's owner for an archive with deflate")
  }

  static func unreadable(_ reason: Int32, at place: String) -> StageFailure {
    StageFailure(
      id: "archive.unreadable", "the archive cannot be read: \(String(cString: strerror(reason)))", at: place,
      help: "look at the disk, then run again", exit: .storage)
  }

  private static func failure(
    _ id: String, _ message: String, _ place: String, _ help: String
  ) -> StageFailure {
    StageFailure(id: id, message, at: place, help: help, exit: .sourceProtocol)
  }
}
