import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Testing

extension JourneyTests {
    /// The story of a model told in a shell, without a screen.
    @Suite
    struct CommandJourneyTests {
        /// A shell whose every call names the test's home.
        private struct Shell {
            let home: JourneyHome

            /// Runs a command that must succeed and returns its output.
            @discardableResult
            func run(_ words: String...) async throws -> String {
                let ending = try await Program.run(words + ["--home", home.path], in: home)
                let call = words.joined(separator: " ")
                #expect(ending.code == 0, "\(call): \(ending.error)")
                return ending.output
            }

            /// Runs a command with `--json` and reads its answer.
            func read<Answer: Decodable>(_ type: Answer.Type, _ words: String...) async throws
                -> Answer
            {
                let ending = try await Program.run(
                    words + ["--json", "--home", home.path],
                    in: home
                )
                let call = words.joined(separator: " ")
                #expect(ending.code == 0, "\(call): \(ending.error)")
                return try JSONDecoder().decode(type, from: Data(ending.output.utf8))
            }

            func write(_ text: String, to name: String) throws -> String {
                let path = "\(home.root)/\(name)"
                try Data(text.utf8).write(to: URL(filePath: path))
                return path
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `a shell takes a model from its file to production and back`() async throws {
            try await JourneyHome.lend { home in
                let shell = Shell(home: home)
                var market = Market(seed: 11)
                try Story.writeProject(Market.pipeline(), in: home)
                let first = try shell.write(Market.csv(market.rows(400)), to: "first.csv")
                let data = try await shell.read(
                    DatasetVersion.self,
                    "data",
                    "add",
                    first,
                    "--name",
                    Market.model
                )
                #expect(data.rows == 400)
                let run = try await shell.read(Run.self, "train", home.project, "--wait")
                #expect(run.status.name == "registered")
                let early = try await Program.run(
                    ["deploy", Market.model, "v1", "--home", home.path],
                    in: home
                )
                #expect(early.code == 1, "nobody has approved it")
                try await release(1, in: shell)
                try await score(market.rows(60), in: shell)

                market.phase = 1
                let second = try shell.write(Market.csv(market.rows(400)), to: "second.csv")
                try await shell.run("data", "add", second, "--name", Market.model)
                try await shell.run("train", "--model", Market.model, "--wait")
                try await release(2, in: shell)
                let row = try await shell.read(DeploymentRow.self, "rollback", Market.model)
                #expect(row.deployment.revisions.map(\.version) == [1, 2, 1])
                #expect(row.health.servingVersion == 1)
                try await checkRecords(in: shell)
                #expect(try await shell.run("engine", "stop").contains("has stopped"))
                #expect(home.processes() == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `another machine's engine is asked through ssh, and started where none runs`()
            async throws
        {
            try await JourneyHome.lend { home in
                let shell = Shell(home: home)
                let program = try Program.path()
                let ssh = try shell.write(
                    """
                    #!/bin/sh
                    [ "$*" = "-T me@box binnacle dial-stdio" ] || exit 9
                    exec "\(program)" dial-stdio --home "\(home.path)"

                    """,
                    to: "ssh.sh"
                )
                chmod(ssh, 0o700)
                let status = try await Program.run(
                    ["engine", "status", "--json", "--host", "me@box"],
                    in: home,
                    environment: ["BINNACLE_SSH": ssh]
                )
                #expect(status.code == 0, "\(status.error)")
                let read = try JSONDecoder().decode(
                    EngineStatus.self,
                    from: Data(status.output.utf8)
                )
                #expect(read.home == home.path)
                #expect(home.processes(.engine).map(\.id) == [read.processID])

                let wrong = try await Program.run(
                    ["models", "--host", "nobody@box"],
                    in: home,
                    environment: ["BINNACLE_SSH": ssh]
                )
                #expect(wrong.code == 1)
                #expect(wrong.error.contains("ssh -T nobody@box binnacle dial-stdio"))
            }
        }

        /// Approves a version and waits until it serves.
        private func release(_ version: Int, in shell: Shell) async throws {
            let waiting = try await shell.read([Approval].self, "approvals")
            #expect(waiting.map(\.version) == [version])
            let label = "v\(version)"
            let unconfirmed = try await Program.run(
                ["approve", Market.model, label, "--home", shell.home.path],
                in: shell.home
            )
            #expect(unconfirmed.code == 2, "production asks for a confirmation")
            let approval = try await shell.read(
                Approval.self,
                "approve",
                Market.model,
                label,
                "--confirm",
                label,
                "--reason",
                "the evidence is good"
            )
            #expect(approval.status == .approved)
            #expect(approval.decisions.map(\.reason) == ["the evidence is good"])
            let story = Story(home: shell.home, connection: try await shell.home.connect())
            _ = try await story.serving { $0.servingVersion == version }
        }

        private func score(_ rows: [Market.Row], in shell: Shell) async throws {
            let row = try #require(
                try await shell.read([DeploymentRow].self, "deployments").first
            )
            let answer = try await ScoringClient(port: row.health.port)
                .score(Market.request(rows), requestID: "shell")
            #expect(answer.status == 200)
            let labels = rows.map { "\($0.id),\($0.bought)\n" }.joined()
            let file = try shell.write("id,label\n" + labels, to: "labels.csv")
            let added = try await shell.read(
                LabelsAdded.self,
                "labels",
                "add",
                file,
                "--model",
                Market.model
            )
            #expect(added.received == rows.count)
        }

        private func checkRecords(in shell: Shell) async throws {
            let model = Market.model
            #expect(try await shell.read([ModelRow].self, "models").map(\.champion) == [1])
            let page = try await shell.read(ModelPage.self, "models", "show", model)
            #expect(page.versions.map(\.number) == [2, 1])
            let comparison = try await shell.read(VersionComparison.self, "compare", model, "v2")
            #expect(comparison.base == 1 && comparison.isPaired)
            let runs = try await shell.read([Run].self, "runs")
            #expect(runs.map(\.status.name) == ["registered", "registered"])
            let jobs = try await shell.read([Job].self, "jobs")
            #expect(jobs.count { $0.kind == .train } == 2)
            let log = try await shell.run("logs", runs[0].job.text)
            #expect(!log.isEmpty)
            _ = try await shell.read([Alert].self, "alerts")
            _ = try await shell.read(DriftSeries.self, "drift", model)
            let lineage = try await shell.read(Lineage.self, "lineage", model, "v1")
            #expect(Set(lineage.nodes.map(\.subject.kind)).isSuperset(of: [.file, .predictions]))
            let audit = try await shell.read(AuditVerification.self, "audit", "verify")
            #expect(audit.firstBad == nil && audit.events > 10)
            let events = try await shell.read([AuditEvent].self, "audit", "--limit", "500")
            #expect(events.contains { $0.content.action == "deployment.rolledBack" })
        }
    }
}
