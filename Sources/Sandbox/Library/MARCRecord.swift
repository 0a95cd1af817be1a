// SPDX-License-Identifier: Apache-2.0

/// A MARC21 record in MARCXML.
struct MARCRecord {
  typealias Subfields = [(code: Character, text: String)]

  var leader: String
  private var controls: [(tag: String, text: String)] = []
  private var fields: [(tag: String, indicators: String, subfields: Subfields)] = []
  /// Writes titles as CDATA sections.
  var hasCDATA = false

  init(leader: String) { self.leader = leader }

  mutating func control(_ tag: String, _ text: String) {
    controls.removeAll { $0.tag == tag }
    controls.append((tag, text))
  }

  mutating func add(_ tag: String, _ indicators: String, _ subfields: Subfields) {
    fields.append((tag, indicators, subfields))
  }

  mutating func remove(_ tag: String) { fields.removeAll { $0.tag == tag } }

  /// Changes a subfield of the first field with a tag.
  mutating func change(_ tag: String, _ code: Character, _ change: (inout String) -> Void) {
    guard let field = fields.firstIndex(where: { $0.tag == tag }),
      let index = fields[field].subfields.firstIndex(where: { $0.code == code })
    else { return }
    change(&fields[field].subfields[index].text)
  }

  /// Software differs in where it declares the namespace: at `record`, without a prefix or with one.
  func xml(hasPrefix: Bool) -> String {
    let prefix = hasPrefix ? "marc:" : ""
    var text = "<\(prefix)record xmlns\(hasPrefix ? ":marc" : "")=\"http://www.loc.gov/MARC21/slim\">"
    text += "<\(prefix)leader>\(leader)</\(prefix)leader>"
    for control in controls {
      text +=
        "<\(prefix)controlfield tag=\"\(control.tag)\">\(XMLText.escaped(control.text))</\(prefix)controlfield>"
    }
    for field in fields.sorted(by: { $0.tag < $1.tag }) {
      text += "<\(prefix)datafield tag=\"\(field.tag)\" ind1=\"\(field.indicators.prefix(1))\""
      text += " ind2=\"\(field.indicators.suffix(1))\">"
      for subfield in field.subfields {
        let value =
          hasCDATA && field.tag == "245" ? "<![CDATA[\(subfield.text)]]>" : XMLText.escaped(subfield.text)
        text += "<\(prefix)subfield code=\"\(subfield.code)\">\(value)</\(prefix)subfield>"
      }
      text += "</\(prefix)datafield>"
    }
    return text + "</\(prefix)record>"
  }
}
