// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Takes the secrets that a program was given out of what the program says.
struct Redactor: Sendable {
  private static let mark = Array("•••".utf8)

  /// As given, and as an address would hold it; the longest first, so that no part of one is left.
  private let secrets: [Secret]
  /// Bytes of the longest.
  let longest: Int

  /// - Parameter secrets: an empty one is none.
  init(_ secrets: [Secret]) {
    let texts = secrets.map { $0.reveal() }.filter { !$0.isEmpty }
    let forms = Set(texts + texts.map(PercentEncoding.encode))
    longest = forms.map(\.utf8.count).max() ?? 0
    self.secrets = forms.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.map { Secret($0) }
  }

  func redact(_ bytes: [UInt8]) -> [UInt8] {
    secrets.reduce(bytes) { Self.replace(Array($1.reveal().utf8), in: $0) }
  }

  private static func replace(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      if bytes[at] == secret[0], bytes[at...].starts(with: secret) {
        kept += mark
        at += secret.count
      } else {
        kept.append(bytes[at])
        at += 1
      }
    }
    return kept
  }

  /// The value of each `${secret:NAME}` that stands in a tree.
  static func secrets(in tree: Tree?, _ environment: SettingsEnvironment) -> [Secret] {
    switch tree?.value {
    case nil: return []
    case .sequence(let items): return items.flatMap { secrets(in: $0, environment) }
    case .mapping(let entries): return entries.flatMap { secrets(in: $0.value, environment) }
    case .scalar(let text, _):
      var found: [Secret] = []
      var rest = text[...]
      while let begin = rest.firstRange(of: "${secret:")?.lowerBound {
        guard let end = rest[begin...].firstIndex(of: "}") else { break }
        found.append(environment.secret(String(rest[begin...end])))
        rest = rest[rest.index(after: end)...]
      }
      return found
    }
  }
}
