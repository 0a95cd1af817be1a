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

  /// The page's records of a list, and how many there are in all.
  ///
  /// - Parameter isWanted: which of the list's records there are; nil for all, which costs the same for every page.
  func cut(_ records: Int, where isWanted: ((Int) -> Bool)? = nil) -> (total: Int, page: [Int]) {
    let first = (page - 1) * size
    guard let isWanted else {
      return (records, Array(min(first, records)..<min(first + size, records)))
    }
    var total = 0
    var cut: [Int] = []
    for record in 0..<records where isWanted(record) {
      if total >= first, total < first + size { cut.append(record) }
      total += 1
    }
    return (total, cut)
  }
}
