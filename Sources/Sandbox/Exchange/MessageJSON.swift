// SPDX-License-Identifier: Apache-2.0

/// Writes messages as JSON with the names of edXML in lower case: nested, or flat with the steps of each path joined.
enum MessageJSON {
  static func flat(_ message: DocumentMessage) -> String {
    var members = JSONMembers()
    let head = "header_messageheader_"
    members[head + "from_organid"] = quoted(message.sender.code)
    members[head + "from_organname"] = quoted(message.sender.name)
    if !message.receivers.isEmpty { members[head + "toes"] = list(message.receivers.map(party)) }
    if let document = message.document {
      members[head + "code_codenumber"] = quoted(document.number)
      members[head + "code_codenotation"] = quoted(document.agency.notation)
      members[head + "promulgationinfo_promulgationdate"] = quoted(slashed(document.promulgated))
      members[head + "documenttype_type"] = quoted(document.type.code)
      members[head + "documenttype_typename"] = quoted(document.type.name)
      members[head + "subject"] = quoted(document.subject)
      members[head + "signerinfo_competence"] = quoted("TM.")
      members[head + "signerinfo_fullname"] = quoted(document.signer)
      members[head + "duedate"] = document.dueOn.map { quoted(slashed($0)) } ?? quoted("")
      members[head + "otherinfo_priority"] = quoted(document.priority)
      members[head + "otherinfo_pageamount"] = quoted("2")
      members[head + "steeringtype"] = quoted(document.steering)
      members[head + "documentid"] = quoted(document.documentId)
    }
    if !message.answered.isEmpty { members[head + "responsefors"] = list(message.answered.map(answered)) }
    members["header_traceheaderlist_traceheader"] = list([hop(message)])
    let business = "header_traceheaderlist_bussiness_"
    members[business + "bussinessdoctype"] = quoted(String(message.business.rawValue))
    if !message.reason.isEmpty { members[business + "bussinessdocreason"] = quoted(message.reason) }
    if let recalled = message.recalled { members[business + "documentid"] = quoted(recalled) }
    if !message.replaced.isEmpty {
      members[business + "replacementinfolist_replacementinfo"] = list([list(message.replaced.map(replaced))])
    }
    return members.text
  }

  static func nested(_ message: DocumentMessage) -> String {
    var head = JSONMembers()
    head["from"] = party(message.sender)
    // One receiver stands as an object.
    if message.receivers.count == 1 { head["toes"] = party(message.receivers[0]) }
    if message.receivers.count > 1 { head["toes"] = list(message.receivers.map(party)) }
    if let document = message.document {
      head["code"] =
        "{\"codenumber\":\(quoted(document.number)),\"codenotation\":\(quoted(document.agency.notation))}"
      head["promulgationinfo"] = "{\"promulgationdate\":\(quoted(slashed(document.promulgated)))}"
      head["documenttype"] =
        "{\"type\":\(quoted(document.type.code)),\"typename\":\(quoted(document.type.name))}"
      head["subject"] = quoted(document.subject)
      head["signerinfo"] = "{\"competence\":\"TM.\",\"fullname\":\(quoted(document.signer))}"
      head["duedate"] = document.dueOn.map { quoted(slashed($0)) } ?? "null"
      head["otherinfo"] = "{\"priority\":\(quoted(document.priority)),\"pageamount\":2}"
      head["steeringtype"] = quoted(document.steering)
      head["documentid"] = quoted(document.documentId)
    }
    if !message.answered.isEmpty { head["responsefor"] = list(message.answered.map(answered)) }
    var business = JSONMembers()
    business["bussinessdoctype"] = quoted(String(message.business.rawValue))
    business["bussinessdocreason"] = quoted(message.reason)
    if let recalled = message.recalled { business["documentid"] = quoted(recalled) }
    if !message.replaced.isEmpty {
      business["replacementinfolist"] =
        "{\"replacementinfo\":\(list(message.replaced.map(replaced)))}"
    }
    return
      "{\"header\":{\"messageheader\":\(head.text),\"traceheaderlist\":{\"traceheader\":\(hop(message)),"
      + "\"bussiness\":\(business.text)}}}"
  }

  private static func list(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }

  private static func party(_ party: (code: String, name: String)) -> String {
    "{\"organid\":\(quoted(party.code)),\"organname\":\(quoted(party.name))}"
  }

  private static func answered(_ named: DocumentMessage.Named) -> String {
    "{\"organid\":\(quoted(named.agency)),\"code\":\(quoted(named.code)),\"promulgationdate\":"
      + "\(quoted(slashed(named.promulgated))),\"documentid\":\(named.documentId.map(quoted) ?? "null")}"
  }

  private static func hop(_ message: DocumentMessage) -> String {
    "{\"organid\":\(quoted(message.sender.code)),\"timestamp\":\(quoted("\(message.moment)"))}"
  }

  private static func replaced(_ id: String) -> String { "{\"documentid\":\(quoted(id)),\"organidlist\":[]}" }
}
