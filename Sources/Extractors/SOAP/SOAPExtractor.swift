// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Calls an operation of a SOAP service, once or page by page, and lands its answers.
public struct SOAPExtractor: Extractor {
  static let system = Setting.text("system", "System of systems.yaml to ask.")
  static let path = Setting.text("path", "Path of the service below the system's base_url.")
  static let version = Setting.choice(
    "version", "Version of SOAP.", of: SOAPVersion.allCases.map(\.rawValue), default: "1.1")
  static let action = Setting.text(
    "action", "The operation's SOAPAction, as its WSDL says.", isRequired: false)
  static let body = Setting<XMLTemplate>.xml(
    "body", "XML within soap:Body, with values as ${since}, ${run_date:dd/MM/yyyy}, ${page}, ${cursor}.",
    isRequired: true)
  static let header = Setting<XMLTemplate>.xml("header", "XML within soap:Header.")
  static let security = Setting.group(
    "security", "How the message itself says who we are (WS-Security).", MessageSecurity.all)
  static let faults = Setting.group(
    "faults", "What faults mean, by code or text, '*' for any characters.", FaultSettings.all)
  static let paginate = Setting.group(
    "paginate", "How to ask for one page after the other: in one of these ways.", MessagePaging.ways)
  static let mostPages = Setting.integer(
    "most_pages", "Pages after which the source is held to be broken.", default: 10_000, minimum: 1)
  static let since = Setting.group(
    "since", "How ${since} counts: what changed since the last run.",
    SinceSettings.all.filter { $0.name != "parameter" })
  static let limit = Setting.size(
    "limit_bytes", "Most bytes of one answer, once it is uncompressed.", default: 4 << 30)

  public static let description = ComponentDescription(
    "soap", "Calls an operation of a SOAP service.",
    example: """
      soap:
        system: budget
        path: /DMDC.asmx
        action: "http://tempuri.org/DanhMucPhuongXa"
        body: |
          <DanhMucPhuongXa xmlns="http://tempuri.org/">
            <DenNgay>${run_date:dd/MM/yyyy}</DenNgay>
          </DanhMucPhuongXa>
      """,
    [
      system.description, path.description, version.description, action.description, body.description,
      header.description, security.description, faults.description, paginate.description,
      mostPages.description, since.description, limit.description,
    ])

  let system: SystemSpec
  let path: String
  let version: SOAPVersion
  let action: String
  let body: XMLTemplate
  let header: XMLTemplate?
  let security: MessageSecurity?
  let faults: FaultSettings
  let paging: MessagePaging?
  let mostPages: Int
  let since: SinceSettings?
  let limit: Int
  var clock = RequestClock()
  /// 16 bytes that nobody can guess.
  var nonce: @Sendable () -> [UInt8] = { (0..<16).map { _ in UInt8.random(in: .min ... .max) } }

  public init(_ settings: Settings) throws(Diagnostic) {
    system = try settings.system(Self.system)
    path = try settings[Self.path]
    version = SOAPVersion(rawValue: try settings[Self.version]) ?? .first
    action = try settings.find(Self.action) ?? ""
    body = try settings[Self.body]
    header = try settings.find(Self.header)
    security = try settings.find(Self.security).map { group throws(Diagnostic) in try MessageSecurity(group) }
    faults =
      try settings.find(Self.faults).map { group throws(Diagnostic) in try FaultSettings(group) }
      ?? FaultSettings()
    paging = try settings.find(Self.paginate).map { group throws(Diagnostic) in try MessagePaging(group) }
    mostPages = try settings[Self.mostPages]
    since = try settings.find(Self.since).map { group throws(Diagnostic) in try SinceSettings(group) }
    limit = try settings[Self.limit]
    try checkCombinations(settings.tree)
  }

  public var isPaging: Bool { paging != nil }

  public var needs: ExtractorNeeds {
    var needs = ExtractorNeeds()
    needs.watched = since?.watched(formatsSince: nil)
    return needs
  }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    try SOAPRun(self, checkpoint, landing).extract()
  }

  private func checkCombinations(_ tree: Tree) throws(Diagnostic) {
    if let given = tree["action"], action.utf8.contains(where: { $0 < 32 || $0 == 34 || $0 == 92 }) {
      throw SOAPDiagnostics.badAction(at: given)
    }
    if let given = tree["path"], path.contains("#") || path.contains("${") {
      throw HTTPDiagnostics.badPath(given)
    }
    for (template, place) in [(body, tree["body"]), (header, tree["header"])] {
      guard let template, let place else { continue }
      if template.usesPage, paging?.isCounted != true { throw HTTPDiagnostics.pageWithoutPages(at: place) }
      if template.usesCursor, paging?.isCounted != false {
        throw SOAPDiagnostics.cursorWithoutPages(at: place)
      }
      if template.usesSince, since?.first == nil { throw HTTPDiagnostics.sinceWithoutFirst(at: place) }
    }
    if let paging, let place = tree["paginate"] {
      let asks = [body, header].compactMap(\.self).contains { paging.isCounted ? $0.usesPage : $0.usesCursor }
      if !asks { throw SOAPDiagnostics.pageNotAsked(paging.isCounted ? "page" : "cursor", at: place) }
    }
  }
}
