// SPDX-License-Identifier: Apache-2.0

import Components

/// What was met under one name at one place of a sample.
final class Occurrences {
  struct Name: Hashable {
    var local: [UInt8]
    var space: [UInt8] = []
    var isAttribute = false
  }

  static let mostValues = 200
  static let longestValue = 200
  static let mostDigests = 20_000

  let name: Name
  var prefix: [UInt8] = []
  var entry = ObservedNode.Entry.name
  private(set) var count = 0
  private(set) var mostPerParent = 0
  var isArray = false
  var emptyCount = 0
  private(set) var textCount = 0
  var branchCount = 0
  var isMixed = false
  private(set) var children: [Occurrences] = []
  /// Set once children are entered by `*`: every further one is.
  private(set) var members: Occurrences?

  private var forms = ObservedForms()
  private var values: [String] = []
  private var seen: Set<Int> = []
  private var hasRepeatedValues = false
  /// In the order met, as far as there is room.
  private var digests: [Int]? = []
  /// Of a node of members: hashes of the keys it was met under.
  private var keys: Set<Int> = []
  private var index: [Name: Int] = [:]
  private var next = 0
  private var inParent = 0
  private var parentCount = 0

  init(_ name: Name) { self.name = name }

  // MARK: Meeting

  /// Counts one more occurrence, within the parent's current one.
  func occur(in parent: Occurrences?) {
    count += 1
    if parentCount != parent?.count {
      parentCount = parent?.count ?? 0
      inParent = 0
    }
    inParent += 1
    mostPerParent = max(mostPerParent, inParent)
  }

  /// The child of this name, if it was met before. Children mostly come in the order of the last time.
  func child(
    _ local: UnsafeBufferPointer<UInt8>, space: UnsafeBufferPointer<UInt8>, isAttribute: Bool
  ) -> Occurrences? {
    if let members, !isAttribute {
      members.meet(key: Self.hash(local))
      return members
    }
    if next < children.count {
      let name = children[next].name
      if name.isAttribute == isAttribute, name.local.elementsEqual(local), name.space.elementsEqual(space) {
        next += 1
        return children[next - 1]
      }
    }
    guard
      let found = index[Name(local: Array(local), space: Array(space), isAttribute: isAttribute)]
    else { return nil }
    next = found + 1
    return children[found]
  }

  func add(_ child: Occurrences) {
    index[child.name] = children.count
    children.append(child)
    next = children.count
  }

  func rewind() { next = 0 }

  func take(_ text: UnsafeBufferPointer<UInt8>, isLiteral: Bool) {
    var text = text
    while let first = text.first, Self.isSpace(first) {
      text = UnsafeBufferPointer(rebasing: text.dropFirst())
    }
    while let last = text.last, Self.isSpace(last) { text = UnsafeBufferPointer(rebasing: text.dropLast()) }
    guard !text.isEmpty else {
      emptyCount += 1
      return
    }
    textCount += 1
    forms.add(text, isLiteral: isLiteral)
    let digest = Self.hash(text)
    if let kept = digests?.count, kept < Self.mostDigests { digests?.append(digest) }
    guard seen.insert(digest).inserted else {
      hasRepeatedValues = true
      return
    }
    if values.count < Self.mostValues {
      values.append(String(decoding: text.prefix(Self.longestValue), as: UTF8.self))
    }
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    return hasher.finalize()
  }

  private func meet(key: Int) {
    if !keys.insert(key).inserted { entry = .member(isUnique: false) }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  // MARK: Merging

  /// Makes one node of all children but attributes, entered by `*`.
  func mergeMembers() {
    let merged = Occurrences(Name(local: []))
    let given = children.filter { !$0.name.isAttribute }
    merged.entry = .member(isUnique: given.allSatisfy { $0.count == 1 })
    for child in given {
      merged.keys.insert(child.name.local.withUnsafeBufferPointer(Self.hash))
      merged.takeIn(child)
    }
    if count > 0 { merged.mostPerParent = max(merged.mostPerParent, (merged.count + count - 1) / count) }
    replaceChildren(with: merged)
  }

  private func replaceChildren(with merged: Occurrences) {
    let attributes = children.filter(\.name.isAttribute)
    children = []
    index = [:]
    for attribute in attributes { add(attribute) }
    add(merged)
    members = merged
  }

  private func takeIn(_ other: Occurrences) {
    digests = nil
    count += other.count
    mostPerParent = max(mostPerParent, other.mostPerParent)
    isArray = isArray || other.isArray
    emptyCount += other.emptyCount
    textCount += other.textCount
    branchCount += other.branchCount
    isMixed = isMixed || other.isMixed
    forms.formUnion(other.forms)
    hasRepeatedValues = hasRepeatedValues || other.hasRepeatedValues || !seen.isDisjoint(with: other.seen)
    seen.formUnion(other.seen)
    for value in other.values where values.count < Self.mostValues && !values.contains(value) {
      values.append(value)
    }
    if members == nil, let theirs = other.members {
      for child in children where !child.name.isAttribute {
        theirs.meet(key: child.name.local.withUnsafeBufferPointer(Self.hash))
        theirs.takeIn(child)
      }
      replaceChildren(with: theirs)
      for child in other.children where child.name.isAttribute { takeIn(child: child) }
    } else if let members {
      for child in other.children {
        if child.name.isAttribute {
          takeIn(child: child)
        } else {
          if child === other.members {
            members.takeIn(keysOf: child)
          } else {
            members.meet(key: child.name.local.withUnsafeBufferPointer(Self.hash))
          }
          members.takeIn(child)
        }
      }
    } else {
      for child in other.children { takeIn(child: child) }
    }
  }

  private func takeIn(child: Occurrences) {
    if let known = index[child.name] { children[known].takeIn(child) } else { add(child) }
  }

  private func takeIn(keysOf other: Occurrences) {
    if case .member(false) = other.entry { entry = other.entry }
    if !keys.isDisjoint(with: other.keys) { entry = .member(isUnique: false) }
    keys.formUnion(other.keys)
  }

  // MARK: Result

  var observed: ObservedNode {
    let kind: ObservedNode.Kind = name.isAttribute ? .attribute : branchCount > 0 ? .branch : .leaf
    return ObservedNode(
      name: String(decoding: name.local, as: UTF8.self),
      namespace: name.space.isEmpty ? nil : String(decoding: name.space, as: UTF8.self),
      prefix: prefix.isEmpty ? nil : String(decoding: prefix, as: UTF8.self), kind: kind, entry: entry,
      count: count, mostPerParent: mostPerParent, isArray: isArray, emptyCount: emptyCount,
      textCount: textCount, isMixed: isMixed, values: values, hasRepeatedValues: hasRepeatedValues,
      digests: digests, forms: forms,
      children: children.map(\.observed))
  }
}
