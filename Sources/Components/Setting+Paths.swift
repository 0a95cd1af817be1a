// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Paths

extension Setting where Value == RecordPath {
  /// A path from the document, for what an extractor asks of a payload (``LandingWriter/values(at:)``).
  public static func path(_ name: String, _ summary: String, isRequired: Bool = true) -> Setting {
    path(name, summary, isRequired: isRequired, from: .document)
  }

  /// A path from a record, for what an extractor asks of the last one (``LandingWriter/lastValue(at:)``).
  public static func recordPath(_ name: String, _ summary: String, isRequired: Bool = true) -> Setting {
    path(name, summary, isRequired: isRequired, from: .record)
  }

  private static func path(
    _ name: String, _ summary: String, isRequired: Bool, from origin: RecordPath.Origin
  ) -> Setting {
    let text = Setting<String>.text(name, summary)
    return Setting(
      name, summary, shape: .path, default: nil, isRequired: isRequired,
      read: { tree throws(Diagnostic) in
        try text.description.check(tree)
        let written = tree.text ?? ""
        let path: RecordPath
        do throws(RecordPathError) {
          path = try RecordPath(parsing: written)
        } catch {
          throw Diagnostic(
            id: "path.malformed", error.message, at: tree.position, length: tree.length, help: error.help)
        }
        guard path.origin == origin else {
          if origin == .record {
            throw Diagnostic(
              id: "path.not-from-record", "'\(written)' must count from the record", at: tree.position,
              length: tree.length, help: "write it as under 'map', without a leading '/'")
          }
          throw Diagnostic(
            id: "path.not-from-document", "'\(written)' must count from the document", at: tree.position,
            length: tree.length, help: "begin the path with '/'")
        }
        return path
      })
  }
}
