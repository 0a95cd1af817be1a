// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@Suite("Polite to sources, over processes")
struct PolitenessTests {
  private static let canary = "canary-secret/+1"

  /// Four pipelines of one system.
  private func bench(_ source: HTTPSource, _ system: String) throws -> Workbench {
    let bench = try Workbench([
      "Pipelines/systems.yaml": """
      s:
        base_url: "http://127.0.0.1:\(source.port)"
        authentication: { query: { api_key: "${secret:k}" } }
      \(system.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
      """,
      "Pipelines/schema/thing.yaml": "entity: thing\nkey: [id]\nfields: { id: { type: text } }\n",
    ])
    for number in 1...4 {
      try bench.write(
        "Pipelines/p\(number).yaml",
        """
        pipeline: p\(number)
        extract: { http: { system: s, path: /p\(number), paginate: { page: { parameter: p, size: 1 } } } }
        decode: { json: { records: /r } }
        transform: { to: thing, map: { id: id } }
        load: { center: { mode: append } }
        """)
    }
    return bench
  }

  private func start(_ bench: Workbench, _ words: String...) throws -> Program {
    try Program(words, in: bench, environment: ["TERRACE_SECRET_k": Self.canary])
  }

  @Test("four processes together call no more often than one may", .timeLimit(.minutes(2)))
  func pace() throws {
    let moments = Mutex<[Double]>([])
    let source = try HTTPSource { request in
      moments.withLock { $0.append(ProcessInfo.processInfo.systemUptime) }
      let page = Int(request.parameter("p") ?? "") ?? 0
      let id = request.target.prefix(3).dropFirst() + "-\(page)"
      return HTTPSource.Answer(body: page <= 5 ? "{\"r\": [{\"id\": \"\(id)\"}]}" : "{\"r\": []}")
    }
    let bench = try bench(source, "requests_per_minute: 600\nparallel: 2")
    let programs = try (1...4).map { try start(bench, "run", "p\($0)") }
    for program in programs {
      let ended = try program.end()
      #expect(ended.exit == 0, "\(ended)")
    }
    let seen = moments.withLock { $0 }
    #expect(seen.count == 24)
    // 600 a minute are 10 a second; one more may arrive in a second because it was longer under way.
    let most = seen.map { first in seen.count { $0 >= first && $0 < first + 1 } }.max() ?? 0
    #expect(most <= 11, "\(most) within a second")
  }

  @Test("a command leaves a system alone that it gave up on; the next asks once, until there is an answer")
  func givenUp() throws {
    let source = try HTTPSource { _ in HTTPSource.Answer(status: 503, body: "no") }
    let bench = try bench(source, "retries: { attempts: 2, first_wait: 1ms }")
    let first = try start(bench, "run").end()
    #expect(first.exit == 75 && first.errors.contains("[extract.system-resting]"), "\(first)")
    #expect(source.takeTargets().count == 2)
    let second = try start(bench, "run").end()
    #expect(second.exit == 75 && source.takeTargets().count == 1, "\(second)")
    source.change { _ in HTTPSource.Answer(body: "{\"r\": []}") }
    let third = try start(bench, "run").end()
    #expect(third.exit == 0 && source.takeTargets().count == 4, "\(third)")
  }

  @Test("a secret that a source sends back stands nowhere, however it is encoded")
  func secretsSentBack() throws {
    let encoded = Data(Self.canary.utf8).base64EncodedString()
    let forms = [
      Self.canary, encoded, "canary-secret%2F%2B1", Data("me:\(Self.canary)".utf8).base64EncodedString(),
    ]
    let source = try HTTPSource { _ in
      HTTPSource.Answer(body: "{\"r\": [", headers: ["ETag: \"\(forms[0])\"", "Content-Type: a/\(encoded)"])
    }
    let bench = try bench(source, "retries: { attempts: 1 }")
    for words in [["run", "-v"], ["run", "--format", "json"], ["batches"], ["preview", "p1"]] {
      let ended = try Program(words, in: bench, environment: ["TERRACE_SECRET_k": Self.canary]).end()
      for form in forms { #expect(!(ended.output + ended.errors).contains(form), "\(words): \(ended)") }
    }
    #expect(source.takeTargets().allSatisfy { $0.contains("api_key=canary-secret%2F%2B1") })
    let files = try FileManager.default.subpathsOfDirectory(atPath: bench.home)
    for file in files where !file.hasPrefix("landing/") {
      let data = FileManager.default.contents(atPath: bench.home + "/" + file) ?? Data()
      for form in forms { #expect(data.range(of: Data(form.utf8)) == nil, "\(file) holds \(form)") }
    }
  }
}
