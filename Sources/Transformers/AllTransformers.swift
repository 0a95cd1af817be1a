// SPDX-License-Identifier: Apache-2.0

import Components

/// Every transformer of this room, alphabetical.
public let allTransformers: [any Transformer.Type] = [
  MapTransformer.self
]
