// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a ``TemporaryFile`` could not be used: what was tried, and the system's error number.
public struct TemporaryFileFailure: Error, Equatable {
  /// `make`, `read` or `write`.
  public let action: String
  public let code: Int32

  /// The system's words for the error.
  public var cause: String { String(cString: strerror(code)) }
}

/// A file without a name for what does not fit into memory: it vanishes with the process, however that ends.
///
/// It stands in `TMPDIR`; else in `/var/tmp`, which is on a disk where `/tmp` may be memory; else in `/tmp`.
public final class TemporaryFile {
  private let descriptor: Int32

  public init() throws(TemporaryFileFailure) {
    var folders = ["/var/tmp", "/tmp"]
    if let named = getenv("TMPDIR").map({ String(cString: $0) }), !named.isEmpty { folders = [named] }
    var code: Int32 = 0
    for folder in folders {
      let opened = Self.open(in: folder)
      if opened >= 0 {
        descriptor = opened
        return
      }
      code = errno
    }
    throw TemporaryFileFailure(action: "make", code: code)
  }

  deinit { close(descriptor) }

  private static func open(in folder: String) -> Int32 {
    var file: Int32 = -1
    repeat {
      let name = "\(folder)/terrace-\(String(UInt64.random(in: .min ... .max), radix: 36))"
      file = Glibc.open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if file >= 0 { unlink(name) }
    } while file < 0 && (errno == EEXIST || errno == EINTR)
    return file
  }

  /// Fills `bytes` from an offset on; a file that ends before is an error.
  public func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(TemporaryFileFailure) {
    var done = 0
    while done < bytes.count {
      let got = pread(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if got > 0 {
        done += got
      } else if got == 0 || errno != EINTR {
        throw TemporaryFileFailure(action: "read", code: got == 0 ? EIO : errno)
      }
    }
  }

  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(TemporaryFileFailure) {
    var done = 0
    while done < bytes.count {
      let put = pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if put > 0 {
        done += put
      } else if put == 0 || errno != EINTR {
        throw TemporaryFileFailure(action: "write", code: put == 0 ? ENOSPC : errno)
      }
    }
  }
}
