// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Planning
import Records

/// A center without rows that goes away with this. Into it a pipeline test loads its records, for what only loading can
/// tell of them; nothing is committed.
final class EmptyCenter {
  private let folder: String
  private let connection: any LoadConnection
  private var batch: LoadBatch
  private var session: (any LoadSession)?

  init(_ plan: Plan, landingDate: CalendarDate) throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    var template = Array("\(parent.hasPrefix("/") ? parent : "/tmp")/terrace-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw StageFailure(
        id: "test.no-folder",
        "no folder can be made for the center of the test: \(String(cString: strerror(errno)))", at: parent,
        help: "set TMPDIR to a folder that you may write to.", exit: .storage)
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    connection = try plan.loader.connect(center: "sqlite:\(folder)/center.db", plan: plan.load)
    batch = LoadBatch(
      batch: "test", attempt: 1, run: "test", planDigest: plan.digest,
      loadedAt: Int64(landingDate.days) * 86_400)
  }

  deinit {
    session?.abort()
    connection.close()
    for suffix in ["", "-journal"] { unlink("\(folder)/center.db\(suffix)") }
    rmdir(folder)
  }

  /// Begins a pass over the records.
  func begin() throws {
    session?.abort()
    session = try connection.begin(batch)
  }

  func load(_ chunk: Chunk) throws { try session?.load(chunk) }

  /// Ends a pass.
  ///
  /// - Returns: how many records were rejected and what was found of them late, or nil if another pass is needed.
  func finish() throws -> (rejected: Int, notes: [LoadNote])? {
    guard let session else { return nil }
    defer {
      session.abort()
      self.session = nil
    }
    switch try session.finish() {
    case .again(let settled):
      batch.settled = settled
      return nil
    case .loaded(let counters, _): return (counters.rejected, session.lateNotes)
    }
  }
}
