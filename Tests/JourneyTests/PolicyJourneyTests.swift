import Domain
import EngineAPI
import EngineSocket
import Testing

extension JourneyTests {
    /// What an environment's policy asks beside approvals, as a shell meets it.
    @Suite
    struct PolicyJourneyTests {
        private static let approve = ["approve", Market.model, "v1", "--confirm", "v1"]

        private func begin(_ policy: String, in home: JourneyHome) async throws -> Story {
            var market = Market(seed: 8)
            let story = try await Story.begin(
                in: home,
                pipeline: Market.pipeline(policy: policy),
                rows: market.rows(400)
            )
            _ = try await story.train()
            return story
        }

        private func refusal(_ words: [String], in home: JourneyHome) async throws -> String {
            let ending = try await Program.run(words + ["--home", home.path], in: home)
            #expect(ending.code == 1, "\(words): \(ending)")
            return ending.error
        }

        /// Business hours on another day of the week than this one and its neighbours.
        private static func otherDay(than date: Timestamp) -> String {
            let days = Int((date.seconds / Timestamp.day).rounded(.down))
            // The first of January 1970 was a Thursday.
            let today = (days + 3) % 7
            let name = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][(today + 3) % 7]
            return "\(name) 09:00-10:00"
        }

        @Test(.timeLimit(.minutes(2)))
        func `outside of its hours an environment takes what is approved, and deploys nothing`()
            async throws
        {
            try await JourneyHome.lend { home in
                let hours = Self.otherDay(than: currentTime())
                let story = try await begin("{ approvals: 1, hours: \"\(hours)\" }", in: home)
                let approved = try await Program.run(
                    Self.approve + ["--home", home.path],
                    in: home
                )
                #expect(approved.code == 0, "\(approved)")
                let deploy = ["deploy", Market.model, "v1"]
                let words = try await refusal(deploy, in: home)
                #expect(words.contains("is deployed to \(hours)"), "\(words)")
                #expect(try await story.connection.send(ListDeployments()) == [])
            }
        }

        /// Waits for what the engine does by itself once the wall clock says so.
        private func approval(
            _ story: Story,
            where isWanted: (Approval) -> Bool
        ) async throws -> Approval {
            while true {
                let all = try await story.connection.send(ListApprovals(openOnly: false))
                if let found = all.first(where: isWanted) { return found }
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `a grant that was not used in time deploys nothing`() async throws {
            try await JourneyHome.lend { home in
                let hours = Self.otherDay(than: currentTime())
                let policy = "{ approvals: 1, grant_expires: 2s, hours: \"\(hours)\" }"
                let story = try await begin(policy, in: home)
                let ending = try await Program.run(Self.approve + ["--home", home.path], in: home)
                #expect(ending.code == 0, "\(ending)")
                let granted = try await approval(story) { $0.status == .approved }
                let until = try #require(granted.grantedAt).adding(seconds: 2)
                while currentTime() <= until { try await Task.sleep(for: .milliseconds(20)) }
                let words = try await refusal(["deploy", Market.model, "v1"], in: home)
                #expect(words.contains("was good until"), "\(words)")
                #expect(words.contains("Ask for the release again."), "\(words)")
                let shown = try await Program.run(
                    ["approvals", "show", granted.id.text, "--home", home.path],
                    in: home
                )
                #expect(shown.output.contains("good until"), "\(shown)")
                #expect(try await story.connection.send(ListDeployments()) == [])
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `what serves for too long is asked about again, and approved again from the shell`()
            async throws
        {
            try await JourneyHome.lend { home in
                let policy = "{ approvals: 1, recertify: 2s, request_expires: 1h }"
                let story = try await begin(policy, in: home)
                let ending = try await Program.run(Self.approve + ["--home", home.path], in: home)
                #expect(ending.code == 0, "\(ending)")
                _ = try await approval(story) { $0.status == .live }
                let asked = try await approval(story) { $0.kind == .recertification }
                #expect(asked.about == ID("approval-1"))
                let listed = try await Program.run(["approvals", "--home", home.path], in: home)
                #expect(listed.output.contains(asked.id.text), "\(listed)")
                let shown = try await Program.run(
                    ["approvals", "show", asked.id.text, "--home", home.path],
                    in: home
                )
                #expect(shown.output.contains("It was last approved on"), "\(shown)")
                let again = try await Program.run(
                    ["approve", asked.id.text, "--confirm", "v1", "--home", home.path],
                    in: home
                )
                #expect(again.code == 0, "\(again)")
                let decided = try await story.connection.send(GetApproval(approval: asked.id))
                #expect(decided.grantedAt != nil)
                // It serves on: a certificate is no deployment.
                let serving = try await story.connection.send(ListDeployments())
                #expect(serving.map(\.deployment.current.approval) == [ID("approval-1")])
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `a request and a grant that are too old are no approval`() async throws {
            try await JourneyHome.lend { home in
                let story = try await begin("{ approvals: 1, request_expires: 2s }", in: home)
                let asked = try #require(
                    try await story.connection.send(ListApprovals(openOnly: false)).first
                )
                // The wall clock has no event to wait for.
                while currentTime() <= asked.expiresAt {
                    try await Task.sleep(for: .milliseconds(20))
                }
                let late = try await refusal(Self.approve, in: home)
                #expect(late.contains("waits") || late.contains("expired"), "\(late)")
                let listed = try await Program.run(
                    ["approvals", "--all", "--home", home.path],
                    in: home
                )
                #expect(listed.output.contains("expired"), "\(listed)")

                // Asked again it can be decided; a newer request then takes the place of the older.
                let again = ["deploy", Market.model, "v1", "--request", "--home", home.path]
                #expect(try await Program.run(again, in: home).code == 0)
                #expect(try await Program.run(again, in: home).code == 0)
                let all = try await story.connection.send(ListApprovals(openOnly: false))
                let states = Dictionary(uniqueKeysWithValues: all.map { ($0.id.text, $0.status) })
                #expect(states["approval-1"] == .expired)
                #expect(states["approval-2"] == .superseded)
                let old = try await refusal(["approve", "approval-2", "--confirm", "v1"], in: home)
                #expect(old.contains("superseded"), "\(old)")
                #expect(try await story.connection.send(ListDeployments()) == [])
            }
        }
    }
}
