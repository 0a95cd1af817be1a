// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// Cuts records out of CSV (RFC 4180, and what offices make of it): one record a row, its values under
/// the header's names; or one record a cell, where `records` is a step to columns.
///
/// Headers match after NFC and collapsed white space. A short row's missing cells are absent; a row
/// with text beyond
/// the last header is rejected, because a separator that should have been quoted has shifted its
/// values. Blank rows are
/// passed over.
public struct CSVRecordDecoder: RecordDecoder {
  static let separator = Setting<String>(
    "separator", "The character between cells; `\\t` for tabs.", shape: .text, default: ",",
    isRequired: false,
    read: { tree throws(Diagnostic) in
      let text = tree.text == "\\t" ? "\t" : tree.text
      return try character("separator", text, tree)
    })

  static let quote = Setting<String>(
    "quote", "The character around cells that hold separators, line ends or itself (doubled).", shape: .text,
    default: "\"", isRequired: false,
    read: { tree throws(Diagnostic) in try character("quote", tree.text, tree) })

  static let headerRow = Setting<CSVHeader.Place>(
    "header_row",
    "Number of the row that names the columns, from 1, blank rows counted; or a list of names: the first row that has "
      + "all of them, wherever it stands. Records follow it.",
    shape: .either([.integer(minimum: 1), .list(.text)]), default: .row(1), defaultText: "1",
    isRequired: false,
    readWith: { tree, _ throws(Diagnostic) in try place(tree) })

  public static let description = ComponentDescription(
    "csv", "Records are the rows below a header row.",
    example: """
      decode:
        csv: { header_row: 3, separator: ";" }
      """, [separator.description, quote.description, headerRow.description])

  public static let defaultRecords: String? = "/"
  public static let hasCells = true

  private let separator: UInt8
  private let quote: UInt8
  private let headerPlace: CSVHeader.Place

  public init(_ settings: Settings) throws(Diagnostic) {
    separator = try settings[Self.separator].utf8.first ?? UInt8(ascii: ",")
    quote = try settings[Self.quote].utf8.first ?? UInt8(ascii: "\"")
    headerPlace = try settings[Self.headerRow]
    if separator == quote {
      throw Diagnostic(
        id: "csv.same-character", "'separator' and 'quote' are the same character",
        at: settings.tree.position,
        help: "give them different characters")
    }
  }

  public func declaredEncoding(head: UnsafeBufferPointer<UInt8>) -> String? { nil }

  public func session(
    _ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink
  ) throws(StageFailure) -> any DecodingSession {
    try CSVSession(
      plan, late: late, into: sink, headerPlace: headerPlace,
      tokenizer: CSVTokenizer(separator: separator, quote: quote, textLimit: plan.limits.textBytes))
  }

  private static func place(_ tree: Tree) throws(Diagnostic) -> CSVHeader.Place {
    if let number = tree.text.flatMap({ Int($0) }), number >= 1 { return .row(number) }
    let names = (tree.items ?? []).compactMap(\.text).map(CSVHeader.fold)
    guard let items = tree.items, !names.isEmpty, names.count == items.count,
      names.allSatisfy({ !$0.isEmpty })
    else {
      throw Diagnostic(
        id: "setting.not-a-header-row",
        "setting 'header_row' must be a row's number from 1, or names that the row has",
        at: tree.position, length: tree.length, help: "write it as 3, or as [STT, Tên hàng]")
    }
    return .names(names)
  }

  private static func character(_ name: String, _ text: String?, _ tree: Tree) throws(Diagnostic) -> String {
    guard let text, text.utf8.count == 1, text != "\n", text != "\r" else {
      throw Diagnostic(
        id: "setting.not-a-character", "setting '\(name)' must be one ASCII character", at: tree.position,
        length: tree.length, help: "write it in double quotes, as \";\" or \"\\t\"")
    }
    return text
  }
}
