// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house, lowest layer first: a target imports only rooms of lower layers
// (docs/ARCHITECTURE.md tells what each is for; `make check` holds the imports to this list).

// `make check` sets TERRACE_STRICT: our own warnings are errors then, and never those of who depends on us.
let isStrict = Context.environment["TERRACE_STRICT"] != nil

// `scripts/fuzz` sets TERRACE_FUZZ: every room is instrumented for libFuzzer then, and `Fuzzing` is built.
let isFuzzing = Context.environment["TERRACE_FUZZ"] != nil

let strict: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])
  + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer", "-assert-config", "Debug"])] : [])

/// The laws of `make fuzz`. libFuzzer brings the program's `main`.
let fuzzing: [Target] = [
  .executableTarget(
    name: "terrace-fuzz",
    dependencies: [
      "Components", "Decoders", "Diagnostics", "Expressions", "Paths", "PipelineFiles", "PipelineTesting",
      "Records",
    ],
    path: "Fuzzing", exclude: ["Seeds"], swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
  name: "terrace",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "terrace", targets: ["terrace"]),
    .library(name: "Terrace", targets: ["Terrace"]),
    .library(name: "PipelineTesting", targets: ["PipelineTesting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CLibCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CSpawn"),
    .systemLibrary(name: "CMalloc"),

    // Layer 0
    room("Records"),
    room("Diagnostics"),
    room("Paths"),
    // Layer 1
    room("Expressions", ["Records", "Diagnostics"]),
    room("PipelineFiles", ["Records", "Diagnostics", "Paths", "Yams"]),
    room(
      "Store",
      [
        "Records", "Diagnostics", "CZstd", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    // Layer 2
    room("Components", ["Records", "Diagnostics", "Paths", "Expressions"]),
    // Layer 3
    room(
      "Extractors",
      [
        "Records", "Diagnostics", "Paths", "Components", "CLibCurl", "CSpawn", "CZlib", "CZstd",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    room("Decoders", ["Records", "Diagnostics", "Paths", "Components", "CLibXML2"]),
    room("Transformers", ["Records", "Diagnostics", "Paths", "Expressions", "Components"]),
    room("Validators", ["Records", "Diagnostics", "Expressions", "Components"]),
    room("Loaders", ["Records", "Diagnostics", "Components", "CSQLite"]),
    room(
      "Planning",
      [
        "Records", "Diagnostics", "Paths", "Expressions", "PipelineFiles", "Components",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    // Layer 4
    room(
      "BuiltIns",
      ["Components", "Extractors", "Decoders", "Transformers", "Validators", "Loaders"]),
    room(
      "Engine",
      [
        "Records", "Diagnostics", "Paths", "Expressions", "PipelineFiles", "Components", "Store",
        "Planning",
      ]),
    // Layer 5
    room(
      "Sandbox",
      ["Records", "FlyingFox", "CZlib", "COpenSSL", .product(name: "Crypto", package: "swift-crypto")]),
    room(
      "TerraceCLI",
      [
        "Records", "Diagnostics", "Paths", "Expressions", "PipelineFiles", "Components", "Store",
        "Planning", "Engine", "Extractors", "Sandbox", "CMalloc",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // Layer 6
    .executableTarget(name: "terrace", dependencies: ["TerraceCLI", "BuiltIns"], swiftSettings: strict),
    room("Terrace", ["Records", "Diagnostics", "Paths", "Components", "TerraceCLI", "BuiltIns"]),
    room("PipelineTesting", ["Records", "Diagnostics", "Paths", "Components", "Store", "Engine"]),

    // Beside the house: `make bench`
    .target(name: "CParseLimit", dependencies: ["CLibXML2"], path: "Benchmarks/CParseLimit"),
    .executableTarget(
      name: "terrace-bench",
      dependencies: [
        "CParseLimit", "BuiltIns", "Components", "Engine", "PipelineFiles", "Planning", "Records",
      ],
      path: "Benchmarks/Bench", swiftSettings: strict),

    tests("ArchitectureTests", []),
    tests("RecordsTests", ["Records"]),
    tests("DiagnosticsTests", ["Diagnostics"]),
    tests("PathsTests", ["Paths"]),
    tests("ExpressionsTests", ["Expressions", "Records", "Diagnostics"]),
    tests("PipelineFilesTests", ["PipelineFiles", "Records", "Diagnostics", "Paths"]),
    tests("StoreTests", ["Store", "Records", "PipelineTesting"]),
    tests("ComponentsTests", ["Components", "Records", "Diagnostics", "Paths"]),
    tests(
      "ExtractorsTests",
      [
        "Extractors", "CZlib", "CZstd", "Components", "Records", "Diagnostics", "PipelineTesting", "Sandbox",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    tests("DecodersTests", ["Decoders", "Components", "Records", "Paths", "PipelineTesting"]),
    tests(
      "TransformersTests",
      ["Transformers", "Components", "Records", "Expressions", "Paths", "PipelineTesting"]),
    tests("ValidatorsTests", ["Validators", "Components", "Records", "Expressions", "PipelineTesting"]),
    tests("LoadersTests", ["Loaders", "Components", "Records", "Diagnostics", "CSQLite", "PipelineTesting"]),
    tests(
      "PlanningTests",
      ["Planning", "PipelineFiles", "Components", "BuiltIns", "Records", "Diagnostics", "Paths"]),
    tests(
      "EngineTests",
      [
        "Engine", "Store", "Planning", "PipelineFiles", "BuiltIns", "Components", "Records", "Diagnostics",
        "PipelineTesting", "CSQLite",
      ]),
    tests("SandboxTests", ["Sandbox"]),
    tests(
      "FaultTests",
      [
        "Sandbox", "Engine", "Store", "Planning", "PipelineFiles", "BuiltIns", "Components", "Records",
        "Diagnostics", "CSQLite",
      ]),
    tests("TerraceCLITests", ["TerraceCLI", "BuiltIns", "CSQLite", "Sandbox"]),
  ] + (isFuzzing ? fuzzing : [])
)
