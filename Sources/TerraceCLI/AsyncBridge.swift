// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs asynchronous work from a command's own thread, which is none of the cooperative pool's.
enum AsyncBridge {
  static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var result: Result<Value, any Error>?
    Task {
      do { result = .success(try await body()) } catch { result = .failure(error) }
      done.signal()
    }
    done.wait()
    guard let result else { preconditionFailure("the work ended without a result") }
    return try result.get()
  }
}
