// SPDX-License-Identifier: Apache-2.0

/// The process exit codes, each with one meaning (sysexits numbers; the README's table is generated from here).
public enum ExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  case usage = 64
  case data = 65
  case unavailable = 69
  case bug = 70
  case storage = 74
  case tryAgain = 75
  case sourceProtocol = 76
  case permission = 77
  case files = 78
  case interrupted = 130
  case terminated = 143

  /// Of several pipelines' codes the gravest wins.
  public static let byGravity: [ExitCode] = [
    .terminated, .interrupted, .bug, .files, .storage, .permission, .data, .sourceProtocol,
    .unavailable, .tryAgain, .usage, .done,
  ]

  public static func gravest(_ codes: [ExitCode]) -> ExitCode {
    byGravity.first { codes.contains($0) } ?? .done
  }
}

/// Why a run or a batch cannot go on. Thrown once by whoever knows the fact, wrapped once by the engine, which
/// adds stage, batch and state. Secrets are taken out of its texts here, whoever makes it (``Redaction``).
public struct StageFailure: Error, Sendable, Equatable {
  /// `area.kebab-fact`, as `decode.not-well-formed`.
  public var id: String
  /// A sentence that states the fact.
  public var message: String
  /// `payload:line (offset n)`, `file:line:column`, or a URL without its query.
  public var place: String?
  /// What to do next.
  public var help: String
  public var exit: ExitCode
  /// Whether the same work may succeed later without anybody changing anything.
  public var isTransient: Bool
  /// What happened to the data: "nothing of this batch was loaded". Set by the engine.
  public var state: String?

  public init(
    id: String, _ message: String, at place: String? = nil, help: String, exit: ExitCode,
    isTransient: Bool = false, state: String? = nil
  ) {
    self.id = id
    self.message = Redaction.redacted(message)
    self.place = place.map(Redaction.redacted)
    self.help = Redaction.redacted(help)
    self.exit = exit
    self.isTransient = isTransient
    self.state = state
  }
}

extension Sequence<Diagnostic> {
  /// What a command that stops at these leaves with, or nil when none is an error.
  ///
  /// A secret that others can read is a matter of rights, and a pipeline that is not there one of the command line;
  /// all else is what the files say.
  public var exit: ExitCode? {
    let codes = filter { $0.severity == .error }
      .map {
        switch $0.id {
        case "secret.exposed": ExitCode.permission
        case "pipeline.unknown": ExitCode.usage
        default: ExitCode.files
        }
      }
    return codes.isEmpty ? nil : ExitCode.gravest(codes)
  }
}
