// SPDX-License-Identifier: Apache-2.0

import Components

/// Every decoder of this room, alphabetical.
public let allDecoders: [any RecordDecoder.Type] = [
  JSONRecordDecoder.self,
  NDJSONRecordDecoder.self,
  XMLDecoder.self,
]
