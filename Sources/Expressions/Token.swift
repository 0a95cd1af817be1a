// SPDX-License-Identifier: Apache-2.0

/// One word of an expression and the scalars it spans.
struct Token: Equatable {
  enum Kind: Equatable {
    /// An unquoted word: keyword, name or function.
    case word(String)
    /// `"name"`: always a name.
    case quotedName(String)
    /// Digits as written, with at most one point.
    case number(String)
    /// `'text'` with its escapes undone.
    case text(String)
    case symbol(String)
    case end
  }

  var kind: Kind
  var span: Span
}

/// Scalars of the expression's text, counted from 0.
struct Span: Equatable {
  var start: Int
  var end: Int

  func joined(_ other: Span) -> Span { Span(start: min(start, other.start), end: max(end, other.end)) }
}

/// A finding at a span; positions become characters when it leaves the room.
struct Finding: Error, Equatable {
  var span: Span
  var id: String
  var message: String
  var help: String
}
