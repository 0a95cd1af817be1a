// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Glibc
import Sandbox

struct SandboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Serve the sector systems on loopback, with invented data.",
    usage:
      "terrace sandbox [--port <n>] [--records <n> | --province] [--seed <n>] [--fault <name,…>] [--tls <case>]",
    discussion: """
      Says the address and the secrets that 'terrace run' needs, then serves until Ctrl-C.
      Below /forms/ stand the ways to page and sign in that sector systems use:
        page offset cursor next link last-id      basic digest bearer headers query-key oauth2
      Users there are 'terrace', secrets 'sandbox'.
        terrace sandbox --province                as large as the province
        terrace sandbox --fault list              every fault and TLS case, with a line each
        terrace sandbox --fault truncate          each answer is cut at a byte
        terrace sandbox --fault busy,reset        each answer meets one of them, as the seed has it
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "n"))
  var port: UInt16 = SandboxServer.usualPort

  @Option(help: ArgumentHelp("Records of each long list; 1000 if not given.", valueName: "n"))
  var records: Int?

  @Flag(help: "As many records as the province has: hundreds of thousands, made while they are asked for.")
  var province = false

  @Option(
    help: ArgumentHelp("Seed of the invented data: the same seed gives the same bytes.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Let answers go wrong; 'list' shows how they can.", valueName: "name,…"))
  var fault: String?

  @Option(help: ArgumentHelp("Answer over TLS, good or bad; '--fault list' shows how.", valueName: "case"))
  var tls: String?

  func validate() throws {
    if province, records != nil {
      throw ValidationError("--province says how many records there are: leave out --records")
    }
    if let records, records < 0 { throw ValidationError("--records is a number from 0") }
  }

  func run() throws {
    if fault == "list" { return list() }
    let workspace = Workspace(global)
    let faults = try faults(workspace)
    let chosen = try tlsCase(workspace)
    let (scale, seed) = (province ? .province : SandboxScale(records: records ?? 1000), self.seed)
    let server: SandboxServer
    let front: FaultFront
    let secure: TLSServer?
    do {
      server = try AsyncBridge.wait { try await SandboxServer(scale: scale, seed: seed) }
      secure = try chosen.map { try TLSServer($0) }
      front = try FaultFront(port: port, origin: .port(server.port), faults: faults, seed: seed, tls: secure)
    } catch {
      throw workspace.fail(
        StageFailure(
          id: "sandbox.cannot-listen", "cannot listen on port \(port): \(error)",
          help: "take another with --port, or 0 for a free one.", exit: .unavailable))
    }
    workspace.console.message("the sector systems stand at \(front.url); end with Ctrl-C")
    if !faults.isEmpty {
      workspace.console.message("faults: \(faults.map(\.rawValue).joined(separator: ", ")) (seed \(seed))")
    }
    if let secure {
      workspace.console.message(
        "tls: { ca_file: \(secure.authorityFile) }, and beside it client.pem, client.key")
    }
    workspace.console.message("secrets for 'terrace run':")
    for (name, value) in SandboxServer.secrets.sorted(by: { $0.key < $1.key }) {
      workspace.console.message("  export TERRACE_SECRET_\(name)=\(value)")
    }
    while Interruption.requested == nil { usleep(100_000) }
    front.stop()
    try AsyncBridge.wait { await server.stop() }
  }

  private func faults(_ workspace: Workspace) throws -> [Fault] {
    guard let names = fault else { return [] }
    let (faults, unknown) = Fault.read(names)
    if let faults { return faults }
    throw workspace.fail(
      StageFailure(
        id: "sandbox.unknown-fault", "there is no fault '\(unknown ?? names)'",
        help: Suggestion.help(for: unknown ?? names, among: Fault.allCases.map(\.rawValue)), exit: .usage))
  }

  private func tlsCase(_ workspace: Workspace) throws -> TLSCase? {
    guard let name = tls else { return nil }
    if let found = TLSCase(rawValue: name) { return found }
    throw workspace.fail(
      StageFailure(
        id: "sandbox.unknown-tls-case", "there is no TLS case '\(name)'",
        help: Suggestion.help(for: name, among: TLSCase.allCases.map(\.rawValue)), exit: .usage))
  }

  private func list() {
    func lines(_ items: [(name: String, summary: String)]) -> String {
      items.map { item in
        "  \(item.name)\(String(repeating: " ", count: max(2, 22 - item.name.count)))\(item.summary)"
      }.joined(separator: "\n")
    }
    let faults = Fault.allCases.map { (name: $0.rawValue, summary: $0.summary) }
    let cases = TLSCase.allCases.map { (name: $0.rawValue, summary: $0.summary) }
    Workspace(global).console.write("--fault\n\(lines(faults))\n\n--tls\n\(lines(cases))")
  }
}
