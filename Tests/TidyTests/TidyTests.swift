import ControlRoom
import EngineAPI
import EngineCore
import Foundation
import Testing

/// The rules of the architecture, read off the files.
struct TidyTests {
    /// What each module may import beside the standard library and `Glibc`.
    ///
    /// A new arrow here is a change of design and says why in its commit.
    private static let allowedImports: [String: Set<String>] = [
        "Attestation": ["Domain", "Crypto", "FoundationEssentials"],
        "Boosting": ["CXGBoost", "Synchronization"],
        "ControlRoom": ["Domain", "EngineAPI", "Terminal", "Synchronization"],
        "Delivery": [
            "CCurl", "Domain", "Dispatch", "FoundationEssentials", "Subprocess",
            "SystemPackage",
        ],
        "Domain": ["FoundationEssentials"],
        "EngineAPI": ["Domain"],
        "EngineCore": [
            "Attestation", "Delivery", "Domain", "EngineAPI", "Monitoring", "Pipelines", "Storage",
            "Tables", "Training", "Dispatch", "FoundationEssentials", "Logging", "Subprocess",
            "Synchronization", "SystemPackage",
        ],
        "EngineSocket": [
            "Domain", "EngineAPI", "Dispatch", "FoundationEssentials", "Synchronization",
        ],
        "Monitoring": ["Domain", "Statistics", "FoundationEssentials"],
        "Pipelines": ["CYAML", "Domain", "FoundationEssentials"],
        "ScoringServer": [
            "Boosting", "Domain", "EngineAPI", "Statistics", "Tables", "Crypto", "Dispatch",
            "FoundationEssentials", "NIOCore", "NIOHTTP1", "NIOPosix", "Synchronization",
        ],
        "Statistics": [],
        "Storage": [
            "Attestation", "CSQLite", "Domain", "Crypto", "Dispatch", "FoundationEssentials",
            "Synchronization",
        ],
        "Tables": ["CZlib", "Domain", "FoundationEssentials"],
        "Terminal": [],
        "TerminalNcurses": ["CNcurses", "Terminal", "Synchronization"],
        "Training": [
            "Boosting", "Domain", "Tables", "FoundationEssentials", "Subprocess", "Synchronization",
            "SystemPackage",
        ],
    ]

    @Test func `every module imports only what the architecture allows it`() throws {
        var offences: [String] = []
        for source in try Repository.sources(in: "Sources") where source.module != "binnacle" {
            let allowed = try #require(
                TidyTests.allowedImports[source.module],
                "\(source.path) is in a module the table does not know"
            )
            for line in source.lines {
                guard let name = importedModule(line), name != "Glibc" else { continue }
                if !allowed.contains(name) { offences.append("\(source.path): \(name)") }
            }
        }
        #expect(offences.isEmpty, "\(offences)")
    }

    @Test func `no source takes in all of Foundation`() throws {
        let offenders = try Repository.sources(in: "Sources")
            .filter { $0.lines.contains { importedModule($0) == "Foundation" } }
            .map(\.path)
        #expect(offenders.isEmpty, "\(offenders)")
    }

    @Test func `pure modules have no clock and no randomness`() throws {
        let pure: Set = ["Domain", "Statistics", "Monitoring", "Terminal", "ControlRoom"]
        let words = [
            "Date()", "Date.now", "ContinuousClock", "clock_gettime", ".random(", "UUID()",
        ]
        var offences: [String] = []
        for source in try Repository.sources(in: "Sources") where pure.contains(source.module) {
            for (number, line) in source.lines.enumerated()
            where words.contains(where: line.contains) {
                offences.append("\(source.path):\(number + 1)")
            }
        }
        #expect(offences.isEmpty, "\(offences)")
    }

    @Test func `the top level holds what the layout names and nothing else`() throws {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "themes", "README.md", "screenshots", "LICENSE",
        ]
        let found = try FileManager.default
            .contentsOfDirectory(atPath: Repository.root.path)
            .filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
        #expect(Set(found) == allowed)
    }

    @Test(arguments: ["Sources", "Tests"])
    func `no file is longer than 500 lines`(folder: String) throws {
        let long = try Repository.sources(in: folder)
            .filter { $0.lines.count > 501 }
            .map { "\($0.path): \($0.lines.count)" }
        #expect(long.isEmpty, "\(long)")
    }

    @Test(arguments: ["Sources", "Tests"])
    func `no function is longer than 70 lines`(folder: String) throws {
        let long = try Repository.sources(in: folder).flatMap(longFunctions)
        #expect(long.isEmpty, "\(long)")
    }

    @Test func `the formatter finds nothing to complain about`() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["swift", "format", "lint", "--strict", "-r", "Package.swift"]
        process.arguments? += ["Sources", "Tests"]
        process.currentDirectoryURL = Repository.root
        let output = Pipe()
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: said, as: UTF8.self)
        #expect(process.terminationStatus == 0, "\(text.prefix(4_000))")
    }

    @Test func `every engine request has a handler and a name of its own`() {
        for request in engineRequests {
            #expect(request is any EngineHandled.Type, "\(request.name) has no handler")
        }
        #expect(Set(engineRequests.map { $0.name }).count == engineRequests.count)
    }

    @Test func `every request type of the API is in the request table`() throws {
        let lines = try Repository.sources(in: "Sources/EngineAPI").flatMap(\.lines)
        let declared = lines.compactMap { line -> String? in
            guard line.hasPrefix("package struct "),
                [": EngineRequest {", ": LookingBack {"].contains(where: line.contains)
            else { return nil }
            return line.split(separator: " ")[2].split(separator: ":").first.map(String.init)
        }
        let listed = Set(engineRequests.map { String(describing: $0) })
        #expect(Set(declared) == listed)
    }

    /// `UPDATE_GOLDENS=1` writes the table into the README.
    @Test func `the key table in the README is the one the program uses`() throws {
        let path = Repository.root.appending(path: "README.md")
        let readme = try String(contentsOf: path, encoding: .utf8)
        let parts = readme.components(separatedBy: "<!-- end of keys -->")
        let before = try #require(parts.first).components(separatedBy: "compares them -->\n")
        try #require(parts.count == 2 && before.count == 2)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
            let text =
                before[0] + "compares them -->\n" + KeyTable.keyTableMarkdown
                + "<!-- end of keys -->" + parts[1]
            try text.write(to: path, atomically: true, encoding: .utf8)
        } else {
            #expect(before[1] == KeyTable.keyTableMarkdown)
        }
    }

    // MARK: - Reading

    private func importedModule(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
            words[..<index].allSatisfy({
                ["package", "internal", "public", "private", "@testable"].contains(String($0))
            })
        else { return nil }
        let name = words[index + 1] == "struct" ? words[index + 2] : words[index + 1]
        return name.split(separator: ".").first.map(String.init)
    }

    /// Functions that end more than 70 lines after they begin; the formatter's indentation tells
    /// where that is.
    private func longFunctions(_ source: Repository.Source) -> [String] {
        var found: [String] = []
        for (start, line) in source.lines.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            let isFunction = words.contains { $0 == "func" || $0.hasPrefix("init(") }
            guard isFunction, !line.trimmingCharacters(in: .whitespaces).hasPrefix("//"),
                !line.hasSuffix("}")
            else { continue }
            let closing = String(line.prefix { $0 == " " }) + "}"
            guard let end = source.lines[start...].firstIndex(of: closing) else { continue }
            if end - start + 1 > 70 { found.append("\(source.path):\(start + 1)") }
        }
        return found
    }
}
