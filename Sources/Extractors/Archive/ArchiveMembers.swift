// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc

/// Lands members of an archive, each as a payload of its own.
struct ArchiveMembers {
  static let setting = Setting.text(
    "unzip",
    "Takes these members of a zip archive, each as a payload of its own: a pattern with *, ? and ** (any folders), as **/*.xml.",
    isRequired: false)

  let pattern: String

  /// - Parameters:
  ///   - descriptor: of the archive, open for reading.
  ///   - head: what is said of the archive; each member's name is added to it.
  ///   - limit: most bytes of all members, uncompressed.
  /// - Returns: false when the run was interrupted.
  func land(
    _ descriptor: Int32, _ head: PayloadHead, limit: Int, place: String, _ landing: any LandingWriter
  ) throws -> Bool {
    let archive = try ZipReader(descriptor, place: place)
    let members = archive.members.filter { Self.matches($0.name, pattern) }
    guard !members.isEmpty else {
      throw ArchiveDiagnostics.noMember(pattern, archive.members.map(\.name), at: place)
    }
    guard members.reduce(0, { $0 + $1.bytes }) <= limit else {
      throw ExtractDiagnostics.tooLarge(limit: limit, at: place)
    }
    for member in members {
      if landing.isCancelled { return false }
      var head = head
      head.origin += "!\(member.name)"
      head.name = member.name
      head.request["member"] = member.name
      head.expectedBytes = Int64(member.bytes)
      try landing.begin(head)
      do {
        try archive.read(member) { piece in
          if landing.isCancelled { throw Interrupted() }
          try landing.write(piece)
        }
      } catch {
        landing.discard()
        if error is Interrupted { return false }
        throw error
      }
      try landing.end(resume: nil)
    }
    return true
  }

  private struct Interrupted: Error {}

  /// Whether a name fits a pattern, folder by folder; `**` stands for any of them.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    func fits(_ names: ArraySlice<Substring>, _ patterns: ArraySlice<Substring>) -> Bool {
      guard let first = patterns.first else { return names.isEmpty }
      if first == "**" {
        // Of several in a row one says it all; so the work stays within names times patterns.
        let rest = patterns.drop { $0 == "**" }
        return names.indices.contains { fits(names[$0...], rest) } || fits(names[names.endIndex...], rest)
      }
      guard let name = names.first, FilePattern.matches(String(name), String(first)) else { return false }
      return fits(names.dropFirst(), patterns.dropFirst())
    }
    return fits(name.split(separator: "/")[...], pattern.split(separator: "/")[...])
  }
}

/// Keeps an answer in a file without a name, for what must be read from its end. The system removes it when it is
/// closed, also when the process dies.
final class SpoolTarget: AnswerTarget {
  private(set) var descriptor: Int32 = -1
  private let folder: String

  /// - Parameter folder: on whose disk the file is.
  init(folder: String) { self.folder = folder }

  deinit { discard() }

  func begin() throws {
    discard()
    // O_TMPFILE; where the file system has none, a name that is removed at once.
    descriptor = open(folder, O_RDWR | O_CLOEXEC | O_DIRECTORY | 0o20_000_000, 0o600)
    if descriptor < 0 {
      var name = Array("\(folder)/.incoming-XXXXXX".utf8CString)
      descriptor = mkstemp(&name)
      if descriptor >= 0 { unlink(name) }
    }
    guard descriptor >= 0 else { throw ArchiveDiagnostics.unreadable(errno, at: folder) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, base, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ArchiveDiagnostics.unreadable(errno, at: folder) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  func discard() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
