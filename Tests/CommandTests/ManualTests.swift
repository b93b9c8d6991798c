import ControlRoom
import FoundationEssentials
import Terminal
import Testing

@testable import binnacle

/// The manual pages against the tables that they are made from.
@Suite struct ManualTests {
    @Test func `the page of the program names every command, key and view`() throws {
        let page = try ManualPage.program.roff()
        let tree = try CommandTree.own()
        for command in tree.subcommands ?? [] where command.shouldDisplay {
            #expect(page.contains(Roff.escaped("binnacle \(command.commandName)")))
        }
        for entry in KeyTable.entries {
            #expect(page.contains(Roff.escaped(":\(entry.command.rawValue)")))
        }
        for view in ViewName.allCases {
            #expect(page.contains(Roff.escaped(ManualPage.jsonCommand(of: view))))
        }
    }

    /// A view's data must be there for programs: the command exists and takes `--json`.
    @Test(arguments: ViewName.allCases)
    func `every view is a command that prints JSON`(view: ViewName) throws {
        let tree = try CommandTree.own()
        for words in ManualPage.jsonCommand(of: view).split(separator: ", ") {
            let name = String(words.split(separator: " ")[1])
            let command = try #require(tree.subcommands?.first { $0.commandName == name })
            let all = [command] + (command.subcommands ?? [])
            let takes = all.contains { one in
                (one.arguments ?? []).contains { $0.valueName == "json" }
            }
            #expect(takes, "\(name) takes no --json")
        }
    }

    @Test func `the page of the pipeline file explains its keys`() throws {
        let page = try ManualPage.pipeline.roff()
        for key in ["model (required)", "train.early_stopping", "monitor.drift.psi"] {
            #expect(page.contains("\\fB\(key)\\fR"))
        }
    }

    @Test func `the page of themes names every key that is read, and no other`() throws {
        let page = try ManualPage.theme.roff()
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let path = parts.joined(separator: "/") + "/Sources/Terminal/ThemeFile.swift"
        let source = String(
            decoding: try #require(FileManager.default.contents(atPath: path)),
            as: UTF8.self
        )
        for name in ThemeKey.all.flatMap(\.names) {
            #expect(page.contains(name))
            let isRead = source.contains("\"\(name)\"") || name.hasPrefix("series_")
            #expect(isRead || name.hasPrefix("cpu_"), "\(name) is not read")
        }
        let calls = source.split(separator: "colour(\"").dropFirst()
        for call in calls {
            let name = String(call.prefix { $0 != "\"" && $0 != "\\" })
            let isListed = ThemeKey.all.contains { $0.names.contains { $0.hasPrefix(name) } }
            #expect(isListed, "\(name) is read and not explained")
        }
    }

    @Test(arguments: [
        ("a-b\\c", "a\\-b\\ec"), ("plain", "plain"), ("←", "\\[u2190]"), ("é", "\\[u00E9]"),
    ])
    func `foreign signs are escaped`(text: String, escaped: String) {
        #expect(Roff.escaped(text) == escaped)
    }

    @Test func `a line that looks like a request is text`() {
        var page = Roff("x", section: 1)
        page.text(".so /etc/passwd")
        page.text("'quoted")
        #expect(page.text.contains("\\&.so"))
        #expect(page.text.contains("\\&'quoted"))
    }
}
