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
  /// - Parameter address: the address to use for a base URL or a token's, or nil to leave it.
  public mutating func redirect(_ address: (_ url: String) -> String?) {
    for name in systems.keys {
      if let url = systems[name].flatMap({ address($0.baseURL) }) { systems[name]?.baseURL = url }
      if case .clientCredentials(var credentials) = systems[name]?.authentication,
        let url = address(credentials.tokenURL)
      {
        credentials.tokenURL = url
        systems[name]?.authentication = .clientCredentials(credentials)
      }
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
    system.authentication = AuthenticationReader.read(&keys, system, resolver)
    group("tls", &keys) { TLSReader.read(&$0, &system, resolver) }
    readProxy(&keys, &system, resolver)
    readRedirects(&keys, &system)
    system.mostGrowth = keys.count("most_growth", atLeast: 1) ?? system.mostGrowth
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
        retries.coolDown = keys.seconds("cool_down") ?? usual.coolDown
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
        timeouts.run = keys.seconds("run") ?? usualTimes.run
        return timeouts
      } ?? usualTimes
    return system
  }

  /// Reads named sub-keys; nil when the group is not there.
  @discardableResult
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
    if url.isExposed, !system.allowsInsecureHTTP {
      keys.diagnostics.append(
        Diagnostic(
          id: "system.insecure-http", "\(keys.subject) would be called without encryption", at: base.position,
          length: base.length,
          help: "use https://, or write 'insecure_http: true' if the network is yours alone"))
    }
    system.baseURL = url.text
  }

  private static func readProxy(
    _ keys: inout KeyReader, _ system: inout SystemSpec, _ resolver: ReferenceResolver
  ) {
    guard let tree = keys.find("proxy") else { return }
    if tree.text == "none" {
      system.proxy = .none
      return
    }
    if tree.text != nil {
      if let url = proxyURL(&keys, "proxy") { system.proxy = .server(url, user: nil, password: nil) }
      return
    }
    group("proxy", &keys) { members in
      let url = proxyURL(&members, "url")
      if url == nil, members.tree["url"]?.isNull ?? true {
        members.missing("url", help: "add 'url: http://host:port'")
      }
      let user = members.text("user").map { resolver.secret($0.value) }
      let password = members.text("password").map { resolver.secret($0.value) }
      if let url { system.proxy = .server(url, user: user, password: password) }
    }
  }

  private static func proxyURL(_ keys: inout KeyReader, _ key: String) -> String? {
    guard let text = keys.text(key) else { return nil }
    guard let url = BaseURL(text.value), !url.hasPath else {
      keys.diagnostics.append(
        Diagnostic(
          id: "system.bad-url", "'\(key)' of \(keys.subject) is not an address of the form http://host:port",
          at: text.position, length: text.length,
          help: "write 'none', or { url: http://host:port, user: …, password: \"${secret:NAME}\" }"))
      return nil
    }
    return url.text
  }

  private static func readRedirects(_ keys: inout KeyReader, _ system: inout SystemSpec) {
    guard keys.tree["allow_redirect_to"] != nil else { return }
    for text in keys.texts("allow_redirect_to") ?? [] {
      // Downwards, from https to http, nobody is ever followed.
      guard let url = BaseURL(text.value), !url.hasPath,
        url.isSecure || (!url.isExposed && system.baseURL.hasPrefix("http://"))
      else {
        keys.diagnostics.append(
          Diagnostic(
            id: "system.bad-url",
            "an item of 'allow_redirect_to' of \(keys.subject) is not an address of the form https://host[:port]",
            at: text.position, length: text.length, help: "write '[https://files.example.vn]', without a path"
          ))
        continue
      }
      system.redirectOrigins.append(url.text)
    }
  }

  private static func readHours(_ keys: inout KeyReader, _ system: inout SystemSpec) {
    let help = "write it as \"18:00-06:00\" or \"mon-fri 18:00-06:00\", or a list of such"
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
  mutating func seconds(_ key: String) -> Double? {
    parsed(key, "a duration", help: "write it with its unit, as 500ms, 30s, 5m or 2h") { text in
      Seconds.parse(text).flatMap { $0 > 0 ? $0 : nil }
    }?.value
  }
}
