// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
import Records
import Testing

@testable import Sandbox

@Suite("The exchange axis of the sandbox") struct ExchangeTests {
  private let messages = DocumentMessages(records: 1000, seed: 1)

  @Test("gives each message one way, each kind both ways, and finds any page's place without those before it")
  func ways() {
    let paged = (0..<1000).filter { !DocumentMessages.goesAsEdXML($0) }
    #expect(paged.enumerated().allSatisfy { DocumentMessages.ordinal(inPages: $0) == $1 })
    #expect(paged.enumerated().allSatisfy { DocumentMessages.inPages(before: $1) == $0 })
    for isEdXML in [true, false] {
      let kinds = Set(
        (20..<1000).filter { DocumentMessages.goesAsEdXML($0) == isEdXML }
          .map { messages.message($0).business.rawValue })
      #expect(kinds == [0, 1, 2, 3])
    }
  }

  @Test("numbers documents anew each year: one number of an agency stands in both, none twice in one")
  func numbers() {
    let documents = (0..<1000).map(messages.document)
    let keys = documents.map { "\($0.agency.new) \($0.promulgated.parts.year) \($0.code)" }
    #expect(Set(keys).count == 1000)
    let beyondYears = Set(documents.map { "\($0.agency.new) \($0.code)" })
    #expect(beyondYears.count < 700)
  }

  @Test("recalls come behind their documents by the clock, and one comes before its document in the list")
  func recalls() throws {
    var early = 0
    for ordinal in 0..<1000 {
      let message = messages.message(ordinal)
      guard message.business == .recall, let id = message.recalled ?? message.answered.first?.documentId
      else {
        continue
      }
      let code = try #require(id.split(separator: ",").last.map(String.init))
      let named = try #require(
        (0..<1000).first { other in
          let document = messages.document(other)
          return document.code == code && id.contains(slashed(document.promulgated))
        })
      #expect(messages.moment(named) < message.moment)
      if named > ordinal { early += 1 }
    }
    #expect(early == 1)
  }

  @Test("is well-formed in every shape, with every oddity", arguments: EdXML.Shape.allCases)
  func wellFormed(shape: EdXML.Shape) throws {
    for oddity in EdXML.Oddity.allCases.map(Optional.some) + [nil] {
      for ordinal in 0..<100 {
        let text = EdXML(shape, oddity: oddity).text(messages.message(ordinal))
        #expect(throws: Never.self, "\(text)") { try XMLDocument(data: Data(text.utf8)) }
      }
    }
    for ordinal in 0..<1000 {
      for text in [
        MessageJSON.flat(messages.message(ordinal)), MessageJSON.nested(messages.message(ordinal)),
      ] {
        #expect(throws: Never.self, "\(text)") { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
      }
    }
  }

  @Test("finds the first message of a day")
  func days() {
    let day = messages.moment(500).day
    let first = messages.firstOrdinal(on: day)
    #expect(messages.moment(first).day == day && messages.moment(first - 1).day < day)
    #expect(messages.firstOrdinal(on: CalendarDate(days: 0)) == 0)
    #expect(messages.firstOrdinal(on: CalendarDate(days: 40_000)) == 1000)
  }

  @Test("tasks name documents that messages bring, and are the same for the same seed")
  func tasks() {
    let tasks = AssignedTasks(records: 1000, messages: messages)
    let ids = Set((0..<1000).compactMap { messages.message($0).document?.documentId })
    let named = (0..<1000).compactMap {
      tasks.object($0).firstMatch(of: #/documentid":"([^"]+)"/#).map { String($0.1) }
    }
    #expect(named.count == 999)
    #expect(named.count { ids.contains($0) } > 980)
    #expect(
      (0..<1000).allSatisfy {
        tasks.object($0) == AssignedTasks(records: 1000, messages: messages).object($0)
      })
  }
}
