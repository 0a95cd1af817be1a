// SPDX-License-Identifier: Apache-2.0

import Components

/// `within`: how the text that is the document is taken out of the payload around it.
public struct EnvelopePlan: Sendable {
  public var decoder: any RecordDecoder
  /// One kind with one slot: the text.
  public var decode: DecodePlan
  public var errorConditions: [ErrorCondition]
  /// The path of the text, as written.
  public var at: String

  /// Bytes of the text unless the pipeline says otherwise.
  public static let usualLimit = 64 << 20

  public init(
    decoder: any RecordDecoder, decode: DecodePlan, errorConditions: [ErrorCondition], at: String
  ) {
    self.decoder = decoder
    self.decode = decode
    self.errorConditions = errorConditions
    self.at = at
  }
}
