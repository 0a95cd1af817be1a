// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension PipelineFolder {
  /// The tests that stand beside a pipeline's file, or nil when there are none.
  ///
  /// - Parameter file: as positions name it (`Pipelines/x.yaml`).
  public func testFile(of file: String, diagnostics: inout [Diagnostic]) -> (
    tests: PipelineTestFile, source: SourceText
  )? {
    guard let name = file.split(separator: "/").last, name.hasSuffix(".yaml") else { return nil }
    let testName = name.dropLast(".yaml".count) + ".test.yaml"
    guard case .success(let content) = TextFile.read("\(path)/\(testName)", atMost: 64 << 20) else {
      return nil
    }
    let source = SourceText(file: displayName(of: String(testName)), text: content.text)
    let (tree, found) = YAMLReader.read(source.text, file: source.file)
    diagnostics += found
    guard let tree, !found.contains(where: { $0.severity == .error }) else { return nil }
    return (PipelineTestFile(tree, diagnostics: &diagnostics), source)
  }
}
