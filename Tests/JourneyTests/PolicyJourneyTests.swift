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
