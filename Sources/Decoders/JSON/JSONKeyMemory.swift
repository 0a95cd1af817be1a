// SPDX-License-Identifier: Apache-2.0

import Records

/// The keys that objects at one place of a document habitually have, in their habitual order.
///
/// Objects of one list look alike. A key that stands where the last object had it is known by one
/// comparison; and as
/// long as keys come in the habitual order, none can be there twice.
struct JSONShape {
  struct Entry {
    var text: UnsafePointer<UInt8>
    var count: Int
    var hash: UInt64
    var key: NameKey
    /// The shape of objects below this key, or -1 if none was made yet.
    var below: Int
  }

  var entries = GrowableBuffer<Entry>(capacity: 8)
}

/// Remembers the keys of a document's objects: to find a key's symbol fast, and to find a key that
/// occurs twice.
struct JSONKeyMemory {
  /// An object whose keys are being read.
  struct Reader {
    var shape: Int
    /// Entry of the shape that is expected next.
    var next = 0
    /// All keys so far came in the shape's order, so that they differ from each other.
    var isOrdered = true
    /// Where the hashes of this object's keys begin.
    var firstHash: Int
    /// Its keys may repeat: its members are the records.
    var isExempt: Bool
    /// The hashes have moved to a set, one of `sets`.
    var isLarge = false
  }

  /// A key of the object being read.
  struct Member {
    var key: NameKey
    var text: UnsafePointer<UInt8>
    var count: Int
    /// Shape of objects below.
    var shape: Int
  }

  /// Shape of objects about which nothing is remembered.
  static let noShape = -1
  private static let mostEntries = 64
  private static let mostShapes = 512
  private static let mostHashes = 48

  private let names: NameTable
  private var shapes: GrowableBuffer<JSONShape>
  private var hashes = GrowableBuffer<UInt64>(capacity: 256)
  private var sets: [Set<UInt64>] = []
  /// The last key that no shape holds.
  private var loose = GrowableBuffer<UInt8>(capacity: 64)

  init(_ names: NameTable) {
    self.names = names
    shapes = GrowableBuffer(capacity: 16)
    shapes.append(JSONShape())
  }

  func deallocate() {
    for index in 0..<shapes.count {
      for entry in 0..<shapes[index].entries.count { shapes[index].entries[entry].text.deallocate() }
      shapes[index].entries.deallocate()
    }
    shapes.deallocate()
    hashes.deallocate()
    loose.deallocate()
  }

  @inline(__always)
  func reader(shape: Int, isExempt: Bool) -> Reader {
    Reader(shape: shape, firstHash: hashes.count, isExempt: isExempt)
  }

  @inline(__always)
  mutating func end(_ reader: Reader) {
    hashes.count = reader.firstHash
    if reader.isLarge { sets.removeLast() }
  }

  /// Finds a key of the object being read.
  ///
  /// - Returns: nil when the object has had it before. The member's text is valid until the next key.
  @inline(__always)
  mutating func find(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ reader: UnsafeMutablePointer<Reader>
  ) -> Member? {
    if reader.pointee.shape >= 0, reader.pointee.isOrdered {
      let shape = shapes.base + reader.pointee.shape
      let next = reader.pointee.next
      if next < shape.pointee.entries.count {
        let entry = shape.pointee.entries.base + next
        if entry.pointee.count == count, Self.isEqual(entry.pointee.text, text, count) {
          reader.pointee.next = next + 1
          hashes.append(entry.pointee.hash)
          return member(reader.pointee.shape, next)
        }
      }
    }
    return search(text, count, reader)
  }

  @inline(__always)
  private mutating func member(_ shape: Int, _ index: Int) -> Member {
    let entry = (shapes.base + shape).pointee.entries.base + index
    return Member(
      key: entry.pointee.key, text: entry.pointee.text, count: entry.pointee.count, shape: entry.pointee.below
    )
  }

  /// Makes the shape of objects below a key at the first of them.
  mutating func shapeBelow(_ member: Member, of reader: Reader) -> Int {
    if member.shape >= 0 || reader.shape < 0 { return member.shape }
    let entries = shapes[reader.shape].entries
    for index in 0..<entries.count where entries[index].text == member.text {
      if shapes.count >= Self.mostShapes { return Self.noShape }
      shapes.append(JSONShape())
      (shapes.base + reader.shape).pointee.entries.base[index].below = shapes.count - 1
      return shapes.count - 1
    }
    return Self.noShape
  }

