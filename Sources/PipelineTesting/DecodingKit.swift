// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// Collects what a decoder hands on and shows it as text, so that a test can state what it expects.
public final class CollectingSink: ChunkSink {
  public let plan: DecodePlan
  public private(set) var chunks: [Chunk] = []

  public init(_ plan: DecodePlan) { self.plan = plan }

  public func emptyChunk(kind: Int) -> Chunk {
    Chunk(kind: kind, table: Self.table(for: plan.kinds[kind]))
  }

  public func take(_ chunk: Chunk) throws { chunks.append(chunk) }

  private static func table(for kind: RecordKind) -> Table {
    Table(captures: kind.slots.count, children: kind.children.map(table))
  }

  /// One line per record: ordinal, position and cells; child rows below it, indented.
  ///
  /// Cells: text in quotes, `-` absent, `null`, `{}` structure, `many("first")`, `["a", null]` a list.
  public func dump(positions: Bool = true) -> String {
    // Chunk borders are left out, so that chunks of any size read the same: kinds apart, rows in order.
    var lines: [String] = []
    for kind in plan.kinds.indices {
      for chunk in chunks where chunk.kind == kind {
        for row in 0..<chunk.rows {
          let places = chunk.positions
          var head = "\(plan.kinds.count > 1 ? "kind \(kind) " : "")#\(places.ordinals[row])"
          if positions {
            head += " @\(places.offsets[row])+\(places.lengths[row]) line \(places.lines[row])"
            head += " \(places.path(row))"
          }
          lines.append("\(head): \(Self.cells(chunk.table, row))")
          Self.dump(childrenOf: chunk.table, row: row, indent: "  ", into: &lines)
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func dump(childrenOf table: Table, row: Int, indent: String, into lines: inout [String]) {
    for (index, child) in table.children.enumerated() {
      for childRow in 0..<child.rows where child.parents[childRow] == UInt32(row) {
        lines.append("\(indent)\(index): \(cells(child, childRow))")
        dump(childrenOf: child, row: childRow, indent: indent + "  ", into: &lines)
      }
    }
  }

  private static func cells(_ table: Table, _ row: Int) -> String {
    table.captures.map { column in
      let bytes = column.bytes(row)
      let state = column.state(row)
      guard state == .list else { return shown(bytes, state) }
      var items: [String] = []
      TextList.forEach(in: bytes) { items.append(shown($0, $1)) }
      return "[\(items.joined(separator: ", "))]"
    }.joined(separator: " ")
  }

  private static func shown(_ bytes: UnsafeBufferPointer<UInt8>, _ state: CellState) -> String {
    let text = "\"\(String(decoding: bytes, as: UTF8.self))\""
    switch state {
    case .absent: return "-"
    case .null: return "null"
    case .many: return "many(\(text))"
    case .structure: return "{}"
    default: return text
    }
  }
}

/// What came of decoding a text: the sink's dump and the summary, or the failure.
public struct DecodingOutcome: Equatable, CustomStringConvertible {
  public var rows: String
  public var summary: DecodeSummary?
  public var failure: StageFailure?

  public var description: String {
    if let failure { return "\(failure.id): \(failure.message) (\(failure.place ?? "nowhere"))" }
    return rows
  }
}

/// Runs decoders over short texts.
public struct DecodingKit {
  public let decoder: any RecordDecoder
  public let plan: DecodePlan

  public init(_ decoder: any RecordDecoder, _ plan: DecodePlan) {
    self.decoder = decoder
    self.plan = plan
  }

  /// Decodes a text in pieces that end at `cuts` (byte offsets, ascending); a second pass is made where the
  /// first found late values.
  public func decode(_ text: [UInt8], cuts: [Int] = [], positions: Bool = true) -> DecodingOutcome {
    var late: LateValues?
    for _ in 0..<2 {
      let sink = CollectingSink(plan)
      do {
        let session = try decoder.session(plan, late: late, into: sink)
        var start = 0
        for cut in cuts + [text.count] {
          try text[start..<cut].withUnsafeBufferPointer { try session.feed($0) }
          start = cut
        }
        let summary = try session.finish()
        late = summary.late
        if late == nil {
          return DecodingOutcome(rows: sink.dump(positions: positions), summary: summary)
        }
      } catch let failure as StageFailure {
        return DecodingOutcome(rows: sink.dump(positions: positions), failure: failure)
      } catch {
        return DecodingOutcome(
          rows: "", failure: StageFailure(id: "test.other", "\(error)", help: "-", exit: .bug))
      }
    }
    return DecodingOutcome(
      rows: "", failure: StageFailure(id: "test.late-twice", "late in pass 2", help: "-", exit: .bug))
  }

  public func decode(_ text: String, cuts: [Int] = [], positions: Bool = true) -> DecodingOutcome {
    decode(Array(text.utf8), cuts: cuts, positions: positions)
  }

  /// Decodes a text whole, cut once at every place, and byte by byte.
  ///
  /// - Returns: the first cut whose outcome differs from that of the whole text, with both outcomes, or nil.
  public func firstDifferingCut(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    let whole = decode(bytes)
    for cut in 0...bytes.count {
      let outcome = decode(bytes, cuts: [cut])
      if outcome != whole { return "cut at \(cut):\n\(outcome)\nwhole:\n\(whole)" }
    }
    let single = decode(bytes, cuts: Array(0..<bytes.count))
    if single != whole { return "byte by byte:\n\(single)\nwhole:\n\(whole)" }
    return nil
  }

  /// What the text's bytes at each root record's position are, in the order of the dump.
  public func recordTexts(_ text: String) throws -> [String] {
    let sink = CollectingSink(plan)
    let bytes = Array(text.utf8)
    let session = try decoder.session(plan, late: nil, into: sink)
    try bytes.withUnsafeBufferPointer { try session.feed($0) }
    _ = try session.finish()
    return sink.chunks.flatMap { chunk in
      (0..<chunk.rows).map { row in
        let start = Int(chunk.positions.offsets[row])
        return String(decoding: bytes[start..<start + Int(chunk.positions.lengths[row])], as: UTF8.self)
      }
    }
  }
}
