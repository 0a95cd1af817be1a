import Components
import Diagnostics
import Glibc
public struct FileExtractor: Extractor {
  static let path = Setting.text("path", "File.")
  public static let description = ComponentDescription("file", "Reads files.", [path.description])
  let path: String
  public var isPaging: Bool { false }
  public init(_ settings: Settings) throws(Diagnostic) { path = try settings[Self.path] }
  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    let full = path.hasPrefix("/") ? path : landing.baseFolder + "/" + path
    let f = open(full, O_RDONLY)
    guard f >= 0 else { throw StageFailure(id: "extract.no-such-file", "no file \(full)", help: "look", exit: .unavailable) }
    try landing.begin(PayloadHead(origin: "file:" + path, name: path))
    let buf = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buf.deallocate(); close(f) }
    while case let n = read(f, buf.baseAddress, buf.count), n > 0 { try landing.write(UnsafeRawBufferPointer(rebasing: buf[..<n])) }
    try landing.end(resume: nil)
  }
}
public let allExtractors: [any Extractor.Type] = [FileExtractor.self]
