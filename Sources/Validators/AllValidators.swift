// SPDX-License-Identifier: Apache-2.0

import Components

/// Every validator of this room, in the order they judge: what single values must be, what holds between the
/// values of a record, what holds between the records that are still there, what holds of a group of them. Sums stand
/// last: a record that they keep out in a later pass must not make room for a later duplicate.
public let allValidators: [any Validator.Type] = [
  SchemaValidator.self,
  RuleValidator.self,
  UniqueValidator.self,
  SumsValidator.self,
]
