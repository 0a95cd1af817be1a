// SPDX-License-Identifier: Apache-2.0

/// Looks at an answer as it comes until it is known whether it is an envelope with data or one with a fault; of a
/// fault it reads what it says. Names are judged by their namespace: a service may call its prefixes as it likes.
final class EnvelopeScan {
  enum Verdict: Equatable {
    case undecided
    /// `soap:Body` has a child that is no fault.
    case data
    /// Complete when the answer is.
    case fault
    /// The body is empty: a success that says nothing.
    case empty
    /// XML of another kind; the name of its root.
    case other(String)
  }

  private(set) var verdict = Verdict.undecided
  private(set) var fault = SOAPFault()

  private let scanner = XMLScanner()
  private var version: SOAPVersion?
  private var isInBody = false
  /// Names of the elements open within the fault.
  private var path: [String] = []
  private var text = ""

  /// - Throws: ``XMLFault``.
  func feed(_ bytes: some Collection<UInt8>) throws {
    guard verdict != .data else { return }
    try scanner.feed(bytes, take)
  }

  /// Says that there is no more.
  ///
  /// - Throws: ``XMLFault`` when the envelope ends too early.
  func finish() throws {
    guard verdict != .data else { return }
    try scanner.finish(take)
  }

  private func take(_ event: XMLScanner.Event) {
    switch verdict {
    case .undecided: wrapping(event)
    case .fault: within(event)
    case .data, .empty, .other: break
    }
  }

  private func wrapping(_ event: XMLScanner.Event) {
    switch event {
    case .open(let name, _):
      guard let version else {
        version = name.local == "Envelope" ? SOAPVersion(namespace: name.namespace) : nil
        if version == nil { verdict = .other(name.local) }
        return
      }
      if scanner.depth == 2 { isInBody = name == XMLName(version.namespace, "Body") }
      guard scanner.depth == 3, isInBody else { return }
      verdict = name == XMLName(version.namespace, "Fault") ? .fault : .data
      scanner.keepsText = verdict == .fault
    case .close:
      if scanner.depth == 0 || (scanner.depth == 1 && isInBody) { verdict = .empty }
    case .text, .literal, .aside: break
    }
  }

  private func within(_ event: XMLScanner.Event) {
    switch event {
    case .open(let name, _):
      path.append(name.local)
      text = ""
    case .text(let piece), .literal(let piece): if text.utf8.count < 4096 { text += piece }
    case .close:
      // `soap:Fault` itself, and what stands around it, was not opened here.
      guard !path.isEmpty else { return }
      let told = text.filter { !$0.isWhitespace }.isEmpty ? "" : text
      switch path {
      case ["faultcode"], ["Code", "Value"]: fault.codes.insert(told.trimmed, at: 0)
      case ["faultstring"]: fault.text = told.trimmed
      case ["Reason", "Text"] where fault.text.isEmpty: fault.text = told.trimmed
      default:
        if path.first == "Code", path.last == "Value",
          path.dropFirst().dropLast().allSatisfy({ $0 == "Subcode" })
        {
          fault.codes.append(told.trimmed)
        }
      }
      path.removeLast()
      text = ""
    case .aside: break
    }
  }
}

/// What a service says that went wrong.
struct SOAPFault: Equatable {
  /// As they are written, with their prefixes; from the general to the particular.
  var codes: [String] = []
  /// For people.
  var text = ""
}

extension String {
  /// Without white space at both ends.
  fileprivate var trimmed: String {
    let rest = drop(while: \.isWhitespace)
    return String(rest.dropLast(rest.reversed().prefix(while: \.isWhitespace).count))
  }
}
