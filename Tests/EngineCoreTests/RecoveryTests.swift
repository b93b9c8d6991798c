import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

@Suite(.timeLimit(.minutes(5))) struct `After an engine died` {
    @Test func `a run that was training is queued again and trains`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try Candidate().prepare(in: workshop)
            try workshop.write(waitsAtGate, to: "bench/steps")
            let run = try await workshop.send(StartTraining(project: workshop.project))
            _ = try await workshop.event("run.started", of: run)
            try workshop.write("", to: "bench/steps")
            try await workshop.reopen { store in
                // The engine stops without a word about its runs, as one that was killed.
                let left = try await store.run(run.id)
                #expect(left.status == .running(since: noon))
            }
            let ended = try await workshop.finished(run)
            #expect(ended.status == .registered(at: noon, version: 1))
            #expect(try await workshop.send(ListJobs()).first?.attempts == 2)
            let actions = try await workshop.actions().filter { $0.hasPrefix("run.") }
            #expect(
                actions == [
                    "run.queued", "run.started", "run.requeued", "run.started", "run.registered",
                ]
            )
        }
    }

    @Test func `a run that only waited trains without a second attempt`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try Candidate().prepare(in: workshop)
            try workshop.write(waitsAtGate, to: "bench/steps")
            let first = try await workshop.send(StartTraining(project: workshop.project))
            _ = try await workshop.event("run.started", of: first)
            try workshop.write(pipelineText(model: "early-ships"), to: "project/binnacle.yaml")
            let second = try await workshop.send(StartTraining(project: workshop.project))
            try workshop.write("", to: "bench/steps")
            try await workshop.reopen()
            #expect(try await workshop.finished(first).status.name == "registered")
            #expect(try await workshop.finished(second).status.name == "registered")
            let jobs = try await workshop.send(ListJobs())
            #expect(jobs.map(\.attempts) == [1, 2])
        }
    }

    @Test func `a run that loses its third engine fails`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try workshop.write(waitsAtGate, to: "bench/steps")
            let run = try await workshop.send(StartTraining(project: workshop.project))
            _ = try await workshop.event("run.started", of: run)
            try await workshop.reopen { store in
                for _ in 0..<2 {
                    _ = try await store.recoverInterrupted(at: noon)
                    _ = try await store.startRun(run.id, at: noon)
                }
            }
            let reason = "The engine stopped 3 times while this job ran."
            let ended = try await workshop.finished(run)
            #expect(ended.status == .failed(at: noon, reason: reason))
            let alert = try #require(try await workshop.send(ListAlerts()).first)
            #expect(alert.rule == .failure)
            #expect(alert.owner == "harbour")
            #expect(alert.message == "The run run-1 failed. \(reason)")
        }
    }

    @Test func `between approval and deployment the next one deploys, once`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            try await workshop.reopen { store in
                _ = try await store.decide(
                    approval.id,
                    Decision(
                        answer: .approve,
                        reason: "",
                        actor: bob,
                        bundleDigest: approval.bundleDigest,
                        evidenceDigest: approval.evidenceDigest,
                        decidedAt: noon,
                        isSelfApproval: false,
                        client: "test"
                    )
                )
                #expect(try await store.deployments().isEmpty)
            }
            let row = try #require(try await workshop.send(ListDeployments()).first)
            #expect(row.deployment.revisions.map(\.version) == [1])
            #expect(row.deployment.current.approval == approval.id)
            #expect(row.deployment.current.actor == bob)
            try await workshop.reopen()
            #expect(
                try await workshop.send(ListDeployments()).map(\.deployment) == [row.deployment]
            )
        }
    }

    @Test func `a request that expired meanwhile is closed`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let approval = try await workshop.openApproval()
            workshop.clock.advance(seconds: 8 * Timestamp.day)
            try await workshop.reopen()
            let closed = try await workshop.send(GetApproval(approval: approval.id))
            #expect(closed.status == .expired)
            #expect(try await workshop.actions().last == "approval.expired")
        }
    }

    @Test func `windows, labels and alerts go on where they were`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let drifting = Stream(isDrifting: true)
            try await workshop.collect(0..<2, drifting)
            #expect(try await workshop.send(ListAlerts()).isEmpty)
            try await workshop.reopen()
            // The rest of hour 1 comes to the new engine, and half of its labels.
            let rows = drifting.rows(ofHour: 1).map { row in
                var row = row
                row.id += "/again"
                row.row = row.row.map { $0 + "-again" }
                return row
            }
            try await workshop.send(Stream.batch(rows, name: "rest"))
            let labels = Array(drifting.labels(ofHour: 1).prefix(30))
            #expect(
                try await workshop.send(AddLabels(model: model, labels: labels))
                    == LabelsAdded(received: 30, joined: 30)
            )
            try await workshop.collect(2..<3, drifting)
            let reports = try await workshop.reports()
            #expect(reports.map(\.rows) == [60, 120])
            #expect(reports.last?.performance?.labelledRows == 30)
            let alert = try #require(try await workshop.send(ListAlerts()).first)
            #expect(alert.rule == .drift)
        }
    }
}
