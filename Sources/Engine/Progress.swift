// SPDX-License-Identifier: Apache-2.0

import Records
import Synchronization

/// How far a run is.
public struct RunProgress: Sendable, Equatable {
  public var pipeline: String
  public var records: Int
  /// Bytes of payloads worked through; of those that are read a second time, both times.
  public var bytes: Int64
  /// Since the run began.
  public var seconds: Double
  /// Part of the payload at work that is done, from 0 to 1; nil where its size is not known.
  public var share: Double?

  public init(pipeline: String, records: Int, bytes: Int64, seconds: Double, share: Double? = nil) {
    self.pipeline = pipeline
    self.records = records
    self.bytes = bytes
    self.seconds = seconds
    self.share = share
  }
}

/// Told of progress while a run goes on; called from the load thread, a few times per second at most.
public protocol RunObserver: AnyObject, Sendable {
  func progressed(_ progress: RunProgress)
  /// The run is over, however it ended; nothing more comes of it.
  func ended(pipeline: String)
}

/// Counts what a run has worked through and tells the observer. Used by the load thread.
final class Progress {
  private let pipeline: String
  private let clock: EngineClock
  private let observer: (any RunObserver)?
  /// What the decode thread has read.
  let read = ReadBytes()
  private let started: Double
  private var lastTold: Double
  /// Of the payloads before this one.
  private var earlierRecords = 0
  private var records = 0
  private var bytesBefore: Int64 = 0
  private var expectedBytes: Int64?

  init(pipeline: String, clock: EngineClock, observer: (any RunObserver)?) {
    self.pipeline = pipeline
    self.clock = clock
    self.observer = observer
    started = clock.monotonic()
    lastTold = started
  }

  /// Another payload; `expectedBytes` is its size as far as the source says.
  func beginPayload(expectedBytes: Int64?) {
    earlierRecords += records
    records = 0
    self.expectedBytes = expectedBytes
  }

  /// The payload is read from its beginning, perhaps again.
  func beginPass() {
    records = 0
    bytesBefore = read.count
  }

  func add(records added: Int) {
    records += added
    guard let observer else { return }
    let now = clock.monotonic()
    guard now - lastTold >= 0.25 else { return }
    lastTold = now
    let bytes = read.count
    let share = expectedBytes.flatMap { $0 > 0 ? min(1, Double(bytes - bytesBefore) / Double($0)) : nil }
    observer.progressed(
      RunProgress(
        pipeline: pipeline, records: earlierRecords + records, bytes: bytes, seconds: now - started,
        share: share))
  }
}

/// Bytes that were read; counted by one thread and looked at by another.
final class ReadBytes: Sendable {
  private let bytes = Atomic<Int64>(0)

  func add(_ count: Int) { bytes.wrappingAdd(Int64(count), ordering: .relaxed) }
  var count: Int64 { bytes.load(ordering: .relaxed) }
}
