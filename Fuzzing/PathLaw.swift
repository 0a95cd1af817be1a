// SPDX-License-Identifier: Apache-2.0

import Paths

/// A path that can be read is written so that it reads the same; one that cannot is pointed at.
struct PathLaw: Law {
  func check(_ text: String) {
    do throws(RecordPathError) {
      let path = try RecordPath(parsing: text)
      let written = path.description
      guard let again = try? RecordPath(parsing: written) else {
        broken("a path written can be read", "\(text.debugDescription) became \(written.debugDescription)")
      }
      if again.steps != path.steps || again.origin != path.origin || again.description != written {
        broken("a path written reads the same", "\(text.debugDescription) became \(written.debugDescription)")
      }
    } catch {
      if error.help.isEmpty || error.message.isEmpty || error.offset < 0 || error.offset > text.count {
        broken("an error of a path points into it and says what to do", "\(error)")
      }
    }
  }
}
