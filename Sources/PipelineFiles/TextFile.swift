// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// Reads a whole small text file.
enum TextFile {
  struct Content {
    var text: String
    /// Permission bits.
    var mode: UInt32
  }

  enum Problem: Error, Equatable {
    case missing
    /// What the system says.
    case unreadable(String)
    case notAFile
    case tooLarge(Int)
    /// Offset of the first byte that is not UTF-8.
    case notUTF8(line: Int, column: Int)
  }

  static func read(_ path: String, atMost limit: Int) -> Result<Content, Problem> {
    // A pipe in a file's place must not block the run.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      return .failure(
        errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno))))
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else {
      return .failure(.unreadable(String(cString: strerror(errno))))
    }
    guard facts.st_mode & S_IFMT == S_IFREG else { return .failure(.notAFile) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return .failure(.unreadable(String(cString: strerror(errno)))) }
      if count == 0 { break }
      bytes += piece[..<count]
      guard bytes.count <= limit else { return .failure(.tooLarge(max(bytes.count, Int(facts.st_size)))) }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return .failure(place(in: bytes))
    }
    return .success(Content(text: text, mode: UInt32(facts.st_mode) & 0o7777))
  }

  private static func place(in bytes: [UInt8]) -> Problem {
    // Repair puts U+FFFD where the first wrong byte stands; a genuine one before it is valid and stays equal.
    let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
    let end = zip(bytes, repaired).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? bytes.count
    let before = SourceText(file: "", text: String(decoding: bytes[..<end], as: UTF8.self)).lines()
    return .notUTF8(line: before.count, column: (before.last?.count ?? 0) + 1)
  }
}
