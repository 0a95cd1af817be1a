// SPDX-License-Identifier: Apache-2.0

/// A parsed document in which every key and value knows where it stands.
///
/// Scalars stay text: our own schema types them, not YAML 1.1's guesses (`no`, `12:30`, `079`).
public struct Tree: Sendable, Equatable {
  public indirect enum Value: Sendable, Equatable {
    /// `isPlain` is false for quoted and block scalars, so that `"null"` is a word and `null` is nothing.
    case scalar(String, isPlain: Bool)
    case sequence([Tree])
    case mapping([Entry])
  }

  public struct Entry: Sendable, Equatable {
    public var key: String
    public var keyPosition: FilePosition
    public var value: Tree

    public init(key: String, keyPosition: FilePosition, value: Tree) {
      self.key = key
      self.keyPosition = keyPosition
      self.value = value
    }
  }

  public var value: Value
  public var position: FilePosition
  /// Characters of the value on its first line, for the caret.
  public var length: Int

  public init(_ value: Value, at position: FilePosition, length: Int = 1) {
    self.value = value
    self.position = position
    self.length = length
  }

  /// The text of a scalar; nil for a plain `null`, `~` or empty value, and for anything that is not a scalar.
  public var text: String? {
    guard case .scalar(let text, let isPlain) = value else { return nil }
    return isPlain && (text.isEmpty || text == "~" || text == "null") ? nil : text
  }

  public var isNull: Bool {
    guard case .scalar(let text, true) = value else { return false }
    return text.isEmpty || text == "~" || text == "null"
  }

  public var entries: [Entry]? {
    guard case .mapping(let entries) = value else { return nil }
    return entries
  }

  public var items: [Tree]? {
    guard case .sequence(let items) = value else { return nil }
    return items
  }

  public subscript(key: String) -> Tree? { entries?.first { $0.key == key }?.value }
}

/// A value together with the place it was read from, so that later findings can point there.
public struct Located<Value: Sendable>: Sendable {
  public var value: Value
  public var position: FilePosition
  public var length: Int

  public init(_ value: Value, at position: FilePosition, length: Int = 1) {
    self.value = value
    self.position = position
    self.length = length
  }

  public func map<Other: Sendable>(_ transform: (Value) throws -> Other) rethrows -> Located<Other> {
    Located<Other>(try transform(value), at: position, length: length)
  }
}

extension Located: Equatable where Value: Equatable {}
