import Domain
import EngineAPI
import FoundationEssentials
import Synchronization
import Testing

@testable import ScoringServer

/// Asks for two rows again and again until it is told to stop.
private final class Load: Sendable {
    let isOver = Atomic(false)

    /// - Parameter bodies: What version 1 and version 2 must answer.
    /// - Returns: How many answers each version gave.
    func run(port: Int, bodies: [String]) async throws -> [Int] {
        let client = try HTTPClient(port: port)
        var answered = [0, 0]
        while !isOver.load(ordering: .relaxed) || answered.reduce(0, +) < 500 {
            let reply = try await client.post(#"{"inputs":[[700,"UA"],[700,"UA"]]}"#)
            #expect(reply.status == 200)
            let version = try #require(reply.headers["x-model-version"].flatMap { Int($0) })
            #expect(reply.body == bodies[version - 1])
            answered[version - 1] += 1
        }
        return answered
    }
}

@Suite(.timeLimit(.minutes(5))) struct SwapTests {
    let folder: ReleaseFolder

    init() throws {
        folder = try ReleaseFolder()
    }

    @Test func `no request is lost or answered by two versions while they swap`() async throws {
        let plans = [
            try folder.plan(version: 1), try folder.plan(version: 2, isReversed: true),
        ]
        let scores = try plans.map { plan in
            try TinyModel.goldenScores(of: try TinyModel.bytes(isReversed: plan.version == 2))[1]
        }
        #expect(scores[0] != scores[1])
        let bodies = scores.map { "{\"predictions\":[\($0),\($0)]}\n" }
        let engine = FakeEngine(plans[0])
        let load = Load()
        try await withServer(engine, folder) { port, _ in
            try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<4 {
                    group.addTask { try await load.run(port: port, bodies: bodies) }
                }
                for swap in 1...40 {
                    let plan = plans[swap % 2]
                    engine.deploy(plan)
                    await engine.wait {
                        $0.reports.last?.servingVersion == plan.version
                            && $0.reports.last?.state == .ready
                    }
                }
                load.isOver.store(true, ordering: .relaxed)
                var answered = [0, 0]
                for try await counts in group {
                    answered = zip(answered, counts).map { $0 + $1 }
                }
                #expect(answered.reduce(0, +) >= 2_000)
                #expect(answered.allSatisfy { $0 > 0 })
                let total = answered.reduce(0, +) * 2
                try await engine.wait { try $0.rows().count == total }
                let collected = try engine.rows()
                #expect(Set(collected.map(\.id)).count == total)
                #expect(collected.allSatisfy { $0.score == scores[$0.version - 1] })
            }
        }
    }

    @Test func `a rollback needs no file: the version before is kept warm`() async throws {
        let plans = [try folder.plan(version: 1), try folder.plan(version: 2, isReversed: true)]
        let engine = FakeEngine(plans[0])
        try await withServer(engine, folder) { port, _ in
            engine.deploy(plans[1])
            await engine.wait { $0.reports.last?.servingVersion == 2 }
            for file in plans[0].artifacts.values {
                try FileManager.default.removeItem(atPath: file.path)
            }
            engine.deploy(plans[0])
            await engine.wait { $0.reports.last?.servingVersion == 1 }
            let reply = try await HTTPClient(port: port).post(flight)
            #expect(reply.headers["x-model-version"] == "1")
            #expect(engine.reports.last?.problem == nil)
        }
    }

    @Test func `a version that fails its golden rows is not served and the old one goes on`()
        async throws
    {
        let engine = FakeEngine(try folder.plan(version: 1))
        try await withServer(engine, folder) { port, _ in
            engine.deploy(try folder.plan(version: 2, isReversed: true, goldenError: 0.001))
            await engine.wait { $0.reports.last?.problem != nil }
            let health = try #require(engine.reports.last)
            #expect(health.state == .ready)
            #expect(health.servingVersion == 1)
            #expect(
                health.problem?.hasPrefix(
                    "\"late-flights v2\" does not score row 0 kept at training as it did then: "
                ) == true
            )
            let reply = try await HTTPClient(port: port).post(flight)
            #expect(reply.headers["x-model-version"] == "1")
            engine.deploy(try folder.plan(version: 1))
            await engine.wait { $0.reports.last?.problem == nil }
        }
    }

    @Test func `a first version that proves nothing leaves the server unready until another comes`()
        async throws
    {
        let engine = FakeEngine(try folder.plan(version: 1, goldenError: -0.5))
        try await withServer(engine, folder) { port, _ in
            #expect(engine.reports.last?.state == .failed)
            #expect(engine.reports.last?.servingVersion == nil)
            let client = try HTTPClient(port: port)
            let ping = try await client.get("/ping")
            #expect(ping.status == 503)
            #expect(ping.headers["retry-after"] == "1")
            let refused = try await client.post(flight)
            #expect(refused.status == 503)
            #expect(refused.body.contains("No model can be served."))
            engine.deploy(try folder.plan(version: 2))
            await engine.wait { $0.reports.last?.state == .ready }
            #expect(try await client.get("/ping").status == 200)
        }
    }

    @Test func `a second process for the same deployment says so and ends`() async throws {
        let engine = FakeEngine(try folder.plan(version: 1))
        try await withServer(engine, folder) { _, _ in
            let end = try await serveDeployment(
                ID("dep-1"),
                connection: { try engine.connect() },
                lockFolder: folder.path
            )
            #expect(end == .servedElsewhere(lock: "\(folder.path)/dep-1.lock"))
            #expect(end.sentence.contains("Another process serves this deployment already"))
        }
        // The lock goes with its holder.
        try await withServer(engine, folder) { _, _ in }
    }

    @Test func `a port that is taken is replaced and reported`() async throws {
        let first = FakeEngine(try folder.plan(version: 1))
        try await withServer(first, folder) { port, _ in
            let other = try ReleaseFolder()
            let second = FakeEngine(try other.plan(version: 1, port: port))
            try await withServer(second, other) { otherPort, _ in
                #expect(otherPort != port)
                #expect(otherPort > 0)
                let client = try HTTPClient(port: otherPort)
                #expect(try await client.get("/ping").status == 200)
            }
        }
    }

    @Test func `a stop answers what was begun and closes behind it`() async throws {
        let engine = FakeEngine(try folder.plan(version: 1))
        // On a busy machine the rest of the request comes late; the usual five seconds are too few.
        try await withServer(engine, folder, adjust: { $0.drainSeconds = 60 }) { port, serving in
            let client = try HTTPClient(port: port)
            let begun = try await client.send(
                """
                POST /invocations HTTP/1.1\r\nContent-Type: application/json\r\n\
                Expect: 100-continue\r\nContent-Length: \(flight.utf8.count)\r\n\r\n
                """
            )
            #expect(begun.status == 100)
            serving.cancel()
            while (try? HTTPClient(port: port)) != nil { await Task.yield() }
            let reply = try await client.send(flight)
            #expect(reply.status == 200)
            #expect(reply.headers["connection"] == "close")
            #expect(await client.isClosed())
        }
        #expect(try engine.rows().count == 1)
        #expect(engine.reports.last?.state == .stopped)
    }

    @Test func `a deployment the engine does not know ends the process`() async throws {
        await #expect(throws: Refusal(.notFound, "There is no such deployment.")) {
            _ = try await serveDeployment(
                ID("dep-9"),
                connection: { throw Refusal(.notFound, "There is no such deployment.") },
                lockFolder: folder.path
            )
        }
    }
}
