// SPDX-License-Identifier: Apache-2.0

import Records

/// A compiled expression: parsed, its types checked, ready to run over whole columns.
public protocol ColumnExpression: Sendable {
  /// As written.
  var text: String { get }
  /// Static type of the result.
  var type: FieldType { get }
  /// The values it uses, each once, in order of first use.
  var names: [String] { get }

  /// Computes one cell per row.
  ///
  /// - Parameters:
  ///   - rows: how many rows the scope's columns have.
  ///   - scope: the columns by name, and what stands outside the records.
  ///   - failed: told of each row whose result cannot be computed (an overflow, a division by zero, a text that is no
  ///     date) with a sentence; that cell is null.
  func evaluate(rows: Int, scope: any ExpressionScope, failed: (Int, String) -> Void) -> Column
}

/// What an expression may look at while it runs.
public protocol ExpressionScope {
  /// The typed column of a name in ``ColumnExpression/names``.
  func column(_ name: String) -> Column
  /// `today()`
  var landingDate: CalendarDate { get }
  /// `payload_name()`
  var payloadName: String { get }
  /// `request('x')`
  func request(_ name: String) -> String?
  /// A code of a code list as it stood on a day, for functions that look up.
  func codeList(_ name: String) -> CodeList?
}

/// Why a text is not an expression, or not one of the expected type.
public struct ExpressionError: Error, Sendable, Equatable {
  /// Characters from the start of the text, from 0.
  public var offset: Int
  /// Characters at fault.
  public var length: Int
  public var id: String
  public var message: String
  public var help: String

  public init(offset: Int, length: Int = 1, id: String, message: String, help: String) {
    self.offset = offset
    self.length = length
    self.id = id
    self.message = message
    self.help = help
  }
}
