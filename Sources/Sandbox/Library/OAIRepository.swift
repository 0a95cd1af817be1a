// SPDX-License-Identifier: Apache-2.0

import Records

/// A repository that answers by OAI-PMH 2.0.
struct OAIRepository: Sendable {
  struct Format: Sendable {
    var prefix: String
    var schema: String
    var namespace: String
  }

  var name: String
  /// Before the number of an identifier.
  var identifiers: String
  /// Whether it counts in seconds, or in days.
  var hasSeconds: Bool
  /// Whether it tells for ever what is gone, or forgets it.
  var isPersistent: Bool
  var formats: [Format]
  var sets: [(spec: String, name: String)]
  var holdings: any Holdings
  var pageSize: Int
  let clock = RepositoryClock()

  /// - Parameters:
  ///   - items: of the query, or of the form.
  ///   - address: where the repository stands.
  /// - Returns: the answer, piece by piece.
  func answer(_ items: [(name: String, value: String)], at address: String) -> OAIAnswer {
    do throws(OAIError) {
      let request = try OAIRequest(items)
      // By what it answers, not by when it was asked: the answer to 'Identify' is of the new day.
      let day = request.verb == .identify ? clock.beginHarvest() : clock.day
      do throws(OAIError) {
        var answer = try content(request, day, address)
        answer.begin(day: day, request: request.arguments, verb: request.verb.rawValue, address)
        return answer
      } catch {
        // Arguments that are wrong are not repeated.
        let isWrong = error.code == "badArgument"
        return OAIAnswer(
          error, day: day, request: isWrong ? [] : request.arguments,
          verb: isWrong ? nil : request.verb.rawValue,
          address)
      }
    } catch {
      return OAIAnswer(error, day: clock.day, request: [], verb: nil, address)
    }
  }

  private func content(_ request: OAIRequest, _ day: Int, _ address: String) throws(OAIError) -> OAIAnswer {
    switch request.verb {
    case .identify: return OAIAnswer(identity(address))
    case .listMetadataFormats:
      if let identifier = request["identifier"] { _ = try ordinal(identifier, day) }
      return OAIAnswer(
        formats.map {
          "<metadataFormat><metadataPrefix>\($0.prefix)</metadataPrefix><schema>\($0.schema)</schema>"
            + "<metadataNamespace>\($0.namespace)</metadataNamespace></metadataFormat>\n"
        }.joined())
    case .listSets:
      if request["resumptionToken"] != nil { throw badToken }
      return OAIAnswer(
        sets.map {
          "<set><setSpec>\($0.spec)</setSpec><setName>\(XMLText.escaped($0.name))</setName></set>\n"
        }
        .joined())
    case .getRecord:
      let format = try format(request["metadataPrefix"])
      let ordinal = try ordinal(request["identifier"] ?? "", day)
      return OAIAnswer(record(ordinal, day, in: format))
    case .listIdentifiers, .listRecords:
      return try list(request, day)
    }
  }

  private func identity(_ address: String) -> String {
    """
    <repositoryName>\(XMLText.escaped(name))</repositoryName>
    <baseURL>\(XMLText.escaped(address))</baseURL>
    <protocolVersion>2.0</protocolVersion>
    <adminEmail>thu-vien@so-khcn.example</adminEmail>
    <earliestDatestamp>\(hasSeconds ? "2026-01-01T00:00:00Z" : "2026-01-01")</earliestDatestamp>
    <deletedRecord>\(isPersistent ? "persistent" : "transient")</deletedRecord>
    <granularity>\(hasSeconds ? "YYYY-MM-DDThh:mm:ssZ" : "YYYY-MM-DD")</granularity>

    """
  }

  private func format(_ prefix: String?) throws(OAIError) -> String {
    guard let prefix, formats.contains(where: { $0.prefix == prefix }) else {
      throw OAIError("cannotDisseminateFormat", "Kho không có định dạng này")
    }
    return prefix
  }

  private func ordinal(_ identifier: String, _ day: Int) throws(OAIError) -> Int {
    guard identifier.hasPrefix(identifiers), let number = Int(identifier.dropFirst(identifiers.count)),
      number >= 1, number <= holdings.records, isTold(number - 1, day)
    else { throw OAIError("idDoesNotExist", "Không có biểu ghi này") }
    return number - 1
  }

  /// What was deleted long ago a repository that forgets says nothing of.
  private func isTold(_ ordinal: Int, _ day: Int) -> Bool {
    if isPersistent { return true }
    let life = holdings.life(ordinal, on: day)
    return !life.isDeleted || life.edition > 1
  }

