// SPDX-License-Identifier: Apache-2.0

extension RecordPath {
  /// A path of values parted into that of the nodes that have them and what is taken of each: the text, or the
  /// attribute, name or place that the path ends with.
  public var splitValue: (nodes: RecordPath, value: RecordPath) {
    var nodes = self
    var value = RecordPath(origin: .record, steps: [.text], text: "text()")
    switch steps.last {
    case .attribute, .text, .name, .position: value.steps = [nodes.steps.removeLast()]
    case .child, .any, .parent, .list, nil: break
    }
    return (nodes, value)
  }
}
