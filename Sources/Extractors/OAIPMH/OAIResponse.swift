// SPDX-License-Identifier: Apache-2.0

/// What a repository answers, read as it comes: which kind of answer it is, and what stands around the records.
final class OAIResponse {
  enum Kind: Equatable {
    case undecided
    case identify
    case records
    /// The protocol's own errors, which come with HTTP 200.
    case error
    /// XML of another kind; the name of its root.
    case other(String)
  }

  struct Token: Equatable {
    /// Empty behind the last page.
    var text = ""
    var completeListSize: Int?
    /// Records before this page.
    var cursor: Int?
  }

  private(set) var kind = Kind.undecided
  /// Of the first error.
  private(set) var errorCode = ""
  private(set) var errorText = ""
  private(set) var token: Token?
  private(set) var records = 0
  /// `granularity`, `deletedRecord` and the like, by name.
  private(set) var identity: [String: String] = [:]
  private(set) var responseDate = ""

  static let namespace = "http://www.openarchives.org/OAI/2.0/"

  private let scanner = XMLScanner()
  private var text = ""

  /// - Throws: ``XMLFault``.
  func feed(_ bytes: some Collection<UInt8>) throws { try scanner.feed(bytes, take) }

  /// Says that there is no more.
  ///
  /// - Throws: ``XMLFault`` when it ends too early.
  func finish() throws { try scanner.finish(take) }

  private func take(_ event: XMLScanner.Event) {
    switch event {
    case .open(let name, let attributes): open(name, attributes)
    case .close(let name): close(name)
    case .text(let piece), .literal(let piece): if text.utf8.count < 64 << 10 { text += piece }
    case .aside: break
    }
  }

  private func open(_ name: XMLName, _ attributes: [XMLAttribute]) {
    if scanner.depth == 1 {
      if name != XMLName(Self.namespace, "OAI-PMH") { kind = .other(name.local) }
      return
    }
    guard scanner.depth <= 3, name.namespace == Self.namespace else { return }
    switch (scanner.depth, name.local) {
    case (2, "ListRecords"): if kind == .undecided { kind = .records }
    case (2, "Identify"): if kind == .undecided { kind = .identify }
    case (2, "error"):
      if kind == .undecided {
        kind = .error
        errorCode = attributes.first { $0.name == XMLName("", "code") }?.value ?? ""
        wantText()
      }
    case (2, "responseDate"): wantText()
    case (3, "record"): if kind == .records { records += 1 }
    case (3, "resumptionToken"):
      guard kind == .records else { break }
      func number(_ name: String) -> Int? {
        attributes.first { $0.name == XMLName("", name) }.flatMap { Int($0.value) }
      }
      token = Token(completeListSize: number("completeListSize"), cursor: number("cursor"))
      wantText()
    case (3, _): if kind == .identify { wantText() }
    default: break
    }
  }

  private func wantText() {
    text = ""
    scanner.keepsText = true
  }

  private func close(_ name: XMLName) {
    guard scanner.keepsText else { return }
    scanner.keepsText = false
    let told = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    switch (scanner.depth, name.local) {
    case (1, "error"): errorText = told
    case (1, "responseDate"): responseDate = told
    case (2, "resumptionToken"): token?.text = told
    case (2, let name): identity[name] = told
    default: break
    }
  }
}
