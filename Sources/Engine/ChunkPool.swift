// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// Chunks on their way round: empty ones for the decoder, used ones back from the loader. In a steady state nothing is
/// allocated. Shared by the two threads of a batch.
public final class ChunkPool: @unchecked Sendable {
  private let kinds: [RecordKind]
  private let mutex = Mutex()
  private var free: [[Chunk]]

  public init(_ plan: DecodePlan) {
    kinds = plan.kinds
    free = plan.kinds.map { _ in [] }
  }

  func take(kind: Int) -> Chunk {
    mutex.locked { free[kind].popLast() } ?? Chunk(kind: kind, table: Self.table(kinds[kind]))
  }

  /// Empties a chunk and keeps its memory for the next records.
  public func giveBack(_ chunk: Chunk) {
    chunk.removeAll()
    mutex.locked { free[chunk.kind].append(chunk) }
  }

  private static func table(_ kind: RecordKind) -> Table {
    Table(captures: kind.slots.count, children: kind.children.map(table))
  }
}
