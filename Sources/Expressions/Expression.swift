// SPDX-License-Identifier: Apache-2.0

import Records

/// The way into the expression language.
///
/// Everything that can be known without data is checked here: syntax, names, functions, types. What remains to
/// fail while running are values: overflow, division by zero, texts that are no number or date.
public enum Expression {
  /// Compiles an expression.
  ///
  /// - Parameters:
  ///   - text: as written.
  ///   - names: the type of each field and `let` value the expression may use; nil for a name there is none of.
  ///   - known: those names, for "did you mean".
  ///   - expecting: the type the result must become; nil takes it as it comes..
  /// - Throws: the first finding; ``findings(_:expecting:known:names:)`` gives all of them.
  public static func compile(
    _ text: String, expecting: FieldType? = nil, known: [String] = [], names: (String) -> FieldType?
  ) throws(ExpressionError) -> any ColumnExpression {
    let outcome = check(text, names, known, expecting)
    switch outcome {
    case .success(let expression): return expression
    case .failure(let findings): throw findings.first
    }
  }

  /// Everything wrong with an expression, by position; empty if it compiles.
  public static func findings(
    _ text: String, expecting: FieldType? = nil, known: [String] = [], names: (String) -> FieldType?
  ) -> [ExpressionError] {
    switch check(text, names, known, expecting) {
    case .success: []
    case .failure(let findings): findings.all
    }
  }

  private struct Findings: Error {
    var first: ExpressionError
    var all: [ExpressionError]

    init(_ found: [Finding], in scalars: [Unicode.Scalar]) {
      let sorted = found.sorted { $0.span.start < $1.span.start }
      all = sorted.map { Findings.error($0, in: scalars) }
      first =
        all.first
        ?? ExpressionError(
          offset: 0, id: "expression.unknown", message: "the expression cannot be understood",
          help: "see docs/reference/expressions.md")
    }

    /// Scalars become characters, which is what people count columns in.
    private static func error(_ finding: Finding, in scalars: [Unicode.Scalar]) -> ExpressionError {
      func characters(_ end: Int) -> Int {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[..<min(max(end, 0), scalars.count)])
        return String(text).count
      }
      let start = characters(finding.span.start)
      return ExpressionError(
        offset: start, length: max(1, characters(finding.span.end) - start), id: finding.id,
        message: finding.message, help: finding.help)
    }
  }

  private static func check(
    _ text: String, _ names: (String) -> FieldType?, _ known: [String], _ expecting: FieldType?
  ) -> Result<any ColumnExpression, Findings> {
    let scalars = Array(text.unicodeScalars)
    let syntax: Syntax
    do throws(Finding) {
      syntax = try Parser.parse(scalars)
    } catch {
      return .failure(Findings([error], in: scalars))
    }
    return withoutActuallyEscaping(names) { names in
      let checker = TypeChecker(names: names, known: known)
      let root = checker.root(syntax, expecting: expecting)
      guard let root, checker.findings.isEmpty else {
        return .failure(Findings(checker.findings, in: scalars))
      }
      return .success(CompiledExpression(text: text, names: checker.used, root: root))
    }
  }
}

struct CompiledExpression: ColumnExpression {
  let text: String
  let names: [String]
  let root: any ExpressionNode

  var type: FieldType { root.type }

  func evaluate(rows: Int, scope: any ExpressionScope, failed: (Int, String) -> Void) -> Column {
    withoutActuallyEscaping(failed) { failed in
      let result = root.evaluate(Evaluation(rows: rows, scope: scope, report: failed))
      return owned(result, rows: rows, scope: scope)
    }
  }

  /// The result as a column of its own: never the scope's, never a shared constant, so that the caller may keep,
  /// recycle and append to it.
  private func owned(_ result: Operand, rows: Int, scope: any ExpressionScope) -> Column {
    guard result.isConstant || names.contains(where: { scope.column($0).identity == result.column.identity })
    else { return result.column }
    return CellPicker.copy(result, as: type, rows: rows)
  }
}
