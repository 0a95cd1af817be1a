// SPDX-License-Identifier: Apache-2.0

/// What a payload has at a path that counts from the document: a total, a sign of an error answer, a next link.
public enum DocumentValue: Sendable, Equatable {
  /// Nothing there, null, or a list without items.
  case absent
  case text(String)
  /// An object or a list within a list: it is there, and has no text of its own.
  case structure

  /// The text, or nil where there is none.
  public var text: String? {
    if case .text(let text) = self { text } else { nil }
  }
}
