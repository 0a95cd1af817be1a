// SPDX-License-Identifier: Apache-2.0

import Records

let textFunctions: [FunctionEntry] = [
  FunctionEntry(
    "length", [Parameter("text", .text)], "integer",
    "How many characters (Unicode scalars of NFC text) there are.",
    example: "length('Đồng Văn') → 8"
  ) { _, call in
    RowNode.integers(call.nodes) { cells, row, _ in Int64(Scalars.count(cells[0].text(row))) }
  },
  FunctionEntry(
    "upper", [Parameter("text", .text)], "text", "In capitals.", example: "upper('Đồng Văn') → 'ĐỒNG VĂN'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      LetterCase.append(cells[0].text(row), isUpper: true, to: &out)
      return true
    }
  },
  FunctionEntry(
    "lower", [Parameter("text", .text)], "text", "In small letters.",
    example: "lower('ĐỒNG VĂN') → 'đồng văn'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      LetterCase.append(cells[0].text(row), isUpper: false, to: &out)
      return true
    }
  },
  FunctionEntry(
    "trim", [Parameter("text", .text), Parameter("characters", .text, isOptional: true)], "text",
    "Without white space at both ends, non-breaking spaces included; with characters, without these as well.",
    example: "trim('Hà Nội :', ':;,') → 'Hà Nội'"
  ) { _, call in
    let hasCharacters = call.arguments.count > 1
    return RowNode.texts(call.nodes) { cells, row, _, out in
      let bytes = cells[0].text(row)
      out.append(
        contentsOf: hasCharacters
          ? Scalars.trimmed(bytes, of: cells[1].text(row)) : Scalars.trimmed(bytes))
      return true
    }
  },
  FunctionEntry(
    "normalize_space", [Parameter("text", .text)], "text",
    "Without white space at both ends, and with one blank for each run of it within: line breaks and tabs of a cell.",
    example: "normalize_space(' Cây  dược liệu ') → 'Cây dược liệu'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      Scalars.appendSpaced(cells[0].text(row), to: &out)
      return true
    }
  },
  FunctionEntry(
    "substring",
    [
      Parameter("text", .text), Parameter("start", .integer), Parameter("length", .integer, isOptional: true),
    ],
    "text", "From the start-th character on (the first is 1), at most so many.",
    example: "substring('H22.12', 1, 3) → 'H22'"
  ) { _, call in
    let hasLength = call.arguments.count > 2
    return RowNode.texts(call.nodes) { cells, row, _, out in
      let start = cells[1].integer(row)
      // As SQL has it, characters before the first count towards the length.
      let end = hasLength ? start.addingReportingOverflow(max(0, cells[2].integer(row))) : (Int64.max, false)
      let bytes = cells[0].text(row)
      let from = Scalars.offset(of: max(1, start) - 1, in: bytes)
      let to = Scalars.offset(of: end.1 ? Int64.max : max(1, end.0) - 1, in: bytes)
      if to > from { out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<to])) }
      return true
    }
  },
  FunctionEntry(
    "left", [Parameter("text", .text), Parameter("count", .integer)], "text", "The first so many characters.",
    example: "left('00688', 2) → '00'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      let bytes = cells[0].text(row)
      let end = Scalars.offset(of: max(0, cells[1].integer(row)), in: bytes)
      out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[0..<end]))
      return true
    }
  },
  FunctionEntry(
    "right", [Parameter("text", .text), Parameter("count", .integer)], "text", "The last so many characters.",
    example: "right('00688', 3) → '688'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      let bytes = cells[0].text(row)
      let skipped = max(0, Int64(Scalars.count(bytes)) - max(0, cells[1].integer(row)))
      out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[Scalars.offset(of: skipped, in: bytes)...]))
      return true
    }
  },
  FunctionEntry(
    "replace", [Parameter("text", .text), Parameter("old", .text), Parameter("new", .text)], "text",
    "With every occurrence of one text replaced by another.", example: "replace('a-b-c', '-', '.') → 'a.b.c'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      let bytes = cells[0].text(row)
      let old = cells[1].text(row)
      var at = 0
      while let found = TextSearch.find(old, in: bytes, from: at), !old.isEmpty {
        TextJoining.append(UnsafeBufferPointer(rebasing: bytes[at..<found]), to: &out)
        TextJoining.append(cells[2].text(row), to: &out)
        at = found + old.count
      }
      TextJoining.append(UnsafeBufferPointer(rebasing: bytes[at...]), to: &out)
      return true
    }
  },
  padding("lpad", "left", "lpad('688', 5, '0') → '00688'"),
  padding("rpad", "right", "rpad('ab', 4, '.') → 'ab..'"),
  FunctionEntry(
    "concat", [Parameter("text", .text, isRepeated: true)], "text",
    "The texts one after the other; null ones are left out (|| gives null instead).",
    example: "concat('a', null, 'b') → 'ab'"
  ) { _, call in
    let count = call.arguments.count
    let whole = call.nodes.map { CoalesceNode(values: [$0, ConstantNode.text("")], type: .text) }
    return RowNode.texts(whole) { cells, row, _, out in
      for index in 0..<count { TextJoining.append(cells[index].text(row), to: &out) }
      return true
    }
  },
]

/// Longest text that padding makes; a length from data cannot ask for memory without end.
private let longestPadding: Int64 = 10_000

private func padding(_ name: String, _ side: String, _ example: String) -> FunctionEntry {
  FunctionEntry(
    name,
    [Parameter("text", .text), Parameter("length", .integer), Parameter("fill", .text, isOptional: true)],
    "text",
    "Filled up on the \(side) to a length (with blanks if no fill is given); a longer text is cut to it.",
    example: example
  ) { _, call in
    let hasFill = call.arguments.count > 2
    let isLeft = side == "left"
    return RowNode.texts(call.nodes) { cells, row, run, out in
      let bytes = cells[0].text(row)
      let length = max(0, cells[1].integer(row))
      guard length <= longestPadding else {
        run.fail(row, "\(name) fills up to at most \(longestPadding) characters")
        return false
      }
      let missing = Int(length) - Scalars.count(bytes)
      let body = UnsafeBufferPointer(rebasing: bytes[0..<Scalars.offset(of: length, in: bytes)])
      if !isLeft { out.append(contentsOf: body) }
      if missing > 0 {
        if hasFill {
          let fill = cells[2].text(row)
          let fillCount = Scalars.count(fill)
          var left = fillCount == 0 ? 0 : missing
          while left > 0 {
            let end = Scalars.offset(of: Int64(left), in: fill)
            TextJoining.append(UnsafeBufferPointer(rebasing: fill[0..<end]), to: &out)
            left -= fillCount
          }
        } else {
          for _ in 0..<missing { out.append(UInt8(ascii: " ")) }
        }
      }
      if isLeft { TextJoining.append(body, to: &out) }
      return true
    }
  }
}
