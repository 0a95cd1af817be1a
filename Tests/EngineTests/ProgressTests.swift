// SPDX-License-Identifier: Apache-2.0

import Engine
import Synchronization
import Testing

@Suite("Progress of a run")
struct ProgressTests {
  private final class Watcher: RunObserver {
    let told = Mutex<[RunProgress]>([])
    let endings = Mutex<[String]>([])

    func progressed(_ progress: RunProgress) { told.withLock { $0.append(progress) } }
    func ended(pipeline: String) { endings.withLock { $0.append(pipeline) } }
  }

  /// A clock on which a second passes whenever somebody looks.
  private final class Ticks: Sendable {
    private let count = Atomic<Int>(0)
    func next() -> Double { Double(count.wrappingAdd(1, ordering: .relaxed).newValue) }
  }

  @Test("counts the bytes of all payloads and the share of each, and says when it ends")
  func progress() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    let second = People.payload([
      ("A2", "Lan", "01/02/1990", "01/01/2026"), ("A3", "Hà", "01/02/1990", "01/01/2026"),
    ])
    try bench.write("in/2.xml", second)
    let first = People.payload([("A1", "Mai", "01/02/1990", "01/01/2026")])
    let watcher = Watcher()
    let ticks = Ticks()
    var environment = try bench.environment()
    environment.clock.monotonic = { ticks.next() }
    environment.observer = watcher
    _ = try PipelineRunner(environment, bench.plan("people")).run(RunOptions())
    let told = watcher.told.withLock { $0 }
    #expect(told.map(\.records) == [1, 3])
    #expect(told.map(\.bytes) == [Int64(first.utf8.count), Int64(first.utf8.count + second.utf8.count)])
    #expect(told.map(\.share) == [1, 1])
    #expect(watcher.endings.withLock { $0 } == ["people"])
  }
}
