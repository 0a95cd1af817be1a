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
  public var catalogue: Int
  public var archive: Int
  public var researchTasks: Int
  public var treasuryEntries: Int
  public var ethnicObservations: Int
  public var documentMessages: Int
  public var assignedTasks: Int

  /// The same number of records in each long list, fewer in those that are short by their nature.
  public init(records: Int) {
    assets = records
    assetUnits = min(records, 3000)
    prices = records
    budgetUnits = records
    pupils = records
    teachers = records
    servants = records
    catalogue = records
    archive = records
    researchTasks = min(records, 1000)
    treasuryEntries = records
    ethnicObservations = records
    documentMessages = records
    assignedTasks = records
  }

  /// As many as the province has: pupils of its 182,000 households, 33,000 servants, 400,000 assets. Of lists whose
  /// size nobody published, what an office of its kind would have.
  public static let province = {
    var scale = SandboxScale(records: 20_000)
    scale.assets = 400_000
    scale.assetUnits = 3_000
    scale.budgetUnits = 6_000
    scale.pupils = 230_000
    scale.teachers = 17_000
    scale.servants = 33_000
    scale.treasuryEntries = 5_000_000
    scale.ethnicObservations = 100_000
    return scale
  }()
}
