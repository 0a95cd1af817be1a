// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// Cuts records out of XML documents with libxml2's streaming push parser and limits of our own around it.
///
/// Names are matched by namespace URI, so a source may rename its prefixes. A document type declaration is refused,
/// whatever it says: no source needs one, and every entity attack does.
public struct XMLDecoder: RecordDecoder {
  public static let description = ComponentDescription(
    "xml", "Records are elements of one XML document.",
    example: """
      decode:
        xml:
          namespaces: { t: "urn:vn:taisan:1" }
          records: /t:DanhSach/t:TaiSan
      """, [])

  public static let defaultRecords: String? = nil
  public static let isMarkup = true

  public init(_ settings: Settings) throws(Diagnostic) {}

  public func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String? {
    XMLDeclaration.encoding(head)
  }

  public func session(
    _ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink
  ) throws(StageFailure) -> any DecodingSession {
    try XMLSession(plan, late: late, into: sink)
  }
}
