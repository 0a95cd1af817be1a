// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// What one request is made for each of: `${each}`.
struct EachSettings: Sendable {
  private enum Source: Sendable {
    case list(ExtractorNeeds.Name)
    case center(ExtractorNeeds.Name)
    case values([String])
  }

  private static let list = Setting.text(
    "code_list", "Each code of a list that is valid on the day of the run, as commune.", isRequired: false)
  private static let center = Setting.text(
    "center", "Each value that stands in the center, as school.school_code.", isRequired: false)
  private static let values = Setting.list("values", "Each of these.", isRequired: false)
  private static let parameter = Setting.text(
    "parameter", "Parameter of the address that takes it; or put ${each} where it belongs.", isRequired: false
  )

  static let all = [list.description, center.description, values.description, parameter.description]

  private let source: Source
  let parameter: String?

  init(_ settings: Settings) throws(Diagnostic) {
    let tree = settings.tree
    parameter = try settings.find(Self.parameter)
    let list = try settings.find(Self.list).map { ExtractorNeeds.Name($0, at: tree["code_list"] ?? tree) }
    let center = try settings.find(Self.center).map { ExtractorNeeds.Name($0, at: tree["center"] ?? tree) }
    let values = try settings.find(Self.values)
    switch (list, center, values) {
    case (let list?, nil, nil): source = .list(list)
    case (nil, let center?, nil): source = .center(center)
    case (nil, nil, let values?) where !values.isEmpty: source = .values(values)
    default: throw HTTPDiagnostics.severalEach(at: tree)
    }
  }

  var list: ExtractorNeeds.Name? { if case .list(let name) = source { name } else { nil } }
  var centerField: ExtractorNeeds.Name? { if case .center(let name) = source { name } else { nil } }

  /// Without repetitions, and without empty ones: they name nothing.
  func items(_ landing: any LandingWriter) throws -> [String] {
    let found: [String] =
      switch source {
      case .list(let name): try landing.codes(of: name.text)
      case .center(let name): try landing.centerValues(of: name.text)
      case .values(let values): values
      }
    var seen: Set<String> = []
    return found.filter { !$0.isEmpty && seen.insert($0).inserted }
  }
}
