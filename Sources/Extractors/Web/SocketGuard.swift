// SPDX-License-Identifier: Apache-2.0

import CLibCurl
import Glibc

/// Looks at each address before it is called, after its name was resolved: a name, or a redirect, must not lead to what
/// only this machine can reach for its own management.
final class SocketGuard {
  /// The last address that was refused.
  private(set) var refused: String?

  func reset() { refused = nil }

  /// - Parameter guardian: told what was refused; must outlive the handle's transfers.
  static func install(on handle: UnsafeMutableRawPointer, _ guardian: SocketGuard?) {
    terrace_curl_set_open_socket(handle) { guardian, _, address in
      guard let address, let socketAddress = terrace_curl_address(address) else { return -1 }
      if let forbidden = SocketGuard.forbidden(UnsafeRawPointer(socketAddress), address.pointee.family) {
        if let guardian {
          Unmanaged<SocketGuard>.fromOpaque(guardian).takeUnretainedValue().refused = forbidden
        }
        return -1
      }
      let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
      return socket(address.pointee.family, kind, address.pointee.protocol)
    }
    terrace_curl_set_pointer(
      handle, CURLOPT_OPENSOCKETDATA, guardian.map { Unmanaged.passUnretained($0).toOpaque() })
  }

  /// An address that no source has, for people; nil for one that may be called.
  static func forbidden(_ address: UnsafeRawPointer, _ family: Int32) -> String? {
    switch family {
    case AF_INET:
      let bytes = withUnsafeBytes(of: address.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
      return isForbidden(v4: bytes) ? bytes.map(String.init).joined(separator: ".") : nil
    case AF_INET6:
      let bytes = withUnsafeBytes(of: address.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
      return isForbidden(v6: bytes) ? text(v6: bytes) : nil
    default: return "an address of another kind"
    }
  }

  /// Link-local with the metadata services of clouds, "this network", multicast and broadcast.
  static func isForbidden(v4 bytes: [UInt8]) -> Bool {
    bytes[0] == 0 || bytes[0] >= 224 || (bytes[0] == 169 && bytes[1] == 254) || bytes == [100, 100, 100, 200]
  }

  static func isForbidden(v6 bytes: [UInt8]) -> Bool {
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    // 64:ff9b::/96 leads to an address of IPv4 too.
    let isTranslated = bytes[..<12].elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
    if isMapped || isTranslated { return isForbidden(v4: Array(bytes[12...])) }
    let isUnspecified = bytes.allSatisfy { $0 == 0 }
    let isMetadata = bytes == [0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54]
    return isUnspecified || isMetadata || bytes[0] == 0xFF || (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80)
  }

  private static func text(v6 bytes: [UInt8]) -> String {
    stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
      .joined(separator: ":")
  }
}
