// SPDX-License-Identifier: Apache-2.0

/// Manually owned, growable memory for plain values: the one unsafe primitive under every column.
///
/// It is a plain pointer triple without reference counting, so that decoders can append from a C callback
/// at the parser's speed. Whoever creates one must call ``deallocate()``; columns do so when they go away.
@frozen
public struct GrowableBuffer<Element: BitwiseCopyable> {
  public var base: UnsafeMutablePointer<Element>
  public var count: Int
  public var capacity: Int

  @inlinable
  public init(capacity: Int = 64) {
    base = .allocate(capacity: max(capacity, 1))
    count = 0
    self.capacity = max(capacity, 1)
  }

  @inlinable
  public func deallocate() { base.deallocate() }

  @inlinable
  public mutating func reserve(_ extra: Int) {
    if count + extra > capacity { grow(to: count + extra) }
  }

  @usableFromInline
  @inline(never)
  mutating func grow(to needed: Int) {
    let larger = max(needed, capacity * 2)
    let fresh = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    fresh.update(from: base, count: count)
    base.deallocate()
    base = fresh
    capacity = larger
  }

  @inlinable
  public mutating func append(_ element: Element) {
    if count == capacity { grow(to: count + 1) }
    base[count] = element
    count += 1
  }

  @inlinable
  public mutating func append(_ source: UnsafePointer<Element>, count added: Int) {
    if count + added > capacity { grow(to: count + added) }
    (base + count).update(from: source, count: added)
    count += added
  }

  @inlinable
  public subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count)
      return base[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count)
      base[index] = newValue
    }
  }
}
