// SPDX-License-Identifier: Apache-2.0

import Components
import Paths

/// Whether the lists of records that a plan asks for are there, also such as may stand in one of several places.
extension CaptureEngine {
  /// Where a list may stand in several places, a record in one of them says that the others are not missed.
  ///
  /// - Returns: whether that was news.
  func settlePlaces(of index: Int) -> Bool {
    guard let layout, let list = plan.kinds[index].list,
      !layout.rootKinds[index].pointee.node.pointee.isProvisional
    else { return false }
    var isNews = false
    for other in plan.kinds.indices where plan.kinds[other].list == list {
      guard let parent = layout.rootKinds[other].pointee.node.pointee.parent, !parent.pointee.wasSeen
      else { continue }
      parent.pointee.wasSeen = true
      isNews = true
    }
    return isNews
  }

  /// Records of the first list, in whichever of its places.
  var listed: Int {
    plan.kinds.indices.filter {
      $0 == 0 || (plan.kinds[$0].list != nil && plan.kinds[$0].list == plan.kinds[0].list)
    }
    .reduce(0) { $0 + handedOn[$1] }
  }

  /// Whether a root kind's list is there, be it empty.
  func isThere(_ index: Int) -> Bool {
    guard let kind = layout?.rootKinds[index], let parent = kind.pointee.node.pointee.parent else {
      return true
    }
    // A markup document has one root: where it is the record itself, another root is no empty list.
    if section == "decode.xml", plan.kinds[index].records.steps.count == 1 {
      if plan.kinds[index].list != nil { return handedOn[index] > 0 || kind.pointee.rows > 0 }
      if plan.kinds[index].records.isOneNamedStep, plan.kinds.count == 1,
        driver.state.pointee.records == 0
      {
        return false
      }
    }
    return parent.pointee.wasSeen
  }
}

extension RecordPath {
  fileprivate var isOneNamedStep: Bool {
    guard steps.count == 1, case .child(_, let predicates) = steps[0] else { return false }
    return predicates.isEmpty
  }
}
