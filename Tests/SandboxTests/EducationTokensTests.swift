// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Testing

@testable import Sandbox

@Suite struct EducationTokensTests {
  @Test("a token is good until its end, and none that was not given here")
  func life() async throws {
    let given = try await Self.token(EducationTokens(seed: 3, now: { 1_000 }))
    let end = 1_000 + EducationTokens.lifetime
    #expect(EducationTokens(seed: 3, now: { end - 1 }).isGood("Bearer " + given))
    #expect(!EducationTokens(seed: 3, now: { end }).isGood("Bearer " + given))
    #expect(!EducationTokens(seed: 4, now: { 1_000 }).isGood("Bearer " + given))
    let longer = given.replacingOccurrences(of: "\(end)", with: "\(end + 9_000)")
    #expect(!EducationTokens(seed: 3, now: { 1_000 }).isGood("Bearer " + longer))
  }

  private static func token(_ tokens: EducationTokens) async throws -> String {
    let answer = await tokens.answer(
      HTTPRequest(
        method: .POST, version: .http11, path: "/education/token", query: [], headers: [:],
        body: Data(
          "grant_type=client_credentials&client_id=terrace&client_secret=sandbox-education-secret".utf8)))
    let object = try JSONSerialization.jsonObject(with: await answer.bodyData) as? [String: Any]
    return try #require(object?["access_token"] as? String)
  }
}
