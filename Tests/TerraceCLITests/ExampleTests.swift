// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The folders under `docs/examples/` that need no building, as somebody would use them.
@Suite("Examples")
struct ExampleTests {
  private static let examples = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/examples")

  private func program(_ example: String) throws -> Program {
    let program = try Program()
    for name in try FileManager.default.contentsOfDirectory(
      atPath: Self.examples.appending(path: example).path())
    where name != ".terrace" {
      try FileManager.default.copyItem(
        at: Self.examples.appending(path: "\(example)/\(name)"), to: program.folder.appending(path: name))
    }
    return program
  }

  @Test("are right, and pass their own tests", arguments: ["excel"])
  func check(_ example: String) throws {
    let program = try program(example)
    let check = try program.run("check")
    #expect(check.exit == 0, "\(check.errors)")
    let test = try program.run("test", "-v")
    #expect(test.exit == 0 && test.output.contains("0 failed"), "\(test.output)\(test.errors)")
  }

  @Test(
    "excel: loads a workbook",
    .enabled(
      if: access("/usr/bin/xlsx2csv", X_OK) == 0,
      "NOT TESTED with Excel: there is no /usr/bin/xlsx2csv; run scripts/setup"))
  func excel() throws {
    let program = try program("excel")
    let run = try program.run("run", "--format", "json")
    #expect(run.exit == 0, "\(run.errors)")
    #expect(run.output.contains(#""inserted":4"#) || run.output.contains(#""inserted": 4"#), "\(run.output)")
    let preview = try program.run("preview", "material_prices")
    #expect(preview.output.contains(/CD\.002 +Đá dăm 1×2 +Cát, đá +m³ +412500\.50 +tại mỏ +2026-11-01/))
    #expect(preview.output.contains("price_vnd: 'liên hệ' is not a decimal number"))
  }
}
