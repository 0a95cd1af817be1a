// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// Puts guessed files into a folder, all or none, and never over one that stands.
public struct GuessFiles {
  private let folder: String

  public init(folder: String) { self.folder = folder }

  /// - Throws: a ``StageFailure`` that names the file that stands (64), or what could not be written (74).
  public func write(_ files: [PipelineGuess.File]) throws(StageFailure) {
    for file in files where access("\(folder)/\(file.path)", F_OK) == 0 {
      throw standing(file)
    }
    for file in files { try makeFolders(of: "\(folder)/\(file.path)") }
    var written: [String] = []
    for file in files {
      do {
        try create(file)
        written.append(file.path)
      } catch {
        for path in written { unlink("\(folder)/\(path)") }
        throw error
      }
    }
  }

  private func standing(_ file: PipelineGuess.File) -> StageFailure {
    StageFailure(
      id: "guess.file-stands", "'\(folder)/\(file.path)' is already there; nothing was written",
      help: "choose another name, or move that file away", exit: .usage)
  }

  private func makeFolders(of path: String) throws(StageFailure) {
    for slash in path.indices where path[slash] == "/" && slash != path.startIndex {
      let folder = String(path[..<slash])
      if access(folder, F_OK) == 0 { continue }
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw cannotWrite(folder) }
    }
  }

  private func create(_ file: PipelineGuess.File) throws(StageFailure) {
    let path = "\(folder)/\(file.path)"
    // Refused by the system too if somebody made the file meanwhile.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw errno == EEXIST ? standing(file) : cannotWrite(path) }
    var rest = Array(file.text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let failure = cannotWrite(path)
        close(descriptor)
        unlink(path)
        throw failure
      }
      rest = rest.dropFirst(count)
    }
    close(descriptor)
  }

  private func cannotWrite(_ path: String) -> StageFailure {
    StageFailure(
      id: "guess.cannot-write", "cannot write '\(path)': \(String(cString: strerror(errno)))",
      help: "look at the folder's rights and the space that is left; nothing was written", exit: .storage)
  }
}
