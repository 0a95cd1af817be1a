// SPDX-License-Identifier: Apache-2.0

/// One code with the time it is valid and the other names it goes by.
public struct CodeListEntry: Sendable, Equatable {
  public var code: String
  public var name: String
  public var aliases: [String]
  /// First and last day of validity; nil is open.
  public var validFrom: CalendarDate?
  public var validTo: CalendarDate?
  public var predecessors: [String]
  public var successors: [String]
  /// The remaining columns of the list's file.
  public var attributes: [String: String]

  public init(
    code: String, name: String = "", aliases: [String] = [], validFrom: CalendarDate? = nil,
    validTo: CalendarDate? = nil, predecessors: [String] = [], successors: [String] = [],
    attributes: [String: String] = [:]
  ) {
    self.code = code
    self.name = name
    self.aliases = aliases
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

/// A reference list with validity dates, indexed for lookups. Immutable and shared by all batches of a run.
public final class CodeList: Sendable {
  public let name: String
  public let entries: [CodeListEntry]
  private let byCode: [String: [Int]]
  private let byAlias: [String: [Int]]

  public init(name: String, entries: [CodeListEntry]) {
    self.name = name
    self.entries = entries
    byCode = Dictionary(grouping: entries.indices) { entries[$0].code }
    var aliases: [String: [Int]] = [:]
    for (index, entry) in entries.enumerated() {
      for alias in entry.aliases + (entry.name.isEmpty ? [] : [entry.name]) {
        aliases[alias.lowercased(), default: []].append(index)
      }
    }
    byAlias = aliases
  }

  public enum Resolution: Sendable, Equatable {
    case code(CodeListEntry)
    /// Found by an alias or the name, compared without regard to case.
    case alias(CodeListEntry)
    /// The code exists, but not on the day asked for.
    case notValid([CodeListEntry])
    /// An alias that several codes share on that day.
    case ambiguous([CodeListEntry])
    case unknown
  }

  /// Finds a code, alias or name as it stood on a day; without a day, any validity will do and the latest stands.
  public func resolve(_ text: String, asOf day: CalendarDate?) -> Resolution {
    if let found = byCode[text] {
      let candidates = found.map { entries[$0] }
      guard let day else { return .code(latest(candidates)) }
      let valid = candidates.filter { $0.isValid(on: day) }
      return valid.isEmpty ? .notValid(candidates) : .code(latest(valid))
    }
    guard let found = byAlias[text.lowercased()] else { return .unknown }
    let candidates = found.map { entries[$0] }
    let valid = day.map { day in candidates.filter { $0.isValid(on: day) } } ?? candidates
    if valid.isEmpty { return .notValid(candidates) }
    let codes = Set(valid.map(\.code))
    return codes.count == 1 ? .alias(latest(valid)) : .ambiguous(valid)
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
        let later = (byCode[code] ?? []).map { entries[$0] }.filter { ($0.validFrom ?? last) > last }
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

  private func latest(_ candidates: [CodeListEntry]) -> CodeListEntry {
    candidates.max { left, right in
      (left.validFrom?.days ?? .min) < (right.validFrom?.days ?? .min)
    } ?? candidates[0]
  }
}
