import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

@Suite(.timeLimit(.minutes(5))) struct `What screens show` {
    @Test func `is empty in a new home, and not refused`() async throws {
        try await withWorkshop { workshop in
            let overview = try await workshop.send(GetOverview())
            #expect(overview.needs.isEmpty && overview.models.isEmpty && overview.jobs.isEmpty)
            #expect(overview.alerts.isEmpty && overview.recent.isEmpty)
            #expect(
                overview.counters
                    == Counters(
                        inbox: 0,
                        criticalAlerts: 0,
                        warningAlerts: 0,
                        runningJobs: 0,
                        drifting: 0
                    )
            )
            #expect(try await workshop.send(VerifyAudit()).events == 0)
        }
    }

    @Test func `of the engine itself is true`() async throws {
        try await withWorkshop { workshop in
            try await workshop.addData()
            workshop.clock.advance(seconds: 60)
            let status = try await workshop.send(GetEngineStatus())
            #expect(status.version == Engine.version)
            #expect(status.home == workshop.home)
            #expect(status.startedAt == noon)
            #expect(status.processID > 1)
            #expect(status.residentBytes > 1_000_000)
            #expect(!status.host.isEmpty && !status.user.isEmpty)
            #expect(status.auditEvents == 1)
            let event = try await workshop.event("data.added")
            #expect(status.auditHead == event.hash)
            #expect(status.dropped == ["events": 0, "collector": 0])
        }
    }

    @Test func `of what waits for people names each thing once`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.train(Candidate(skill: 0.4))
            try await workshop.register()
            let overview = try await workshop.send(GetOverview())
            #expect(overview.counters.inbox == 1)
            #expect(overview.counters.warningAlerts == 1)
            #expect(overview.counters.runningJobs == 0)
            #expect(overview.needs.map(\.kind) == [.approval, .alert])
            let approval = overview.needs[0]
            #expect(approval.title == "late-ships v1 → production")
            #expect(approval.detail.hasPrefix("accuracy 0.9500 ["))
            #expect(overview.needs[1].title == "late-ships: run-1 refused")
            #expect(overview.jobs.map(\.id.text) == ["job-2", "job-1"])
            #expect(overview.recent.first?.content.action == "approval.requested")
            let row = try #require(overview.models.first)
            #expect(row.owner == "harbour")
            #expect((row.versions, row.latest, row.champion, row.waiting) == (1, 1, nil, 1))
            #expect(row.metric == .accuracy)
            #expect(row.validationValue == 0.95)
        }
    }

    @Test func `of two versions compares them on the same rows where they were judged so`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let eta = pipelineText().replacing("eta: 0.1", with: "eta: 0.3")
            try workshop.write(eta, to: "project/binnacle.yaml")
            try await workshop.addData(shipsText(rows: 50))
            try await workshop.deploy()
            try await workshop.register()

            let paired = CompareVersions(model: model, base: nil, candidate: 2)
            let comparison = try await workshop.send(paired)
            #expect(comparison.base == 1)
            #expect(comparison.isPaired)
            #expect(comparison.metrics.first?.champion == 0.5)
            #expect(comparison.metrics.first?.candidate == 0.95)
            #expect((comparison.metrics.first?.differenceInterval?.low ?? 0) > 0)
            let changed = comparison.parameters.filter { $0.base != $0.candidate }
            #expect(changed == [Difference(name: "eta", base: "0.1", candidate: "0.3")])
            let data = comparison.data.first { $0.name == "data" }
            #expect(data == Difference(name: "data", base: "data-1", candidate: "data-2"))

            let unpaired = try await workshop.send(
                CompareVersions(model: model, base: 1, candidate: 3)
            )
            #expect(!unpaired.isPaired)
            #expect(unpaired.metrics.first?.champion == 0.95)
            #expect(unpaired.metrics.first?.differenceInterval == nil)
            let alone = try await workshop.send(
                CompareVersions(model: model, base: nil, candidate: 1)
            )
            #expect(alone.base == nil)
            #expect(alone.parameters.allSatisfy { $0.base == nil })
        }
    }

    @Test func `of a prediction leads back to the file it all came from`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            try await workshop.collect(0..<1)
            let source = Subject(.file, workshop.folder + "/ships.csv")
            let ids = try await workshop.store.predictionIDs(row: "h0-7", model: model)
            try #require(ids.count == 1)
            let single = Subject(.predictions, ids[0].text)
            let up = try await workshop.send(GetLineage(of: single))
            #expect(up.root == single)
            let kinds = Set(up.nodes.map(\.subject.kind))
            #expect(
                kinds == [
                    .predictions, .deployment, .approval, .evidence, .modelVersion, .run,
                    .datasetVersion, .file,
                ]
            )
            #expect(up.nodes.contains { $0.subject == source })
            #expect(!up.isTruncated)

            let down = try await workshop.send(GetLineage(of: source))
            let steps = down.edges.map {
                "\($0.input.kind.rawValue) \($0.relation) \($0.output.kind.rawValue)"
            }
            #expect(
                Set(steps) == [
                    "file imported datasetVersion", "datasetVersion trained run",
                    "run registered modelVersion", "modelVersion judged evidence",
                    "evidence shown approval",
                    "approval permitted deployment", "modelVersion served deployment",
                    "deployment scored predictions",
                ]
            )
            let titles = down.nodes.map(\.title)
            #expect(titles.contains("late-ships v1"))
            #expect(titles.contains("late-ships v1 in production"))
            let near = try await workshop.send(GetLineage(of: source, depth: 1))
            #expect(near.nodes.count == 2)
            #expect(near.isTruncated)
        }
    }

    @Test func `of the audit log is one chain from the first event to the last`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.train(Candidate(skill: 0.4))
            try await workshop.deploy()
            try await workshop.deploy()
            try await workshop.send(RollBack(model: model, environment: production))
            try await workshop.collect(0..<3, Stream(isDrifting: true))
            let all = try await workshop.send(ListAuditEvents(after: 0))
            #expect(all.map(\.sequence) == Array(1...Int64(all.count)))
            #expect(all.first?.previousHash == AuditEvent.origin)
            for (event, next) in zip(all, all.dropFirst()) {
                #expect(next.previousHash == event.hash)
            }
            let newest = try await workshop.send(ListAuditEvents(limit: 3))
            #expect(newest == all.suffix(3).reversed())
            let found = try await workshop.send(VerifyAudit())
            #expect(found.events == Int64(all.count))
            #expect(found.head == all.last?.hash)
            #expect(found.firstBad == nil)
            #expect(found.problem == nil)
        }
    }
}
