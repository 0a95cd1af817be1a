// SPDX-License-Identifier: Apache-2.0

/// Counts line feeds, sixteen bytes at a time.
public enum NewlineCounter {
  public static func count(_ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var total = 0
    var at = 0
    while at + 16 <= count {
      var sums = SIMD16<UInt8>()
      // A lane holds at most 255 before it must be added up.
      let stop = min(at + 255 * 16, at + (count - at) & ~15)
      while at < stop {
        let block = UnsafeRawPointer(base + at).loadUnaligned(as: SIMD16<UInt8>.self)
        // The type must be written out: only then is the comparison one instruction instead of sixteen.
        let hits = unsafeBitCast(block .== SIMD16<UInt8>(repeating: 0x0A), to: SIMD16<UInt8>.self)
        sums = sums &- hits
        at += 16
      }
      for lane in 0..<16 { total += Int(sums[lane]) }
    }
    while at < count {
      if base[at] == 0x0A { total += 1 }
      at += 1
    }
    return total
  }
}
