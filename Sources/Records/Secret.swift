// SPDX-License-Identifier: Apache-2.0

/// A value that must never be printed. Every way of turning it into text gives `•••`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let value: String

  public init(_ value: String) { self.value = value }

  /// The value itself, for the one place that sends it.
  public func reveal() -> String { value }

  public var description: String { "•••" }
  public var debugDescription: String { "•••" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
