// SPDX-License-Identifier: Apache-2.0

/// The printed form of a failure that ended a stage:
///
/// ```
/// error: load 'warehouse' failed while committing batch 12 [load.commit-failed]
///   step   Pipelines/orders.yaml:40:5
///   cause  database is locked (after 5 attempts, 31 s)
///   state  nothing of this batch was loaded; 4 earlier batches are committed
/// help: running again is safe.
/// ```
public struct StageFailurePrinter: Sendable {
  private let paint: Paint

  public init(isColoured: Bool = false) { paint = Paint(isOn: isColoured) }

  /// - Parameters:
  ///   - doing: what was being done, if the failure's own sentence is its cause: `load 'warehouse' failed …`.
  ///   - step: where the step stands in its pipeline file.
  ///   - batch: the batch that it was done to, with its payload's name.
  /// - Returns: the lines, with a line break after the last.
  public func text(
    of failure: StageFailure, doing: String? = nil, step: FilePosition? = nil, batch: String? = nil
  ) -> String {
    var lines = ["\(paint(.red, "error:")) \(DisplayWidth.shown(doing ?? failure.message)) [\(failure.id)]"]
    let facts: [(name: String, value: String?)] = [
      ("step", step?.description), ("at", failure.place), ("cause", doing == nil ? nil : failure.message),
      ("state", failure.state), ("batch", batch),
    ]
    for fact in facts {
      guard let value = fact.value, !value.isEmpty else { continue }
      let name = fact.name + String(repeating: " ", count: 6 - fact.name.count)
      lines.append("  \(name) \(DisplayWidth.shown(value))")
    }
    lines.append("\(paint(.cyan, "help:")) \(DisplayWidth.shown(failure.help))")
    return lines.joined(separator: "\n") + "\n"
  }
}
