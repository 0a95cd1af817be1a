// SPDX-License-Identifier: Apache-2.0

import Records

let textSearchFunctions: [FunctionEntry] = [
  FunctionEntry(
    "starts_with", [Parameter("text", .text), Parameter("beginning", .text)], "boolean",
    "Whether the text begins so.", example: "starts_with('H22.12', 'H22') → true"
  ) { _, call in
    RowNode.truths(call.nodes) { cells, row, _ in
      let (bytes, part) = (cells[0].text(row), cells[1].text(row))
      return bytes.count >= part.count
        && textOrder(UnsafeBufferPointer(rebasing: bytes[..<part.count]), part) == 0
    }
  },
  FunctionEntry(
    "ends_with", [Parameter("text", .text), Parameter("end", .text)], "boolean", "Whether the text ends so.",
    example: "ends_with('000.00.12.H22', 'H22') → true"
  ) { _, call in
    RowNode.truths(call.nodes) { cells, row, _ in
      let (bytes, part) = (cells[0].text(row), cells[1].text(row))
      return bytes.count >= part.count
        && textOrder(UnsafeBufferPointer(rebasing: bytes[(bytes.count - part.count)...]), part) == 0
    }
  },
  FunctionEntry(
    "contains", [Parameter("text", .text), Parameter("part", .text)], "boolean",
    "Whether the text holds the part somewhere.", example: "contains('Xã Đồng Văn', 'Đồng') → true"
  ) { _, call in
    RowNode.truths(call.nodes) { cells, row, _ in
      TextSearch.find(cells[1].text(row), in: cells[0].text(row), from: 0) != nil
    }
  },
  FunctionEntry(
    "split_part", [Parameter("text", .text), Parameter("separator", .text), Parameter("number", .integer)],
    "text",
    "The n-th of the parts between separators; counted from the end if n is negative; null if there is none.",
    example: "split_part('NĐT/20/21/03', '/', 2) → '20'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      guard let part = TextSearch.part(cells[2].integer(row), of: cells[0].text(row), by: cells[1].text(row))
      else { return false }
      out.append(contentsOf: part)
      return true
    }
  },
  FunctionEntry(
    "matches", [Parameter("text", .text), Parameter("pattern", .textLiteral)], "boolean",
    "Whether the whole text matches a regular expression. In linear time: no look-around, no back-references.",
    example: "matches('V.07.02.26', 'V(\\.\\d{2}){3}') → true"
  ) { checker, call in
    guard let text = call.textLiteral(1) else { return nil }
    let pattern: TextPattern
    do throws(TextPatternError) {
      pattern = try TextPattern(parsing: text)
    } catch {
      checker.report(
        call.arguments[1].span, "bad-pattern",
        "in the pattern, at character \(error.offset + 1): \(error.message)", help: error.help)
      return nil
    }
    return RowNode.truths([call.arguments[0].node]) { cells, row, _ in pattern.matches(cells[0].text(row)) }
  },
]
