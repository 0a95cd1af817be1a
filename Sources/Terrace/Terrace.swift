// SPDX-License-Identifier: Apache-2.0

// One import for authors of components: the contracts they sign, what travels, and the start of the program.
//
// A program with its own components is
//
//     import Terrace
//     TerraceProgram.main(BuiltIns.catalog + Catalog(extractors: [FolderExtractor.self]))
@_exported import BuiltIns
@_exported import Components
@_exported import Diagnostics
@_exported import Paths
@_exported import Records
@_exported import TerraceCLI
