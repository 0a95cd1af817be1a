// SPDX-License-Identifier: Apache-2.0

import Components

/// Every validator of this room, in the order they judge: what single values must be, what holds between the
/// values of a record, what holds between the records that are still there.
public let allValidators: [any Validator.Type] = [
  SchemaValidator.self,
  RuleValidator.self,
  UniqueValidator.self,
]
