// SPDX-License-Identifier: Apache-2.0

/// How many records each list of the sandbox has.
public struct SandboxScale: Sendable, Equatable {
  public var assets: Int
  public var assetUnits: Int
  public var prices: Int
  public var budgetUnits: Int
  public var pupils: Int
  public var teachers: Int
  public var servants: Int

  /// The same number of records in each long list, fewer in those that are short by their nature.
  public init(records: Int) {
    assets = records
    assetUnits = min(records, 3000)
    prices = records
    budgetUnits = records
    pupils = records
    teachers = records
    servants = records
  }
}
