// SPDX-License-Identifier: Apache-2.0

import Expressions
import Records

/// What expressions over the rows of one table may look at: its columns by name, and the facts of the payload.
///
/// While a table is transformed its `fields` hold `let` values and captured `cell(row,column)` values under their
/// names beside the entity's own fields, so one lookup serves all of them.
public struct TableScope: ExpressionScope {
  public let table: Table
  public let facts: PayloadFacts
  public let lists: [String: CodeList]

  public init(_ table: Table, facts: PayloadFacts, lists: [String: CodeList] = [:]) {
    self.table = table
    self.facts = facts
    self.lists = lists
  }

  public var landingDate: CalendarDate { facts.landingDate }
  public var payloadName: String { facts.name }
  public func request(_ name: String) -> String? { facts.request[name] }
  public func codeList(_ name: String) -> CodeList? { lists[name] }

  /// The column of a value that stands before the expression in the plan's order.
  public func column(_ name: String) -> Column {
    guard let column = table.field(name) else {
      preconditionFailure("value '\(name)' is used before it is computed")
    }
    return column
  }
}
