// SPDX-License-Identifier: Apache-2.0

import Components

/// Every loader of this room, alphabetical.
public let allLoaders: [any Loader.Type] = [
  CenterLoader.self
]
