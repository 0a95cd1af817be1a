// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// Checks what single settings of an ``HTTPExtractor`` cannot show: values that nothing gives, and ways that exclude
/// each other.
struct RequestCheck {
  private struct Place {
    var tree: Tree
    var template: RequestTemplate
    /// A parameter of its own is left out while it has no value; elsewhere a hole would be left.
    var mayBeLeftOut = false
    var isHeader = false
    /// Of the request for the list of ids.
    var isOfList = false
  }

  private let tree: Tree
  private let places: [Place]

  init(_ settings: Settings) {
    tree = settings.tree
    var places: [Place] = []
    func add(_ tree: Tree?, isOfList: Bool) {
      func place(_ tree: Tree, isParameter: Bool = false, isHeader: Bool = false) {
        // What cannot be read as a template was said when it was read.
        guard let template = try? RequestTemplate(tree, settings.environment) else { return }
        places.append(
          Place(
            tree: tree, template: template, mayBeLeftOut: isParameter && tree.text == "${since}",
            isHeader: isHeader, isOfList: isOfList))
      }
      for item in [tree?["path"], tree?["body"]].compactMap(\.self) { place(item) }
      for entry in tree?["query"]?.entries ?? [] { place(entry.value, isParameter: true) }
      for entry in tree?["headers"]?.entries ?? [] { place(entry.value, isHeader: true) }
    }
    add(settings.tree, isOfList: false)
    if let list = settings.tree["list"] { add(list, isOfList: true) }
    self.places = places
  }

  /// The first place where a date format is given to `${since}`.
  var formattedSince: Tree? { places.first { $0.template.formatsSince }?.tree }

  func check(_ extractor: HTTPExtractor) throws(Diagnostic) {
    if let body = tree["body"], !extractor.isPost, extractor.body != nil {
      throw HTTPDiagnostics.bodyWithoutPost(at: body)
    }
    for path in [tree["path"], tree["list"]?["path"]].compactMap(\.self)
    where (path.text ?? "").contains(where: { $0 == "?" || $0 == "#" }) {
      throw HTTPDiagnostics.badPath(path)
    }
    for entry in tree["headers"]?.entries ?? [] where !Self.isHeaderName(entry.key) {
      throw HTTPDiagnostics.badHeader(entry.key, at: entry.keyPosition)
    }
    for place in places { try check(place, extractor) }
    try checkWays(extractor)
  }

  private func check(_ place: Place, _ extractor: HTTPExtractor) throws(Diagnostic) {
    let names = place.template.names
    if names.contains(.page), extractor.paging?.isCounted != true || place.isOfList {
      throw HTTPDiagnostics.pageWithoutPages(at: place.tree)
    }
    if names.contains(.since) {
      if extractor.windows != nil { throw HTTPDiagnostics.sinceBesideWindows(at: place.tree) }
      if extractor.since == nil || (extractor.since?.first == nil && !place.mayBeLeftOut) {
        throw HTTPDiagnostics.sinceWithoutFirst(at: place.tree)
      }
    }
    if names.contains(.each), extractor.each == nil {
      throw HTTPDiagnostics.valueWithout("each", "each: { code_list: … }", at: place.tree)
    }
    if names.contains(.windowFrom) || names.contains(.windowTo), extractor.windows == nil {
      throw HTTPDiagnostics.valueWithout("window_from", "windows: { step: 1d }", at: place.tree)
    }
    if names.contains(.id) || names.contains(.ids), extractor.list == nil || place.isOfList {
      throw HTTPDiagnostics.valueWithout("id", "list: { path: …, ids: … }", at: place.tree)
    }
    if names.contains(.id), let list = extractor.list, list.group > 1 {
      throw HTTPDiagnostics.idOfGroup(at: place.tree)
    }
  }

  private func checkWays(_ extractor: HTTPExtractor) throws(Diagnostic) {
    if let paginate = tree["paginate"], extractor.paging != nil, extractor.list != nil {
      throw HTTPDiagnostics.listBesidePages(at: paginate)
    }
    if let unzip = tree["unzip"], extractor.archive != nil, extractor.paging != nil {
      throw ArchiveDiagnostics.besidePages(at: unzip)
    }
    if let each = tree["each"], let settings = extractor.each, settings.parameter == nil, !isUsed([.each]) {
      throw HTTPDiagnostics.unused("each", "each", at: each)
    }
    if let list = tree["list"], extractor.list != nil, !isUsed([.id, .ids]) {
      throw HTTPDiagnostics.unused("list", "id", at: list)
    }
    guard let windows = extractor.windows, let tree = tree["windows"] else { return }
    if windows.fromParameter == nil, !isUsed([.windowFrom]) {
      throw HTTPDiagnostics.unused("windows", "window_from", at: tree)
    }
    guard let since = extractor.since, since.value == nil, since.parameter == nil, since.first != nil else {
      throw HTTPDiagnostics.windowsWithoutSince(at: self.tree["since"] ?? tree)
    }
  }

  /// Whether a value stands where it tells requests apart: a header does not.
  private func isUsed(_ names: Set<RequestTemplate.Name>) -> Bool {
    places.contains { !$0.isHeader && !$0.template.names.isDisjoint(with: names) }
  }

  private static func isHeaderName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57)
          || byte == 45 || byte == 95
      }
  }
}
