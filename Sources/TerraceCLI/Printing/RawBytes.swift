// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Glibc
import Planning
import Store

/// Raw bytes out of the landing zone, for `show`.
struct RawBytes {
  private let workspace: Workspace

  init(_ workspace: Workspace) { self.workspace = workspace }

  /// The record's text as it was received, once the payload is UTF-8.
  func record(_ row: RejectRow) throws -> String {
    String(decoding: try bytes(row), as: UTF8.self)
  }

  func writeRecord(_ row: RejectRow) throws { write(try bytes(row)) }

  func writePayload(_ row: BatchRow) throws {
    let reader = try landing().reader(row.digest)
    while let block = try reader.nextBlock() { write(Array(block)) }
  }

  private func bytes(_ row: RejectRow) throws -> [UInt8] {
    guard let batch = try workspace.ledger().batch(row.batch) else { return [] }
    return try PayloadSlice.bytes(
      of: batch.digest, offset: row.offset, length: row.length, in: landing(),
      plan: workspace.files().planner.plan([row.pipeline]).plans.first)
  }

  private func landing() throws -> LandingZone { try LandingZone(home: Home(workspace.homePath)) }

  private func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer
      while !rest.isEmpty {
        let written = Glibc.write(1, rest.baseAddress, rest.count)
        if written <= 0 { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
    }
  }
}
