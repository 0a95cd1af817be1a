// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("terrace codelist show")
struct CodeListTests {
  private func program() throws -> Program {
    try Program([
      "Pipelines/codelists/commune.csv": """
      code,name,aliases,valid_from,valid_to,predecessors,successors,district,aliases:post
      00688,Phường Quang Trung,Quang Trung,,2025-06-30,,00691;00700,Hà Giang,31
      00691,Phường Hà Giang 1,,2025-07-01,,00688;00689,,,
      00689,Phường Trần Phú,,2004-01-01,2025-06-30,,00691,Hà Giang,

      """
    ])
  }

  @Test("prints validity, predecessors and successors, whole and in part")
  func table() throws {
    #expect(
      try program().run("codelist", "show", "commune").output == """
        code   name                valid                    predecessors         successors                  aliases
        00688  Phường Quang Trung  until 2025-06-30                              00691 (part), 00700 (part)  Quang Trung
        00691  Phường Hà Giang 1   from 2025-07-01          00688 (part), 00689
        00689  Phường Trần Phú     2004-01-01 … 2025-06-30                       00691

        """)
  }

  @Test(
    "shows one code, also by an alias, and what was valid on a day",
    arguments: [
      (["00691"], ["00691"]), (["quang trung"], ["00688"]), (["Phuong Ha Giang 1"], ["00691"]),
      (["31", "--source", "post"], ["00688"]), (["--as-of", "2025-06-30"], ["00688", "00689"]),
      (["--as-of", "2003-12-31"], ["00688"]), (["00689", "--as-of", "2004-01-01"], ["00689"]),
    ])
  func entries(_ arguments: [String], _ codes: [String]) throws {
    let output = try program().run(["codelist", "show", "commune", "--format", "json"] + arguments).output
    let document = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    let entries = document?["entries"] as? [[String: Any]] ?? []
    #expect(document?["list"] as? String == "commune")
    #expect(entries.compactMap { $0["code"] as? String } == codes)
  }

  @Test("says when a code was valid and what follows it")
  func notValid() throws {
    let result = try program().run("codelist", "show", "commune", "00688", "--as-of", "2025-07-01")
    #expect(result.exit == 64 && result.output == "")
    #expect(result.errors.contains("00688 is valid until 2025-06-30; it is followed by 00691, 00700."))
  }

  @Test(
    "leaves with 64 for what is not there",
    arguments: [
      (["comune"], "did you mean 'commune'?"),
      (["commune", "00692"], "did you mean 00691 Phường Hà Giang 1?"),
      (["commune", "688"], "did you mean 00688 Phường Quang Trung"), (["commune", "31"], "there is no '31'"),
      (["commune", "31", "--source", "pots"], "did you mean 'post'?"),
      (["commune", "--as-of", "2025-13-01"], "is no day"),
    ])
  func unknown(_ arguments: [String], _ help: String) throws {
    let result = try program().run(["codelist", "show"] + arguments)
    #expect(result.exit == 64 && result.errors.contains(help))
  }
}
