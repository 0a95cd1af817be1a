// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// A text in which `1️⃣` … `9️⃣` mark places; the markers are not part of the text.
struct MarkedText {
  var text = ""
  var places: [Character: FilePosition] = [:]
  let file: String

  init(_ marked: String, file: String = "a.yaml") {
    self.file = file
    var line = 1
    var column = 1
    for character in marked {
      if "1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣".contains(character) {
        places[character] = FilePosition(file: file, line: line, column: column)
        continue
      }
      text.append(character)
      column += 1
      if character == "\n" || character == "\r\n" { (line, column) = (line + 1, 1) }
    }
  }
}

extension [Diagnostic] {
  /// `1️⃣ setting.unknown` for each, so that a test reads like the text.
  func ids(in marked: MarkedText) -> [String] {
    map { diagnostic in
      let mark = marked.places.first { $0.value == diagnostic.position }.map { String($0.key) }
      return "\(mark ?? diagnostic.position?.description ?? "-") \(diagnostic.id)"
    }
  }
}
