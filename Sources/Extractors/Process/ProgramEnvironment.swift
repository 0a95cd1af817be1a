// SPDX-License-Identifier: Apache-2.0

import Glibc
import Records

/// The variables that a program gets: few of ours, so that nothing secret reaches it unasked.
struct ProgramEnvironment {
  private static let known = [
    "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY",
    "LC_NUMERIC", "LC_TIME", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER",
  ]

  /// For documentation.
  static let handedOn = "HOME, LANG, LANGUAGE, LC_*, LOGNAME, PATH, TMPDIR, TZ, USER"

  private var variables: [String: String] = [:]
  /// Values of ours that were asked for by name and are long enough to be told from words: they may hold passwords.
  private(set) var passed: [Secret] = []

  init(_ settings: ProgramSettings, _ values: RequestValues) {
    for name in Self.known { variables[name] = Self.ours(name) }
    for name in settings.pass {
      guard let value = Self.ours(name) else { continue }
      variables[name] = value
      if value.utf8.count >= 8 { passed.append(Secret(value)) }
    }
    for variable in settings.environment { variables[variable.name] = variable.value.text(values) }
  }

  /// Where programs are looked for.
  var path: String { variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin" }

  /// `NAME=value`
  var lines: [String] { variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }

  private static func ours(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