  private var badToken: OAIError { OAIError("badResumptionToken", "Mã tiếp tục không còn hiệu lực") }

  // MARK: - Lists

  private func list(_ request: OAIRequest, _ day: Int) throws(OAIError) -> OAIAnswer {
    let list: OAIList
    if let token = request["resumptionToken"] {
      list = try resumed(token, day)
    } else {
      list = try begun(request, day)
    }
    var page = Array(
      (list.ordinal..<max(list.ordinal, holdings.records)).lazy.filter { has($0, list) }.prefix(pageSize))
    var next = list
    next.cursor += page.count
    next.ordinal = (page.last ?? holdings.records) + 1
    // A page that begins with the record by which the one before it ended: lists shift while they are read.
    if list.cursor / pageSize % 5 == 3,
      let before = (0..<min(list.ordinal, holdings.records)).reversed().first(where: { has($0, list) })
    {
      page.insert(before, at: 0)
    }
    let isWhole = request.verb == .listRecords
    return OAIAnswer(page, foot: tokenElement(list, next)) { [self] ordinal in
      isWhole ? record(ordinal, list.day, in: list.format) : header(ordinal, list.day) + "\n"
    }
  }

  private func begun(_ request: OAIRequest, _ day: Int) throws(OAIError) -> OAIList {
    let window = try request.window(hasSeconds: hasSeconds)
    // Nothing is dated later than the harvest: what ends there has no end.
    let until = window.until.flatMap { $0 >= RepositoryClock.moment(day) ? nil : $0 }
    var list = OAIList(
      format: try format(request["metadataPrefix"]), set: request["set"], from: window.from, until: until,
      day: day)
    if let set = list.set, !sets.contains(where: { $0.spec == set }) {
      throw OAIError("badArgument", "Không có tập \(set)")
    }
    for ordinal in 0..<holdings.records where has(ordinal, list) { list.size += 1 }
    if list.size == 0 { throw OAIError("noRecordsMatch", "Không có biểu ghi nào") }
    return list
  }

  /// Tokens live until the harvest after the next one begins.
  private func resumed(_ token: String, _ day: Int) throws(OAIError) -> OAIList {
    guard let list = OAIList(token: token), (max(0, day - 1)...day).contains(list.day),
      list.size <= holdings.records, formats.contains(where: { $0.prefix == list.format }),
      list.cursor != pageSize || !clock.losesToken(of: list.day)
    else { throw badToken }
    return list
  }

  private func has(_ ordinal: Int, _ list: OAIList) -> Bool {
    if let set = list.set, !holdings.sets(of: ordinal).contains(set) { return false }
    guard isTold(ordinal, list.day) else { return false }
    guard list.from != nil || list.until != nil else { return true }
    let stamp = holdings.life(ordinal, on: list.day).datestamp
    return stamp >= list.from ?? .min && stamp <= list.until ?? .max
  }

  /// A list of one page has none, the last page of a longer one an empty one.
  private func tokenElement(_ list: OAIList, _ next: OAIList) -> String {
    let isLast = next.cursor >= list.size
    if isLast, list.cursor == 0 { return "" }
    let until =
      isLast
      ? "" : " expirationDate=\"\(Instant(microseconds: RepositoryClock.moment(list.day + 2) * 1_000_000))\""
    return "<resumptionToken\(until) completeListSize=\"\(list.size)\" cursor=\"\(list.cursor)\">"
      + "\(isLast ? "" : next.token)</resumptionToken>\n"
  }

  // MARK: - One record

  private func datestamp(_ seconds: Int64) -> String {
    String(Instant(microseconds: seconds * 1_000_000).description.prefix(hasSeconds ? 20 : 10))
  }

  private func header(_ ordinal: Int, _ day: Int) -> String {
    let life = holdings.life(ordinal, on: day)
    return
      "<header\(life.isDeleted ? " status=\"deleted\"" : "")><identifier>\(identifiers)\(ordinal + 1)</identifier>"
      + "<datestamp>\(datestamp(life.datestamp))</datestamp>"
      + holdings.sets(of: ordinal).map { "<setSpec>\($0)</setSpec>" }.joined() + "</header>"
  }

  private func record(_ ordinal: Int, _ day: Int, in format: String) -> String {
    let life = holdings.life(ordinal, on: day)
    let header = header(ordinal, day)
    guard !life.isDeleted else { return "<record>\(header)</record>\n" }
    return
      "<record>\(header)<metadata>\(holdings.metadata(ordinal, edition: life.edition, in: format))</metadata>"
      + "</record>\n"
  }
}
