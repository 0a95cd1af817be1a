// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Which database a center's URL names. A new kind of center is one case here and one line in
/// ``CenterLoader``.
enum CenterURL: Equatable {
  /// `sqlite:PATH`, also `sqlite:///PATH`.
  case sqlite(path: String)

  init(_ url: String) throws(StageFailure) {
    let scheme = url.prefix { $0 != ":" }
    guard scheme == "sqlite", scheme.endIndex < url.endIndex else {
      throw StageFailure(
        id: "load.unknown-center", "no loader knows a center at '\(scheme):…'", at: String(scheme),
        help: "give the center as sqlite:PATH (option --center or TERRACE_CENTER)", exit: .files)
    }
    var path = url[scheme.endIndex...].dropFirst()
    if path.hasPrefix("///") { path = path.dropFirst(2) }
    guard !path.isEmpty else {
      throw StageFailure(
        id: "load.unknown-center", "the center's URL names no file", at: url,
        help: "write the file's path behind sqlite:", exit: .files)
    }
    self = .sqlite(path: String(path))
  }
}
