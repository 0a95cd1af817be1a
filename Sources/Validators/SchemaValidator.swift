// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Holds the values of all tables against the rules of their fields in the shared schema.
public struct SchemaValidator: Validator {
  public static let description = ComponentDescription(
    "schema",
    "Rejects values that the shared schema does not allow: missing, of another form, outside the bounds.",
    example: """
      fields:
        asset_code: { type: text, pattern: "[A-Z0-9.]{6,20}" }
        cost_vnd: { type: "decimal(18,0)", minimum: 10000000 }
      """,
    [])

  public init(_ settings: Settings) throws(Diagnostic) {}

  /// - Throws: a pattern or bound of the schema that cannot be read; planning reads them too and says where.
  public func session(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts)
    throws(StageFailure) -> any ValidationSession
  {
    SchemaSession(try TableCheck(plan.map))
  }
}

private final class SchemaSession: ValidationSession {
  private let root: TableCheck

  init(_ root: TableCheck) { self.root = root }

  /// Rules of the schema never stop a batch.
  var stop: StageFailure? { nil }

  func validate(_ chunk: Chunk) { root.validate(chunk) }

  func restart(_ facts: PayloadFacts) {}
}
