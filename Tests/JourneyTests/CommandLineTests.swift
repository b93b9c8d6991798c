import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Testing

extension JourneyTests {
    /// What a shell sees of the program: exit codes, and on which stream something is said.
    @Suite
    struct CommandLineTests {
        struct Call: Sendable, CustomStringConvertible {
            let arguments: [String]
            let code: Int32
            /// Part of what is said: on the output where the code is 0, else on the error.
            let words: String

            var description: String { "binnacle \(arguments.joined(separator: " "))" }
        }

        /// `HOME` stands for the test's own home, which no engine serves.
        static let calls: [Call] = [
            Call(arguments: ["--help"], code: 0, words: "Exit codes: 0 done, 1 refused"),
            Call(arguments: ["--version"], code: 0, words: "0."),
            Call(arguments: ["help", "engine"], code: 0, words: "Run, look at or stop the engine"),
            Call(arguments: ["engine", "run", "--help"], code: 0, words: "--background"),
            Call(arguments: ["engine", "status", "--home", "HOME"], code: 1, words: "No engine"),
            Call(arguments: ["engine", "stop", "--home", "HOME"], code: 0, words: "No engine"),
            Call(
                arguments: ["demo", "--headless", "--home", "HOME"],
                code: 1,
                words: "was not made by the demonstration"
            ),
            Call(arguments: ["train-worker", "HOME/none.json"], code: 1, words: "none.json"),
            Call(arguments: ["no-such-command"], code: 2, words: "no-such-command"),
            Call(arguments: ["engine", "no-such-command"], code: 2, words: "no-such-command"),
            Call(arguments: ["engine", "status", "--no-such"], code: 2, words: "no-such"),
            Call(arguments: ["engine", "status", "--home"], code: 2, words: "--home"),
            Call(arguments: ["train-worker"], code: 2, words: "<plan>"),
            Call(arguments: ["score", "--home", "HOME"], code: 2, words: "--deployment"),
            Call(arguments: ["data", "add", "rows.csv"], code: 2, words: "--name"),
            Call(arguments: ["train", "here", "--model", "m"], code: 2, words: "not both"),
            Call(arguments: ["approve", "m", "two"], code: 2, words: "two"),
            Call(arguments: ["reject", "m", "v2"], code: 2, words: "--reason"),
            Call(arguments: ["deploy", "m"], code: 2, words: "<version>"),
            Call(arguments: ["lineage", "something"], code: 2, words: "does not tell its kind"),
            Call(arguments: ["logs", "job-1", "--follow", "--json"], code: 2, words: "--json"),
            Call(arguments: ["completions", "tcsh"], code: 2, words: "tcsh"),
            Call(arguments: ["completions", "bash"], code: 0, words: "complete"),
        ]

        /// What an engine without any state refuses.
        static let refusals: [[String]] = [
            ["data", "add", "/no/such/file.csv", "--name", "d"], ["data", "show", "data-9"],
            ["train", "/no/such/folder"], ["train", "--model", "m"], ["runs", "show", "run-9"],
            ["jobs", "cancel", "job-9"], ["logs", "job-9"], ["models", "show", "m"],
            ["compare", "m", "v2"], ["approvals", "show", "approval-9"],
            ["approve", "m", "v1", "--confirm", "v1"], ["reject", "m", "v1", "--reason", "no"],
            ["deploy", "m", "v1"], ["deploy", "m", "v1", "--request"], ["rollback", "m"],
            ["labels", "add", "/no/such/file.csv", "--model", "m"], ["drift", "m"],
            ["drift", "m", "--histogram", "x"], ["alerts", "acknowledge", "alert-9"],
            ["lineage", "run-9"],
        ]

