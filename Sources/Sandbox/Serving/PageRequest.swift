// SPDX-License-Identifier: Apache-2.0

import FlyingFox

/// Which records a request asks for.
struct PageRequest {
  static let largest = 10_000

  var page: Int
  var size: Int

  /// Nil when a parameter is not a number from 1, or the page would be too large.
  init?(_ request: HTTPRequest, page: String, size: String, usualSize: Int) {
    func number(_ name: String, _ usual: Int) -> Int? { request.query[name].map { Int($0) } ?? usual }
    guard let page = number(page, 1), let size = number(size, usualSize), page > 0,
      (1...Self.largest).contains(size),
      !page.multipliedReportingOverflow(by: size).overflow
    else { return nil }
    self.page = page
    self.size = size
  }

  func cut<Records: Sequence<Int>>(_ records: Records) -> (total: Int, page: [Int]) {
    let first = (page - 1) * size
    var total = 0
    var cut: [Int] = []
    for record in records {
      if total >= first, total < first + size { cut.append(record) }
      total += 1
    }
    return (total, cut)
  }
}
