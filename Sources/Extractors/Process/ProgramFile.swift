// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Finds the file of a program: a name without `/` on the path, as a shell does; any other from the base folder.
enum ProgramFile {
  enum Found: Equatable {
    /// What to execute; a relative path counts from the base folder.
    case program(String)
    case notExecutable(String)
    case none
  }

  static func find(_ name: String, path: String, in baseFolder: String) -> Found {
    if name.contains("/") {
      return judge(name.hasPrefix("/") ? name : baseFolder + "/" + name, runAs: name)
    }
    var found = Found.none
    // A relative folder on the path would mean another program from each place: passed over.
    for folder in path.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/\(name)"
      switch judge(candidate, runAs: candidate) {
      case .program(let path): return .program(path)
      case .notExecutable(let path): if found == .none { found = .notExecutable(path) }
      case .none: break
      }
    }
    return found
  }

  private static func judge(_ path: String, runAs program: String) -> Found {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return .none }
    guard facts.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 else { return .notExecutable(program) }
    return .program(program)
  }
}
