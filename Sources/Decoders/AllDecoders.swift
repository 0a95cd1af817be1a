// SPDX-License-Identifier: Apache-2.0

import Components

/// Every decoder of this room, alphabetical.
public let allDecoders: [any RecordDecoder.Type] = [
  CSVRecordDecoder.self,
  JSONRecordDecoder.self,
  NDJSONRecordDecoder.self,
  XMLDecoder.self,
]
