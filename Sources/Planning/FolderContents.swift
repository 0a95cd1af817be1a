// SPDX-License-Identifier: Apache-2.0

import Records

/// What the pipelines of a folder may name, as far as it could be read.
struct FolderContents {
  var entities: [String: EntitySchema]
  var lists: [String: CodeList]
  /// Names whose files are there but at fault: what uses them is not reported a second time.
  var unreadableEntities: Set<String> = []
  var unreadableLists: Set<String> = []
}
