// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A thread of its own for work that blocks: parsing, loading, transfers. Swift's cooperative pool has one thread
/// per core, and must not be held by them.
final class WorkerThread: @unchecked Sendable {
  private var handle = pthread_t()
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
    let retained = Unmanaged.passRetained(self)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    // Deep documents and expressions recurse a little; the default of some systems is too small for debug builds.
    pthread_attr_setstacksize(&attributes, 8 << 20)
    let status = pthread_create(
      &handle, &attributes,
      { argument in
        guard let argument else { return nil }
        let thread = Unmanaged<WorkerThread>.fromOpaque(argument).takeRetainedValue()
        thread.body()
        return nil
      }, retained.toOpaque())
    pthread_attr_destroy(&attributes)
    precondition(status == 0, "the system gave no thread")
  }

  /// Waits until the work is done. Called exactly once.
  func join() { pthread_join(handle, nil) }
}
