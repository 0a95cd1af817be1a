// SPDX-License-Identifier: Apache-2.0

/// What a sample payload holds, as a tree of the names met in it; what `guess` writes a first pipeline from.
///
/// Occurrences of a name under the same parent path are one node. Arrays are no nodes: their items are
/// occurrences of the
/// array's name, as in paths. Members of an object that is keyed by code are one node too, and so are the
/// items of an
/// array within an array: both are entered by `*`.
public struct ObservedNode: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// An element, object, or the root.
    case branch
    /// An element without children, a scalar, or a CSV column.
    case leaf
    case attribute
  }

  /// How the path language enters a node.
  public enum Entry: Sendable, Equatable {
    case name
    /// By `*`, as an item of an array within an array.
    case item
    /// By `*`, as a member of an object keyed by code. `isUnique`: no key was met twice.
    case member(isUnique: Bool)
  }

  /// Local name or key; empty for the root of JSON and CSV, and for nodes entered by `*`.
  public var name: String
  public var namespace: String?
  /// The prefix that first stood for the namespace; nil for none.
  public var prefix: String?
  public var kind: Kind
  public var entry: Entry
  /// How often it occurred in all.
  public var count: Int
  /// How often it occurred within one occurrence of its parent, at most.
  public var mostPerParent: Int
  /// It stood in an array, if only with one item.
  public var isArray: Bool
  /// How many occurrences were null (`xsi:nil`, JSON `null`) or empty.
  public var emptyCount: Int
  /// Of a branch: how many occurrences were scalars or had text of their own.
  public var textCount: Int
  /// Of a branch: text stood beside child elements.
  public var isMixed: Bool
  /// The first distinct values, at most 200, each cut at 200 bytes.
  public var values: [String]
  /// Whether a value was met twice.
  public var hasRepeatedValues: Bool
  /// Digests of the values in the order met, as far as they were kept; nil where places that differ were put together,
  /// so that the order says nothing.
  public var digests: [Int]?
  /// What all values have in common.
  public var forms: ObservedForms
  /// Children and attributes in the order first met.
  public var children: [ObservedNode]
  /// Of the root: lines to write below the decoder's name, as `separator: ";"`.
  public var settings: [String]

  public init(
    name: String, namespace: String? = nil, prefix: String? = nil, kind: Kind = .branch, entry: Entry = .name,
    count: Int = 0, mostPerParent: Int = 0, isArray: Bool = false, emptyCount: Int = 0, textCount: Int = 0,
    isMixed: Bool = false, values: [String] = [], hasRepeatedValues: Bool = false,
    digests: [Int]? = nil, forms: ObservedForms? = nil,
    children: [ObservedNode] = [], settings: [String] = []
  ) {
    self.name = name
    self.namespace = namespace
    self.prefix = prefix
    self.kind = kind
    self.entry = entry
    self.count = count
    self.mostPerParent = mostPerParent
    self.isArray = isArray
    self.emptyCount = emptyCount
    self.textCount = textCount
    self.isMixed = isMixed
    self.values = values
    self.hasRepeatedValues = hasRepeatedValues
    self.digests = digests
    self.forms = forms ?? Self.forms(of: values)
    self.children = children
    self.settings = settings
  }

  private static func forms(of values: [String]) -> ObservedForms {
    var forms = ObservedForms()
    for var value in values { value.withUTF8 { forms.add($0) } }
    return forms
  }
}
