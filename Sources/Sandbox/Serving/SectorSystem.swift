// SPDX-License-Identifier: Apache-2.0

import FlyingFox

/// One sector system of the sandbox, as ``SandboxServer`` serves it.
protocol SectorSystem: Sendable {
  /// What it takes for secrets, by the names that `Pipelines/systems.yaml` uses.
  static var secrets: [String: String] { get }
  /// What it answers.
  var routes: [SectorRoute] { get }
}

struct SectorRoute: Sendable {
  /// As `GET /finance/api/v1/assets`; `*` at the end stands for anything.
  var pattern: String
  var answer: @Sendable (HTTPRequest) async -> HTTPResponse

  init(_ pattern: String, _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse) {
    self.pattern = pattern
    self.answer = answer
  }
}
