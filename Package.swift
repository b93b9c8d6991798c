// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// For the targets that wrap a C library.
let wrapperSettings: [SwiftSetting] = settings + [.strictMemorySafety()]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = ["NIOCore", "NIOHTTP1", "NIOPosix"].map {
    .product(name: $0, package: "swift-nio")
}
let subprocess: [Target.Dependency] = [
    .product(name: "Subprocess", package: "swift-subprocess"),
    .product(name: "SystemPackage", package: "swift-system"),
]

/// A target of our own; its tests may use what it uses.
func target(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    settings: [SwiftSetting] = settings
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        exclude: exclude,
        swiftSettings: settings
    )
}

let package = Package(
    name: "binnacle",
    products: [.executable(name: "binnacle", targets: ["binnacle"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // Without its default trait, which would link all of Foundation.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // MARK: Attestation
        target("Attestation", ["Domain", crypto]),
        tests("AttestationTests", ["Attestation", "Domain", crypto]),

        // MARK: binnacle
        .executableTarget(
            name: "binnacle",
            dependencies: [
                "Attestation", "CDemonstration", "ControlRoom", "Domain", "EngineAPI", "EngineCore",
                "EngineSocket", "Monitoring", "Pipelines", "ScoringServer", "Statistics", "Tables",
                "Terminal", "TerminalNcurses", "Training",
                argumentParser, logging,
            ] + subprocess,
            swiftSettings: settings
        ),
        tests("JourneyTests", ["Domain", "EngineAPI", "EngineSocket", "Storage"]),
        tests("TidyTests", ["ControlRoom", "EngineAPI", "EngineCore"]),

        // MARK: Benchmarks
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Attestation", "Boosting", "CSQLite", "ControlRoom", "Domain", "EngineAPI",
                "EngineCore", "Monitoring", "Statistics", "Storage", "Tables", "Terminal", logging,
            ],
            path: "Tests/Benchmarks",
            exclude: ["registry", "room", "run"],
            swiftSettings: settings
        ),

        // MARK: Boosting
        target("Boosting", ["CXGBoost"], settings: wrapperSettings),
        tests("BoostingTests", ["Boosting"], exclude: ["Fixtures"]),

        // MARK: C libraries
        .target(name: "CDemonstration", exclude: ["nyc-flights-2013.csv.gz"]),
        .target(name: "CCurl"),
        .systemLibrary(name: "CNcurses"),
        .systemLibrary(name: "CSQLite"),
        .target(name: "CXGBoost"),
        .systemLibrary(name: "CYAML"),
        .systemLibrary(name: "CZlib"),

        // MARK: Commands of binnacle
        tests(
            "CommandTests",
            ["ControlRoom", "Domain", "EngineAPI", "Statistics", "Terminal", "binnacle"]
        ),

        // MARK: ControlRoom
        target("ControlRoom", ["Domain", "EngineAPI", "Terminal"]),
        tests(
            "ControlRoomTests",
            ["ControlRoom", "Domain", "EngineAPI", "Terminal"],
            exclude: ["Goldens"]
        ),

        // MARK: Delivery
        target("Delivery", ["CCurl", "Domain"] + subprocess, settings: wrapperSettings),
        tests("DeliveryTests", ["Delivery", "Domain"] + nio),

        // MARK: Domain
        target("Domain"),
        tests("DomainTests", ["Domain"]),

        // MARK: EngineAPI
        target("EngineAPI", ["Domain"]),

        // MARK: EngineCore
        target(
            "EngineCore",
            [
                "Attestation", "Delivery", "Domain", "EngineAPI", "Monitoring", "Pipelines",
                "Storage", "Tables", "Training", logging,
            ] + subprocess
        ),
        tests(
            "EngineCoreTests",
            [
                "Attestation", "Domain", "EngineAPI", "EngineCore", "Monitoring", "Storage",
                "Tables", "Training",
                logging,
            ]
        ),

        // MARK: EngineSocket
        target("EngineSocket", ["Domain", "EngineAPI"]),
        tests("EngineSocketTests", ["Domain", "EngineAPI", "EngineSocket"]),

        // MARK: Monitoring
        target("Monitoring", ["Domain", "Statistics"]),
        tests("MonitoringTests", ["Domain", "Monitoring", "Statistics"]),

        // MARK: Pipelines
        target("Pipelines", ["CYAML", "Domain"], settings: wrapperSettings),
        tests("PipelinesTests", ["Domain", "Pipelines"]),

        // MARK: ScoringServer
        target(
            "ScoringServer",
            ["Boosting", "Domain", "EngineAPI", "Tables", crypto] + nio
        ),
        tests(
            "ScoringServerTests",
            ["Boosting", "Domain", "EngineAPI", "ScoringServer", "Tables"]
        ),

        // MARK: Statistics
        target("Statistics"),
        tests("StatisticsTests", ["Statistics"], exclude: ["Fixtures"]),

        // MARK: Storage
        target("Storage", ["Attestation", "CSQLite", "Domain", crypto], settings: wrapperSettings),
        tests("StorageTests", ["Attestation", "Domain", "Storage"]),

        // MARK: Tables
        target("Tables", ["CZlib", "Domain"], settings: wrapperSettings),
        tests("TablesTests", ["Domain", "Tables"]),

        // MARK: Terminal
        target("Terminal"),
        target("TerminalNcurses", ["CNcurses", "Terminal"], settings: wrapperSettings),
        tests("TerminalTests", ["Terminal", "TerminalNcurses"]),

        // MARK: Training
        target("Training", ["Boosting", "Domain", "Tables"] + subprocess),
        tests("TrainingTests", ["Boosting", "Domain", "Tables", "Training"]),
    ],
    swiftLanguageModes: [.v6]
)
