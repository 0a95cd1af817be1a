// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Testing

@testable import Loaders

@Suite("The SQLite center keeps what any loader must")
struct CenterLoaderKitTests {
  @Test("merges as the model does", arguments: UInt64(1)...25, [true, false])
  func merges(seed: UInt64, version: Bool) throws {
    let center = TemporaryCenter()
    try LoaderKit(CenterLoader()).check(
      .merge, version: version, seed: seed, batches: 12, in: center.kitCenter)
  }

  @Test("appends as the model does", arguments: UInt64(1)...10)
  func appends(seed: UInt64) throws {
    let center = TemporaryCenter()
    try LoaderKit(CenterLoader()).check(
      .append, version: false, seed: seed, batches: 10, in: center.kitCenter)
  }

  @Test(
    "replaces slices as the model does, by batches and by runs", arguments: UInt64(1)...25, [true, false])
  func replacesSlices(seed: UInt64, byRun: Bool) throws {
    let center = TemporaryCenter()
    try LoaderKit(CenterLoader()).check(
      .replaceSlice, version: false, unit: byRun ? .run : .batch, seed: seed, batches: 12,
      in: center.kitCenter)
  }

  @Test("replaces as the model does", arguments: UInt64(1)...10, [true, false])
  func replaces(seed: UInt64, version: Bool) throws {
    let center = TemporaryCenter()
    try LoaderKit(CenterLoader()).check(
      .replace, version: version, seed: seed, batches: 6, in: center.kitCenter)
  }
}
