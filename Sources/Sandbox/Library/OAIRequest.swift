// SPDX-License-Identifier: Apache-2.0

import Records

/// What the protocol calls an error; it travels with HTTP 200.
struct OAIError: Error, Equatable {
  var code: String
  var text: String

  init(_ code: String, _ text: String) {
    self.code = code
    self.text = text
  }
}

/// A request as the protocol has it: a verb, and arguments that it allows.
struct OAIRequest: Sendable {
  enum Verb: String, CaseIterable {
    case identify = "Identify"
    case listMetadataFormats = "ListMetadataFormats"
    case listSets = "ListSets"
    case listIdentifiers = "ListIdentifiers"
    case listRecords = "ListRecords"
    case getRecord = "GetRecord"
  }

  let verb: Verb
  /// In the order of the request, without the verb.
  let arguments: [(name: String, value: String)]

  subscript(name: String) -> String? { arguments.first { $0.name == name }?.value }

  init(_ items: [(name: String, value: String)]) throws(OAIError) {
    let verbs = items.filter { $0.name == "verb" }
    guard verbs.count == 1, let verb = Verb(rawValue: verbs[0].value) else {
      throw OAIError(
        "badVerb", "verb phải là một trong: \(Verb.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.verb = verb
    arguments = items.filter { $0.name != "verb" }
    if Set(arguments.map(\.name)).count < arguments.count {
      throw OAIError("badArgument", "Tham số lặp lại")
    }
    let isList = verb == .listRecords || verb == .listIdentifiers
    if isList, self["resumptionToken"] != nil {
      guard arguments.count == 1 else {
        throw OAIError("badArgument", "resumptionToken không đi cùng tham số khác")
      }
      return
    }
    let allowed: Set<String> =
      switch verb {
      case .identify: []
      case .listMetadataFormats: ["identifier"]
      case .listSets: ["resumptionToken"]
      case .listIdentifiers, .listRecords: ["metadataPrefix", "set", "from", "until"]
      case .getRecord: ["metadataPrefix", "identifier"]
      }
    if let other = arguments.first(where: { !allowed.contains($0.name) }) {
      throw OAIError("badArgument", "Không có tham số \(other.name)")
    }
    let required = verb == .getRecord ? ["metadataPrefix", "identifier"] : isList ? ["metadataPrefix"] : []
    if let missing = required.first(where: { self[$0] == nil }) {
      throw OAIError("badArgument", "Thiếu tham số \(missing)")
    }
  }

  /// The first and last second asked for.
  func window(hasSeconds: Bool) throws(OAIError) -> (from: Int64?, until: Int64?) {
    func bound(_ name: String, isLast: Bool) throws(OAIError) -> Int64? {
      guard let text = self[name] else { return nil }
      guard let day = Self.day(text) else {
        guard hasSeconds, let second = Self.second(text) else {
          throw OAIError("badArgument", "\(name) không đúng độ chi tiết thời gian của kho")
        }
        return second
      }
      return Int64(day) * 86_400 + (isLast ? 86_399 : 0)
    }
    let from = try bound("from", isLast: false)
    let until = try bound("until", isLast: true)
    if let first = self["from"], let last = self["until"], first.utf8.count != last.utf8.count {
      throw OAIError("badArgument", "from và until khác độ chi tiết thời gian")
    }
    if let from, let until, from > until { throw OAIError("badArgument", "from sau until") }
    return (from, until)
  }

  /// `yyyy-MM-dd`
  private static func day(_ text: some StringProtocol) -> Int32? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard text.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1],
      let day = parts[2]
    else { return nil }
    return CalendarDate(year: year, month: month, day: day)?.days
  }

  /// `yyyy-MM-ddTHH:mm:ssZ`
  private static func second(_ text: String) -> Int64? {
    let parts = text.dropFirst(11).dropLast().split(separator: ":").map { Int($0) }
    guard text.utf8.count == 20, text.hasSuffix("Z"), text.dropFirst(10).hasPrefix("T"), parts.count == 3,
      let days = day(text.prefix(10)), let hour = parts[0], let minute = parts[1], let second = parts[2],
      (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
    else { return nil }
    return Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }
}
