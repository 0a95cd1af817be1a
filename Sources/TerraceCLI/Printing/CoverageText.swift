// SPDX-License-Identifier: Apache-2.0

import Engine
import Records

/// What a code list does not cover, for people and as JSON.
struct CoverageText {
  private let misses: [CodeListCoverage.Miss]

  /// - Parameter reveals: whether personal values are shown. Masked ones of a list are one: neither how many there
  /// are nor what is near to them is told.
  init(_ misses: [CodeListCoverage.Miss], reveals: Bool) {
    var shown: [CodeListCoverage.Miss] = []
    for miss in misses {
      guard miss.isPersonal, !reveals else {
        shown.append(miss)
        continue
      }
      guard let index = shown.firstIndex(where: { $0.list == miss.list && $0.value == Masking.mask }) else {
        var masked = miss
        (masked.value, masked.listed, masked.nearest) = (Masking.mask, [], [])
        shown.append(masked)
        continue
      }
      for place in miss.places { shown[index].add(place) }
    }
    self.misses = shown
  }

  var table: String {
    if misses.isEmpty { return "every code that came is in its list" }
    var table = TableText([
      ("list", .left), ("value", .left), ("in the list", .left), ("records", .right), ("seen by", .left),
      ("field", .left), ("nearest", .left), ("for example", .left),
    ])
    for miss in misses {
      let near = miss.nearest.enumerated().map { place, entry in
        place > 0 || entry.name.isEmpty ? entry.code : "\(entry.code) \(entry.name)"
      }
      let listed =
        miss.value == Masking.mask
        ? "" : miss.listed.isEmpty ? "no" : miss.listed.map(CodeListText.validity).joined(separator: ", ")
      for place in miss.places {
        table.add([
          miss.list, miss.value, listed, place.records.map(String.init) ?? "–",
          place.pipeline ?? "(the center)", place.field, near.joined(separator: ", "), place.example ?? "",
        ])
      }
    }
    return table.text
  }

  var json: JSONText {
    .object([("misses", .array(misses.map(Self.json)))])
  }

  private static func json(_ miss: CodeListCoverage.Miss) -> JSONText {
    .object([
      ("list", .string(miss.list)), ("value", .string(miss.value)),
      ("records", .integer(Int64(miss.records))),
      ("listed", .array(miss.listed.map { .string(CodeListText.validity($0)) })),
      (
        "nearest",
        .array(
          miss.nearest.map { .object([("code", .string($0.code)), ("name", .string($0.name))]) })
      ),
      (
        "places",
        .array(
          miss.places.map { place in
            .object([
              ("pipeline", .optional(place.pipeline)), ("field", .string(place.field)),
              ("records", place.records.map { .integer(Int64($0)) } ?? .null),
              ("example", .optional(place.example)),
            ])
          })
      ),
    ])
  }
}
