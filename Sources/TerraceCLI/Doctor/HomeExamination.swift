// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// Looks at the home folder and the center from outside: nothing is made, opened for writing or closed to others.
struct HomeExamination {
  let homePath: String
  let centerURL: String

  private static let subject = "home"
  /// Less than this leaves no room for the payloads of a day.
  private static let leastFree: UInt64 = 256 << 20

  /// Whether the ledger may be opened: it is there, and ours alone.
  private(set) var hasLedger = false

  init(homePath: String, centerURL: String) {
    self.homePath = homePath
    self.centerURL = centerURL
  }

  mutating func findings() -> [DoctorFinding] {
    guard let mode = Self.mode(homePath) else {
      return [.well(Self.subject, "'\(homePath)' is not there yet; the first run makes it"), disk()] + [
        center()
      ]
    }
    guard mode & S_IFMT == S_IFDIR else {
      return [
        .fault(
          Self.subject, "'\(homePath)' is no folder", help: "choose another folder with --home",
          exit: .storage)
      ]
    }
    let open = opened()
    hasLedger =
      open.isEmpty && Self.mode(homePath + "/ledger.db") != nil && Self.mode(homePath + "/landing") != nil
      && Self.mode(homePath + "/locks") != nil
    return (open.isEmpty ? [.well(Self.subject, "'\(homePath)' is its owner's alone")] : open) + [
      disk(), center(),
    ]
  }

  /// What others may read or write.
  private func opened() -> [DoctorFinding] {
    var found: [DoctorFinding] = []
    for name in ["", "/landing", "/locks", "/ledger.db", "/center.db", "/secrets"] + secrets() {
      let path = homePath + name
      guard let mode = Self.mode(path) else { continue }
      var facts = stat()
      if stat(path, &facts) == 0, facts.st_uid != geteuid(), geteuid() != 0 {
        found.append(
          .fault(
            Self.subject, "'\(path)' belongs to another user",
            help: "run as that user, or choose another --home",
            exit: .permission))
      } else if mode & 0o077 != 0 {
        let octal = "0" + String(mode & 0o777, radix: 8)
        found.append(
          .fault(
            Self.subject, "others may use '\(path)' (mode \(octal))",
            help: "look whether anything was changed, then: chmod -R go-rwx '\(homePath)'", exit: .permission)
        )
      }
    }
    return found
  }

  private func secrets() -> [String] {
    guard let folder = opendir(homePath + "/secrets") else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append("/secrets/" + name) }
    }
    return names.sorted()
  }

  private func disk() -> DoctorFinding {
    var facts = statvfs()
    let folder = Self.nearest(homePath)
    guard statvfs(folder, &facts) == 0 else {
      return .fault(
        "disk", "the free space of '\(folder)' cannot be read: \(String(cString: strerror(errno)))",
        help: "look at the disk", exit: .storage)
    }
    let (free, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
    let text = overflow ? "plenty" : "\(free >> 20) MiB"
    guard !overflow, free < Self.leastFree else { return .well("disk", "\(text) free for '\(homePath)'") }
    return .fault(
      "disk", "only \(text) free for '\(homePath)'", help: "free space there, or choose another --home",
      exit: .storage)
  }

  private func center() -> DoctorFinding {
    guard centerURL.hasPrefix("sqlite:") else {
      return .note(
        "center", "'\(centerURL.prefix { $0 != ":" })' is not looked at",
        help: "only SQLite centers are examined")
    }
    let path = String(centerURL.dropFirst("sqlite:".count))
    guard let mode = Self.mode(path) else {
      let folder = Self.nearest(path)
      guard access(folder, W_OK) == 0 else {
        return .fault(
          "center", "'\(path)' is not there, and '\(folder)' may not be written to",
          help: "give this user the right to write there, or say another --center", exit: .storage)
      }
      return .well("center", "'\(path)' is not there yet; the first run makes it")
    }
    guard mode & S_IFMT == S_IFREG, isDatabase(path) else {
      return .fault(
        "center", "'\(path)' is no SQLite database",
        help: "say another --center, or bring back the right file",
        exit: .storage)
    }
    guard access(path, W_OK) == 0, access(Self.nearest(Self.folder(of: path)), W_OK) == 0 else {
      return .fault(
        "center", "'\(path)' may not be written to",
        help: "give this user the right to write it and its folder",
        exit: .storage)
    }
    return .well("center", "'\(path)' is there and may be written to")
  }

  /// An empty file is a database that has no tables yet.
  private func isDatabase(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: 16)
    let count = read(descriptor, &head, head.count)
    return count == 0 || (count == 16 && head.elementsEqual(Array("SQLite format 3".utf8) + [0]))
  }

  private static func mode(_ path: String) -> mode_t? {
    var facts = stat()
    return stat(path, &facts) == 0 ? facts.st_mode : nil
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// The path, or the nearest folder above that is there.
  private static func nearest(_ path: String) -> String {
    var path = path
    while path != "/", mode(path) == nil { path = folder(of: path) }
    return path
  }
}
