// SPDX-License-Identifier: Apache-2.0

/// Tells whether a payload that is decoded while it arrives comes fast enough to hold the center for it.
///
/// A batch at work closes the center to other pipelines. For a source about as fast as the decoder that is worth it; a
/// slow one is landed first and decoded from the landing zone. Filled by the decode thread, asked by the load thread.
final class ArrivalPace: @unchecked Sendable {
  /// Seconds of waiting for the source that do not matter: others wait for the center far longer than this.
  static let patience = 2.0

  private let mutex = Mutex()
  private let clock: EngineClock
  private let began: Double
  private var waited = 0.0
  private var waitingSince: Double?
  private var hasArrived = false

  init(_ clock: EngineClock) {
    self.clock = clock
    began = clock.monotonic()
  }

  /// Takes the next piece from `source`, which may wait for it; nil is the end.
  func next<Piece>(of source: () throws -> Piece?) rethrows -> Piece? {
    let start = clock.monotonic()
    mutex.locked { waitingSince = start }
    let piece = try source()
    mutex.locked {
      waitingSince = nil
      waited += clock.monotonic() - start
      hasArrived = piece == nil
    }
    return piece
  }

  /// Throws ``SourceIsSlow`` when more than half of the time went into waiting: beginning again costs no more than
  /// was waited already.
  func check() throws {
    let now = clock.monotonic()
    let isSlow = mutex.locked {
      let waited = self.waited + (waitingSince.map { now - $0 } ?? 0)
      return !hasArrived && waited > Self.patience && waited * 2 > now - began
    }
    if isSlow { throw SourceIsSlow() }
  }
}

/// Ends a pass over a payload that arrives too slowly; the next one reads it from the landing zone.
struct SourceIsSlow: Error {}
