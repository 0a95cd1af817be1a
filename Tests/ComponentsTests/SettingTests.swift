// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Testing

@Suite("Settings")
struct SettingTests {
  private static let text = Setting.text("path", "Where.")
  private static let limit = Setting.integer("limit", "How many.", default: 10, minimum: 1, maximum: 99)
  private static let wait = Setting.duration("wait", "How long.", default: 90)
  private static let most = Setting.size("most", "How much.", default: 1 << 20)
  private static let mode = Setting.choice("mode", "How.", of: ["append", "merge"], isRequired: false)
  private static let hidden = Setting.secret("token", "Key.", isRequired: false)
  private static let flag = Setting.boolean("flag", "Whether.", default: false)
  private static let names = Setting.list("names", "Which.", default: [])
  private static let query = Setting.map("query", "What.", default: [:])
  private static let headers = Setting.secretMap("headers", "With what.", default: [:])
  private static let size = Setting.integer("size", "Of a page.")
  private static let page = Setting.group("page", "Pages.", [size.description])
  private static let all = [
    text.description, limit.description, wait.description, most.description, mode.description,
    hidden.description,
    flag.description, names.description, query.description, headers.description, page.description,
  ]

  /// A mapping with every value on a line of its own, in column 10.
  private func tree(_ entries: KeyValuePairs<String, Tree.Value>) -> Tree {
    Tree(
      .mapping(
        entries.enumerated().map { index, entry in
          Tree.Entry(
            key: entry.key, keyPosition: FilePosition(file: "a.yaml", line: index + 1, column: 1),
            value: Tree(entry.value, at: FilePosition(file: "a.yaml", line: index + 1, column: 10), length: 3)
          )
        }), at: FilePosition(file: "a.yaml", line: 1, column: 1))
  }

  private func plain(_ text: String) -> Tree.Value { .scalar(text, isPlain: true) }

  private func found(_ entries: KeyValuePairs<String, Tree.Value>) -> [String] {
    SettingsCheck.diagnostics(of: tree(entries), against: Self.all, owner: "decoder 'csv'")
      .map { "\($0.position?.line ?? 0):\($0.position?.column ?? 0) \($0.id): \($0.message) | \($0.help)" }
  }

  @Test("reads each type")
  func reads() throws {
    let settings = Settings(
      tree([
        "path": plain("a"), "limit": plain("7"), "wait": plain("5m"), "most": plain("64KiB"),
        "mode": plain("merge"),
        "token": plain("${secret:X}"), "flag": plain("true"), "names": plain("one"),
        "headers": .mapping(tree(["h": plain("${secret:X}")]).entries ?? []),
        "page": .mapping(tree(["size": plain("3")]).entries ?? []),
      ]), owner: "decoder 'csv'", environment: SettingsEnvironment(secret: { Secret("<\($0)>") }))
    #expect(try settings[Self.text] == "a")
    #expect(try settings[Self.limit] == 7)
    #expect(try settings[Self.wait] == 300)
    #expect(try settings[Self.most] == 65_536)
    #expect(try settings.find(Self.mode) == "merge")
    #expect(try settings.find(Self.hidden)?.reveal() == "<${secret:X}>")
    #expect(try settings[Self.flag])
    #expect(try settings[Self.names] == ["one"])
    #expect(try settings[Self.query] == [:])
    #expect(try settings[Self.headers]["h"]?.reveal() == "<${secret:X}>")
    #expect(try settings[Self.page][Self.size] == 3)
  }

  @Test("knows what defaults look like in a file")
  func defaults() {
    #expect(
      [Self.wait.description, Self.most.description, Self.flag.description].map(\.defaultText) == [
        "90s", "1MiB", "false",
      ])
  }

  @Test("calls a slip by the name that was meant")
  func unknown() {
    #expect(
      found(["path": plain("a"), "limti": plain("1")]) == [
        "2:1 setting.unknown: unknown setting 'limti' for decoder 'csv' | did you mean 'limit'? 'terrace describe decoder csv' lists them all."
      ])
    #expect(
      found(["path": plain("a"), "page": .mapping(tree(["sise": plain("1")]).entries ?? [])]).first
        == "1:1 setting.unknown: unknown setting 'page.sise' for decoder 'csv' | did you mean 'page.size'? 'terrace describe decoder csv' lists them all."
    )
  }

  @Test("misses what is required")
  func missing() {
    #expect(found([:]) == ["1:1 setting.missing: decoder 'csv' needs a setting 'path' | add 'path': Where."])
    #expect(found(["path": plain("null")]).count == 1)
    #expect(found(["path": .scalar("null", isPlain: false)]) == [])
  }

  @Test(
    "points at a value that is none of its type",
    arguments: [
      (
        "limit", "x",
        "2:10 setting.wrong-type: setting 'limit' must be a whole number, not 'x' | write digits only, as 100"
      ),
      ("limit", "0", "2:10 setting.out-of-range: setting 'limit' cannot be 0 | it must be between 1 and 99"),
      (
        "wait", "5",
        "2:10 setting.wrong-type: setting 'wait' must be a duration, not '5' | write it with its unit, as 500ms, 30s, 5m, 2h or 1d"
      ),
      (
        "most", "5MB",
        "2:10 setting.wrong-type: setting 'most' must be a size, not '5MB' | write a number of bytes, or as 64KiB, 10MiB, 1GiB"
      ),
      (
        "mode", "mrege",
        "2:10 setting.not-a-choice: setting 'mode' cannot be 'mrege' | did you mean 'merge'? it can be append, merge"
      ),
      (
        "flag", "yes",
        "2:10 setting.wrong-type: setting 'flag' must be true or false, not 'yes' | write true or false"
      ),
      (
        "query", "a=b",
        "2:10 setting.wrong-type: setting 'query' must be names with values, not 'a=b' | write 'query: { key: value }'"
      ),
    ])
  func mistyped(_ name: String, _ value: String, _ expected: String) {
    #expect(
      found(["path": plain("a"), name: plain(value)]) == [expected])
  }

  @Test("finds a list where a text belongs, and everything else at once")
  func allAtOnce() {
    #expect(found(["path": .sequence([]), "limit": plain("x"), "z": plain("1")]).count == 3)
    #expect(
      SettingsCheck.diagnostics(
        of: Tree(.sequence([]), at: FilePosition(file: "a", line: 1, column: 1)), against: Self.all,
        owner: "decoder 'csv'"
      ).map(\.id) == ["setting.wrong-type"])
  }

  @Test("refuses a secret where it would show")
  func secrets() {
    #expect(
      found(["path": plain("x${secret:A}")]).map { String($0.prefix(40)) } == [
        "1:10 setting.secret-not-allowed: setting"
      ])
    #expect(
      found(["path": plain("x"), "headers": .mapping(tree(["h": plain("${secret:A}")]).entries ?? [])]) == [])
  }
}
