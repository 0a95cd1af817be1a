// SPDX-License-Identifier: Apache-2.0

import Records

/// What was found wrong with the rows of one table, held back until it is known which of them are filtered.
final class Findings {
  struct Finding {
    var kind: Failure.Kind
    var row: Int
    /// Index of the value at fault; nil for the filter.
    var step: Int?
    var rule: String
    var value: String?
    var message: String
  }

  private(set) var list: [Finding] = []
  /// Values that a deletion needs too, by index.
  private let deletionSteps: Set<Int>
  /// Values that rules look at in filtered records too, by index.
  private let filteredSteps: Set<Int>
  private var fates: UnsafePointer<RowFate>

  init(_ table: Table, deletionSteps: Set<Int> = [], filteredSteps: Set<Int> = []) {
    fates = UnsafePointer(table.fates.base)
    self.deletionSteps = deletionSteps
    self.filteredSteps = filteredSteps
  }

  /// Begins a table.
  func start(_ table: Table) {
    list.removeAll(keepingCapacity: true)
    fates = UnsafePointer(table.fates.base)
  }

  /// Whether findings about a value of a row are of interest: a skipped one has none, a filtered one only those of a
  /// total that a rule may take from it, a deletion only those of its key and version.
  func wants(_ row: Int, _ step: Int?) -> Bool {
    if fates[row] == .deletion { return step.map(deletionSteps.contains) ?? false }
    if fates[row] == .filtered { return step.map(filteredSteps.contains) ?? false }
    return fates[row] == .live || fates[row] == .rejected
  }

  func add(
    _ kind: Failure.Kind = .reject, row: Int, step: Int?, rule: String, value: String?, message: String
  ) {
    guard wants(row, step) else { return }
    list.append(Finding(kind: kind, row: row, step: step, rule: rule, value: value, message: message))
  }
}
