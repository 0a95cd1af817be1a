// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder for files that only we and our children may read, gone when this is.
final class PrivateFolder {
  struct Failure: Error {
    var path: String
    var number: Int32
  }

  private let path: String
  private var files: [String] = []

  init() throws(Failure) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    var template = Array("\(parent.hasPrefix("/") ? parent : "/tmp")/terrace-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(path: parent, number: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for file in files { unlink(file) }
    rmdir(path)
  }

  /// - Returns: the file's path.
  func write(_ name: String, _ text: String) throws(Failure) -> String {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(path: file, number: errno) }
    files.append(file)
    defer { close(descriptor) }
    var text = text
    let failed = text.withUTF8 { bytes -> Int32 in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno != EINTR { return errno }
        rest = rest.dropFirst(max(0, count))
      }
      return 0
    }
    guard failed == 0 else { throw Failure(path: file, number: failed) }
    return file
  }
}
