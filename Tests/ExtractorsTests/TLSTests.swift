// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

/// A server of `Tests/TLSServer/serve.py`.
private final class TLSServer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  let port: String

  init(_ words: String...) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", Certificates.scripts + "/serve.py", Certificates.folder] + words
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
      line.append(byte)
    }
    port = String(decoding: line, as: UTF8.self)
  }

  var base: String { "https://127.0.0.1:\(port)" }

  /// Ends it, and counts the requests that it took.
  func stop() -> Int {
    try? input.fileHandleForWriting.close()
    let rest = (try? output.fileHandleForReading.readToEnd()) ?? nil
    process.waitUntilExit()
    return String(decoding: rest ?? Data(), as: UTF8.self).split(separator: "\n").count
  }
}

/// Made once for all tests.
private enum Certificates {
  static let scripts = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "TLSServer").path

  /// Its path; empty when they could not be made.
  static let folder: String = {
    let folder = NSTemporaryDirectory() + "terrace-tls-\(getpid())"
    let process = Process()
    process.executableURL = URL(filePath: scripts + "/certificates.sh")
    process.arguments = [folder]
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try process.run()
    } catch { return "" }
    process.waitUntilExit()
    atexit { try? FileManager.default.removeItem(atPath: Certificates.folder) }
    return process.terminationStatus == 0 ? folder : ""
  }()
}

@Suite("TLS")
struct TLSTests {
  private struct Asked {
    var failure: StageFailure?
    var landing: MemoryLanding
    var requests: Int
  }

  private func ask(_ server: String..., change: (inout SystemSpec) -> Void = { _ in }) throws -> Asked {
    let folder = Certificates.folder
    let running = try server.count == 1 ? TLSServer(server[0]) : TLSServer(server[0], server[1])
    let system = Asking.system(running.base) {
      $0.authorityFile = "known.pem"
      $0.authentication = .bearer(Secret("canary-token"))
      change(&$0)
    }
    let landing = MemoryLanding(baseFolder: folder)
    let failure = try Asking.run(system, into: landing)
    return Asked(failure: failure, landing: landing, requests: running.stop())
  }

  @Test("trusts an authority of its own, named beside the pipelines")
  func privateAuthority() throws {
    let asked = try ask("good")
    #expect(asked.failure == nil && asked.landing.payloads.map(\.text) == ["rr"] && asked.requests == 1)
    #expect(asked.landing.notices == [])
  }

  @Test(
    "says why a certificate is not trusted, and sends nothing",
    arguments: [
      ("expired", "it expired on 2026-01-02"), ("not-yet", "it is not valid before "),
      ("wrong-host", "it is for another host (DNS:other.example)"),
      ("self-signed", "it is self-signed; it expires on "),
      ("stranger", "its authority is not known here (issued by"),
      ("incomplete", "its chain is incomplete, or its authority is not known here (issued by"),
    ])
  func untrusted(_ name: String, _ words: String) throws {
    let asked = try ask(name)
    #expect(asked.failure?.id == "extract.certificate" && asked.failure?.exit == .unavailable)
    #expect(asked.failure?.message.contains(words) == true, "\(asked.failure?.message ?? "")")
    #expect(asked.failure?.isTransient == false && asked.requests == 0)
  }

  @Test("speaks no TLS older than 1.2")
  func oldVersions() throws {
    let asked = try ask("good", "old")
    #expect(
      asked.failure?.id == "extract.old-tls" && asked.failure?.exit == .unavailable && asked.requests == 0)
  }

  @Test("warns thirty days before a certificate ends")
  func expiresSoon() throws {
    let asked = try ask("soon")
    #expect(asked.failure == nil && asked.landing.notices.count == 1)
    #expect(
      asked.landing.notices.first?.contains(#/, in (9|10) days: tell its owner/#) == true,
      "\(asked.landing.notices)"
    )
  }

  @Test("holds a source to its key")
  func pins() throws {
    let folder = Certificates.folder
    let pin = try String(contentsOfFile: folder + "/good.pin", encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try ask("good") { $0.pinnedKeys = ["sha256//\(pin)"] }.failure == nil)
    let other = try ask("soon") { $0.pinnedKeys = ["sha256//\(pin)"] }
    #expect(other.failure?.message.contains("its key is none of those that 'pin' names") == true)
    #expect(other.requests == 0)
  }

  private static func client(_ file: String, key: String? = nil, _ passphrase: String? = nil)
    -> SystemSpec.ClientCertificate
  {
    var certificate = SystemSpec.ClientCertificate(file: file)
    certificate.keyFile = key
    certificate.isPKCS12 = file.hasSuffix(".p12")
    certificate.passphrase = passphrase.map { Secret($0) }
    return certificate
  }

  @Test("shows its own certificate, from PEM, a locked key or PKCS#12", arguments: ["pem", "locked", "p12"])
  func clientCertificate(_ form: String) throws {
    let asked = try ask("good", "client") {
      $0.clientCertificate =
        switch form {
        case "pem": Self.client("client.pem", key: "client.key")
        case "locked": Self.client("client.pem", key: "locked.key", "canary-passphrase")
        default: Self.client("client.p12", "canary-passphrase")
        }
    }
    #expect(asked.failure == nil && asked.requests == 1, "\(asked.failure?.message ?? "")")
  }

  @Test(
    "leaves with 77 when its own certificate is missing, refused or cannot be used",
    arguments: [
      ("none", "extract.client-certificate"), ("revoked", "extract.client-certificate"),
      ("foreign", "extract.client-certificate"), ("mixed", "extract.own-certificate"),
      ("passphrase", "extract.own-certificate"),
    ], ["", "1.2"])
  func refusedClient(_ which: (String, String), _ version: String) throws {
    let folder = Certificates.folder
    let server = try TLSServer("good", "client", version)
    let system = Asking.system(server.base) {
      $0.authorityFile = "known.pem"
      $0.clientCertificate =
        switch which.0 {
        case "none": nil
        case "mixed": Self.client("client.pem", key: "good.key")
        case "passphrase": Self.client("client.pem", key: "locked.key", "canary-wrong")
        default: Self.client("\(which.0).pem", key: "\(which.0).key")
        }
    }
    let failure = try Asking.run(system, into: MemoryLanding(baseFolder: folder))
    #expect(failure?.id == which.1 && failure?.exit == .permission, "\(failure?.message ?? "")")
    #expect(failure.map { "\($0)".contains("canary") } == false)
    #expect(server.stop() == 0)
  }

  @Test("uses no key that others can read")
  func exposedKey() throws {
    let folder = try TemporaryFolder()
    try folder.write("k.pem", Data())
    chmod(folder.path + "/k.pem", 0o640)
    let system = Asking.system("https://127.0.0.1:1") { $0.clientCertificate = Self.client("k.pem") }
    let exposed = try Asking.run(system, into: MemoryLanding(baseFolder: folder.path))
    #expect(exposed?.id == "extract.exposed-key" && exposed?.exit == .permission)
    let missing = Asking.system("https://127.0.0.1:1") { $0.authorityFile = "nowhere.pem" }
    let failure = try Asking.run(missing, into: MemoryLanding(baseFolder: folder.path))
    #expect(failure?.id == "extract.no-tls-file" && failure?.exit == .files)
  }
}
