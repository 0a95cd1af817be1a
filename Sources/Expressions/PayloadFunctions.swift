// SPDX-License-Identifier: Apache-2.0

import Records

let payloadFunctions: [FunctionEntry] = [
  FunctionEntry(
    "today", [], "date", "The day the payload landed, so that a replay gives the same.",
    example: "today() → 2026-11-22"
  ) { _, _ in FactNode(fact: .landingDate) },
  FunctionEntry(
    "payload_name", [], "text", "What the payload is called: a file's name, a page.",
    example: "payload_name() → 'tai-san-2026-11.xml'"
  ) { _, _ in FactNode(fact: .payloadName) },
  FunctionEntry(
    "request", [Parameter("name", .textLiteral)], "text",
    "A parameter of the request that brought the payload; null if it had none of that name.",
    example: "request('nam') → '2026'"
  ) { _, call in call.textLiteral(0).map { FactNode(fact: .request($0)) } },
  FunctionEntry(
    "cell", [Parameter("row", .integerLiteral), Parameter("column", .integerLiteral)], "text",
    "The text of one cell of a CSV payload, counted from 1, wherever the header stands.",
    example: "cell(3, 2) → 'Tháng 11 năm 2026'"
  ) { _, _ in nil },
]
