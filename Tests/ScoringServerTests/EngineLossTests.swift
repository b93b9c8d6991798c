import Domain
import EngineAPI
import FoundationEssentials
import Testing

@testable import ScoringServer

@Suite(.timeLimit(.minutes(5))) struct EngineLossTests {
    let folder: ReleaseFolder

    init() throws {
        folder = try ReleaseFolder()
    }

    @Test func `while the engine is away rows are scored and wait for it`() async throws {
        let engine = FakeEngine(try folder.plan(version: 1))
        try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            engine.goAway()
            for _ in 0..<50 { #expect(try await client.post(flight).status == 200) }
            #expect(try engine.rows().isEmpty)
            let told = engine.reports.count
            engine.comeBack()
            try await engine.wait { try $0.rows().count == 50 && $0.reports.count > told }
            // The new connection is watched too.
            engine.deploy(try folder.plan(version: 2))
            await engine.wait { $0.reports.last?.servingVersion == 2 }
        }
        #expect(Set(try engine.rows().map(\.id)).count == 50)
    }

    @Test func `a version deployed while the engine was away is served once it is back`()
        async throws
    {
        let engine = FakeEngine(try folder.plan(version: 1))
        try await withServer(engine, folder) { _, _ in
            engine.goAway()
            engine.deploy(try folder.plan(version: 2))
            engine.comeBack()
            await engine.wait { $0.reports.last?.servingVersion == 2 }
        }
    }

    @Test func `a batch whose answer was lost is sent again under its id`() async throws {
        let engine = FakeEngine(try folder.plan(version: 1))
        engine.loseAnswers(2)
        try await withServer(engine, folder) { port, _ in
            let client = try HTTPClient(port: port)
            for _ in 0..<3 { _ = try await client.post(flight) }
            try await engine.wait { try $0.rows().count == 3 && $0.batches.count >= 3 }
        }
        let batches = engine.batches
        for other in batches[1...2] {
            #expect(other.batch == batches[0].batch)
            #expect(other.rows == batches[0].rows)
        }
    }

    @Test func `rows the engine will never take are counted as dropped`() async throws {
        let engine = FakeEngine(try folder.plan(version: 1))
        engine.refuseRows(Refusal(.invalid, "These rows are malformed."))
        try await withServer(engine, folder) { port, _ in
            _ = try await HTTPClient(port: port).post(flight)
            await engine.wait { $0.reports.last?.collectorDropped == 1 }
        }
        #expect(engine.batches.isEmpty)
    }

    @Test func `a full collector drops rows, counts them and still answers`() async throws {
        let engine = FakeEngine(try folder.plan(version: 1))
        try await withServer(engine, folder, adjust: { $0.collectorRowsMaximum = 10 }) { port, _ in
            let client = try HTTPClient(port: port)
            engine.goAway()
            for _ in 0..<30 { #expect(try await client.post(flight).status == 200) }
            engine.comeBack()
            try await engine.wait {
                try $0.rows().count == 10 && $0.reports.last?.collectorDropped == 20
            }
            #expect(engine.batches.map(\.dropped).reduce(0, +) == 20)
        }
    }
}
