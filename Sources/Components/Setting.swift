// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// A setting of a component, declared once: from this line come the typed read, the positioned diagnostic, the
/// documentation row and the JSON Schema property.
public struct Setting<Value: Sendable>: Sendable {
  public let name: String
  /// User documentation: written for someone who has never seen the code.
  public let summary: String
  public let shape: SettingShape
  public let defaultValue: Value?
  public let isRequired: Bool
  /// The default as somebody would write it, or nil when there is none.
  public let defaultText: String?
  let read: @Sendable (Tree, SettingsEnvironment) throws(Diagnostic) -> Value

  public init(
    _ name: String, _ summary: String, shape: SettingShape, default defaultValue: Value?,
    isRequired: Bool, read: @escaping @Sendable (Tree) throws(Diagnostic) -> Value
  ) {
    self.init(
      name, summary, shape: shape, default: defaultValue,
      defaultText: defaultValue.map { "\($0)" }, isRequired: isRequired,
      readWith: { tree, _ throws(Diagnostic) in try read(tree) })
  }

  /// A setting whose reading needs what stands around it: systems and secrets.
  public init(
    _ name: String, _ summary: String, shape: SettingShape, default defaultValue: Value?,
    defaultText: String?, isRequired: Bool,
    readWith read: @escaping @Sendable (Tree, SettingsEnvironment) throws(Diagnostic) -> Value
  ) {
    self.name = name
    self.summary = summary
    self.shape = shape
    self.defaultValue = defaultValue
    self.defaultText = defaultText
    self.isRequired = isRequired
    self.read = read
  }

  /// The setting without its Swift type, for descriptions.
  public var description: SettingDescription {
    SettingDescription(
      name: name, summary: summary, shape: shape,
      defaultText: defaultText, isRequired: isRequired,
      check: { tree throws(Diagnostic) in _ = try self.read(tree, SettingsEnvironment()) })
  }
}

/// What a setting's value looks like in a file; enough for its documentation row and its JSON Schema.
public indirect enum SettingShape: Sendable, Equatable {
  case text
  /// Text in which `${env:…}`, `${secret:…}` may stand.
  case secret
  case integer(minimum: Int?)
  case boolean
  /// `30s`, `5m`, `2h`, `1d`.
  case duration
  /// `64KiB`, `10MiB`, plain bytes.
  case size
  case choice([String])
  case path
  /// Whatever the file says, also names within names; `${secret:…}` may stand in its texts.
  case anything
  case list(SettingShape)
  case map(SettingShape)
  /// Named sub-settings.
  case group([SettingDescription])
  /// One of several shapes.
  case either([SettingShape])
}

/// A setting as documentation and checks see it.
public struct SettingDescription: Sendable, Equatable {
  public var name: String
  public var summary: String
  public var shape: SettingShape
  public var defaultText: String?
  public var isRequired: Bool
  /// Reads a value and throws what is wrong with it.
  public var check: @Sendable (Tree) throws(Diagnostic) -> Void

  public static func == (left: SettingDescription, right: SettingDescription) -> Bool {
    left.name == right.name && left.summary == right.summary && left.shape == right.shape
      && left.defaultText == right.defaultText && left.isRequired == right.isRequired
  }
}

/// What settings may refer to beyond their own text. Handed over by planning.
public struct SettingsEnvironment: Sendable {
  /// The systems of `systems.yaml`, by name.
  public var systems: [String: SystemSpec]
  /// Puts the values of `${secret:NAME}` into a text. A missing one is empty: its absence was diagnosed where the
  /// text stands, before any component is made.
  public var secret: @Sendable (_ text: String) -> Secret

  public init(
    systems: [String: SystemSpec] = [:],
    secret: @escaping @Sendable (_ text: String) -> Secret = { Secret($0) }
  ) {
    self.systems = systems
    self.secret = secret
  }
}

/// The settings a component was given in a file.
public struct Settings: Sendable {
  public let tree: Tree
  /// What the component is called in the file, for messages: `extractor 'http'`.
  public let owner: String
  public let environment: SettingsEnvironment

  public init(
    _ tree: Tree, owner: String, environment: SettingsEnvironment = SettingsEnvironment()
  ) {
    self.tree = tree
    self.owner = owner
    self.environment = environment
  }

  /// Reads a required setting or one with a default.
  public subscript<Value>(setting: Setting<Value>) -> Value {
    get throws(Diagnostic) {
      if let found = try self.find(setting) { return found }
      throw Diagnostic(
        id: "setting.missing", "\(owner) needs a setting '\(setting.name)'", at: tree.position,
        length: tree.length, help: "add '\(setting.name)': \(setting.summary)")
    }
  }

  /// Reads a setting that may be missing.
  public func find<Value>(_ setting: Setting<Value>) throws(Diagnostic) -> Value? {
    if let given = tree[setting.name], !given.isNull { return try setting.read(given, environment) }
    return setting.defaultValue
  }
}
