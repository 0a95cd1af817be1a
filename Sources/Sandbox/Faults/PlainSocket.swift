// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A connection over TCP, byte for byte.
final class PlainSocket: WireStream {
  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Connects to this machine.
  init?(port: UInt16) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = Self.loopback(port)
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) == 0 }
    }
    guard isConnected else {
      Glibc.close(descriptor)
      return nil
    }
  }

  static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  @discardableResult
  func send(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  func receive() -> [UInt8]? {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &piece, piece.count, 0)
      if count < 0, errno == EINTR { continue }
      return count > 0 ? Array(piece[..<count]) : nil
    }
  }

  func closeDescriptor() { close(descriptor) }

  func waitForClose() { while receive() != nil {} }

  /// Lets the peer know of a reset instead of an end.
  func resetOnClose() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
  }
}

/// What requests come over and answers go over: plain, or below TLS.
protocol WireStream: AnyObject {
  @discardableResult
  func send(_ bytes: ArraySlice<UInt8>) -> Bool
  /// Nil at the end.
  func receive() -> [UInt8]?
  /// Waits until the peer goes away.
  func waitForClose()
  func resetOnClose()
}

extension WireStream {
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool { send(bytes[...]) }
}

/// A socket of this machine that waits for connections.
struct LoopbackListener {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let descriptor: Int32
  let port: UInt16

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = PlainSocket.loopback(port)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isListening else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw Failure(description: reason)
    }
    self.port = UInt16(bigEndian: address.sin_port)
  }
}
