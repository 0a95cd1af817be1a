// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What one pipeline file says, typed and located, before anything it names is looked up.
///
/// Parts that could not be read are nil (or left out) and have a diagnostic, so that the rest is still
/// checked.
public struct PipelineSpec: Sendable, Equatable {
  /// As diagnostics show it: `Pipelines/public_assets.yaml`.
  public var file: String
  public var position: FilePosition
  public var name: Located<String>?
  public var title: Located<String>?
  public var owner: Located<String>?
  /// Cron text.
  public var schedule: Located<String>?
  public var agreement: AgreementSpec?
  /// What the data are used for, and the law that allows it: free text for the register of processing.
  public var purpose: Located<String>?
  public var legalBasis: Located<String>?
  public var extract: ComponentSpec?
  public var decode: DecodeSpec?
  /// The entries of `transform`: one, or each of a list.
  public var transforms: [TransformSpec] = []
  public var rules: [RuleSpec] = []
  public var rejectLimit: RejectLimitSpec?
  public var load: LoadSpec?

  public init(file: String, position: FilePosition) {
    self.file = file
    self.position = position
  }
}

/// The data sharing agreement that a pipeline runs under.
public struct AgreementSpec: Sendable, Equatable {
  public var number: Located<String>?
  /// `yyyy-MM-dd`
  public var validTo: Located<String>?
  public var contact: Located<String>?
}

/// A component chosen by name, with its settings as written.
public struct ComponentSpec: Sendable, Equatable {
  public var name: Located<String>
  /// A mapping, perhaps empty; without the keys that belong to the section itself.
  public var settings: Tree

  public init(name: Located<String>, settings: Tree) {
    self.name = name
    self.settings = settings
  }
}

/// `decode`: the format, and what is common to all formats.
public struct DecodeSpec: Sendable, Equatable {
  public var decoder: ComponentSpec
  public var records: Located<String>?
  /// Prefix → URIs, in the order written; `default` serves unprefixed names.
  public var namespaces: [NamespaceSpec] = []
  public var total: TotalSpec?
  public var encoding: Located<String>?
  public var errors: [ErrorConditionSpec] = []
  public var allowsEmpty = false
  public var limits = LimitsSpec()
  public var within: WithinSpec?
  /// The whole section as written, for its digest.
  public var tree: Tree
}

/// `within`: where in the payload the document stands.
public struct WithinSpec: Sendable, Equatable {
  public var format: Located<String>
  public var at: Located<String>
  public var namespaces: [NamespaceSpec] = []
  public var errors: [ErrorConditionSpec] = []
  /// Bytes.
  public var limit: Int?
}

public struct NamespaceSpec: Sendable, Equatable {
  public var prefix: Located<String>
  /// Names with the prefix are met in any of these.
  public var uris: [Located<String>]
}

/// `total`: a path, or `{ path, of }`.
public struct TotalSpec: Sendable, Equatable {
  public enum Scope: String, Sendable, CaseIterable { case payload, run }

  public var path: Located<String>
  /// nil: the extractor decides.
  public var scope: Scope?
}

/// One of `errors`: a sign that the payload is an error answer.
public struct ErrorConditionSpec: Sendable, Equatable {
  public var when: Located<String>
  /// `is` or `is_not`; empty: any value is a sign.
  public var values: [String] = []
  public var isNegated = false
  public var message: Located<String>?
  public var isRetriable = false
}

/// `limits`, each nil where the default holds. Sizes in bytes.
public struct LimitsSpec: Sendable, Equatable {
  public var depth: Int?
  public var textBytes: Int?
  public var tagBytes: Int?
}

/// `load`: the destination and how rows meet the rows that stand.
public struct LoadSpec: Sendable, Equatable {
  public var loader: ComponentSpec
  public var mode: Located<String>?
  public var version: Located<String>?
  /// nil where it is not written.
  public var slice: [Located<String>]?
}

extension Located<String> {
  /// The place of a character of the text, counted from its first.
  ///
  /// Located texts of pipeline files stand at their first character, after any opening quote, so this holds
  /// for plain and quoted scalars without escapes and for literal blocks.
  public func position(at offset: Int) -> FilePosition {
    var place = position
    for character in value.prefix(max(0, offset)) {
      if character == "\n" {
        place.line += 1
        place.column = position.column
      } else {
        place.column += 1
      }
    }
    return place
  }
}
