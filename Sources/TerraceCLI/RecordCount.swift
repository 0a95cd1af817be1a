// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// How many records a command looks at: the first ones, or all.
enum RecordCount: ExpressibleByArgument, Equatable {
  case first(Int)
  case all

  init?(argument: String) {
    if argument == "all" {
      self = .all
      return
    }
    guard let count = Int(argument), count > 0 else { return nil }
    self = .first(count)
  }

  /// nil: all.
  var limit: Int? {
    if case .first(let count) = self { return count }
    return nil
  }

  var defaultValueDescription: String { limit.map(String.init) ?? "all" }
}
