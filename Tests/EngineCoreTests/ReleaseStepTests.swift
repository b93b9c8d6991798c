import Domain
import EngineAPI
import Storage
import Testing

@testable import EngineCore

private let measured = """
    {"rounds": 10, "latencyMedianMilliseconds": 0.25, "latency95Milliseconds": 0.5,
     "loadMilliseconds": 12, "peakMemoryBytes": 14000000, "artifactBytes": 61000}
    """

extension Workshop {
    fileprivate func measures(_ script: String = "echo '\(measured)'\n") throws {
        try write(script, to: "bench/profile")
    }

    fileprivate func steps(_ version: Int = 1) async throws -> [ReleaseStep] {
        try await send(GetRelease(model: model, version: version))
    }

    /// Waits until every step that was queued of a version has ended.
    fileprivate func ended(_ version: Int = 1, count: Int) async throws -> [ReleaseStep] {
        let events = try await connection().events(after: 0)
        for await event in events {
            guard case .recorded(let recorded) = event,
                recorded.content.action.hasPrefix("release.")
            else { continue }
            let found = try await steps(version)
            if found.count >= count, found.allSatisfy({ !$0.status.isOpen }) { return found }
        }
        return try await steps(version)
    }
}

@Suite(.timeLimit(.minutes(5))) struct `The steps of a release` {
    @Test func `follow a registration and a deployment, each a job with a log`() async throws {
        try await withWorkshop(runsReleaseSteps: true) { workshop in
            try workshop.measures()
            try await workshop.prepare()
            try await workshop.register()
            let before = try await workshop.ended(count: 4)
            #expect(before.map(\.stage) == [.check, .package, .profile, .request])
            #expect(before.allSatisfy { $0.status.name == "succeeded" })
            #expect(before[2].outcome?.profile?.latency95Milliseconds == 0.5)
            let log = try await workshop.send(GetJobLog(job: before[0].job))
            #expect(log.lines.contains { $0.contains("read back and verified") })
            let jobs = try await workshop.send(ListJobs()).filter { $0.kind == .deploy }
            #expect(jobs.map(\.title).last == "check late-ships v1")
            // What was measured is among what the approver decides on.
            let approval = try await workshop.openApproval()
            let shown = approval.evidence.first { $0.title == "profile" }
            #expect(shown?.lines.first == before[2].outcome?.sentence)
            #expect(before[3].outcome?.sentence.hasPrefix("\(approval.id) asks for") == true)
            try await workshop.decide(approval)
            let after = try await workshop.ended(count: 6)
            #expect(after.map(\.stage).suffix(2) == [.deploy, .verify])
            #expect(after.map(\.place).suffix(2) == ["deployment-1 #1", "deployment-1 #1"])
            #expect(after.allSatisfy { $0.status.name == "succeeded" })
            #expect(try await workshop.store.checkInvariants() == [])
        }
    }

    @Test func `are not done twice, and the same version makes the same package`() async throws {
        try await withWorkshop(runsReleaseSteps: true) { workshop in
            try workshop.measures()
            try await workshop.prepare()
            try await workshop.register()
            let first = try await workshop.ended(count: 4)
            let again = try await workshop.send(RunRelease(model: model, version: 1))
            #expect(again == first)
            #expect(try await workshop.send(ListApprovals(openOnly: false)).count == 1)
            let version = try await workshop.store.modelVersion(model: model, number: 1)
            let bytes = try packageBytes(of: version, from: workshop.store.blobs)
            #expect(first[1].outcome?.digest == sha256(bytes))
            #expect(bytes.count % 512 == 0)
            #expect(String(decoding: bytes[257..<262], as: UTF8.self) == "ustar")
        }
    }

    @Test func `that fail cancel what follows, alert the owner, and can be queued again`()
        async throws
    {
        try await withWorkshop(runsReleaseSteps: true) { workshop in
            try workshop.measures("echo broken >&2; exit 3\n")
            try await workshop.prepare()
            try await workshop.register()
            let failed = try await workshop.ended(count: 4)
            #expect(
                failed.map(\.status.name) == ["succeeded", "succeeded", "failed", "cancelled"]
            )
            // Nobody is asked to approve what could not be measured.
            #expect(try await workshop.send(ListApprovals(openOnly: false)) == [])
            let log = try await workshop.send(GetJobLog(job: failed[2].job))
            #expect(log.lines.contains("broken"))
            _ = try await workshop.event("alert.opened")
            try workshop.measures()
            try await workshop.send(RunRelease(model: model, version: 1))
            let mended = try await workshop.ended(count: 4)
            #expect(mended.allSatisfy { $0.status.name == "succeeded" })
            #expect(try await workshop.openApproval().version == 1)
            #expect(mended[2].job != failed[2].job)
            #expect(mended[0].job == failed[0].job)
        }
    }

    @Test func `go on after a crash in the middle of one`() async throws {
        try await withWorkshop(runsReleaseSteps: true) { workshop in
            try workshop.measures("echo waits >&2; read line < \"$bench/door\"\n")
            try await workshop.prepare()
            try await workshop.register()
            var lines: [String] = []
            while !lines.contains("waits") {
                let steps = try await workshop.steps()
                guard let job = steps.first(where: { $0.stage == .profile })?.job else { continue }
                lines = try await workshop.send(GetJobLog(job: job)).lines
            }
            try workshop.measures()
            try await workshop.reopen { store in
                let left = try await store.releaseSteps(of: model, version: 1)
                #expect(
                    left.map(\.status.name) == ["succeeded", "succeeded", "running", "queued"]
                )
            }
            let steps = try await workshop.ended(count: 4)
            #expect(steps.allSatisfy { $0.status.name == "succeeded" })
            #expect(try await workshop.send(ListApprovals(openOnly: false)).count == 1)
            let jobs = try await workshop.send(ListJobs())
            #expect(jobs.first { $0.id == steps[2].job }?.attempts == 2)
        }
    }

    @Test func `begin for a version that was registered when its engine died`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.register()
            let waiting = try await workshop.store.versionsWithoutSteps(limit: 9)
            #expect(waiting.map(\.label) == ["v1"])
            _ = try await workshop.store.openReleaseSteps(
                [.check],
                of: model,
                version: 1,
                by: .engine,
                at: noon
            )
            #expect(try await workshop.store.versionsWithoutSteps(limit: 9) == [])
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `One person` {
    @Test func `rolls back to what a quorum of two approved, and nobody is asked again`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare(
                pipeline: pipelineText(environments: "{ production: { approvals: 2 } }")
            )
            for _ in 1...2 {
                try await workshop.register()
                let approval = try await workshop.openApproval()
                try await workshop.decide(approval, as: bob)
                #expect(try await workshop.send(ListApprovals()).map(\.id) == [approval.id])
                try await workshop.decide(approval, as: carol)
            }
            let row = try await workshop.send(
                RollBack(model: model, environment: production),
                as: alice
            )
            #expect(row.deployment.revisions.map(\.version) == [1, 2, 1])
            #expect(row.deployment.current.actor == alice)
            #expect(row.deployment.current.approval == row.deployment.revisions[0].approval)
            #expect(try await workshop.send(ListApprovals()).isEmpty)
        }
    }
}
