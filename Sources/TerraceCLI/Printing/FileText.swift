// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads a small text file whole.
enum FileText {
  /// - Parameter folder: what a relative path counts from.
  static func read(_ path: String, from folder: String) -> String? {
    guard let file = fopen(path.hasPrefix("/") ? path : folder + "/" + path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