  mutating func freshShape() -> Int {
    if shapes.count >= Self.mostShapes { return Self.noShape }
    shapes.append(JSONShape())
    return shapes.count - 1
  }

  /// Whether a member's text is gone at the next key.
  func isLoose(_ member: Member) -> Bool { member.text == UnsafePointer(loose.base) }

  @inline(never)
  private mutating func search(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ reader: UnsafeMutablePointer<Reader>
  ) -> Member? {
    let hash = Self.hash(text, count)
    let shape = reader.pointee.shape
    var found = -1
    if shape >= 0 {
      let entries = shapes[shape].entries
      for index in 0..<entries.count
      where entries[index].hash == hash && entries[index].count == count
        && Self.isEqual(entries[index].text, text, count)
      {
        found = index
        break
      }
    }
    if reader.pointee.isExempt { return found >= 0 ? member(shape, found) : looseMember(text, count) }
    if found < 0 || !reader.pointee.isOrdered || found < reader.pointee.next {
      if found >= 0 { reader.pointee.isOrdered = false }
      if isRepeated(hash, reader) { return nil }
    }
    if !reader.pointee.isLarge { hashes.append(hash) }
    if found < 0, shape >= 0, shapes[shape].entries.count < Self.mostEntries {
      let kept = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
      kept.initialize(from: text, count: count)
      found = shapes[shape].entries.count
      (shapes.base + shape).pointee.entries.append(
        JSONShape.Entry(
          text: kept, count: count, hash: hash, key: names.find(text, count), below: Self.noShape))
    }
    guard found >= 0 else { return looseMember(text, count) }
    reader.pointee.next = found + 1
    return member(shape, found)
  }

  private mutating func looseMember(_ text: UnsafePointer<UInt8>, _ count: Int) -> Member {
    loose.count = 0
    loose.append(text, count: count)
    return Member(key: names.find(text, count), text: loose.base, count: count, shape: Self.noShape)
  }

  private mutating func isRepeated(_ hash: UInt64, _ reader: UnsafeMutablePointer<Reader>) -> Bool {
    if reader.pointee.isLarge { return !sets[sets.count - 1].insert(hash).inserted }
    for index in reader.pointee.firstHash..<hashes.count where hashes[index] == hash { return true }
    if hashes.count - reader.pointee.firstHash >= Self.mostHashes {
      sets.append(Set((reader.pointee.firstHash..<hashes.count).map { hashes[$0] } + [hash]))
      reader.pointee.isLarge = true
      // From here on every key is looked up in the set.
      reader.pointee.isOrdered = false
    }
    return false
  }

  @inline(__always)
  static func isEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let left = UnsafeRawPointer(left)
    let right = UnsafeRawPointer(right)
    if count >= 8 {
      var at = 0
      // The last word overlaps the one before it.
      while at < count - 8 {
        if word(left, at) != word(right, at) { return false }
        at += 8
      }
      return word(left, count - 8) == word(right, count - 8)
    }
    if count >= 4 {
      return half(left, 0) == half(right, 0) && half(left, count - 4) == half(right, count - 4)
    }
    var at = 0
    while at < count {
      if left.load(fromByteOffset: at, as: UInt8.self) != right.load(fromByteOffset: at, as: UInt8.self) {
        return false
      }
      at += 1
    }
    return true
  }

  @inline(__always)
  private static func word(_ base: UnsafeRawPointer, _ at: Int) -> UInt64 {
    base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
  }

  @inline(__always)
  private static func half(_ base: UnsafeRawPointer, _ at: Int) -> UInt32 {
    base.loadUnaligned(fromByteOffset: at, as: UInt32.self)
  }

  /// 64 bits, mixed well enough that two keys of one object do not meet by accident.
  static func hash(_ text: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    var at = 0
    while at < count {
      var word: UInt64 = 0
      let length = min(8, count - at)
      for index in 0..<length { word |= UInt64(text[at + index]) << UInt64(8 * index) }
      let product = (hash ^ word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
      hash = product.high ^ product.low ^ (hash << 23 | hash >> 41)
      at += length
    }
    return hash
  }
}