        @Test(.timeLimit(.minutes(5)), arguments: calls)
        func `a call ends with its exit code and a sentence`(call: Call) async throws {
            try await JourneyHome.lend { home in
                try Data().write(to: URL(filePath: home.path + "/something-of-mine"))
                let arguments = call.arguments.map {
                    $0.replacing("HOME", with: home.path)
                }
                let ending = try await Program.run(arguments, in: home)
                #expect(ending.code == call.code, "\(ending.error)")
                let said = call.code == 0 ? ending.output : ending.error
                let silent = call.code == 0 ? ending.error : ending.output
                #expect(said.contains(call.words), "\(said)")
                // A training child's output is what the engine reads.
                #expect(silent.isEmpty || call.arguments[0] == "train-worker", "\(silent)")
                #expect(home.processes() == [], "none of these starts an engine")
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `what cannot be done ends with 1 and one sentence, and no output`() async throws {
            try await JourneyHome.lend { home in
                for arguments in CommandLineTests.refusals {
                    let call = arguments.joined(separator: " ")
                    let ending = try await Program.run(arguments + ["--home", home.path], in: home)
                    #expect(ending.code == 1, "\(call): \(ending.output)")
                    #expect(ending.output == "", "\(call)")
                    #expect(ending.error.hasSuffix(".\n"), "\(call): \(ending.error)")
                    #expect(!ending.error.contains("Error:"), "\(call): \(ending.error)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a store that is damaged is named at once, by every client`() async throws {
            try await JourneyHome.lend { home in
                let store = home.path + "/binnacle.sqlite"
                try Data(repeating: 77, count: 8_192).write(to: URL(filePath: store))
                let ending = try await Program.run(["models", "--home", home.path], in: home)
                #expect(ending.code == 1)
                #expect(ending.error.contains("did not start"), "\(ending.error)")
                #expect(ending.error.contains(store), "\(ending.error)")
                #expect(home.processes() == [])
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [("1", "1"), ("yaml", "5"), ("theme", "5")])
        func `a manual page is formatted without a warning`(page: String, section: String)
            async throws
        {
            try await JourneyHome.lend { home in
                let folder = home.root + "/man"
                let made = try await Program.run(["man", "--install", folder], in: home)
                #expect(made.code == 0, "\(made.error)")
                let pages = made.output.split(separator: "\n").map(String.init)
                let name = ["1": "binnacle", "yaml": "binnacle.yaml"][page] ?? "binnacle-theme"
                let path = "\(folder)/man\(section)/\(name).\(section)"
                #expect(pages.contains(path))
                let options = ["groff", "-man", "-Tutf8", "-ww", path]
                let shown = try await Program.call("/usr/bin/env", options, in: home)
                #expect(shown.code == 0)
                #expect(shown.error == "")
                #expect(shown.output.contains(name))
                let printed = try await Program.run(["man", page], in: home)
                #expect(printed.output == text(ofFileAt: path))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["bash", "zsh", "fish"])
        func `a shell reads its completions`(shell: String) async throws {
            try await JourneyHome.lend { home in
                let script = try await Program.run(["completions", shell], in: home)
                #expect(script.code == 0)
                let path = home.root + "/completions"
                try Data(script.output.utf8).write(to: URL(filePath: path))
                let read = try await Program.call("/usr/bin/env", [shell, "-n", path], in: home)
                #expect(read.code == 0, "\(read.error)")
                #expect(read.error == "")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a completion offers the commands and options that fit`() async throws {
            try await JourneyHome.lend { home in
                let script = try await Program.run(["completions", "fish"], in: home)
                let path = home.root + "/completions"
                try Data(script.output.utf8).write(to: URL(filePath: path))
                let offers = [("binnacle mod", "models\t"), ("binnacle drift --meas", "")]
                for (typed, offered) in offers {
                    let asked = "source '\(path)'; complete -C '\(typed)'"
                    let answer = try await Program.call(
                        "/usr/bin/env",
                        ["HOME=" + home.root, "fish", "--no-config", "-c", asked],
                        in: home
                    )
                    #expect(answer.error == "")
                    #expect(answer.output.hasPrefix(offered), "\(answer.output)")
                    #expect(answer.output.isEmpty == offered.isEmpty, "\(answer.output)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the status of an engine that runs is JSON with --json, else lines`() async throws {
            try await JourneyHome.lend { home in
                let known = try await home.connect().send(GetEngineStatus())
                let status = ["engine", "status", "--home", home.path]
                let json = try await Program.run(status + ["--json"], in: home)
                #expect(json.code == 0)
                let read = try JSONDecoder().decode(
                    EngineStatus.self,
                    from: Data(json.output.utf8)
                )
                #expect(read.processID == known.processID)
                #expect(read.home == home.path)
                let lines = try await Program.run(status, in: home)
                #expect(lines.code == 0)
                #expect(lines.output.contains("process \(known.processID)"))
                #expect(lines.output.contains("home      \(home.path)"))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `stopping an engine says so, and then there is none`() async throws {
            try await JourneyHome.lend { home in
                _ = try await home.connect()
                let stop = try await Program.run(["engine", "stop", "--home", home.path], in: home)
                #expect(stop.code == 0)
                #expect(stop.output == "The engine of \"\(home.path)\" has stopped.\n")
                #expect(home.processes() == [])
                let status = try await Program.run(
                    ["engine", "status", "--home", home.path],
                    in: home
                )
                #expect(status.code == 1)
            }
        }
    }
}
