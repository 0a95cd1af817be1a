// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// What an extractor needs of the rest of its pipeline, known from its settings. Planning checks it, so that a slip is
/// found before anything is asked.
public struct ExtractorNeeds: Sendable {
  /// A name in the file that something elsewhere must answer to.
  public struct Name: Sendable {
    public var text: String
    public var position: FilePosition
    public var length: Int

    public init(_ text: String, at tree: Tree) {
      self.text = text
      position = tree.position
      length = tree.length
    }
  }

  /// A mapped field whose highest value the extractor goes on from: ``LandingWriter/finish(resume:)`` tells it.
  public struct WatchedField: Sendable {
    public var name: Name
    /// Says what is wrong with a field of a type.
    public var check: @Sendable (FieldType) throws(Diagnostic) -> Void

    public init(_ name: Name, check: @escaping @Sendable (FieldType) throws(Diagnostic) -> Void) {
      self.name = name
      self.check = check
    }
  }

  public var watched: WatchedField?
  /// Decoders of answers that are no payloads: ``LandingWriter/values(in:every:decoder:)``.
  public var decoders: [Name] = []
  /// Code lists whose codes are asked for: ``LandingWriter/codes(of:)``.
  public var lists: [Name] = []
  /// Columns of the center whose values are asked for, as `entity.field`: ``LandingWriter/centerValues(of:)``.
  public var centerFields: [Name] = []
  /// What is asked of the center: ``LandingWriter/centerRows(of:take:)``.
  public var centerQuery: Name?
  /// Whether the extractor can be asked for a span of days (``LandingWriter/backfill``).
  public var takesSpans = false

  public init() {}
}

/// A payload of an origin that is settled: asking for it again may be spared.
public struct KnownPayload: Sendable, Equatable {
  /// The batch that landed it.
  public var batch: String
  /// Facts of the response that were kept with it.
  public var response: [String: String]

  public init(batch: String, response: [String: String]) {
    self.batch = batch
    self.response = response
  }
}

/// Days from the first to the last, both within.
public struct DaySpan: Sendable, Equatable {
  public var first: CalendarDate
  public var last: CalendarDate

  public init(first: CalendarDate, last: CalendarDate) {
    self.first = first
    self.last = last
  }
}
