// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A text that a law was broken by stops the process, so that libFuzzer keeps it.
func broken(_ law: String, _ detail: @autoclosure () -> String = "") -> Never {
  fatalError("broken law: \(law)\n\(detail())")
}

/// What one fuzzer holds about any text.
protocol Law {
  func check(_ text: String)
}

/// The law named by the environment; libFuzzer keeps the command line to itself, and calls from one thread.
private nonisolated(unsafe) let law: any Law = {
  let name = getenv("TERRACE_FUZZ_LAW").map { String(cString: $0) } ?? ""
  do {
    switch name {
    case "xml": return try DecoderLaw.xml()
    case "json": return try DecoderLaw.json()
    case "ndjson": return try DecoderLaw.ndjson()
    case "csv": return try DecoderLaw.csv()
    case "path": return PathLaw()
    case "expression": return ExpressionLaw()
    case "yaml": return YAMLLaw()
    default: broken("TERRACE_FUZZ_LAW is xml, json, ndjson, csv, path, expression or yaml", name)
    }
  } catch {
    broken("the plans of '\(name)' can be made", "\(error)")
  }
}()

/// libFuzzer's entry point, called with each input. Bytes that are no UTF-8 are mended first, for rooms behind
/// the payload's converter never see any.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  law.check(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
  return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Where the package manager makes a program of this name begin.
@_cdecl("terrace_fuzz_main")
public func begin(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  var count = count
  var arguments = arguments
  return runDriver(&count, &arguments, { testOneInput($0, $1) })
}
