// SPDX-License-Identifier: Apache-2.0

import BuiltIns
import TerraceCLI

TerraceProgram.main(BuiltIns.catalog)
