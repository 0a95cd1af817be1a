// SPDX-License-Identifier: Apache-2.0

import Records

/// What a query of the center reads, known from the shared schema alone.
public struct CenterQueryFacts: Sendable, Equatable {
  public struct Column: Sendable, Equatable {
    /// The name under which rows carry it.
    public var name: String
    /// The field that it hands on as it stands; nil for what an expression makes.
    public var origin: EntityReference?

    public init(name: String, origin: EntityReference?) {
      self.name = name
      self.origin = origin
    }
  }

  public var entities: Set<String>
  public var columns: [Column]

  public init(entities: Set<String>, columns: [Column]) {
    self.entities = entities
    self.columns = columns
  }
}

/// Why a query cannot be asked of the center.
public struct CenterQueryFault: Error, Sendable, Equatable {
  public var message: String
  /// What to do about it.
  public var help: String

  public init(_ message: String, help: String) {
    self.message = message
    self.help = help
  }
}
