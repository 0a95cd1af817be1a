// SPDX-License-Identifier: Apache-2.0

/// One table of the shared schema: what its rows are, what identifies them, what each field must be.
public struct EntitySchema: Sendable, Equatable {
  public var name: String
  public var title: String?
  /// The regulation that the entity follows.
  public var basis: String?
  /// Names of the fields that identify a row (beside the parent's key, for a child). Empty: rows have no identity.
  public var key: [String]
  public var fields: [EntityField]
  /// The entity whose key columns this table carries in front of its own, or nil for a root entity.
  public var parent: String?
  /// Days after the last synchronisation during which the data are valid, or nil if they do not go stale.
  public var validForDays: Int?

  public init(
    name: String, title: String? = nil, basis: String? = nil, key: [String] = [],
    fields: [EntityField], parent: String? = nil, validForDays: Int? = nil
  ) {
    self.name = name
    self.title = title
    self.basis = basis
    self.key = key
    self.fields = fields
    self.parent = parent
    self.validForDays = validForDays
  }

  public func field(_ name: String) -> EntityField? { fields.first { $0.name == name } }
}

/// One field of an entity: its type, its rules, its classification.
public struct EntityField: Sendable, Equatable {
  public var name: String
  public var type: FieldType
  public var title: String?
  public var basis: String?
  /// A null or absent value is a reject. Key fields are always required.
  public var isRequired: Bool
  /// A regular expression the whole value must match.
  public var pattern: String?
  /// Inclusive bounds, in the canonical text of the type.
  public var minimum: String?
  public var maximum: String?
  /// Bounds of the length in Unicode scalars of NFC text.
  public var minimumLength: Int?
  public var maximumLength: Int?
  /// The only values allowed, or nil for any.
  public var values: [String]?
  public var references: EntityReference?
  public var referenceRules: ReferenceRules
  public var personal: PersonalClass

  public init(
    name: String, type: FieldType, title: String? = nil, basis: String? = nil,
    isRequired: Bool = false, pattern: String? = nil, minimum: String? = nil,
    maximum: String? = nil, minimumLength: Int? = nil, maximumLength: Int? = nil,
    values: [String]? = nil, references: EntityReference? = nil,
    referenceRules: ReferenceRules = ReferenceRules(), personal: PersonalClass = .none
  ) {
    self.name = name
    self.type = type
    self.title = title
    self.basis = basis
    self.isRequired = isRequired
    self.pattern = pattern
    self.minimum = minimum
    self.maximum = maximum
    self.minimumLength = minimumLength
    self.maximumLength = maximumLength
    self.values = values
    self.references = references
    self.referenceRules = referenceRules
    self.personal = personal
  }
}

/// A field of another entity in which a value must occur.
public struct EntityReference: Sendable, Hashable {
  public var entity: String
  public var field: String

  public init(entity: String, field: String) {
    self.entity = entity
    self.field = field
  }
}

/// How a field's values relate to a person (Law 91/2025/QH15, Decree 356/2025/NĐ-CP).
public enum PersonalClass: String, Sendable, CaseIterable {
  case none, basic, sensitive
}
