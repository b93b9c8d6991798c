import Domain
import EngineAPI
import Testing

@testable import EngineCore

private func ready(_ approval: Approval, port: Int = 40_123) -> DeploymentHealth {
    var health = DeploymentHealth(state: .ready, port: port)
    health.servingVersion = approval.version
    health.servingDigest = approval.bundleDigest
    return health
}

@Suite(.timeLimit(.minutes(5))) struct `A scoring process` {
    @Test func `is started for a deployment, and an order waits until it serves`() async throws {
        try await withWorkshop(servesDeployments: true) { workshop in
            try workshop.write("read line < \"$bench/door\"\n", to: "bench/scoring")
            try await workshop.prepare()
            try await workshop.register()
            let first = try await workshop.openApproval()
            try await workshop.decide(first)
            let id = ID<Deployment>("deployment-1")
            let starting = try await workshop.send(ListDeployments()).first?.health
            #expect(starting?.state == .starting)
            try await workshop.send(ReportHealth(deployment: id, health: ready(first)))
            try await workshop.deploy()

            async let rolled = workshop.send(RollBack(model: model, environment: production))
            _ = try await workshop.event("deployment.rolledBack")
            workshop.clock.advance(seconds: 5)
            try await workshop.send(ReportHealth(deployment: id, health: ready(first)))
            let row = try await rolled
            #expect(row.health.state == .ready)
            #expect(row.health.servingVersion == 1)
            #expect(row.health.lastSeen == noon.adding(seconds: 5))
            #expect(row.deployment.port == 40_123)
        }
    }

    @Test func `that ends is started again, and its end is told`() async throws {
        try await withWorkshop(servesDeployments: true) { workshop in
            try workshop.write("exit 3\n", to: "bench/scoring")
            try await workshop.prepare()
            try await workshop.register()
            let events = try await workshop.connection().events(after: nil)
            try await workshop.decide(try await workshop.openApproval())
            var ends: [DeploymentHealth] = []
            for await event in events {
                if case .health(_, let health) = event { ends.append(health) }
                if ends.count == 2 { break }
            }
            let log = workshop.home + "/deployments/deployment-1.log"
            let problem = """
                The scoring process of "deployment-1" ended with exit code 3. It is started \
                again; its log is "\(log)".
                """
            #expect(ends.map(\.state) == [.restarting, .restarting])
            #expect(ends.map(\.problem) == [problem, problem])
        }
    }
}
