// SPDX-License-Identifier: Apache-2.0

import CZlib
import CZstd
import Diagnostics
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("Content encodings")
struct ContentEncodingTests {
  private func run(_ encoding: String, _ body: [UInt8], _ change: (inout SystemSpec) -> Void = { _ in })
    throws
    -> (text: [String], id: String?)
  {
    let server = try ScriptedServer([.bytes(ScriptedServer.ok(body, ["Content-Encoding: \(encoding)"]))])
    defer { server.stop() }
    let landing = MemoryLanding()
    let failure = try Asking.run(Asking.system(server.base, change), into: landing)
    return (landing.payloads.map(\.text), failure?.id)
  }

  /// - Parameter window: 15 for zlib's format, -15 for the bare stream.
  private func deflate(_ text: String, window: Int32) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, window, 8, 0, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = Array(text.utf8)
    var output = [UInt8](repeating: 0, count: input.count + 1000)
    let room = UInt32(output.count)
    input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, room)
        _ = CZlib.deflate(&stream, Z_FINISH)
      }
    }
    return Array(output.prefix(Int(room - stream.avail_out)))
  }

  @Test("undoes deflate, with and without its wrapping")
  func deflate() throws {
    for window: Int32 in [15, -15] {
      #expect(try run("deflate", deflate("rrr", window: window)).text == ["rrr"])
      let cut = Array(deflate("rrrrrrrr", window: window).dropLast(2))
      #expect(try run("deflate", cut).id == "extract.broken-compression")
    }
    #expect(try run("deflate", [0x78]).id == "extract.broken-compression")
    #expect(try run("deflate", []).text == [""])
  }

  @Test("undoes zstd, also of several frames")
  func zstandard() throws {
    let long = String(repeating: "rất dài ", count: 200_000).enumerated().map {
      "\($0.offset % 97)\($0.element)"
    }.joined()
    #expect(try run("zstd", Zstd.compress(long)) { $0.mostGrowth = 100_000 }.text == [long])
    #expect(try run("zstd", Zstd.compress("a") + Zstd.compress("b")).text == ["ab"])
    #expect(try run("zstd", Array(Zstd.compress("rrrrrrrr").dropLast(2))).id == "extract.broken-compression")
    #expect(try run("zstd", [1, 2, 3, 4, 5]).id == "extract.broken-compression")
  }

  @Test("stops a bomb of each kind, unless it is allowed to grow")
  func bombs() throws {
    let zeros = String(repeating: "0", count: 8 << 20)
    for (encoding, body) in [
      ("gzip", Gzip.compress(zeros)), ("deflate", deflate(zeros, window: -15)),
      ("zstd", Zstd.compress(zeros)),
    ] {
      #expect(try run(encoding, body).id == "extract.decompression-bomb", "\(encoding)")
      #expect(
        try run(encoding, body) { $0.mostGrowth = 100_000 }.text.first?.utf8.count == 8 << 20, "\(encoding)")
    }
  }
}
