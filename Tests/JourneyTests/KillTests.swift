import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Glibc
import Storage
import Testing

extension JourneyTests {
    @Suite
    struct KillTests {
        /// Seconds after which a story that has not come to two versions has failed.
        private static let storySeconds: Double = 150

        private static func seed() -> UInt64 {
            let named = ProcessInfo.processInfo.environment["BINNACLE_SEED"].flatMap { UInt64($0) }
            return named ?? UInt64.random(in: 1...999_999)
        }

        @Test(.timeLimit(.minutes(4)))
        func `kill -9 at random moments never harms the store, and the story goes on`()
            async throws
        {
            let seed = KillTests.seed()
            print("kill test with BINNACLE_SEED=\(seed)")
            try await JourneyHome.lend { home in
                let door = EngineDoor(home)
                let isOver = Flag()
                let (decisions, decision) = AsyncStream.makeStream(
                    of: Void.self,
                    bufferingPolicy: .bufferingNewest(0)
                )
                let killer = Killer(home: home, door: door, seed: seed, decisions: decisions)
                let killing = Task {
                    defer { isOver.raise() }
                    return try await killer.run()
                }
                var survivor = Survivor(home: home, door: door, seed: seed, decisions: decision)
                do {
                    try await KillTests.live(&survivor, until: isOver)
                } catch {
                    killing.cancel()
                    _ = try? await killing.value
                    throw error
                }
                let killed = try await killing.value
                let words = killed.map { "\($0.value) \($0.key.rawValue)s" }.sorted()
                print(
                    """
                    killed \(words.joined(separator: ", ")); \(survivor.requests) requests, \
                    \(survivor.retries) tried again; \(survivor.servedVersions) versions served; \
                    connected \(await door.connects) times
                    """
                )
                for role in JourneyHome.Role.allCases {
                    #expect(killed[role, default: 0] >= 2, "too few \(role.rawValue)s were killed")
                }
                #expect(survivor.servedVersions >= 2)
                try await KillTests.checkTheEnd(of: survivor, in: home)
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `kill -9 between approved and deploying: the next engine deploys it, once`()
            async throws
        {
            try await JourneyHome.lend { home in
                var market = Market(seed: 8)
                // The hold keeps the approved release from being deployed until the engine is dead.
                let story = try await Story.begin(
                    in: home,
                    pipeline: Market.pipeline(policy: "{ approvals: 1, wait: 8s }"),
                    rows: market.rows(400)
                )
                _ = try await story.train()
                let approved = try await story.approve()
                #expect(approved.status == .approved)
                try await home.withoutEngine {
                    let store = try Store(folder: home.path, now: currentTime())
                    #expect(try await store.approval(approved.id).status == .approved)
                    #expect(try await store.deployments() == [])
                    await store.close()
                    while currentTime() < approved.holdUntil {
                        // The wall clock has no event to wait for.
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                let later = try await story.goingOn()
                let row = try await later.serving { $0.servingVersion == 1 }
                #expect(row.deployment.revisions.map(\.approval) == [approved.id])
                // Nor does an engine that dies right after it do it again.
                _ = await home.killEngine()
                let last = try await later.goingOn()
                let again = try await last.serving { $0.servingVersion == 1 }
                #expect(again.deployment.revisions == row.deployment.revisions)
                let events = try await last.connection.send(ListAuditEvents(after: 0))
                #expect(events.count { $0.content.action == "deployment.deployed" } == 1)
                #expect(try await last.connection.send(VerifyAudit()).problem == nil)
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `a scoring process that dies again and again does not answer, until it does`()
            async throws
        {
            try await JourneyHome.lend { home in
                var market = Market(seed: 9)
                let story = try await Story.begin(in: home, rows: market.rows(400))
                var row = try await story.serveFirstVersion()
                // One death is mended at once and nobody is woken by it; the sixth in a row is.
                for death in 1...6 {
                    #expect(try await story.openAlerts().isEmpty, "before death \(death)")
                    let dead = try #require(row.health.processID)
                    kill(dead, SIGKILL)
                    if death < 6 { row = try await story.serving { $0.processID != dead } }
                }
                let alert = try await story.wait { connection in
                    try await connection.send(ListAlerts()).first { $0.status == .firing }
                }
                #expect(alert.ruleName == "answering")
                #expect(alert.cause == DriftCause.Kind.technical.rawValue)
                #expect(alert.message.contains("does not answer"), "\(alert.message)")
                _ = try await story.serving { $0.servingVersion == 1 }
                let closed = try await story.wait { connection in
                    try await connection.send(ListAlerts()).first { $0.status == .resolved }
                }
                #expect(closed.id == alert.id)
                #expect(try await story.openAlerts().isEmpty)
            }
        }

        private static func live(_ survivor: inout Survivor, until isOver: Flag) async throws {
            let began = currentTime()
            try await survivor.begin()
            while !(isOver.isRaised && survivor.servedVersions >= 2 && survivor.isSettled) {
                try await survivor.step()
                guard currentTime().seconds(since: began) < storySeconds else {
                    throw Refusal(
                        .fault,
                        """
                        After \(Int(storySeconds)) s the story has served \
                        \(survivor.servedVersions) versions.
                        """
                    )
                }
            }
        }

        private static func checkTheEnd(of survivor: Survivor, in home: JourneyHome) async throws {
            let stop = try await Program.run(["engine", "stop", "--home", home.path], in: home)
            #expect(stop.code == 0, "\(stop.error)")
            #expect(home.processes() == [])
            try await checkStore(in: home.path)

            let store = try Store(folder: home.path, now: currentTime())
            let deployments = try await store.deployments()
            let permitted = Set(deployments.flatMap(\.revisions).map(\.version))
            #expect(survivor.answeredBy.isSubset(of: permitted), "only what was approved answered")
            for id in survivor.approved {
                #expect(try await store.approval(id).grantedAt != nil, "\(id) was forgotten")
            }
            await store.close()
        }
    }
}

extension Story {
    /// Rules of the alerts that nobody has closed.
    fileprivate func openAlerts() async throws -> [String] {
        try await connection.send(ListAlerts()).filter { $0.status != .resolved }.map(\.ruleName)
    }
}
