// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Reads `systems.yaml`: every sector system once.
///
/// What is wrong with one system stays beside it, so that a pipeline of another system still runs.
public struct SystemsReader: Sendable {
  public private(set) var systems: [String: SystemSpec] = [:]
  /// Where each system is named.
  public private(set) var positions: [String: Located<String>] = [:]
  /// By system: what is wrong with it. Missing secrets are warnings.
  public private(set) var findings: [String: [Diagnostic]] = [:]
  /// What is wrong with the file as a whole.
  public private(set) var general: [Diagnostic] = []

  /// A folder without the file.
  public init() {}

  public init(_ tree: Tree, resolver: ReferenceResolver) {
    guard let entries = tree.isNull ? [] : tree.entries else {
      general.append(
        Diagnostic(
          id: "system.wrong-type", "systems.yaml must hold names with values", at: tree.position,
          length: tree.length,
          help: "write 'finance:' and, below it, 'base_url: https://…'"))
      return
    }
    for entry in entries {
      let (resolved, missing) = resolver.resolve(entry.value)
      var keys = KeyReader(resolved, area: "system", subject: "system '\(entry.key)'")
      let spec = SystemReader.read(&keys, entry, resolver)
      keys.finish()
      let found = missing + keys.diagnostics
      positions[entry.key] = Located(entry.key, at: entry.keyPosition, length: entry.key.count)
      if !found.isEmpty { findings[entry.key] = found }
      // One at fault is known all the same: pipelines of it are told what is wrong with it, and nothing else.
      if !spec.baseURL.isEmpty || !found.contains(where: { $0.severity == .error }) {
        systems[entry.key] = spec
      }
    }
  }

  /// What stands in the way of a pipeline of a system.
  public func diagnostics(of system: String) -> [Diagnostic] { general + (findings[system] ?? []) }

  /// The same systems at other addresses: the demo's stand on loopback.
  ///
  /// - Parameter address: the base URL to use for a system's, or nil to leave it.
  public mutating func redirect(_ address: (_ baseURL: String) -> String?) {
    for name in systems.keys {
      if let url = systems[name].flatMap({ address($0.baseURL) }) { systems[name]?.baseURL = url }
    }
  }

  public var diagnostics: [Diagnostic] {
    general + findings.sorted { $0.key < $1.key }.flatMap(\.value)
  }
}

/// One system.
private enum SystemReader {
  static func read(_ keys: inout KeyReader, _ entry: Tree.Entry, _ resolver: ReferenceResolver) -> SystemSpec
  {
    var system = SystemSpec(name: entry.key, baseURL: "")
    system.title = keys.text("title")?.value
    system.owner = keys.text("owner")?.value
    system.allowsInsecureHTTP = keys.boolean("insecure_http") ?? false
    readBase(&keys, &system, entry)
    readAuthentication(&keys, &system, resolver)
    system.authorityFile = group("tls", &keys) { $0.text("ca_file")?.value } ?? nil
    readHours(&keys, &system)
    system.requestsPerMinute = keys.count("requests_per_minute", atLeast: 1)
    system.parallel = keys.count("parallel", atLeast: 1) ?? 1
    let usual = SystemSpec.Retries()
    system.retries =
      group("retries", &keys) { keys in
        var retries = usual
        retries.attempts = keys.count("attempts", atLeast: 1) ?? usual.attempts
        retries.firstWait = keys.seconds("first_wait") ?? usual.firstWait
        retries.longestWait = keys.seconds("longest_wait") ?? usual.longestWait
        retries.budget = keys.count("budget", atLeast: 0) ?? usual.budget
        return retries
      } ?? usual
    let usualTimes = SystemSpec.Timeouts()
    system.timeouts =
      group("timeouts", &keys) { keys in
        var timeouts = usualTimes
        timeouts.connect = keys.seconds("connect") ?? usualTimes.connect
        timeouts.firstByte = keys.seconds("first_byte") ?? usualTimes.firstByte
        timeouts.stall = keys.seconds("stall") ?? usualTimes.stall
        timeouts.whole = keys.seconds("whole") ?? usualTimes.whole
        return timeouts
      } ?? usualTimes
    return system
  }

  /// Reads named sub-keys; nil when the group is not there.
  private static func group<Value>(
    _ key: String, _ keys: inout KeyReader, _ read: (inout KeyReader) -> Value
  ) -> Value? {
    guard let tree = keys.find(key) else { return nil }
    var members = KeyReader(tree, area: "system", subject: "'\(key)' of \(keys.subject)")
    let value = read(&members)
    members.finish()
    keys.diagnostics += members.diagnostics
    return value
  }

  private static func readBase(_ keys: inout KeyReader, _ system: inout SystemSpec, _ entry: Tree.Entry) {
    guard let base = keys.text("base_url") else {
      // A reference that could not be resolved leaves an empty text and was diagnosed.
      if entry.value["base_url"]?.isNull ?? true {
        keys.missing("base_url", help: "add 'base_url: https://host/path'")
      }
      return
    }
    guard let url = BaseURL(base.value) else {
      // Without the value: a password may stand before the '@'.
      keys.diagnostics.append(
        Diagnostic(
          id: "system.bad-url",
          "base_url of \(keys.subject) is not an address of the form https://host[:port][/path]",
          at: base.position, length: base.length,
          help: "leave out user name, password, query and fragment: sign in under 'authentication'"))
      return
    }
    if !url.isSecure, !url.isLoopback, !system.allowsInsecureHTTP {
      keys.diagnostics.append(
        Diagnostic(
          id: "system.insecure-http", "\(keys.subject) would be called without encryption", at: base.position,
          length: base.length,
          help: "use https://, or write 'insecure_http: true' if the network is yours alone"))
    }
    system.baseURL = url.text
  }

