// SPDX-License-Identifier: Apache-2.0

import OwnExtractors
import Terrace

TerraceProgram.main(BuiltIns.catalog + Catalog(extractors: [DailyDropExtractor.self, OneFileExtractor.self]))
