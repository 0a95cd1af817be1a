// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation

/// Answers in JSON that are made while they are sent.
enum JSONPages {
  static let headers: HTTPHeaders = [.contentType: "application/json; charset=utf-8"]

  /// An answer of a head, objects with commas between them, and a foot.
  static func answer(
    head: String, foot: String, _ ordinals: [Int], object: @escaping @Sendable (Int) -> String
  ) -> HTTPResponse {
    let body = StreamedBody {
      var next = -1
      return {
        defer { next += 1 }
        switch next {
        case -1: return Array(head.utf8)
        case ordinals.count: return Array(foot.utf8)
        case 0..<ordinals.count: return Array(((next == 0 ? "" : ",\n") + object(ordinals[next])).utf8)
        default: return nil
        }
      }
    }
    return HTTPResponse(
      statusCode: .ok, headers: headers, body: HTTPBodySequence(from: body, suggestedBufferSize: 1 << 16))
  }

  /// An answer of a few members: a code and a text, as many systems give with status 200, or a token.
  static func members(_ status: HTTPStatusCode, _ members: [(name: String, value: String)]) -> HTTPResponse {
    let text = "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}\n"
    return HTTPResponse(statusCode: status, headers: headers, body: Data(text.utf8))
  }
}
