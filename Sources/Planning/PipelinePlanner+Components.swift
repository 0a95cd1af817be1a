// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles

extension PipelinePlanner {
  /// Finds a component by its name in the file.
  func find(_ written: ComponentSpec, _ known: [any Component.Type]) -> (any Component.Type)? {
    known.first { $0.description.name == written.name.value }
  }

  /// Finds a component, checks its settings one by one, and makes it.
  ///
  /// - Parameter section: whose own keys stand beside the settings in the file, so that a slip in one of them
  ///   is recognised.
  mutating func choose(
    _ written: ComponentSpec, _ family: String, _ known: [any Component.Type],
    beside section: PipelineSection? = nil
  ) -> (any Component)? {
    guard let type = find(written, known) else {
      diagnostics.append(
        .unknownComponent(written.name, family: family, known: known.map { $0.description.name }))
      return nil
    }
    let owner = "\(family) '\(written.name.value)'"
    let (settings, missing) = folder.resolve(written.settings)
    let found =
      missing
      + SettingsCheck.diagnostics(
        of: settings, against: type.description.settings + (section?.settingNames ?? []), owner: owner,
        at: written.name.position)
    diagnostics += found
    guard !found.contains(where: { $0.severity == .error }) else { return nil }
    return make(type, Settings(settings, owner: owner, environment: folder.environment))
  }

  /// Components that every pipeline goes through and that have no place in its file.
  mutating func made(_ types: [any Component.Type]) -> [any Component] {
    types.compactMap { type in
      let settings = Settings(
        Tree(.mapping([]), at: spec.position), owner: "'\(type.description.name)'",
        environment: folder.environment)
      return make(type, settings)
    }
  }

  private mutating func make<Made: Component>(_ type: Made.Type, _ settings: Settings) -> (any Component)? {
    do throws(Diagnostic) {
      return try Made(settings)
    } catch {
      diagnostics.append(error)
      return nil
    }
  }
}

extension PipelineSection {
  /// The section's keys as settings that take anything: they were read before.
  fileprivate var settingNames: [SettingDescription] {
    keys.map { key in
      Setting<Bool>(
        key.name, key.summary, shape: .text, default: nil, isRequired: false,
        read: { _ throws(Diagnostic) in true }
      ).description
    }
  }
}