  private static func readAuthentication(
    _ keys: inout KeyReader, _ system: inout SystemSpec, _ resolver: ReferenceResolver
  ) {
    guard let tree = keys.find("authentication") else { return }
    if tree.text == "none" { return }
    guard let entries = tree.entries, entries.count == 1, let entry = entries.first,
      ["basic", "bearer", "header", "none"].contains(entry.key)
    else {
      keys.diagnostics.append(
        Diagnostic(
          id: "system.authentication", "authentication of \(keys.subject) is none that is known",
          at: tree.position,
          length: tree.length,
          help:
            "write none, { basic: { user, password } }, { bearer: { token } } or { header: { X-Api-Key: … } }"
        ))
      return
    }
    if entry.key == "none" { return }
    var members = KeyReader(entry.value, area: "system", subject: "'\(entry.key)' of \(keys.subject)")
    defer {
      members.finish()
      keys.diagnostics += members.diagnostics
    }
    func secret(_ key: String) -> Secret {
      guard let text = members.text(key) else {
        if members.tree[key]?.isNull ?? true {
          members.missing(key, help: "add '\(key): \"${secret:NAME}\"'")
        }
        return Secret("")
      }
      return resolver.secret(text.value)
    }
    switch entry.key {
    case "basic":
      let user = secret("user")
      system.authentication = .basic(user: user, password: secret("password"))
    case "bearer": system.authentication = .bearer(secret("token"))
    default:
      var headers: [String: Secret] = [:]
      for header in entry.value.entries ?? [] {
        if !HeaderName.isValid(header.key) {
          members.diagnostics.append(
            Diagnostic(
              id: "system.bad-header", "'\(header.key)' is no name of a header", at: header.keyPosition,
              length: header.key.count, help: "use letters, digits and hyphens, as X-Api-Key"))
        }
        headers[header.key] = members.text(header.key).map { resolver.secret($0.value) } ?? Secret("")
      }
      system.authentication = .headers(headers)
    }
  }

  private static func readHours(_ keys: inout KeyReader, _ system: inout SystemSpec) {
    let help = "write it as \"18:00-06:00\", or a list of such"
    if let items = keys.tree["hours"]?.items, !items.isEmpty {
      for text in keys.texts("hours") ?? [] {
        if let hours = SystemSpec.Hours(text: text.value) {
          system.hours.append(hours)
        } else {
          keys.diagnostics.append(
            Diagnostic(
              id: "system.wrong-type", "'hours' of \(keys.subject) must be times of day, not '\(text.value)'",
              at: text.position, length: text.length, help: help))
        }
      }
    } else if let hours = keys.parsed("hours", "times of day", help: help, { SystemSpec.Hours(text: $0) }) {
      system.hours = [hours.value]
    }
  }
}

extension KeyReader {
  fileprivate mutating func seconds(_ key: String) -> Double? {
    parsed(key, "a duration", help: "write it with its unit, as 500ms, 30s, 5m or 2h") { text in
      Seconds.parse(text).flatMap { $0 > 0 ? $0 : nil }
    }?.value
  }
}

/// Names that cannot smuggle a second header.
private enum HeaderName {
  static func isValid(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 95
      }
  }
}

/// The address of a system: scheme, host, port and path, and nothing else.
private struct BaseURL {
  var text: String
  var isSecure: Bool
  var isLoopback: Bool

  init?(_ written: String) {
    var rest = written[...]
    if rest.hasPrefix("https://") {
      isSecure = true
      rest = rest.dropFirst(8)
    } else if rest.hasPrefix("http://") {
      isSecure = false
      rest = rest.dropFirst(7)
    } else {
      return nil
    }
    while rest.last == "/" { rest.removeLast() }
    guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !rest.contains(where: { "@?#\\\"<>".contains($0) })
    else { return nil }
    let authority = rest.prefix { $0 != "/" }
    var host = authority
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[...end]
    } else {
      host = authority.prefix { $0 != ":" }
    }
    let port = authority[host.endIndex...]
    guard !host.isEmpty, port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) ?? 0 > 0) else {
      return nil
    }
    isLoopback = host == "localhost" || host == "[::1]" || BaseURL.isLoopbackAddress(host)
    text = (isSecure ? "https://" : "http://") + rest
  }

  /// `127.x.y.z`, and not `127.0.0.1.example.org`.
  private static func isLoopbackAddress(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension SystemSpec.Hours {
  /// `18:00-06:00`
  fileprivate init?(text: String) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { end -> Int? in
      let parts = end.filter { $0 != " " }.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.utf8.count) }), let hour = Int(parts[0]),
        let minute = Int(parts[1]), (0...59).contains(minute), (0...24).contains(hour),
        hour * 60 + minute <= 1440
      else { return nil }
      return hour * 60 + minute
    }
    guard ends.count == 2, let from = ends[0], let to = ends[1], from != to else { return nil }
    self.init(from: from, to: to)
  }
}
