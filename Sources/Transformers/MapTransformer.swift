// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Turns captured text into the typed fields of an entity, as the `transform` section says: whole columns at
/// a time, exactly, and with a finding for every value that cannot become what its field is.
public struct MapTransformer: Transformer {
  public static let description = ComponentDescription(
    "map", "Maps captured values to the fields of an entity: trims, reads types, looks up codes, computes.",
    example: """
      transform:
        to: public_asset
        dates: dd/MM/yyyy
        numbers: vi
        map:
          asset_code: t:MaTaiSan
          cost_vnd: { from: t:NguyenGia, unit: nghìn đồng }
      """,
    [])

  public init(_ settings: Settings) throws(Diagnostic) {}

  public func session(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts)
    throws(StageFailure) -> any TransformSession
  {
    try MapSession(plan, lists: lists, facts: facts)
  }
}

private final class MapSession: TransformSession {
  private let mapping: TableMapping

  init(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts) throws(StageFailure) {
    mapping = try TableMapping(plan, lists: lists, facts: facts)
  }

  func transform(_ chunk: Chunk) { mapping.transform(chunk) }

  func restart(_ facts: PayloadFacts) { mapping.restart(facts) }
}
