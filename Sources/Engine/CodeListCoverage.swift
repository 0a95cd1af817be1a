// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import PipelineFiles
import Planning
import Records
import Store

/// Codes that sources sent, or that stand in the center, and that are not in their list: work for whoever keeps the
/// list, or for the source's owner.
public struct CodeListCoverage: Sendable {
  /// Where a text was met.
  public struct Place: Sendable, Equatable {
    /// Nil for rows of the center that no finding of the ledger is about.
    public var pipeline: String?
    /// `pupil.commune_code`
    public var field: String
    /// Open rejects and notes; nil where rows of the center were not counted.
    public var records: Int?
    /// One of them, to be shown in full.
    public var example: String?
  }

  public struct Miss: Sendable, Equatable {
    public var list: String
    public var value: String
    public var isPersonal: Bool
    /// The entries of this code, none of which was valid on the day asked for; mostly empty.
    public var listed: [CodeListEntry]
    /// What the text may stand for, the likeliest first.
    public var nearest: [CodeListEntry]
    public var places: [Place]

    public var records: Int { places.reduce(0) { $0 + ($1.records ?? 0) } }

    /// Counts a place; one that is there already is not named twice.
    public mutating func add(_ place: Place) {
      let same = places.firstIndex { $0.pipeline == place.pipeline && $0.field == place.field }
      guard let same else { return places.append(place) }
      if let records = place.records { places[same].records = (places[same].records ?? 0) + records }
    }
  }

  /// By list; within one, the text met most often first.
  public private(set) var misses: [Miss]

  /// - Parameters:
  ///   - wanted: names of lists; empty for all.
  ///   - plans: whose tables are looked at in the center.
  /// - Throws: when the ledger or the center cannot be read.
  public init(
    of wanted: [String], lists: [String: CodeList], ledger: Ledger, plans: [Plan], center: String
  ) throws(StageFailure) {
    var found: [Key: Miss] = [:]
    func add(_ list: CodeList, _ value: String, isPersonal: Bool, _ place: Place) {
      let key = Key(list: list.name, value: value, isPersonal: isPersonal)
      var miss =
        found[key]
        ?? Miss(
          list: list.name, value: value, isPersonal: isPersonal, listed: list.entries(of: value),
          nearest: CodeCandidates(list).nearest(to: value), places: [])
      miss.add(place)
      found[key] = miss
    }
    let asked = lists.filter { wanted.isEmpty || wanted.contains($0.key) }
    for finding in try ledger.lookupFindings() {
      guard let list = asked[String(finding.rule.dropFirst("lookup.".count))] else { continue }
      let place = Place(
        pipeline: finding.pipeline, field: "\(finding.entity).\(Self.withoutOrdinals(finding.field))",
        records: finding.records, example: finding.example)
      add(list, finding.value, isPersonal: finding.personal != PersonalClass.none.rawValue, place)
    }
    for column in Self.columns(of: plans) {
      guard let list = asked[column.list] else { continue }
      let values = try column.loader.distinctValues(of: column.field.name, in: column.entity, center: center)
      let isPersonal = column.field.personal != .none
      for value in values where list.entries(of: value).isEmpty {
        let name = "\(column.entity).\(column.field.name)"
        let key = Key(list: list.name, value: value, isPersonal: isPersonal)
        if found[key]?.places.contains(where: { $0.field == name }) == true { continue }
        add(list, value, isPersonal: isPersonal, Place(field: name))
      }
    }
    misses = found.values.sorted {
      ($0.list, $1.records, $0.value) < ($1.list, $0.records, $1.value)
    }
  }

  private struct Key: Hashable {
    var list: String
    var value: String
    var isPersonal: Bool
  }

  private struct Column {
    var entity: String
    var field: EntityField
    var list: String
    var loader: any Loader
  }

  /// The columns with codes of the tables that the plans fill, each once.
  private static func columns(of plans: [Plan]) -> [Column] {
    var columns: [Column] = []
    var seen: Set<String> = []
    for plan in plans {
      func visit(_ kind: LoadKind) {
        if seen.insert(kind.entity.name).inserted {
          for field in kind.entity.fields {
            guard case .code(let list) = field.type else { continue }
            columns.append(Column(entity: kind.entity.name, field: field, list: list, loader: plan.loader))
          }
        }
        for child in kind.children { visit(child) }
      }
      for kind in plan.load.kinds { visit(kind) }
    }
    return columns
  }

  /// `pupil_result[2].average` → `pupil_result.average`
  private static func withoutOrdinals(_ field: String) -> String {
    var kept = ""
    var isInside = false
    for character in field {
      if character == "[" { isInside = true }
      if !isInside { kept.append(character) }
      if character == "]" { isInside = false }
    }
    return kept
  }
}
