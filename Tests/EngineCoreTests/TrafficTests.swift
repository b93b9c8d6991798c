import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

extension Workshop {
    /// A deployment whose pipeline allows an hour without requests.
    fileprivate func deployWatched() async throws {
        try await prepare(pipeline: pipelineText() + "  absence: 1h\n")
        try await deploy()
    }

    fileprivate func tell(
        _ state: DeploymentHealth.State = .ready,
        requests: Int,
        after seconds: Double = 0,
        problem: String? = nil
    ) async throws {
        clock.advance(seconds: seconds)
        var health = DeploymentHealth(state: state, port: 40_123)
        health.requests = requests
        health.problem = problem
        try await send(ReportHealth(deployment: ID("deployment-1"), health: health))
    }

    /// Names of open alerts about the service.
    fileprivate func open() async throws -> [String] {
        try await store.alerts(openOnly: true, limit: 100).map(\.ruleName)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A deployment's service` {
    @Test func `without a request for too long is told once, until one comes`() async throws {
        try await withWorkshop { workshop in
            try await workshop.deployWatched()
            try await workshop.tell(requests: 5)
            try await workshop.tell(requests: 7, after: 60)
            try await workshop.tell(requests: 7, after: 3_599)
            #expect(try await workshop.open().isEmpty)
            try await workshop.tell(requests: 7, after: 1)
            try await workshop.tell(requests: 7, after: 3_600)
            #expect(try await workshop.open() == ["absence"])
            let alert = try #require(
                try await workshop.store.alerts(openOnly: true, limit: 1).first
            )
            #expect(alert.cause == "technical")
            #expect(alert.owner == "harbour")
            #expect(
                alert.message == """
                    No request has come to \(model) in production for 1h. Look at what sends \
                    them.
                    """
            )
            try await workshop.tell(requests: 8, after: 5)
            #expect(try await workshop.open().isEmpty)
        }
    }

    @Test func `that begins to count again has no request by that alone`() async throws {
        try await withWorkshop { workshop in
            try await workshop.deployWatched()
            try await workshop.tell(requests: 5)
            try await workshop.tell(requests: 0, after: 3_600)
            #expect(try await workshop.open() == ["absence"])
            try await workshop.reopen()
            try await workshop.tell(requests: 0, after: 5)
            #expect(try await workshop.open() == ["absence"])
            try await workshop.tell(requests: 1, after: 5)
            #expect(try await workshop.open().isEmpty)
        }
    }

    @Test func `whose process is silent too is told by the clock`() async throws {
        try await withWorkshop { workshop in
            try await workshop.deployWatched()
            try await workshop.tell(requests: 5)
            workshop.clock.advance(seconds: 3_600)
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.open() == ["absence"])
        }
    }

    @Test func `may be idle where the pipeline sets no limit`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.tell(requests: 5)
            try await workshop.tell(requests: 5, after: 30 * Timestamp.day)
            #expect(try await workshop.open().isEmpty)
        }
    }

    @Test func `that does not answer is told until it does`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.tell(requests: 5)
            try await workshop.tell(.failed, requests: 5, problem: "Its file is damaged.")
            try await workshop.tell(.failed, requests: 5, problem: "Its file is damaged.")
            #expect(try await workshop.open() == ["answering"])
            let alert = try #require(
                try await workshop.store.alerts(openOnly: true, limit: 1).first
            )
            #expect(
                alert.message == "\(model) in production does not answer. Its file is damaged."
            )
            try await workshop.tell(.starting, requests: 0)
            #expect(try await workshop.open() == ["answering"])
            try await workshop.tell(requests: 0)
            #expect(try await workshop.open().isEmpty)
        }
    }

    @Test func `has a rate and a last request`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.tell(requests: 5)
            let before = try #require(try await workshop.send(ListDeployments()).first)
            #expect(before.requestsPerMinute == nil)
            #expect(before.lastRequestAt == nil)
            try await workshop.tell(requests: 65, after: 30)
            try await workshop.tell(requests: 65, after: 30)
            try await workshop.tell(requests: 67, after: 30)
            let row = try #require(try await workshop.send(ListDeployments()).first)
            #expect(row.requestsPerMinute == 4)
            #expect(row.lastRequestAt == noon.adding(seconds: 90))
        }
    }
}
