// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Records

/// JSON in columns: small documents that only this room reads, with keys in order so that equal values are
/// equal text.
enum LedgerText {
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func encode<Value: Encodable>(ifAny value: Value?) throws -> String? {
    try value.map { try encode($0) }
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, ifAny text: String?) throws -> Value? {
    try text.map { try decode(type, $0) }
  }

  /// Written by hand, because an attempt may have a hundred thousand of them.
  static func encode(_ failures: [FailureRow]) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    for failure in failures {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: #"{"rule":"#.utf8)
      quote(failure.rule, to: &bytes)
      bytes.append(contentsOf: #","field":"#.utf8)
      quote(failure.field, to: &bytes)
      if let value = failure.value {
        bytes.append(contentsOf: #","value":"#.utf8)
        quote(value, to: &bytes)
      }
      bytes.append(contentsOf: #","message":"#.utf8)
      quote(failure.message, to: &bytes)
      if let ruleAt = failure.ruleAt {
        bytes.append(contentsOf: #","ruleAt":"#.utf8)
        quote(ruleAt, to: &bytes)
      }
      bytes.append(contentsOf: #","personal":"#.utf8)
      quote(failure.personal, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: "]"))
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func quote(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(UInt8(ascii: "0") + byte >> 4)
        bytes.append(contentsOf: hexadecimal([byte]).utf8.suffix(1))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension Row {
  func json<Value: Decodable>(_ type: Value.Type, _ column: String) throws -> Value {
    try LedgerText.decode(type, self[column] as String)
  }

  func jsonIfAny<Value: Decodable>(_ type: Value.Type, _ column: String) throws -> Value? {
    try LedgerText.decode(type, ifAny: self[column] as String?)
  }

  /// A closed word of ours; another one means that the file was tampered with.
  func word<Word: RawRepresentable<String>>(_ type: Word.Type, _ column: String) throws -> Word {
    guard let word = Word(rawValue: self[column]) else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "'\(self[column] as String)' in column \(column)")
    }
    return word
  }
}
