// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Stands before a source on loopback and lets it go wrong, byte for byte: it takes a request, fetches the right
/// answer, and sends it as the fault would have it.
///
/// Of several faults each request meets one, drawn from the seed and the request's number.
public final class FaultFront: @unchecked Sendable {
  /// Where right answers come from.
  public enum Origin: Sendable {
    /// A server of this machine.
    case port(UInt16)
    case computed(@Sendable (WireRequest) -> WireAnswer)
  }

  private let origin: Origin
  private let forms: FormsSystem
  private let seed: UInt64
  private let listener: LoopbackListener
  private let tls: TLSServer?
  private let lock = NSLock()
  private var wanted: [Fault]
  private var cut: Int?
  private var seen: [WireRequest] = []
  private var firstAnswer: WireAnswer?
  private var connections: Set<Int32> = []
  private var isStopped = false

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - port: 0 takes any that is free.
  ///   - tls: encrypts; nil for plain HTTP.
  /// - Throws: when the port is taken.
  public init(
    port: UInt16 = 0, origin: Origin, faults: [Fault] = [], seed: UInt64 = 1, tls: TLSServer? = nil
  ) throws {
    self.origin = origin
    self.seed = seed
    self.tls = tls
    forms = FormsSystem(seed: seed)
    wanted = faults
    if faults.contains(.gzipBomb) { FaultSending.prepare() }
    listener = try LoopbackListener(port: port)
    let thread = Thread { [self] in serve() }
    thread.start()
  }

  public var port: UInt16 { listener.port }
  public var url: String { "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)" }

  /// The faults from now on.
  public var faults: [Fault] {
    get { lock.withLock { wanted } }
    set { lock.withLock { wanted = newValue } }
  }

  /// Where a body is cut by the faults that cut; nil draws a place.
  public var cutAt: Int? {
    get { lock.withLock { cut } }
    set { lock.withLock { cut = newValue } }
  }

  /// Every request so far.
  public var requests: [WireRequest] { lock.withLock { seen } }

  /// Stops listening and ends open connections.
  public func stop() {
    lock.withLock {
      isStopped = true
      for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
    shutdown(listener.descriptor, Int32(SHUT_RDWR))
  }

  private func serve() {
    while true {
      let connection = accept(listener.descriptor, nil, nil)
      if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
      guard connection >= 0 else { break }
      let isTaken = lock.withLock { isStopped ? false : connections.insert(connection).inserted }
      guard isTaken else {
        close(connection)
        break
      }
      let thread = Thread { [self] in
        answer(PlainSocket(connection))
        lock.withLock { _ = connections.remove(connection) }
        close(connection)
      }
      thread.start()
    }
    close(listener.descriptor)
  }

  private func answer(_ socket: PlainSocket) {
    var stream: any WireStream = socket
    if let tls {
      guard let secure = tls.accept(socket) else { return }
      stream = secure
    }
    guard let request = WireRequest.read(from: stream) else { return }
    let (number, cut) = lock.withLock { () -> (Int, Int?) in
      seen.append(request)
      return (seen.count, self.cut)
    }
    let fault = self.fault(of: number)
    let sending = FaultSending(
      stream: stream, request: request, cut: cut, draw: Draw(seed: seed, record: number), number: number,
      page: pageNumber(of: request), host: "127.0.0.1:\(port)",
      isStopped: { [self] in lock.withLock { isStopped } })
    let right = right(request, fault, number)
    let first = lock.withLock { () -> WireAnswer in
      let first = firstAnswer ?? right
      firstAnswer = first
      return first
    }
    sending.send(fault == .endlessPages ? first : right, fault)
  }

  private func right(_ request: WireRequest, _ fault: Fault?, _ number: Int) -> WireAnswer {
    if request.path.hasPrefix("/forms/") { return forms.answer(request, fault: fault, number: number) }
    switch origin {
    case .port(let port): return WireAnswer.fetch(request, port: port)
    case .computed(let compute): return compute(request)
    }
  }

  private func fault(of number: Int) -> Fault? {
    let faults = faults
    return faults.isEmpty ? nil : Draw(seed: seed, record: number).pick("fault", faults)
  }

  /// From 1: which of the different addresses asked for so far a request asks for.
  private func pageNumber(of request: WireRequest) -> Int {
    lock.withLock {
      var targets: [String] = []
      for request in seen where !targets.contains(request.target) { targets.append(request.target) }
      return (targets.firstIndex(of: request.target) ?? 0) + 1
    }
  }
}
