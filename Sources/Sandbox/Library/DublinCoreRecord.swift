// SPDX-License-Identifier: Apache-2.0

/// A record in Dublin Core: elements in any number and order.
struct DublinCoreRecord {
  private var elements: [(name: String, text: String)] = []

  mutating func add(_ name: String, _ text: String) { elements.append((name, text)) }

  mutating func remove(_ name: String) { elements.removeAll { $0.name == name } }

  /// Changes the first element of a name.
  mutating func change(_ name: String, _ change: (inout String) -> Void) {
    guard let index = elements.firstIndex(where: { $0.name == name }) else { return }
    change(&elements[index].text)
  }

  var xml: String {
    "<oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\""
      + " xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
      + elements.map {
        $0.text.isEmpty ? "<dc:\($0.name)/>" : "<dc:\($0.name)>\(XMLText.escaped($0.text))</dc:\($0.name)>"
      }.joined() + "</oai_dc:dc>"
  }
}
