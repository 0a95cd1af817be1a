// SPDX-License-Identifier: Apache-2.0

import Planning
import Store

/// Cuts a record out of its payload by the offset and length the ledger keeps.
///
/// Offsets count the payload's UTF-8 text: of a plain UTF-8 payload only the landing frames at hand are read, another one
/// is converted from its beginning.
public enum PayloadSlice {
  /// - Parameter plan: today's plan, for the declared encoding; nil when the files cannot be read any more.
  public static func bytes(
    of digest: String, offset: Int64, length: Int64, in landing: LandingZone, plan: Plan?
  ) throws -> [UInt8] {
    let reader = try landing.reader(digest)
    let head = try reader.nextBlock()?.bindMemory(to: UInt8.self)
    guard let plan, let head, try PayloadText.needsConversion(plan, head: head) else {
      return try landing.reader(digest).read(offset: offset, length: Int(length))
    }
    var position: Int64 = 0
    var slice: [UInt8] = []
    let text = PayloadText(plan) { piece in
      let from = max(offset - position, 0)
      let to = min(offset + length - position, Int64(piece.count))
      if from < to { slice += piece[Int(from)..<Int(to)] }
      position += Int64(piece.count)
    }
    let fresh = try landing.reader(digest)
    while position < offset + length, let block = try fresh.nextBlock() {
      try text.feed(block.bindMemory(to: UInt8.self))
    }
    if position < offset + length { _ = try text.finish() }
    return slice
  }
}
