// SPDX-License-Identifier: Apache-2.0

import Components
import Records

extension CaptureEngine {
  static func documentValue(_ value: ValuePointer) -> DocumentValue {
    if value.pointee.take == .count { return .text(String(value.pointee.count)) }
    if value.pointee.state == .structure { return .structure }
    guard [.value, .many, .list].contains(value.pointee.state) else { return .absent }
    let bytes = value.pointee.bytes.pointee
    return .text(
      String(
        decoding: UnsafeBufferPointer(
          start: bytes.base + value.pointee.start, count: bytes.count - value.pointee.start),
        as: UTF8.self))
  }
}
