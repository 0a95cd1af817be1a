// SPDX-License-Identifier: Apache-2.0

import Foundation
import PipelineFiles
import Testing

@testable import Planning

@Suite("JSON Schema of pipelines")
struct PipelineSchemaTests {
  private func schema() throws -> [String: Any] {
    let text = PipelineSchema.text(fakes)
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func member(_ path: String, of value: Any) -> Any? {
    var value: Any? = value
    for part in path.split(separator: "/") { value = (value as? [String: Any])?[String(part)] }
    return value
  }

  @Test("has every key of every section, and no other")
  func keys() throws {
    let schema = try schema()
    for section in PipelineSection.allCases where section != .decode && section != .load {
      let place = section == .pipeline ? "properties" : "definitions/\(section.rawValue)/properties"
      let properties = try #require(member(place, of: schema) as? [String: Any])
      #expect(Set(properties.keys) == Set(section.keys.map(\.name)))
    }
  }

  @Test("puts the settings of each component beside the section's own keys")
  func components() throws {
    let schema = try schema()
    let http = try #require(
      member("properties/extract/properties/http/properties", of: schema) as? [String: Any])
    #expect(Set(http.keys) == ["system", "path", "paginate", "since"])
    let xml = try #require(
      member("properties/decode/properties/xml/properties", of: schema) as? [String: Any])
    #expect(xml["records"] != nil && xml["namespaces"] != nil)
    #expect(
      member("properties/extract/properties/http/required", of: schema) as? [String] == ["system", "path"])
  }

  @Test("refers only to definitions that it has")
  func references() throws {
    let schema = try schema()
    let defined = try #require(member("definitions", of: schema) as? [String: Any])
    for match in PipelineSchema.text(fakes).matches(of: #/"#\/definitions\/([a-z]+)"/#) {
      #expect(defined[String(match.1)] != nil, "\(match.1)")
    }
  }

  @Test("escapes what JSON cannot hold")
  func escapes() {
    #expect(SchemaValue.text("a\"b\\c\n\u{1}ổ").written(indent: 0) == #""a\"b\\c\n\u0001ổ""#)
  }
}
