// SPDX-License-Identifier: Apache-2.0

import Components

/// A batch's transaction in the center, begun when the first rows are there: until then the center is open to others.
final class CenterTransaction {
  private let begin: () throws -> any LoadSession
  private var session: (any LoadSession)?

  init(_ begin: @escaping () throws -> any LoadSession) { self.begin = begin }

  /// The session; the first call begins the transaction.
  func opened() throws -> any LoadSession {
    if let session { return session }
    let session = try begin()
    self.session = session
    return session
  }

  /// Leaves the center as it was. Safe at any time.
  func abort() { session?.abort() }
}
