// SPDX-License-Identifier: Apache-2.0

import Expressions

/// The functions of the expression language as a page of the reference.
enum FunctionText {
  static var markdown: String { "" }
}
