// SPDX-License-Identifier: Apache-2.0

import Records
import Store

/// Where a run works: its home with ledger and landing zone, the center, the folder relative paths count from.
public struct EngineEnvironment: Sendable {
  public var home: Home
  public var ledger: Ledger
  public var landing: LandingZone
  /// The center's URL with an absolute path.
  public var center: String
  /// Folder that holds the pipelines folder.
  public var baseFolder: String
  public var clock: EngineClock
  public var observer: (any RunObserver)?
  /// Tells the runs of one command from those of others: a command that gave up on a system leaves it alone.
  let command = Int32.random(in: 1...Int32.max)

  public init(
    home: Home, ledger: Ledger, landing: LandingZone, center: String, baseFolder: String,
    clock: EngineClock = EngineClock(), observer: (any RunObserver)? = nil
  ) {
    self.home = home
    self.ledger = ledger
    self.landing = landing
    self.center = center
    self.baseFolder = baseFolder
    self.clock = clock
    self.observer = observer
  }
}
