// SPDX-License-Identifier: Apache-2.0

import Records

/// An answer of a repository: always a document with HTTP 200, made while it is sent.
struct OAIAnswer: Sendable {
  private var head = ""
  private var verb: String?
  private var foot = ""
  private var ordinals: [Int] = []
  private var item: @Sendable (Int) -> String = { _ in "" }

  /// What stands within the verb's element.
  init(_ content: String) { foot = content }

  init(_ ordinals: [Int], foot: String, item: @escaping @Sendable (Int) -> String) {
    (self.ordinals, self.foot, self.item) = (ordinals, foot, item)
  }

  init(
    _ error: OAIError, day: Int, request: [(name: String, value: String)], verb: String?, _ address: String
  ) {
    foot = "<error code=\"\(error.code)\">\(XMLText.escaped(error.text))</error>\n"
    begin(day: day, request: request, verb: verb, address)
    self.verb = nil
  }

  mutating func begin(
    day: Int, request: [(name: String, value: String)], verb: String?, _ address: String
  ) {
    self.verb = verb
    let attributes = (verb.map { [(name: "verb", value: $0)] } ?? []) + request
    let told = attributes.map { " \($0.name)=\"\(XMLText.escaped($0.value))\"" }.joined()
    head = """
      <?xml version="1.0" encoding="UTF-8"?>
      <OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
      xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">
      <responseDate>\(Instant(microseconds: RepositoryClock.moment(day) * 1_000_000))</responseDate>
      <request\(told)>\(XMLText.escaped(address))</request>

      """
  }

  var body: StreamedBody {
    let (first, last) = (
      head + (verb.map { "<\($0)>\n" } ?? ""), foot + (verb.map { "</\($0)>\n" } ?? "") + "</OAI-PMH>\n"
    )
    let (ordinals, item) = (ordinals, item)
    return StreamedBody {
      var next = -1
      return {
        defer { next += 1 }
        switch next {
        case -1: return Array(first.utf8)
        case ordinals.count: return Array(last.utf8)
        case 0..<ordinals.count: return Array(item(ordinals[next]).utf8)
        default: return nil
        }
      }
    }
  }
}
