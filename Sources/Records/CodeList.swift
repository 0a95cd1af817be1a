// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// One code with the time it is valid and the other names it goes by.
public struct CodeListEntry: Sendable, Equatable {
  public var code: String
  public var name: String
  public var aliases: [String]
  /// What single sources call it: source → codes and names of its own.
  public var sourceAliases: [String: [String]]
  /// First and last day of validity; nil is open.
  public var validFrom: CalendarDate?
  public var validTo: CalendarDate?
  public var predecessors: [String]
  public var successors: [String]
  /// The remaining columns of the list's file.
  public var attributes: [String: String]

  public init(
    code: String, name: String = "", aliases: [String] = [], sourceAliases: [String: [String]] = [:],
    validFrom: CalendarDate? = nil, validTo: CalendarDate? = nil, predecessors: [String] = [],
    successors: [String] = [], attributes: [String: String] = [:]
  ) {
    self.code = code
    self.name = name
    self.aliases = aliases
    self.sourceAliases = sourceAliases
    self.validFrom = validFrom
    self.validTo = validTo
    self.predecessors = predecessors
    self.successors = successors
    self.attributes = attributes
  }

  public func isValid(on day: CalendarDate) -> Bool {
    (validFrom.map { $0 <= day } ?? true) && (validTo.map { day <= $0 } ?? true)
  }
}

/// What a list knows of one of its sources: systems number and name the same things differently.
public struct CodeListSource: Sendable, Equatable {
  public var title: String?
  /// Where its numbering was found.
  public var evidence: String?
  /// The source numbers by itself: a code of the list that is none of its aliases says nothing there.
  public var numbersItself: Bool

  public init(title: String? = nil, evidence: String? = nil, numbersItself: Bool = false) {
    self.title = title
    self.evidence = evidence
    self.numbersItself = numbersItself
  }
}

/// A reference list with validity dates. Immutable and shared by all batches of a run; indexes of names are made
/// when they are first needed.
public final class CodeList: Sendable {
  /// Which entries go by a text, by their places in ``entries``.
  public typealias Index = [String: [Int]]

  public let name: String
  public let entries: [CodeListEntry]
  /// The sources that have aliases of their own, by name.
  public let sources: [String: CodeListSource]
  /// What tells the successors of a divided code apart, as `village or address`.
  public let dividedBy: String?
  private let byCode: Index
  private let indexes = Mutex<[String: Index]>([:])

  public init(
    name: String, entries: [CodeListEntry], sources: [String: CodeListSource] = [:], dividedBy: String? = nil
  ) {
    self.name = name
    self.entries = entries
    self.sources = sources
    self.dividedBy = dividedBy
    byCode = Dictionary(grouping: entries.indices) { entries[$0].code }
  }

  /// The entries of a code, in the order of the list; empty if it has none.
  public func entries(of code: String) -> [CodeListEntry] { (byCode[code] ?? []).map { entries[$0] } }

  /// An index that is made once, whoever asks for it first.
  ///
  /// - Parameter texts: what an entry goes by there.
  public func index(_ purpose: String, by texts: (CodeListEntry) -> [String]) -> Index {
    indexes.withLock { indexes in
      if let made = indexes[purpose] { return made }
      var index: Index = [:]
      for (place, entry) in entries.enumerated() {
        for text in Set(texts(entry)) { index[text, default: []].append(place) }
      }
      indexes[purpose] = index
      return index
    }
  }

  /// The entries that took the place of one, as they are valid on a later day. Several where it was divided; none
  /// where nothing followed, or what followed has ended too.
  public func successors(of entry: CodeListEntry, on day: CalendarDate) -> [CodeListEntry] {
    var found: [CodeListEntry] = []
    var waiting = [entry]
    // A list at fault may lead in a circle: no chain is longer than the list.
    var steps = entries.count
    while let ended = waiting.popLast(), steps > 0 {
      steps -= 1
      guard let last = ended.validTo else { continue }
      for code in ended.successors {
        let later = entries(of: code).filter { ($0.validFrom ?? last) > last }
        guard let next = later.min(by: { ($0.validFrom ?? last) < ($1.validFrom ?? last) }) else { continue }
        if next.isValid(on: day) {
          if !found.contains(next) { found.append(next) }
        } else if (next.validFrom ?? last) <= day {
          waiting.append(next)
        }
      }
    }
    return found
  }

  /// Of several entries, the one whose validity began last.
  public static func latest(_ candidates: [CodeListEntry]) -> CodeListEntry? {
    candidates.max { left, right in
      (left.validFrom?.days ?? .min) < (right.validFrom?.days ?? .min)
    }
  }
}
