import Domain
import FoundationEssentials
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
