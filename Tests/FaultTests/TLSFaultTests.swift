// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Sandbox
import Testing

@Suite("A source behind TLS", .timeLimit(.minutes(2)))
struct TLSFaultTests {
  private func bench(_ tls: TLSServer, trusts: Bool, faults: [Fault] = []) throws -> FaultBench {
    try FaultBench(
      extract: Things.extract, tls: tls, faults: faults, authority: trusts ? tls.authorityFile : nil,
      origin: Things.json)
  }

  @Test("is read when its authority is named")
  func good() throws {
    let bench = try bench(try TLSServer(.good), trusts: true)
    let report = try bench.run()
    #expect(report.exit == .done, "\(report.failure?.message ?? "")")
    #expect(try bench.rows() == Things.all)
  }

  @Test("is not trusted without its authority, and never asked anyway")
  func unknown() throws {
    let bench = try bench(try TLSServer(.good), trusts: false)
    let report = try bench.run()
    #expect(report.exit == .unavailable && report.failureID == "extract.certificate")
    #expect(bench.front.requests.isEmpty)
  }

  @Test(
    "is refused for its certificate, at the first try, and nothing is asked",
    arguments: [TLSCase.expired, .wrongHost, .selfSigned, .unknownAuthority, .incompleteChain])
  func certificates(_ tlsCase: TLSCase) throws {
    let bench = try bench(try TLSServer(tlsCase), trusts: true)
    let report = try bench.run()
    #expect(report.exit == .unavailable, "\(report.failure?.message ?? "")")
    #expect(report.failureID?.hasPrefix("extract.certificate") == true)
    #expect(bench.front.requests.isEmpty)
    #expect(try bench.rows() == [])
  }

  @Test(
    "is refused when it speaks nothing newer than TLS 1.0, or wants a certificate of ours",
    arguments: [
      TLSCase.oldest, .clientCertificate,
    ])
  func handshakes(_ tlsCase: TLSCase) throws {
    let bench = try bench(try TLSServer(tlsCase), trusts: true)
    let report = try bench.run()
    #expect(report.exit != .done)
    #expect(report.failure.map { !$0.help.isEmpty } == true)
    #expect(bench.front.requests.isEmpty)
  }

  @Test("is not followed from https to http")
  func down() throws {
    let bench = try bench(try TLSServer(.good), trusts: true, faults: [.redirectPlain])
    let report = try bench.run()
    #expect(report.exit == .unavailable && report.failureID == "extract.redirect-elsewhere")
    #expect(bench.front.requests.count == 1)
  }

  @Test(
    "is cut, reset or hung below TLS as without it",
    arguments: [Fault.truncate, .truncateClose, .reset, .hang])
  func faults(_ fault: Fault) throws {
    let bench = try bench(try TLSServer(.good), trusts: true, faults: [fault])
    #expect(try bench.run().exit != .done)
    #expect(Set(try bench.rows()).isSubset(of: Things.all))
    bench.front.faults = []
    #expect(try bench.run().exit == .done)
    #expect(try bench.rows() == Things.all)
  }
}
