// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

extension Settings {
  /// The system of `systems.yaml` that a setting names.
  func system(_ setting: Setting<String>) throws(Diagnostic) -> SystemSpec {
    let name = try self[setting]
    guard let system = environment.systems[name] else {
      throw HTTPDiagnostics.unknownSystem(
        name, known: environment.systems.keys.sorted(), at: tree[setting.name] ?? tree)
    }
    return system
  }
}
