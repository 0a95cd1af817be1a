// SPDX-License-Identifier: Apache-2.0

import CZstd

/// Compressed test data.
enum Zstd {
  static func compress(_ text: String) -> [UInt8] {
    let input = Array(text.utf8)
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(input.count))
    let count = ZSTD_compress(&output, output.count, input, input.count, 3)
    return Array(output.prefix(count))
  }
}
