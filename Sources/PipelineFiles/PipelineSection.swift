// SPDX-License-Identifier: Apache-2.0

import Records

/// A mapping of a pipeline file with a fixed set of keys. The reader's check of unknown keys and the
/// generated JSON Schema both come from here, so that they cannot differ.
public enum PipelineSection: String, Sendable, CaseIterable {
  case pipeline, agreement, decode, within, total, errors, limits, transform, child, map, `let`, numbers,
    rule,
    sums, term, rejects, load

  public struct Key: Sendable, Equatable {
    public var name: String
    /// User documentation.
    public var summary: String
    public var shape: Shape
    public var isRequired: Bool

    init(_ name: String, _ shape: Shape, required: Bool = false, _ summary: String) {
      self.name = name
      self.summary = summary
      self.shape = shape
      isRequired = required
    }
  }

  /// What the value of a key looks like.
  public indirect enum Shape: Sendable, Equatable {
    case text
    case integer(minimum: Int)
    case boolean
    case choice([String])
    case list(Shape)
    /// A mapping with keys of the user's own.
    case names(Shape)
    case either([Shape])
    case section(PipelineSection)
    /// One component's name as the key, its settings below it.
    case component(Family)
  }

  public enum Family: String, Sendable { case extractor, decoder, loader }

  /// One or several.
  private static func some(_ shape: Shape) -> Shape { .either([shape, .list(shape)]) }

  /// The keys that stand at a transform for all of its entries, and at an entry for itself.
  private static let formats: [Key] = [
    Key(
      "dates", some(.text),
      "Pattern of dates and timestamps in the source (`dd/MM/yyyy`), or several tried in order."),
    Key(
      "numbers", .either([.choice(["plain", "vi", "en"]), .section(.numbers)]),
      "How numbers are written: `plain` 1234.56, `vi` 1.234,56, `en` 1,234.56."),
    Key("nulls", some(.text), "Texts that mean null."),
    Key("trim", .boolean, "Cut white space at both ends (default true)."),
    Key("zone", .text, "Time zone of timestamps without one: `+07:00` (default), `UTC`, `Asia/Ho_Chi_Minh`."),
    Key("encoding", .choice(LegacyEncoding.allCases.map(\.rawValue)), "Legacy font encoding of the text."),
  ]

  private static let kind: [Key] = [
    Key("to", .text, required: true, "Entity of the shared schema that the records become."),
    Key("let", .names(.either([.text, .section(.let)])), "Values that expressions use and nothing loads."),
    Key(
      "map", .names(.either([.text, .section(.map)])), required: true,
      "For each field, the path it comes from, or how it is made."),
    Key("filter", .text, "Expression; records for which it is not true are left out."),
    Key("carry", some(.text), "Values that go on until the next one (group rows)."),
    Key("children", .list(.section(.child)), "Nested lists that become child entities."),
  ]

  private static let entry: [Key] = [
    Key("from", some(.text), "Path, or several: the first that is present and not null."),
    Key("value", .text, "The same text for every record."),
    Key("expr", .text, "Expression over other fields and `let` values."),
    Key(
      "take", .either([.choice(["only", "first", "last", "count", "sum", "all"]), .integer(minimum: 1)]),
      "Which of several values at the path (default `only`: a second one rejects the record)."),
    Key("join", .text, "Text to put between all values."),
    Key("split", .text, "Separator to split one text by before `take` picks an item."),
    Key("default", .text, "Text to use where there is nothing or null."),
    Key("lookup", .text, "Code list in which the value is looked up."),
    Key("source", .text, "Source of the list whose aliases come before its codes (column `aliases:NAME`)."),
    Key("as_of", .text, "Field or `let` value with the date at which the code must be valid."),
    Key(
      "valid_on", .text,
      "Field or `let` value with a later date: the code that took its place by then stands, if there is only one."
    ),
    Key(
      "unknown", .choice(["reject", "note", "null"]), "What to do with a code that the list does not have."),
    Key(
      "lost_zeros", .integer(minimum: 2),
      "Digits of the code: a damaged one gets its zeros back where the result is valid, with a note."),
    Key("unit", .choice(MoneyUnit.spellings), "Unit of money in the source."),
    Key(
      "round", .choice(["refuse", "up", "half_up"]),
      "What to do with more digits than the field has (default `refuse`)."),
    Key("as", .choice(["raw"]), "Take the source text of an element, object or array as it stands."),
  ]

