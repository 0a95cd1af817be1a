// SPDX-License-Identifier: Apache-2.0

import Components

/// Every extractor of this room, alphabetical.
public let allExtractors: [any Extractor.Type] = [
  CenterExtractor.self,
  CommandExtractor.self,
  FileExtractor.self,
  HTTPExtractor.self,
  OAIPMHExtractor.self,
  SOAPExtractor.self,
  SingerExtractor.self,
]
