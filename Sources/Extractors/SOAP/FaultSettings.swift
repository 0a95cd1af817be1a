// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// What a fault of a service means for a run.
struct FaultSettings: Sendable {
  enum Meaning: Sendable, Equatable {
    /// Nothing is there for what was asked: a success without records.
    case empty
    /// May go well a moment later.
    case retry
    case data
    case stop
    /// We may not have this.
    case forbidden
  }

  private static let empty = Setting.list(
    "empty", "Faults that only say that there are no records: a success.", isRequired: false)
  private static let retry = Setting.list(
    "retry", "Faults that pass: asked again, then left with 75.", isRequired: false)
  private static let data = Setting.list(
    "data", "Faults that the data on the other side cause: left with 65.", isRequired: false)
  private static let stop = Setting.list("stop", "Faults for good: left with 69.", isRequired: false)

  static let all = [empty.description, retry.description, data.description, stop.description]

  /// In the order they are looked at.
  private let patterns: [(words: [String], meaning: Meaning)]

  init() { patterns = [] }

  init(_ settings: Settings) throws(Diagnostic) {
    patterns = [
      (try settings.find(Self.empty) ?? [], .empty), (try settings.find(Self.stop) ?? [], .stop),
      (try settings.find(Self.data) ?? [], .data), (try settings.find(Self.retry) ?? [], .retry),
    ]
  }

  /// What the file says of a fault, else what the standards say of its code; the particular code before the general.
  func meaning(_ fault: SOAPFault) -> Meaning {
    for (words, meaning) in patterns {
      for word in words where Self.matches(word, fault) { return meaning }
    }
    for code in fault.codes.reversed() {
      // `soap:Server.Database`: what stands behind the dot is the service's own.
      let local = code.split(separator: ":").last.map(String.init) ?? code
      if Self.credentials.contains(local) { return .forbidden }
      switch local.prefix(while: { $0 != "." }) {
      case "Client" where local.hasPrefix("Client.Authentication"): return .forbidden
      case "Server", "Receiver": return .retry
      case "Client", "Sender", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown": return .stop
      default: continue
      }
    }
    return .stop
  }

  /// Codes of WS-Security 1.1 that say that our credentials were not taken.
  private static let credentials: Set<String> = [
    "FailedAuthentication", "FailedCheck", "InvalidSecurity", "InvalidSecurityToken",
    "SecurityTokenUnavailable", "UnsupportedSecurityToken", "MessageExpired",
  ]

  /// A word is a code, with or without its prefix, or the fault's text; `*` stands for any characters.
  private static func matches(_ word: String, _ fault: SOAPFault) -> Bool {
    let word = Array(word.lowercased())
    let locals = fault.codes.compactMap { $0.split(separator: ":").last.map(String.init) }
    return (fault.codes + locals + [fault.text]).contains { matches(word, Array($0.lowercased())) }
  }

  private static func matches(_ pattern: [Character], _ text: [Character]) -> Bool {
    var (at, place) = (0, 0)
    // Where the last star stood, and how much it took.
    var star: (at: Int, place: Int)?
    while place < text.count {
      if at < pattern.count, pattern[at] == "*" {
        star = (at, place)
        at += 1
      } else if at < pattern.count, pattern[at] == text[place] {
        (at, place) = (at + 1, place + 1)
      } else if let last = star {
        star = (last.at, last.place + 1)
        (at, place) = (last.at + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == "*" }
  }
}
