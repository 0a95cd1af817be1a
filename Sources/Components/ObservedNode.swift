// SPDX-License-Identifier: Apache-2.0

/// What a sample payload holds, as a tree of the names met in it; what `guess` writes a first pipeline from.
///
/// Occurrences of a name under the same parent path are one node. Arrays are no nodes: their items are occurrences of the
/// array's name, as in paths.
public struct ObservedNode: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// An element, object, or the root.
    case branch
    /// An element without children, a scalar, or a CSV column.
    case leaf
    case attribute
  }

  /// Local name or key; empty for the root of JSON and CSV.
  public var name: String
  public var namespace: String?
  public var kind: Kind
  /// How often it occurred in all.
  public var count: Int
  /// How often it occurred within one occurrence of its parent, at most.
  public var mostPerParent: Int
  /// How many occurrences were null (`xsi:nil`, JSON `null`) or empty.
  public var emptyCount: Int
  /// The first distinct values, at most 200, each cut at 200 bytes; of leaves and attributes.
  public var values: [String]
  /// Whether a value was met twice.
  public var hasRepeatedValues: Bool
  /// Children and attributes in the order first met.
  public var children: [ObservedNode]

  public init(
    name: String, namespace: String? = nil, kind: Kind = .branch, count: Int = 0, mostPerParent: Int = 0,
    emptyCount: Int = 0, values: [String] = [], hasRepeatedValues: Bool = false, children: [ObservedNode] = []
  ) {
    self.name = name
    self.namespace = namespace
    self.kind = kind
    self.count = count
    self.mostPerParent = mostPerParent
    self.emptyCount = emptyCount
    self.values = values
    self.hasRepeatedValues = hasRepeatedValues
    self.children = children
  }
}
