// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Anything a pipeline file can name. Making one reads its settings and does nothing else, so that `check` finds
/// everything without touching a source or a destination.
public protocol Component: Sendable {
  static var description: ComponentDescription { get }

  /// - Throws: what single settings cannot show: combinations that make no sense. Single settings were
  ///   checked by planning before this is called.
  init(_ settings: Settings) throws(Diagnostic)
}

/// What a component is called in files, what it is for, and its settings.
public struct ComponentDescription: Sendable, Equatable {
  public var name: String
  public var summary: String
  public var settings: [SettingDescription]
  /// Lines of YAML that show the component at work, without indentation.
  public var example: String

  public init(
    _ name: String, _ summary: String, example: String = "", _ settings: [SettingDescription]
  ) {
    self.name = name
    self.summary = summary
    self.example = example
    self.settings = settings
  }
}

/// Every component a program knows, by family and name. A program with its own components makes its own catalog.
public struct Catalog: Sendable {
  public var extractors: [any Extractor.Type]
  public var decoders: [any RecordDecoder.Type]
  public var transformers: [any Transformer.Type]
  public var validators: [any Validator.Type]
  public var loaders: [any Loader.Type]

  public init(
    extractors: [any Extractor.Type] = [], decoders: [any RecordDecoder.Type] = [],
    transformers: [any Transformer.Type] = [], validators: [any Validator.Type] = [],
    loaders: [any Loader.Type] = []
  ) {
    self.extractors = extractors
    self.decoders = decoders
    self.transformers = transformers
    self.validators = validators
    self.loaders = loaders
  }

  /// The components of both: `BuiltIns.catalog + Catalog(extractors: [FolderExtractor.self])`.
  public static func + (left: Catalog, right: Catalog) -> Catalog {
    Catalog(
      extractors: left.extractors + right.extractors, decoders: left.decoders + right.decoders,
      transformers: left.transformers + right.transformers, validators: left.validators + right.validators,
      loaders: left.loaders + right.loaders)
  }
}
