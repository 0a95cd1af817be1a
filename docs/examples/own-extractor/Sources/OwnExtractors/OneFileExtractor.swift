// SPDX-License-Identifier: Apache-2.0

import Foundation
import Terrace

/// Lands one file by its name.
public struct OneFileExtractor: Extractor {
  static let path = Setting.text("path", "File to read; counts from the folder that holds the pipelines.")
  public static let description = ComponentDescription("one_file", "Reads one file.", [path.description])

  let path: String
  public let isPaging = false

  public init(_ settings: Settings) throws(Diagnostic) { path = try settings[Self.path] }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    if landing.isCancelled { return }
    guard let bytes = FileManager.default.contents(atPath: "\(landing.baseFolder)/\(path)") else {
      throw StageFailure(
        id: "one-file.unreadable", "'\(path)' cannot be read", at: path,
        help: "put it there, or give the user that runs terrace the right to read it", exit: .unavailable)
    }
    try landing.begin(PayloadHead(origin: "file:\(path)", name: path))
    try bytes.withUnsafeBytes { try landing.write($0) }
    try landing.end(resume: nil)
  }
}
