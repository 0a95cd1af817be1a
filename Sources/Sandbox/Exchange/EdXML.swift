// SPDX-License-Identifier: Apache-2.0

/// Writes messages as edXML, in the three shapes that travel.
struct EdXML {
  enum Shape: Int, CaseIterable {
    /// QCVN 102:2016.
    case standard
    /// Its forerunner, in the header of a SOAP envelope.
    case forerunner
    /// As provinces' axes write QĐ 28/2018/QĐ-TTg.
    case flat
  }

  /// What programs do to the form alone; each once in so many messages as there are room for.
  enum Oddity: CaseIterable, Sendable {
    case businessSpelling, commentBeforeRoot, standardUnderOtherNamespace
  }

  let shape: Shape
  let oddity: Oddity?
  private let prefix: String

  init(_ shape: Shape, oddity: Oddity? = nil) {
    self.shape = oddity == .standardUnderOtherNamespace ? .standard : shape
    self.oddity = oddity
    prefix = self.shape == .flat ? "" : "edXML:"
  }

  func text(_ message: DocumentMessage) -> String {
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    let comment = oddity == .commentBeforeRoot ? "<!-- xuất từ phần mềm mẫu -->\n\n" : ""
    return declaration + comment + envelope(header(message)) + "\n"
  }

  private func envelope(_ header: String) -> String {
    let namespace =
      oddity == .standardUnderOtherNamespace
      ? "http://www.e-doc.vn/Schema/" : "http://www.mic.gov.vn/TBT/QCVN_102_2016"
    switch shape {
    case .standard:
      return """
        <edXML xmlns="\(namespace)"><edXML:edXMLEnvelope xmlns:edXML="\(namespace)"><edXML:edXMLHeader>\
        \(header)</edXML:edXMLHeader><edXML:edXMLBody/></edXML:edXMLEnvelope>\
        <AttachmentEncoded><Attachment><ContentTransferEncoded>VsSDbiBi4bqjbg==</ContentTransferEncoded>\
        </Attachment></AttachmentEncoded></edXML>
        """
    case .forerunner:
      return """
        <soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" \
        xmlns:edXML="http://www.e-doc.vn/Schema/"><soap-env:Header>\(header)</soap-env:Header>\
        <soap-env:Body><edXML:Manifest edXML:version="1.0"/></soap-env:Body></soap-env:Envelope>
        """
    case .flat: return "<EdXMLEnvelope xmlns=\"http://www.go.vn/eDoc\">\(header)</EdXMLEnvelope>"
    }
  }

  // MARK: Elements

  private func element(_ name: String, _ content: String) -> String {
    "<\(prefix)\(name)>\(content)</\(prefix)\(name)>"
  }

  /// An element of text; none for nothing.
  private func leaf(_ name: String, _ text: String?) -> String {
    text.map { element(name, XMLText.escaped($0)) } ?? ""
  }

  private func party(_ name: String, _ party: (code: String, name: String)) -> String {
    element(name, leaf("OrganId", party.code) + leaf("OrganName", party.name))
  }

  private func header(_ message: DocumentMessage) -> String {
    if let status = message.status {
      return element(
        "Status",
        message.answered.map(answered).joined() + party("From", message.sender)
          + leaf("StatusCode", status.code) + leaf("Description", status.text)
          + leaf("Timestamp", "\(message.moment)"))
    }
    let head =
      party("From", message.sender) + message.receivers.map { party("To", $0) }.joined()
      + (message.document.map(document) ?? "") + message.answered.map(answered).joined()
    return element("MessageHeader", head) + element("TraceHeaderList", trace(message) + business(message))
  }

  private func document(_ document: InventedDocument) -> String {
    let day = slashed(document.promulgated)
    let isForerunner = shape == .forerunner
    return element(
      "Code", leaf("CodeNumber", document.number) + leaf("CodeNotation", document.agency.notation))
      + element("PromulgationInfo", leaf(isForerunner ? "Date" : "PromulgationDate", day))
      + (isForerunner
        ? element(
          "type", "<value>\(document.type.code)</value><description>\(document.type.name)</description>")
        : element("DocumentType", leaf("Type", document.type.code) + leaf("TypeName", document.type.name)))
      + leaf("Subject", document.subject)
      + element(
        isForerunner ? "Author" : "SignerInfo",
        leaf("Competence", "TM.") + leaf(isForerunner ? "Function" : "Position", "Chủ tịch")
          + leaf("FullName", document.signer))
      + leaf("DueDate", document.dueOn.map(slashed))
      + element("OtherInfo", leaf("Priority", document.priority) + leaf("PageAmount", "2"))
      + leaf("SteeringType", document.steering) + leaf("DocumentId", document.documentId)
  }

  private func answered(_ named: DocumentMessage.Named) -> String {
    element(
      "ResponseFor",
      leaf("OrganId", named.agency) + leaf("Code", named.code)
        + leaf("PromulgationDate", slashed(named.promulgated)) + leaf("DocumentId", named.documentId))
  }

  private func trace(_ message: DocumentMessage) -> String {
    let organ = leaf("OrganId", message.sender.code)
    let sender = shape == .forerunner ? element("Sender", organ) : organ
    return element("TraceHeader", sender + leaf("Timestamp", "\(message.moment)"))
  }

  /// The standard itself writes "Bussiness".
  private func business(_ message: DocumentMessage) -> String {
    // Programs of the third shape leave it out of a new message.
    if shape == .flat, message.business == .new { return "" }
    let word = oddity == .businessSpelling ? "Business" : "Bussiness"
    let replaced = message.replaced.map {
      element("ReplacementInfo", leaf("DocumentId", $0))
    }.joined()
    return element(
      word,
      leaf(word + "DocType", String(message.business.rawValue))
        + leaf(word + "DocReason", message.reason.isEmpty ? nil : message.reason)
        + leaf("DocumentId", message.recalled)
        + (replaced.isEmpty ? "" : element("ReplacementInfoList", replaced)))
  }
}
