// SPDX-License-Identifier: Apache-2.0

/// A way in which a source goes wrong. The names are those of `terrace sandbox --fault`.
public enum Fault: String, CaseIterable, Sendable {
  case truncate
  case truncateClose = "truncate-close"
  case truncateChunked = "truncate-chunked"
  case noAnswer = "no-answer"
  case garbage
  case hang
  case stall
  case slow
  case reset
  case busy
  case busyDate = "busy-date"
  case busyAbsurd = "busy-absurd"
  case forbidden
  case errorPage = "error-page"
  case errorPageAsData = "error-page-as-data"
  case errorBody = "error-body"
  case poisonPage = "poison-page"
  case endlessPage = "endless-page"
  case endlessPages = "endless-pages"
  case wrongType = "wrong-type"
  case gzipBomb = "gzip-bomb"
  case gzipCut = "gzip-cut"
  case hugeHeader = "huge-header"
  case redirectLoop = "redirect-loop"
  case redirectElsewhere = "redirect-elsewhere"
  case redirectPlain = "redirect-plain"
  case duplicates
  case shifting
  case nextItself = "next-itself"

  /// What happens, in a line.
  public var summary: String {
    switch self {
    case .truncate: "the body is cut at a byte, its whole length announced"
    case .truncateClose: "the body is cut at a byte, no length announced: only the payload can tell"
    case .truncateChunked: "a chunked body is cut at a byte"
    case .noAnswer: "the connection is closed without a byte"
    case .garbage: "the answer is not HTTP"
    case .hang: "the connection is taken and never answered"
    case .stall: "half of the body comes, then nothing more"
    case .slow: "the body comes a byte a second"
    case .reset: "the connection is reset in the middle of the body"
    case .busy: "429, Retry-After in seconds"
    case .busyDate: "503, Retry-After as a date"
    case .busyAbsurd: "503, Retry-After of thirty years"
    case .forbidden: "401, as of a token that has expired"
    case .errorPage: "200 with a web page to sign in"
    case .errorPageAsData: "the same, said to be JSON"
    case .errorBody: #"200 with {"status":"error"}"#
    case .poisonPage: "500 for the second page only, as often as it is asked for"
    case .endlessPage: "a body that never ends"
    case .endlessPages: "page after page without end, each a little different"
    case .wrongType: "the data come as image/png"
    case .gzipBomb: "64 MB of blanks in 64 KB of gzip"
    case .gzipCut: "gzip, cut in the middle, no length announced"
    case .hugeHeader: "a header line of 4 MB"
    case .redirectLoop: "302 to itself"
    case .redirectElsewhere: "302 to another host"
    case .redirectPlain: "302 from https to http on the same host"
    case .duplicates: "/forms only: each page begins with the last record of the one before"
    case .shifting: "/forms only: with each page asked for, a record before it goes away"
    case .nextItself: "/forms only: the second page names itself as the next"
    }
  }

  /// Faults by their names.
  ///
  /// - Returns: nil and the first name that is none.
  public static func read(_ names: String) -> (faults: [Fault]?, unknown: String?) {
    var faults: [Fault] = []
    for name in names.split(separator: ",", omittingEmptySubsequences: false) {
      guard let fault = Fault(rawValue: String(name)) else { return (nil, String(name)) }
      faults.append(fault)
    }
    return (faults, nil)
  }
}
