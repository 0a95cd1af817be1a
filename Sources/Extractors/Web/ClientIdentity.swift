// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// The files of `tls`, found and looked at: whom we trust, and what we show.
struct ClientIdentity {
  var authorityFile: String?
  /// With whole paths.
  var certificate: SystemSpec.ClientCertificate?

  /// - Throws: (78) for a file that is not there, (77) for a key that others can read.
  init(_ system: SystemSpec, baseFolder: String) throws(StageFailure) {
    func whole(_ path: String) -> String { path.hasPrefix("/") ? path : "\(baseFolder)/\(path)" }
    if let file = system.authorityFile.map(whole) {
      _ = try Self.mode(of: file)
      authorityFile = file
    }
    guard var certificate = system.clientCertificate else { return }
    certificate.file = whole(certificate.file)
    certificate.keyFile = certificate.keyFile.map(whole)
    _ = try Self.mode(of: certificate.file)
    let key = certificate.keyFile ?? certificate.file
    guard try Self.mode(of: key) & 0o077 == 0 else { throw HTTPDiagnostics.exposedKey(key) }
    self.certificate = certificate
  }

  private static func mode(of file: String) throws(StageFailure) -> mode_t {
    var facts = stat()
    guard stat(file, &facts) == 0, access(file, R_OK) == 0 else {
      throw HTTPDiagnostics.noTLSFile(file, String(cString: strerror(errno)), isPermission: errno == EACCES)
    }
    return facts.st_mode
  }
}
