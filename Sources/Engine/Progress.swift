// SPDX-License-Identifier: Apache-2.0

import Records

/// Counts what a run has worked through and tells the observer, a few times per second at most.
final class Progress {
  private let pipeline: String
  private let clock: EngineClock
  private let observer: (any RunObserver)?
  private var records = 0
  private var lastTold: Double
  var bytes: Int64 = 0
  var expectedBytes: Int64?

  init(pipeline: String, clock: EngineClock, observer: (any RunObserver)?) {
    self.pipeline = pipeline
    self.clock = clock
    self.observer = observer
    lastTold = clock.monotonic()
  }

  func add(records added: Int) {
    records += added
    guard let observer else { return }
    let now = clock.monotonic()
    guard now - lastTold >= 0.25 else { return }
    lastTold = now
    observer.progressed(pipeline: pipeline, records: records, bytes: bytes, expectedBytes: expectedBytes)
  }
}
