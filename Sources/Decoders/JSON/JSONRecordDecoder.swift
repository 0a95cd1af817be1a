// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// Cuts records out of one JSON document (RFC 8259), in which arrays are what repeated elements are in XML.
public struct JSONRecordDecoder: RecordDecoder {
  public static let description = ComponentDescription(
    "json", "Records are objects or values of one JSON document.",
    example: """
      decode:
        json:
          records: /data/items
      """, [])

  public static let defaultRecords: String? = "/"

  public init(_ settings: Settings) throws(Diagnostic) {}

  public func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String? { nil }

  public func session(
    _ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink
  ) throws(StageFailure) -> any DecodingSession {
    try JSONSession(plan, format: "json", isLines: false, late: late, into: sink)
  }
}

/// Cuts records out of newline-delimited JSON: each line is one value, blank lines stand between.
public struct NDJSONRecordDecoder: RecordDecoder {
  public static let description = ComponentDescription(
    "ndjson", "Each line is one JSON value: a record, or what holds the records.",
    example: """
      decode:
        ndjson: {}
      """, [])

  public static let defaultRecords: String? = "/"

  public init(_ settings: Settings) throws(Diagnostic) {}

  public func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String? { nil }

  public func session(
    _ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink
  ) throws(StageFailure) -> any DecodingSession {
    try JSONSession(plan, format: "ndjson", isLines: true, late: late, into: sink)
  }
}
