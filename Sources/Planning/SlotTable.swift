// SPDX-License-Identifier: Apache-2.0

import Components

/// The capture slots of one kind, each wanted value once.
struct SlotTable {
  private(set) var slots: [CaptureSlot] = []
  private var indexes: [CaptureSlot: Int] = [:]

  /// The column in which the value stands.
  mutating func index(of slot: CaptureSlot) -> Int {
    if let known = indexes[slot] { return known }
    indexes[slot] = slots.count
    slots.append(slot)
    return slots.count - 1
  }
}
