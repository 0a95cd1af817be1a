// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What can go wrong while extracting; sorted by id. Places are files, or addresses without their query.
enum ExtractDiagnostics {
  static func bomb(_ times: Int = 100, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.decompression-bomb", "the compressed data grow more than \(times) times", at: place,
      help: "look at what the source sends; if it is right, let it send the data uncompressed, or raise "
        + "'most_growth' in systems.yaml", exit: .sourceProtocol)
  }

  static func brokenCompression(
    _ fact: String, format: String = "gzip", at place: String
  ) -> StageFailure {
    StageFailure(
      id: "extract.broken-compression", "not \(format), or broken: \(fact)", at: place,
      help: "send it again; if it is not compressed, say 'compression: none'", exit: .sourceProtocol)
  }

  static func changedWhileRead(_ path: String) -> StageFailure {
    StageFailure(
      id: "extract.file-changed", "the file changed while it was read", at: path,
      help: "run again when it is complete; let whoever writes it rename it into place", exit: .tryAgain,
      isTransient: true)
  }

  static func noSuchFile(_ path: String) -> StageFailure {
    StageFailure(
      id: "extract.no-such-file", "there is no file '\(path)'", at: path,
      help: "put it there, or correct 'path'; a pattern such as '*.xml' may match nothing", exit: .unavailable
    )
  }

  static func noSuchFolder(_ path: String) -> StageFailure {
    StageFailure(
      id: "extract.no-such-folder", "there is no folder '\(path)'", at: path,
      help: "make it or mount it, or correct 'path'", exit: .unavailable)
  }

  static func notAFile(_ path: String, _ kind: String) -> StageFailure {
    StageFailure(
      id: "extract.not-a-file", "'\(path)' is \(kind), not a file", at: path,
      help: "let 'path' match files only; a folder's files are matched by '\(path)/*'", exit: .unavailable)
  }

  /// Several payloads that could not be taken as the one failure of an extraction: the gravest, naming the others.
  static func together(_ failures: [StageFailure]) -> StageFailure? {
    let exit = ExitCode.gravest(failures.map(\.exit))
    guard var failure = failures.first(where: { $0.exit == exit }) else { return nil }
    let others = failures.filter { $0 != failure }
    if !others.isEmpty {
      let named = others.prefix(10).map { "\($0.place ?? ""): \($0.message)" }.joined(separator: "; ")
      failure.message += "; also \(named)\(others.count > 10 ? "; and \(others.count - 10) more" : "")"
      failure.isTransient = failures.allSatisfy(\.isTransient)
    }
    return failure
  }

  static func tooLarge(limit: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.too-large", "there are more than \(ByteCount.text(limit)) of data", at: place,
      help: "raise 'limit_bytes' if that is right", exit: .sourceProtocol)
  }

  static func unreadable(_ path: String, _ reason: String, isPermission: Bool) -> StageFailure {
    StageFailure(
      id: "extract.unreadable", "'\(path)' cannot be read: \(reason)", at: path,
      help: isPermission
        ? "give the user that runs terrace the right to read it" : "look at the disk, then run again",
      exit: isPermission ? .permission : .storage)
  }
}
