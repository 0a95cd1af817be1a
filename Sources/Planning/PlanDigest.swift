// SPDX-License-Identifier: Apache-2.0

import Components
import Crypto
import Diagnostics
import Paths
import PipelineFiles
import Records

/// Digests that tell whether two plans are the same, in every process and version.
struct PlanDigest {
  private var hash = SHA256()

  /// Adds a named part, so that moving bytes between two parts gives another digest.
  mutating func add(_ name: String, _ text: String) {
    hash.update(data: Array("\(name.utf8.count):\(name)\(text.utf8.count):".utf8))
    hash.update(data: Array(text.utf8))
  }

  var hexadecimal: String {
    let digits = Array("0123456789abcdef")
    return String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

extension PipelinePlanner {
  /// Over all that decides where records are cut: the `decode` section and the paths of the records.
  func decodeDigest(_ spec: DecodeSpec, _ plan: DecodePlan) -> String {
    var digest = PlanDigest()
    digest.add("decode", spec.tree.canonicalText)
    func add(_ kind: RecordKind) {
      digest.add("records", kind.records.description)
      for child in kind.children { add(child) }
    }
    for kind in plan.kinds { add(kind) }
    return digest.hexadecimal
  }
}

extension Tree {
  /// The value without its layout: keys sorted, every scalar in quotes unless it is null.
  var canonicalText: String {
    switch value {
    case .scalar(let text, _): isNull ? "null" : "\"\(text.utf8.count):\(text)\""
    case .sequence(let items): "[" + items.map(\.canonicalText).joined(separator: ",") + "]"
    case .mapping(let entries):
      "{"
        + entries.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value.canonicalText)" }
        .joined(separator: ",") + "}"
    }
  }
}
