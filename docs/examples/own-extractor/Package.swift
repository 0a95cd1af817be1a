// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "own-extractor",
  platforms: [.macOS(.v15)],
  dependencies: [
    // In a project of your own: .package(url: "…/terrace", from: "0.1.0")
    .package(name: "terrace", path: "../../..")
  ],
  targets: [
    .target(name: "OwnExtractors", dependencies: [.product(name: "Terrace", package: "terrace")]),
    .executableTarget(
      name: "province", dependencies: ["OwnExtractors", .product(name: "Terrace", package: "terrace")]),
    .testTarget(
      name: "OwnExtractorsTests",
      dependencies: [
        "OwnExtractors", .product(name: "PipelineTesting", package: "terrace"),
        .product(name: "Terrace", package: "terrace"),
      ]),
  ]
)
