// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// One run of an ``OAIPMHExtractor``: asks the repository who it is, then for one list for each set. Used by one thread.
///
/// The window of a run is closed at both ends by the repository's own clock, so that neither a wrong clock here nor a
/// record that changes meanwhile leaves a gap: the next run begins where this one ended, both ends included.
final class OAIPMHRun {
  private let extractor: OAIPMHExtractor
  private let checkpoint: Checkpoint?
  private let landing: any LandingWriter
  private let client: SystemClient
  /// Without a query: for requests and for messages.
  private let address: String
  /// Whether the repository tells of deletions: `no`, `transient` or `persistent`.
  private var deletedRecord: String?
  private var from: String?
  private var until: String?

  /// Lists that are begun anew because a token expired; tokens that always do would never end.
  private static let mostRestarts = 3

  init(_ extractor: OAIPMHExtractor, _ checkpoint: Checkpoint?, _ landing: any LandingWriter) throws {
    self.extractor = extractor
    self.checkpoint = checkpoint
    self.landing = landing
    let path = PercentEncoding.encodePath(extractor.path)
    address = extractor.system.baseURL + (path.hasPrefix("/") || path.isEmpty ? "" : "/") + path
    client = try SystemClient(
      extractor.system, landing, clock: extractor.clock, limit: extractor.limit, acceptsHTML: false)
  }

  func extract() throws {
    try client.checkHours()
    guard let end = try identify() else { return }
    for set in extractor.sets {
      guard try harvest(set) else { return }
    }
    if extractor.since != nil { try landing.finish(resume: RunStart.checkpoint(end)) }
  }

  // MARK: - Who is there

  /// Asks the repository who it is, and sets the window.
  ///
  /// - Returns: where the window ends, in seconds since 1970; nil when the run was interrupted.
  private func identify() throws -> Int64? {
    guard let response = try ask([("verb", "Identify")], page: nil)?.response else { return nil }
    guard response.kind == .identify else {
      throw OAIDiagnostics.notOAI("no answer to 'Identify' (\(response.errorCode))", at: address)
    }
    deletedRecord = response.identity["deletedRecord"]
    let granularity = response.identity["granularity"] ?? ""
    let end = RunStart.parse(response.responseDate) ?? extractor.clock.now()
    guard let since = extractor.since else { return end }
    let length =
      switch granularity.uppercased() {
      case "YYYY-MM-DD": 10
      case "YYYY-MM-DDTHH:MM:SSZ": 20
      default: throw OAIDiagnostics.badGranularity(granularity, at: address)
      }
    func text(_ seconds: Int64) -> String {
      String(Instant(microseconds: seconds * 1_000_000).description.prefix(length))
    }
    until = text(end)
    let overlap = Int64(min(since.overlap, 1e9).rounded(.up))
    let start = checkpoint.flatMap(RunStart.read).map { $0 - overlap } ?? since.first
    // A checkpoint behind the repository's clock would make a window that ends before it begins.
    from = start.map { text(min($0, end)) }
    return end
  }

  // MARK: - One list

  /// - Returns: whether its end was reached.
  private func harvest(_ set: String?) throws -> Bool {
    for restart in 0...Self.mostRestarts {
      switch try list(set, restart) {
      case .complete: return true
      case .cancelled: return false
      case .expired(let failure):
        // What was landed stays, and settles as unchanged when it comes again.
        if restart == Self.mostRestarts { throw failure }
      }
    }
    return true
  }

  private enum Ended {
    case complete, cancelled
    /// A token was no longer known.
    case expired(StageFailure)
  }

  private func list(_ set: String?, _ restart: Int) throws -> Ended {
    var arguments = [("verb", "ListRecords"), ("metadataPrefix", extractor.prefix)]
    if let set { arguments.append(("set", set)) }
    if let from { arguments.append(("from", from)) }
    if let until { arguments.append(("until", until)) }
    let window = arguments
    var seen: Set<String> = []
    var records = 0
    for number in 1...extractor.mostPages {
      let page = OAIPage(window: window, set: set, number: number, restart: restart)
      guard let target = try ask(arguments, page: page) else { return .cancelled }
      let response = target.response
      guard response.kind == .records else {
        if response.errorCode == "noRecordsMatch" { return .complete }
        let failure = OAIDiagnostics.refused(response.errorCode, response.errorText, at: address)
        if response.errorCode == "badResumptionToken", number > 1 { return .expired(failure) }
        throw failure
      }
      try landing.end(resume: nil)
      let token = response.token
      if extractor.checksSizes, let cursor = token?.cursor, cursor > records {
        throw OAIDiagnostics.jump(cursor, after: records, at: address)
      }
      records += response.records
      guard let token, !token.text.isEmpty else {
        if extractor.checksSizes, let size = token?.completeListSize, size > records {
          throw OAIDiagnostics.incomplete(records, of: size, at: address)
        }
        return .complete
      }
      guard seen.insert(token.text).inserted else { throw OAIDiagnostics.circle(at: address) }
      // A token stands for every other argument, and may stand beside none.
      arguments = [("verb", "ListRecords"), ("resumptionToken", token.text)]
    }
    throw HTTPDiagnostics.pagesWithoutEnd(extractor.mostPages, at: address)
  }

  // MARK: - One request

  /// - Returns: what was read; nil when the run was interrupted.
  private func ask(_ arguments: [(String, String)], page: OAIPage?) throws -> OAITarget? {
    let query = arguments.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    var request = SystemRequest(address: "\(address)?\(query)", place: address)
    request.headers = [("Accept", "text/xml, application/xml")]
    request.bodilessStatuses = []
    // Some repositories say their errors also by status.
    request.wantedStatuses = [400, 404, 422]
    var target: OAITarget?
    let answer = try client.ask(request) { [self] head in
      let landed = page.map { LandingTarget(landing, head: payloadHead($0, head)) }
      let made = OAITarget(landed, status: head.status, place: address)
      target = made
      return made
    }
    if case .cancelled = answer { return nil }
    return target
  }

  private func payloadHead(_ page: OAIPage, _ head: HTTPTransfer.Head) -> PayloadHead {
    var response = head.facts
    response["deletedRecord"] = deletedRecord
    let path = extractor.path.hasPrefix("/") ? extractor.path : "/\(extractor.path)"
    return PayloadHead(
      origin: "oai:\(extractor.system.name)\(path)?\(page.description)",
      name: (page.set.map { "\($0) " } ?? "") + "page \(page.number)",
      request: Dictionary(page.window, uniquingKeysWith: { _, last in last }), response: response,
      expectedBytes: head.expectedBytes)
  }
}

/// A page of a list. Tokens change from run to run, and so does the end of the window: it is known by its list,
/// by where that begins, and by its number.
struct OAIPage: CustomStringConvertible {
  /// What the list was asked by.
  var window: [(String, String)]
  var set: String?
  /// From 1.
  var number: Int
  /// How often the list was begun anew.
  var restart: Int

  var description: String {
    window.filter { $0.0 != "until" }.map { "\($0.0)=\($0.1)" }.joined(separator: "&") + "#\(number)"
      + (restart > 0 ? " again \(restart)" : "")
  }
}
