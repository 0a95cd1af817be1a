// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Records

/// The rules of a field held as text.
struct TextRules {
  private let pattern: TextPattern?
  private let leastLength: Int?
  private let mostLength: Int?
  /// Ascending by bytes.
  private let values: [[UInt8]]?
  /// Bounds of a partial date.
  private let minimum: [UInt8]?
  private let maximum: [UInt8]?

  init(_ field: EntityField, entity: String) throws(StageFailure) {
    if let text = field.pattern {
      do throws(TextPatternError) {
        pattern = try TextPattern(parsing: text)
      } catch {
        throw .unreadableRule("pattern", text, of: field, entity: entity, error.message)
      }
    } else {
      pattern = nil
    }
    leastLength = field.minimumLength.flatMap { $0 > 0 ? $0 : nil }
    mostLength = field.maximumLength
    values = field.values?.map { Array(ComposedText.string($0).utf8) }
      .sorted { $0.lexicographicallyPrecedes($1) }
    minimum = field.type == .partialDate ? field.minimum.map { Array($0.utf8) } : nil
    maximum = field.type == .partialDate ? field.maximum.map { Array($0.utf8) } : nil
  }

  func judge(_ column: TextColumn, _ wording: SchemaWording, _ broken: FieldCheck.Broken) {
    judgeNul(column, broken)
    if let pattern {
      judge(column, "pattern", broken) {
        pattern.matches($0)
      } message: {
        wording.otherForm($0)
      }
    }
    if let leastLength {
      judge(column, "length", broken) { cell in
        // A scalar has at most four bytes: most cells need no counting.
        cell.count / 4 >= leastLength || cell.scalarCount >= leastLength
      } message: {
        wording.tooShort($0, least: leastLength)
      }
    }
    if let mostLength {
      judge(column, "length", broken) { cell in
        cell.count <= mostLength || cell.scalarCount <= mostLength
      } message: {
        wording.tooLong($0, most: mostLength)
      }
    }
    if let values {
      judge(column, "values", broken) {
        Self.contains(values, $0)
      } message: {
        wording.notAmong($0)
      }
    }
    if let minimum {
      judge(column, "minimum", broken) {
        Self.compare($0, minimum) >= 0
      } message: {
        wording.below($0)
      }
    }
    if let maximum {
      judge(column, "maximum", broken) {
        Self.compare($0, maximum) <= 0
      } message: {
        wording.above($0)
      }
    }
  }

  @inline(__always)
  private func judge(
    _ column: TextColumn, _ rule: String, _ broken: FieldCheck.Broken,
    holds: (UnsafeBufferPointer<UInt8>) -> Bool,
    message: @escaping (String) -> String
  ) {
    for row in 0..<column.count where column.state(row) == .value {
      if holds(column.bytes(row)) { continue }
      broken(row, rule) { message(Column.text(column).excerpt(row) ?? "") }
    }
  }

  /// One look at the memory of the whole column; only where it holds a U+0000 are its cells looked at, since
  /// bytes between them may be left over.
  private func judgeNul(_ column: TextColumn, _ broken: FieldCheck.Broken) {
    let bytes = column.storage.pointee.bytes
    guard memchr(bytes.base, 0, bytes.count) != nil else { return }
    for row in 0..<column.count where column.state(row) == .value && column.bytes(row).contains(0) {
      broken(row, "text.nul") { "the text contains the character U+0000, which databases cannot hold" }
    }
  }

  private static func contains(_ values: [[UInt8]], _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      let order = values[middle].withUnsafeBufferPointer { compareBytes($0, wanted) }
      if order == 0 { return true }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return false
  }

  private static func compareBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>)
    -> Int
  {
    let shared = min(left.count, right.count)
    if shared > 0, let one = left.baseAddress, let other = right.baseAddress {
      let order = memcmp(one, other, shared)
      if order != 0 { return Int(order) }
    }
    return left.count - right.count
  }

  /// Compares partial dates as far as both go: `1985` is neither before nor after `1985-03`.
  private static func compare(_ value: UnsafeBufferPointer<UInt8>, _ bound: [UInt8]) -> Int {
    bound.withUnsafeBufferPointer { bound in
      let shared = min(value.count, bound.count)
      guard shared > 0, let one = value.baseAddress, let other = bound.baseAddress else { return 0 }
      return Int(memcmp(one, other, shared))
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Unicode scalars of UTF-8.
  var scalarCount: Int {
    var count = 0
    for byte in self where byte & 0xC0 != 0x80 { count += 1 }
    return count
  }
}
