// SPDX-License-Identifier: Apache-2.0

import Records

// How values are begun, filled and ended.
extension CaptureDriver {
  /// The commonest case, apart: an element that feeds one column, its first value.
  @inline(__always)
  func beginPlain(_ value: ValuePointer, attributes: AttributeRun, kind: ContentKind) {
    if value.pointee.isPlain, value.pointee.count == 0, attributes.count == 0, kind == .text,
      state.pointee.captureCount == 0
    {
      let start = value.pointee.bytes.pointee.count
      value.pointee.count = 1
      value.pointee.start = start
      value.pointee.valueStart = start
      value.pointee.isOpen = true
      state.pointee.directLimit = start &+ state.pointee.textLimit
      state.pointee.captures[0] = value
      state.pointee.captureCount = 1
      state.pointee.direct = value.pointee.bytes
    } else {
      begin(value, kind: nilled(kind, attributes))
    }
  }

  @inline(__always)
  func endPlain(_ value: ValuePointer) {
    if value.pointee.isPlain, state.pointee.captureCount == 1 {
      value.pointee.isOpen = false
      value.pointee.state = CellState(rawValue: 2)
      state.pointee.captureCount = 0
      state.pointee.direct = nil
    } else {
      end(value)
    }
  }

  private func push(_ value: ValuePointer) {
    value.pointee.isOpen = true
    state.pointee.captures[state.pointee.captureCount] = value
    state.pointee.captureCount += 1
    chooseDirect()
  }

  private func chooseDirect() {
    state.pointee.direct = nil
    guard state.pointee.captureCount == 1 else { return }
    let value = state.pointee.captures[0]
    guard !value.pointee.isOwnText else { return }
    state.pointee.direct = value.pointee.bytes
    state.pointee.directLimit = value.pointee.valueStart + state.pointee.textLimit
  }

  /// Captures end in the reverse order of their begin, up to those of one member.
  private func pop(_ value: ValuePointer) {
    value.pointee.isOpen = false
    let count = state.pointee.captureCount - 1
    state.pointee.captureCount = count
    if state.pointee.captures[count] != value {
      var at = count
      while at > 0, state.pointee.captures[at] != value { at -= 1 }
      state.pointee.captures[at] = state.pointee.captures[count]
    }
    chooseDirect()
  }

  /// Looks for `xsi:nil`.
  @inline(__always)
  func nilled(_ kind: ContentKind, _ attributes: AttributeRun) -> ContentKind {
    guard attributes.count > 0, kind == .text, let word = attributes.value(state.pointee.nilKey) else {
      return kind == .nothing ? .null : kind
    }
    return word.elementsEqual("true".utf8) || word.elementsEqual("1".utf8) ? .null : kind
  }

  /// Counts a value and says whether its bytes are wanted; if so, the cell begins anew.
  @inline(__always)
  private func claim(_ value: ValuePointer) -> Bool {
    if value.pointee.isLocked { return false }
    value.pointee.count += 1
    let count = value.pointee.count
    if count == 1 { value.pointee.start = value.pointee.bytes.pointee.count }
    let isWanted: Bool
    var isChange = true
    switch value.pointee.take {
    case .only:
      isWanted = count == 1
      isChange = count <= 2
      if count == 2 { value.pointee.state = .many }
    case .first:
      isWanted = count == 1
      isChange = isWanted
    case .nth:
      isWanted = count == value.pointee.nth
      isChange = isWanted
    case .count: isWanted = false
    case .all, .probe: isWanted = true
    case .last:
      isWanted = true
      if count > 1 {
        // Within an undecided step the value before may have to stand again.
        if state.pointee.undecided == 0 {
          value.pointee.bytes.pointee.count = value.pointee.start
        } else {
          value.pointee.start = value.pointee.bytes.pointee.count
        }
      }
    }
    if isChange, value.pointee.isCopied { value.pointee.isLate = true }
    return isWanted
  }

  func begin(_ value: ValuePointer, kind: ContentKind) {
    guard claim(value) else { return }
    let isText = kind == .text || (kind == .structure && value.pointee.isRaw)
    if value.pointee.take == .all {
      let state = isText ? CellState.value : kind == .null ? .null : .structure
      TextList.append(
        UnsafeBufferPointer(start: nil, count: 0), state: state, to: &value.pointee.bytes.pointee)
      value.pointee.state = .list
    } else if !isText, value.pointee.take != .probe {
      value.pointee.state = kind == .null ? .null : .structure
    }
    value.pointee.valueStart = value.pointee.bytes.pointee.count
    guard isText else { return }
    if value.pointee.isRaw {
      value.pointee.isOpen = true
      state.pointee.raws[state.pointee.rawCount + state.pointee.pendingRaws] = value
      state.pointee.pendingRaws += 1
    } else {
      push(value)
    }
  }

  func end(_ value: ValuePointer) {
    if value.pointee.isRaw {
      value.pointee.isOpen = false
      state.pointee.rawCount -= 1
    } else {
      pop(value)
    }
    settle(value)
  }

  private func settle(_ value: ValuePointer) {
    switch value.pointee.take {
    case .only, .first, .nth, .last: value.pointee.state = .value
    case .count: break
    case .all:
      let bytes = value.pointee.bytes
      let length = bytes.pointee.count - value.pointee.valueStart
      for index in 0..<4 {
        bytes.pointee[value.pointee.valueStart - 4 + index] =
          UInt8(truncatingIfNeeded: length >> (8 * index))
      }
    case .probe:
      let start = value.pointee.valueStart
      let bytes = value.pointee.bytes
      if let predicate = value.pointee.predicate {
        let text = UnsafeBufferPointer(
          start: bytes.pointee.base + start, count: bytes.pointee.count - start)
        if predicate.pointee.accepts(text) { value.pointee.isMatched = true }
      }
      bytes.pointee.count = start
    }
  }

  @inline(never)
  func putAttributes(_ node: NodePointer, _ attributes: AttributeRun) {
    for wanted in node.pointee.attributes {
      if let text = attributes.value(wanted.key) { put(wanted.value, text) }
    }
  }

  /// A value that is known as a whole: an attribute, a name, a number.
  func put(_ value: ValuePointer, _ text: UnsafeBufferPointer<UInt8>) {
    if value.pointee.isPlain, value.pointee.count == 0, let base = text.baseAddress {
      value.pointee.count = 1
      value.pointee.start = value.pointee.bytes.pointee.count
      value.pointee.state = .value
      return value.pointee.bytes.pointee.append(base, count: text.count)
    }
    guard claim(value) else { return }
    if value.pointee.take == .all {
      TextList.append(
        UnsafeBufferPointer(start: nil, count: 0), state: .value, to: &value.pointee.bytes.pointee)
      value.pointee.state = .list
    }
    value.pointee.valueStart = value.pointee.bytes.pointee.count
    if let base = text.baseAddress { value.pointee.bytes.pointee.append(base, count: text.count) }
    settle(value)
  }

  func put(_ value: ValuePointer, number: Int) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      let start = Self.write(number, into: digits)
      put(value, UnsafeBufferPointer(rebasing: digits[start...]))
    }
  }

  /// Writes decimal digits at the end of a buffer of 20 bytes and answers where they begin.
  static func write(_ number: Int, into digits: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var rest = number
    var at = 20
    repeat {
      at -= 1
      digits[at] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
      rest /= 10
    } while rest > 0
    return at
  }
}
