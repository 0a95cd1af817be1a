// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Runs a Singer tap (specification 0.3.0) and lands the records of one stream as lines of JSON, bytes as they came.
public struct SingerExtractor: Extractor {
  static let config = Setting<SingerConfig>.config(
    "config",
    "What the tap is configured by; it gets it as a file that only it and we may read. Numbers, true, false and "
      + "null without quotes stay what they are.")
  static let configFile = Setting.text(
    "config_file", "A file that the tap is configured by, instead of 'config'.", isRequired: false)
  static let catalog = Setting.text(
    "catalog", "The tap's catalog, a file: which streams and fields it reads.", isRequired: false)
  static let stream = Setting.text("stream", "Stream whose records are landed; others are counted.")
  static let payloadBytes = Setting.size(
    "payload_bytes",
    "A payload ends at the first STATE behind this many bytes: what is durable when a tap breaks off, and what is "
      + "loaded in one transaction.", default: 64 << 20)
  static let lineBytes = Setting.size(
    "line_bytes", "Most bytes of one line of the tap.", default: 16 << 20)
  static let counts = Setting.choice(
    "counts",
    "Whether the records that came must be as many as the tap says on standard error, if it says so.",
    of: ["check", "ignore"], default: "check")

  public static let description = ComponentDescription(
    "singer", "Runs a Singer tap.",
    example: """
      singer:
        run: [tap-rest-api-msdk]
        config:
          api_url: https://assets.example.vn
          auth_token: "${secret:ASSETS_TOKEN}"
          streams: [{ name: assets, path: /assets, primary_keys: [id], records_path: "$.items[*]" }]
        stream: assets
      """,
    ProgramSettings.first
      + [
        config.description, configFile.description, catalog.description, stream.description,
        payloadBytes.description, lineBytes.description, counts.description,
      ] + ProgramSettings.last)

  let program: ProgramSettings
  let config: SingerConfig?
  let configFile: String?
  let catalog: String?
  let stream: String
  let payloadBytes: Int
  let lineBytes: Int
  let checksCounts: Bool
  var grace = 5.0

  public init(_ settings: Settings) throws(Diagnostic) {
    program = try ProgramSettings(settings, secretsIn: ["config"])
    config = try settings.find(Self.config)
    configFile = try settings.find(Self.configFile)
    catalog = try settings.find(Self.catalog)
    stream = try settings[Self.stream]
    payloadBytes = try settings[Self.payloadBytes]
    lineBytes = try settings[Self.lineBytes]
    checksCounts = try settings[Self.counts] == "check"
    let tree = settings.tree
    if config != nil, configFile != nil {
      throw CommandDiagnostics.twoConfigs(at: tree["config_file"] ?? tree)
    }
    if config != nil, tree["config"]?.entries == nil {
      throw CommandDiagnostics.configWithoutNames(at: tree["config"] ?? tree)
    }
    if program.usesSince { throw CommandDiagnostics.sinceWithState(at: tree["run"] ?? tree) }
  }

  /// The payloads of a run make up what the tap gives.
  public var isPaging: Bool { true }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    if landing.isCancelled { return }
    try SingerRun(self, checkpoint, landing).extract()
  }
}

/// A tap's STATE, as the checkpoint keeps it: the exact bytes of its value.
enum SingerState {
  private static let opening = "{\"singer\":"

  static func checkpoint(_ state: String) -> Checkpoint { Checkpoint(json: opening + state + "}") }

  /// Nil when the checkpoint is none of ours.
  static func read(_ checkpoint: Checkpoint) -> String? {
    guard checkpoint.json.hasPrefix(opening), checkpoint.json.hasSuffix("}") else { return nil }
    return String(checkpoint.json.dropFirst(opening.count).dropLast())
  }
}
