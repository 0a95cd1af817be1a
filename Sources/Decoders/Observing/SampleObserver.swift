// SPDX-License-Identifier: Apache-2.0

import Components

/// Builds the tree of what a sample holds from the events of its parser, within bounds.
final class SampleObserver {
  static let mostNodes = 10_000
  /// Members after which an object is keyed by code, whatever they look like.
  static let mostMembers = 4_000

  /// Where the next child is met; nil below a place that the bounds leave out.
  private var open: [Occurrences?] = []
  let root = Occurrences(Occurrences.Name(local: []))
  private var nodes = 1
  private(set) var deepest = 0
  private(set) var longestText = 0
  private let mergesMembers: Bool

  /// - Parameter mergesMembers: objects keyed by code become one node.
  init(mergesMembers: Bool) { self.mergesMembers = mergesMembers }

  private static var nothing: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }

  func openRoot() {
    root.occur(in: nil)
    push(root)
  }

  func openChild(
    _ local: UnsafeBufferPointer<UInt8>, space: UnsafeBufferPointer<UInt8>? = nil,
    prefix: UnsafeBufferPointer<UInt8>? = nil, isArray: Bool = false
  ) {
    let child = find(local, space ?? Self.nothing, isAttribute: false)
    if let prefix, let child, child.count == 0 { child.prefix = Array(prefix) }
    child?.occur(in: open.last ?? nil)
    if isArray { child?.isArray = true }
    push(child)
  }

  /// An item of an array that stands in the place last opened, itself an array's item.
  func openItem() {
    let child = find(Self.nothing, Self.nothing, isAttribute: false)
    if let child, child.name.local.isEmpty, child.entry == .name { child.entry = .item }
    child?.occur(in: open.last ?? nil)
    child?.isArray = true
    push(child)
  }

  private func push(_ node: Occurrences?) {
    node?.rewind()
    open.append(node)
    deepest = max(deepest, open.count)
  }

  func attribute(
    _ local: UnsafeBufferPointer<UInt8>, space: UnsafeBufferPointer<UInt8>,
    prefix: UnsafeBufferPointer<UInt8>,
    value: UnsafeBufferPointer<UInt8>
  ) {
    longestText = max(longestText, value.count)
    let node = find(local, space, isAttribute: true)
    if let node, node.count == 0 { node.prefix = Array(prefix) }
    node?.occur(in: open.last ?? nil)
    node?.take(value, isLiteral: false)
  }

  /// The place last opened has a value.
  func value(_ text: UnsafeBufferPointer<UInt8>, isLiteral: Bool = false) {
    longestText = max(longestText, text.count)
    (open.last ?? nil)?.take(text, isLiteral: isLiteral)
  }

  /// The place last opened is null.
  func null() { (open.last ?? nil)?.emptyCount += 1 }

  /// The place last opened holds others.
  func branch() { (open.last ?? nil)?.branchCount += 1 }

  /// The place last opened has text beside its children.
  func mixed() { (open.last ?? nil)?.isMixed = true }

  func close() {
    guard let node = open.popLast() else { return }
    if mergesMembers, let node { mergeIfKeyed(node) }
  }

  /// What was met so far. Places still open at a cut count like others.
  func observed(settings: [String] = []) -> ObservedNode {
    while !open.isEmpty { close() }
    var node = root.observed
    node.settings = settings + limits
    return node
  }

  /// Bounds that the sample passes, as a line of the decode section.
  private var limits: [String] {
    var parts: [String] = []
    // Arrays count too, but are no places.
    if deepest > 30 { parts.append("depth: \(deepest * 2 + 4)") }
    if longestText > 900 << 10 { parts.append("text: \((longestText >> 20) * 2 + 4)MiB") }
    return parts.isEmpty ? [] : ["limits: { \(parts.joined(separator: ", ")) }"]
  }

  private func find(
    _ local: UnsafeBufferPointer<UInt8>, _ space: UnsafeBufferPointer<UInt8>, isAttribute: Bool
  ) -> Occurrences? {
    guard let parent = open.last ?? nil else { return nil }
    if let known = parent.child(local, space: space, isAttribute: isAttribute) { return known }
    let count = parent.children.count
    if mergesMembers, count >= 32, count & (count - 1) == 0 || count >= Self.mostMembers {
      if count >= Self.mostMembers { parent.mergeMembers() } else { mergeIfKeyed(parent) }
      if let members = parent.members { return members }
    }
    guard nodes < Self.mostNodes else { return nil }
    nodes += 1
    let child = Occurrences(
      Occurrences.Name(local: Array(local), space: Array(space), isAttribute: isAttribute))
    parent.add(child)
    return child
  }

  private func mergeIfKeyed(_ node: Occurrences) {
    guard node.members == nil, KeyedMembers(node.children).areKeyed else { return }
    let before = Self.size(of: node)
    node.mergeMembers()
    nodes -= before - Self.size(of: node)
  }

  private static func size(of node: Occurrences) -> Int {
    node.children.reduce(1) { $0 + size(of: $1) }
  }
}

/// Tells an object keyed by code (`{"02": {…}, "04": {…}}`) from a record.
struct KeyedMembers {
  private let members: [Occurrences]

  init(_ children: [Occurrences]) { members = children.filter { !$0.name.isAttribute && $0.entry == .name } }

  var areKeyed: Bool {
    guard !members.isEmpty else { return false }
    let names = members.map(\.name.local)
    if names.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isDigit) }) { return true }
    let isCoded = Self.areCodes(names)
    if members.count >= 30, isCoded, members.allSatisfy({ $0.branchCount == 0 && !$0.isArray }) {
      return true
    }
    guard members.count >= (isCoded ? 3 : 8) else { return false }
    return members.allSatisfy { $0.branchCount > 0 } && areAlike
  }

  /// Every other name that any of them holds, each of them holds.
  private var areAlike: Bool {
    var names: [Occurrences.Name: Int] = [:]
    var sum = 0
    for member in members {
      for child in member.children {
        names[child.name, default: 0] += 1
        sum += 1
      }
    }
    return sum * 2 >= names.count * members.count && sum > 0
  }

  /// Names of one length with a digit in each, or of a few capitals.
  private static func areCodes(_ names: [[UInt8]]) -> Bool {
    guard let length = names.first?.count, length <= 16 else { return false }
    return names.allSatisfy { $0.count == length }
      && (names.allSatisfy { $0.contains(where: isDigit) }
        || (length <= 5 && names.allSatisfy { $0.allSatisfy { $0 >= 0x41 && $0 <= 0x5A } }))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
