// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Reads whom a system is trusted by, and what we show it: `tls` of `systems.yaml`.
enum TLSReader {
  static func read(_ keys: inout KeyReader, _ system: inout SystemSpec, _ resolver: ReferenceResolver) {
    system.authorityFile = keys.text("ca_file")?.value
    readCertificate(&keys, &system, resolver)
    readPins(&keys, &system)
  }

  private static func readCertificate(
    _ keys: inout KeyReader, _ system: inout SystemSpec, _ resolver: ReferenceResolver
  ) {
    let certificate = keys.text("certificate_file")
    let key = keys.text("key_file")
    let archive = keys.text("pkcs12_file")
    let passphrase = keys.text("passphrase").map { resolver.secret($0.value) }
    guard let file = archive ?? certificate else {
      if key != nil || passphrase != nil {
        keys.missing(
          "certificate_file", help: "add 'certificate_file: client.pem', or 'pkcs12_file: client.p12'")
      }
      return
    }
    if let archive, certificate != nil || key != nil {
      keys.diagnostics.append(
        Diagnostic(
          id: "system.two-certificates", "\(keys.subject) names two certificates", at: archive.position,
          length: archive.length,
          help: "keep 'pkcs12_file', which holds its key, or 'certificate_file' with 'key_file'"))
    }
    var client = SystemSpec.ClientCertificate(file: file.value)
    client.keyFile = key?.value
    client.isPKCS12 = archive != nil
    client.passphrase = passphrase
    system.clientCertificate = client
  }

  private static func readPins(_ keys: inout KeyReader, _ system: inout SystemSpec) {
    let isList = keys.tree["pin"]?.items != nil
    let pins = (isList ? keys.texts("pin") : keys.text("pin").map { [$0] }) ?? []
    for pin in pins {
      let digest = pin.value.hasPrefix("sha256//") ? pin.value.dropFirst(8) : ""
      let isDigest =
        digest.utf8.count == 44 && digest.hasSuffix("=")
        && digest.dropLast().allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+/".contains($0)) }
      guard isDigest else {
        keys.diagnostics.append(
          Diagnostic(
            id: "system.bad-pin", "'\(pin.value)' is no digest of a public key", at: pin.position,
            length: pin.length, help: "write it as \"sha256//\" and 44 letters of base64, as curl prints it"))
        continue
      }
      system.pinnedKeys.append(pin.value)
    }
  }
}
