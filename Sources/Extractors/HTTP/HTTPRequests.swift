// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// Makes the requests that an ``HTTPExtractor`` describes, and says what their answers are called.
struct HTTPRequests {
  struct Asked {
    /// The whole address; may hold secrets.
    var address: String
    var request: SystemRequest
    var origin: String
    var name: String
    /// Parameters and values by name, as `request('x')` gives them to the map; without secrets.
    var facts: [String: String]

    /// What is said of the payload that an answer is.
    func head(_ answer: HTTPTransfer.Head) -> PayloadHead {
      PayloadHead(
        origin: origin, name: name, request: facts, response: answer.facts,
        expectedBytes: answer.expectedBytes)
    }
  }

  private struct Parameter {
    var name: String
    var value: String
    /// Secrets stand as `${secret:NAME}`.
    var shown: String

    init(_ name: String, _ value: String, shown: String? = nil) {
      self.name = name
      self.value = value
      self.shown = shown ?? value
    }
  }

  let extractor: HTTPExtractor

  /// A request whose answer is a payload.
  func payload(_ values: RequestValues, _ page: Page?) -> Asked {
    var parameters = templates(extractor.query, values)
    if extractor.list == nil { parameters += ownParameters(values) }
    if let paging = extractor.paging {
      if let name = paging.parameter, let text = values.pageText { parameters.append(Parameter(name, text)) }
      if let name = paging.sizeParameter, let size = paging.size {
        parameters.append(Parameter(name, String(size)))
      }
    }
    let address = page?.address ?? self.address(extractor.path, values, parameters)
    var request = SystemRequest(address: address, place: String(address.prefix { $0 != "?" }))
    request.isPost = extractor.isPost
    request.body = extractor.body.map { body($0, values) }
    request.headers = extractor.headers.map { ($0.name, $0.value.text(values)) }
    return Asked(
      address: address, request: request, origin: origin(values, parameters, page),
      name: name(values, page), facts: facts(values, parameters))
  }

  /// The request for the list of ids.
  func list(_ list: ListSettings, _ values: RequestValues) -> SystemRequest {
    let address = self.address(list.path, values, templates(list.query, values) + ownParameters(values))
    var request = SystemRequest(address: address, place: String(address.prefix { $0 != "?" }))
    request.isPost = list.isPost
    request.body = list.body.map { body($0, values) }
    request.headers = extractor.headers.map { ($0.name, $0.value.text(values)) }
    return request
  }

  private func templates(_ query: [RequestParameter], _ values: RequestValues) -> [Parameter] {
    query.filter { values.since != nil || !$0.value.usesSince }.map {
      Parameter($0.name, $0.value.text(values), shown: $0.value.shown(values))
    }
  }

  /// What `since`, `each` and `windows` add to the address.
  private func ownParameters(_ values: RequestValues) -> [Parameter] {
    var parameters: [Parameter] = []
    func add(_ name: String?, _ value: String?) {
      if let name, let value { parameters.append(Parameter(name, value)) }
    }
    add(extractor.since?.parameter, values.since == nil ? nil : values.sinceText())
    add(extractor.each?.parameter, values.each)
    if values.window != nil {
      add(extractor.windows?.fromParameter, values.windowFrom())
      add(extractor.windows?.toParameter, values.windowTo())
    }
    return parameters
  }

  private func address(
    _ template: RequestTemplate, _ values: RequestValues, _ parameters: [Parameter]
  ) -> String {
    let path = PercentEncoding.encodePath(template.text(values, encode: PercentEncoding.encode))
    let base = extractor.system.baseURL
    let place = path.isEmpty ? base : base + (path.hasPrefix("/") ? "" : "/") + path
    let query = parameters.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
      .joined(separator: "&")
    return query.isEmpty ? place : "\(place)?\(query)"
  }

  private func body(_ template: RequestTemplate, _ values: RequestValues) -> String {
    let type = SystemRequest.contentType(of: template.shown(values))
    return template.text(values) { BodyText.escape($0, contentType: type) }
  }

  /// System, path and parameters, without secrets; of a POST also a digest of what is sent. Cursors and addresses
  /// that a source made up change from run to run: there the page's number stands.
  private func origin(_ values: RequestValues, _ parameters: [Parameter], _ page: Page?) -> String {
    let isMadeUp = page != nil && extractor.paging?.isMadeUp == true
    let parameters = isMadeUp ? parameters.filter { $0.name != extractor.paging?.parameter } : parameters
    let path = extractor.path.shown(values)
    var origin = "http:\(extractor.system.name)\(path.hasPrefix("/") ? "" : "/")\(path)"
    if !parameters.isEmpty {
      origin += "?" + parameters.map { "\($0.name)=\($0.shown)" }.joined(separator: "&")
    }
    if let body = extractor.body?.shown(values) {
      var hasher = KeyHasher()
      Array(body.utf8).withUnsafeBufferPointer { hasher.combine($0) }
      origin += "#\(hasher.finish().hexadecimal.prefix(16))"
    }
    if isMadeUp, let page { origin += "#\(page.number)" }
    return origin
  }

  private func name(_ values: RequestValues, _ page: Page?) -> String {
    var words = [values.window.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)–\($0.last)" }]
    words += [values.each, values.ids.count == 1 ? values.ids[0] : nil]
    if values.ids.count > 1 { words.append("\(values.ids[0]) and \(values.ids.count - 1) more") }
    words.append(page?.name)
    let name = words.compactMap(\.self).joined(separator: " ")
    let path = extractor.path.shown(values)
    return name.isEmpty ? path.split(separator: "/").last.map(String.init) ?? extractor.system.name : name
  }

  private func facts(_ values: RequestValues, _ parameters: [Parameter]) -> [String: String] {
    var facts: [String: String] = [:]
    facts["each"] = values.each
    facts["id"] = values.ids.count == 1 ? values.ids[0] : nil
    if values.window != nil {
      facts["window_from"] = values.windowFrom()
      facts["window_to"] = values.windowTo()
    }
    for parameter in parameters { facts[parameter.name] = parameter.shown }
    return facts
  }
}

/// Makes a value that came from elsewhere fit the body around it, so that no character of it is taken for a part of
/// the body's own form.
enum BodyText {
  static func escape(_ value: String, contentType: String) -> String {
    if contentType.hasPrefix("application/json") { return json(value) }
    if contentType.hasPrefix("text/xml") { return xml(value) }
    return PercentEncoding.encode(value)
  }

  private static func json(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case _ where scalar.value < 32:
        text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func xml(_ value: String) -> String {
    var text = ""
    for character in value.unicodeScalars {
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&apos;"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }
}
