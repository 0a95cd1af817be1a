public struct PatternError: Error { public var message: String; public var help: String }
public struct Pattern: Sendable { public init(_ t: String) throws(PatternError) {}
 public func matches(_ b: UnsafeBufferPointer<UInt8>) -> Bool { true } }