  public var keys: [Key] { Self.table[self] ?? [] }

  /// Made once: every key of every entry of a file is held against it.
  private static let table = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.declared) })

  private var declared: [Key] {
    switch self {
    case .pipeline:
      [
        Key("pipeline", .text, required: true, "Name of the pipeline: lower-case letters, digits and `_`."),
        Key("title", .text, "Title for people."),
        Key("owner", .text, "Who answers for the data."),
        Key(
          "schedule", .text,
          "When it is due in local time (UTC+7): five cron fields as `30 1 1-4 * *`, or `@daily`."),
        Key("agreement", .section(.agreement), "Data sharing agreement."),
        Key("purpose", .text, "What the data are used for."),
        Key("legal_basis", .text, "Law that allows it."),
        Key("extract", .component(.extractor), required: true, "Where the data come from."),
        Key("decode", .component(.decoder), required: true, "Format of the payloads."),
        Key(
          "transform", .either([.section(.transform), .list(.section(.transform))]), required: true,
          "What the records become."),
        Key(
          "validate", .list(.either([.text, .section(.rule)])),
          "Rules of this pipeline. With several transforms they are those of the first."),
        Key("load", .component(.loader), required: true, "Where the rows go."),
      ]
    case .agreement:
      [
        Key("number", .text, "Number of the agreement."),
        Key("valid_to", .text, "Last day it holds, `yyyy-MM-dd`."),
        Key("contact", .text, "Whom to call at the source."),
      ]
    case .decode:
      [
        Key("records", .text, "Path of the records, from the document (`/t:DanhSach/t:TaiSan`)."),
        Key(
          "namespaces", .names(Self.some(.text)),
          "Prefix: namespace URI, or several that it stands for. `default` serves names without prefix."),
        Key(
          "total", .either([.text, .section(.total)]),
          "Path of the number of records that the source says it sent."),
        Key(
          "encoding", .text,
          "Text encoding of the payloads (`windows-1258`, `tcvn3` …); default UTF-8 or what they declare."),
        Key(
          "errors", Self.some(.either([.text, .section(.errors)])), "Signs that a payload is an error answer."
        ),
        Key(
          "empty", .choice(["allowed", "refused"]), "Whether the list of records may be missing altogether."),
        Key("limits", .section(.limits), "Bounds against hostile or broken payloads."),
        Key(
          "within", .section(.within),
          "The document stands in a text of the payload: XML in a string of JSON, JSON in an element of XML."),
      ]
    case .within:
      [
        Key("format", .text, required: true, "Format of the payload around it: `json`, `xml`."),
        Key("at", .text, required: true, "Path of the text, from the payload's document."),
        Key(
          "namespaces", .names(Self.some(.text)),
          "Prefix: namespace URI, or several, for the paths of this section."),
        Key(
          "errors", Self.some(.either([.text, .section(.errors)])),
          "Signs around the text that a payload is an error answer."),
        Key("limit", .text, "Size of the text (default `64MiB`): it is held in memory."),
      ]
    case .total:
      [
        Key("path", .text, required: true, "Path of the number, from the document."),
        Key("of", .choice(["payload", "run"]), "What the number counts."),
      ]
    case .errors:
      [
        Key("when", .text, required: true, "Path that is looked at, from the document."),
        Key("is", Self.some(.text), "The payload is an error when the value is one of these."),
        Key("is_not", Self.some(.text), "The payload is an error when the value is none of these."),
        Key("message", .text, "Path of the text that says what went wrong."),
        Key("retry", .boolean, "Whether the same request may succeed later."),
      ]
    case .limits:
      [
        Key("depth", .integer(minimum: 1), "Nested elements, objects and arrays (default 64)."),
        Key("text", .text, "Size of one text (default `1MiB`)."),
        Key("tag", .text, "Size of one XML tag with its attributes (default `64KiB`)."),
      ]
    case .transform:
      Self.kind + Self.formats + [
        Key(
          "records", Self.some(.text), "Path of the records, or several: the places where the list may stand."
        ),
        Key(
          "empty", .choice(["allowed", "refused"]),
          "Whether these records' list may be missing altogether (default: as `decode` says)."),
        Key(
          "delete", .text,
          "Expression; records for which it is true announce that what they name is gone (mode merge)."),
        Key(
          "version", .text,
          "Field with the version of what these records write, where it changes apart from the rest of the row."
        ),
        Key(
          "validate", .list(.either([.text, .section(.rule)])), "Rules of this transform."),
      ]
    case .child:
      Self.kind + Self.formats + [
        Key("records", .text, "Path of the records, from the record around them."),
        Key("rejects", .choice(["record", "child"]), "What a bad child rejects (default `record`)."),
      ]
    case .map:
      Self.entry + Self.formats + [
        Key(
          "absent", .choice(["null", "keep"]), "What an absent value does to the stored one (default `null`)."
        )
      ]
    case .let:
      Self.entry + Self.formats + [
        Key("type", .text, "Type of the value (default text): `date`, `integer`, `decimal(18,2)` …"),
        Key(
          "personal", .choice(["basic", "sensitive"]),
          "How far the value relates to a person, so that findings hide it. A value that a personal field is made of has "
            + "that field's class without it."),
      ]
    case .numbers:
      [
        Key("group", .text, "Character between groups of three digits."),
        Key("decimal", .text, required: true, "Character before the fraction."),
      ]
    case .rule:
      [
        Key("check", .text, "Expression that must not be false."),
        Key("unique", Self.some(.text), "Fields that no two records of a batch share."),
        Key("sums", .section(.sums), "Parts that must add up to a total, over the records of a batch."),
        Key("rejects", .section(.rejects), "How many rejects fail the batch."),
        Key("else", .choice(["reject", "note", "stop"]), "What a broken rule does (default `reject`)."),
        Key("message", .text, "Sentence for the reject."),
        Key("basis", .text, "Regulation that the rule follows."),
      ]
    case .sums:
      [
        Key(
          "by", Self.some(.text),
          "Fields or `let` values that the records of a group share; without it the batch is one group."),
        Key(
          "parts", .either([.text, .section(.term)]), required: true,
          "Field, `let` value or expression that is added up."),
        Key(
          "total", .either([.text, .section(.term)]), required: true,
          "Field, `let` value or expression that the sum must equal."),
        Key(
          "required", .boolean,
          "Whether a group without a total, as of a file cut off, is broken (default false)."),
      ]
    case .term:
      [
        Key("value", .text, required: true, "Field, `let` value or expression: an integer or a decimal."),
        Key(
          "where", .text,
          "Expression; only records for which it is true count. Such a total may stand in a filtered record."),
      ]
    case .rejects:
      [
        Key("at_most", .text, required: true, "Share (`1%`) or number of rejects that still passes."),
        Key(
          "of_at_least", .integer(minimum: 0),
          "A share is judged only in batches of this many records (default 1)."),
      ]
    case .load:
      [
        Key(
          "mode", .choice(["append", "merge", "replace", "replace_slice"]),
          "How rows meet the rows that stand."),
        Key("version", .text, "Field whose higher value is the newer state of a row."),
        Key(
          "slice", Self.some(.text),
          "In `replace_slice`, the fields that name what a source sends whole: `[unit_code, period, year]`."),
      ]
    }
  }

  /// The section's name in messages.
  public var title: String {
    switch self {
    case .pipeline: "a pipeline"
    case .errors: "'errors'"
    case .child: "'children'"
    case .map: "a 'map' entry"
    case .let: "a 'let' entry"
    case .rule: "a rule"
    case .term: "'parts' or 'total'"
    default: "'\(rawValue)'"
    }
  }
}

/// Units of money, as sources and regulations write them.
public enum MoneyUnit {
  /// Spelling → power of ten.
  public static let exponents: [(spelling: String, exponent: Int)] = [
    ("đồng", 0), ("nghìn đồng", 3), ("triệu đồng", 6), ("tỷ đồng", 9),
    ("ngàn đồng", 3), ("tỉ đồng", 9),
    ("dong", 0), ("nghin dong", 3), ("trieu dong", 6), ("ty dong", 9),
  ]

  public static var spellings: [String] { exponents.map(\.spelling) }

  public static func exponent(of spelling: String) -> Int? {
    exponents.first { $0.spelling == spelling }?.exponent
  }
}
