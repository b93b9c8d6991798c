import Domain
import EngineAPI
import FoundationEssentials
import Storage
import Testing

@testable import EngineCore

private func withPolicy(
    _ policy: String,
    _ body: (Workshop) async throws -> Void
) async throws {
    try await withWorkshop { workshop in
        try await workshop.prepare(
            pipeline: pipelineText(environments: "{ production: \(policy) }")
        )
        try await body(workshop)
    }
}

extension Workshop {
    fileprivate func serving() async throws -> [Int] {
        try await send(ListDeployments()).first?.deployment.revisions.map(\.version) ?? []
    }

    fileprivate func request(_ kind: ApprovalKind) async throws -> Approval? {
        try await send(ListApprovals(openOnly: false)).first { $0.kind == kind }
    }

    fileprivate func refusal(
        deciding approval: Approval,
        _ answer: Decision.Answer = .approve,
        as actor: Actor
    ) async -> String? {
        await refusal(of: decision(on: approval, answer, reason: "as I say"), as: actor)?.message
    }
}

/// The abuse cases of the design, and what policies ask beside approvals.
@Suite(.timeLimit(.minutes(5))) struct `A policy` {
    @Test func `keeps who trained and who asked from approving, where it says so`() async throws {
        try await withPolicy("{ approvals: 1, no_self_approval: true }") { workshop in
            try await workshop.register()
            let first = try await workshop.openApproval()
            let refused = await workshop.refusal(deciding: first, as: alice)
            #expect(refused?.contains("forbids self-approval") == true)
            // Who asks again is an author as well, and who trained it stays one.
            let again = try await workshop.send(
                RequestRelease(model: model, version: 1, environment: "production"),
                as: bob
            )
            for person in [alice, bob] {
                #expect(await workshop.refusal(deciding: again, as: person) != nil)
            }
            #expect(try await workshop.decide(again, as: carol).status == .approved)
        }
    }

    @Test func `without a word on it lets one person approve, and says self-approved`()
        async throws
    {
        try await withPolicy("{ approvals: 1 }") { workshop in
            try await workshop.register()
            let decided = try await workshop.decide(try await workshop.openApproval(), as: alice)
            #expect(decided.isSelfApproved)
            let event = try await workshop.event("approval.approved")
            #expect(event.content.summary.hasSuffix("It is self-approved."))
        }
    }

    @Test func `holds a release for its time, across a restart`() async throws {
        try await withPolicy("{ approvals: 1, wait: 30m }") { workshop in
            try await workshop.register()
            try await workshop.decide(try await workshop.openApproval())
            #expect(try await workshop.serving() == [])
            let early = await workshop.refusal(
                of: Deploy(model: model, version: 1, environment: "production")
            )
            #expect(early?.message.contains("is held until") == true)
            workshop.clock.advance(seconds: 1_801)
            try await workshop.reopen()
            #expect(try await workshop.serving() == [1])
        }
    }

    @Test func `lets a grant run out`() async throws {
        try await withPolicy("{ approvals: 1, wait: 2h, grant_expires: 1h }") { workshop in
            try await workshop.register()
            try await workshop.decide(try await workshop.openApproval())
            workshop.clock.advance(seconds: 3 * 3_600)
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.serving() == [])
            let late = await workshop.refusal(
                of: Deploy(model: model, version: 1, environment: "production")
            )
            #expect(late?.message.contains("was good until") == true)
        }
    }

    @Test func `is changed by approval under the one before, which voids what waited`()
        async throws
    {
        try await withPolicy("{ approvals: 2, wait: 1h }") { workshop in
            try await workshop.register()
            let first = try await workshop.openApproval()
            try await workshop.decide(first, as: bob)
            try await workshop.decide(first, as: carol)
            let loose = pipelineText(environments: "{ production: { approvals: 0 } }")
            try workshop.write(loose, to: "project/binnacle.yaml")
            try await workshop.register()
            _ = try await workshop.event(
                "approval.requested",
                about: Subject(.approval, "approval-3")
            )
            // The old policy counts for the new version, and for the change itself.
            let second = try #require(try await workshop.request(.release))
            #expect(second.version == 2)
            #expect(second.approvalsNeeded == 2)
            let change = try #require(try await workshop.request(.policy))
            #expect(change.approvalsNeeded == 2)
            let asked = GetPolicy(model: model, environment: "production")
            #expect(try await workshop.send(asked).history.count == 1)
            try await workshop.decide(change, as: bob)
            try await workshop.decide(change, as: carol)
            let state = try await workshop.send(asked)
            #expect(state.history.map(\.policy.approvals) == [0, 2])
            #expect(state.history.first?.approval == change.id)
            // What is in force is not taken back, but changed again.
            let back = await workshop.refusal(deciding: change, .revoke, as: alice)
            #expect(back?.contains("goes on until another is") == true)
            // Neither the approved release nor the waiting one counts any more.
            for id in [first.id, second.id] {
                let old = try await workshop.send(GetApproval(approval: id))
                #expect(old.status == .superseded)
            }
            workshop.clock.advance(seconds: 7_200)
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.serving() == [])
            let order = Deploy(model: model, version: 1, environment: "production")
            #expect(await workshop.refusal(of: order)?.kind == .forbidden)
        }
    }

    @Test func `counts nobody once the request was revoked in the middle`() async throws {
        try await withPolicy("{ approvals: 2 }") { workshop in
            try await workshop.register()
            let approval = try await workshop.openApproval()
            try await workshop.decide(approval, as: bob)
            try await workshop.decide(approval, .revoke, reason: "wrong data", as: alice)
            let refused = await workshop.refusal(deciding: approval, as: carol)
            #expect(refused?.contains("is revoked by \"alice\"") == true)
            #expect(try await workshop.serving() == [])
        }
    }

    @Test func `alerts the owner when what serves is revoked, and goes on serving`()
        async throws
    {
        try await withPolicy("{ approvals: 1 }") { workshop in
            try await workshop.deploy()
            let live = try #require(try await workshop.request(.release))
            #expect(live.status == .live)
            try await workshop.decide(live, .revoke, reason: "the data were wrong", as: carol)
            let alert = try #require(try await workshop.send(ListAlerts(openOnly: true)).first)
            #expect(alert.severity == .critical)
            #expect(alert.message.contains("was revoked by carol: the data were wrong"))
            #expect(alert.message.contains("Roll back"))
            #expect(try await workshop.serving() == [1])
        }
    }

    @Test func `takes no decision twice, and none of a request that was replaced`() async throws {
        try await withPolicy("{ approvals: 2 }") { workshop in
            try await workshop.register()
            let approval = try await workshop.openApproval()
            let captured = decision(on: approval)
            try await workshop.send(captured, as: bob)
            #expect(await workshop.refusal(of: captured, as: bob)?.kind == .conflict)
            try await workshop.send(
                RequestRelease(model: model, version: 1, environment: "production")
            )
            let replayed = await workshop.refusal(of: captured, as: carol)
            #expect(replayed?.message.contains("is superseded") == true)
            #expect(try await workshop.openApproval().approvals == 0)
        }
    }

    @Test func `takes nothing while the clock stands before what is recorded`() async throws {
        try await withPolicy("{ approvals: 2 }") { workshop in
            try await workshop.register()
            let approval = try await workshop.openApproval()
            workshop.clock.advance(seconds: -3_600)
            let refused = await workshop.refusal(deciding: approval, as: bob)
            #expect(refused?.contains("Set the engine's clock right") == true)
        }
    }

    @Test func `keeps how long the evidence was on the screen, by the engine's own clock`()
        async throws
    {
        try await withPolicy("{ approvals: 1 }") { workshop in
            try await workshop.register()
            let approval = try await workshop.openApproval()
            let open = OpenEvidence(
                approval: approval.id,
                evidenceDigest: approval.evidenceDigest,
                titles: ["metrics", "gate", "digests"]
            )
            try await workshop.send(open, as: bob)
            workshop.clock.advance(seconds: 20)
            var decide = decision(on: approval)
            // An hour of one piece that was opened 20 s ago, and a minute of one that never was.
            decide.reading = [
                EvidenceReading(title: "metrics", seconds: 3_600),
                EvidenceReading(title: "gate", seconds: -.infinity),
                EvidenceReading(title: "digests", seconds: 5),
                EvidenceReading(title: "data", seconds: 60),
            ]
            let decided = try await workshop.send(decide, as: bob)
            let read = try #require(decided.decisions.first).reading
            #expect(read.map(\.title) == ["metrics", "gate", "digests"])
            #expect(abs(read.map(\.seconds).reduce(0, +) - 20) < 1e-6)
            #expect(read.map { $0.seconds.rounded() } == [16, 0, 4])
            let event = try await workshop.event("approval.approved")
            #expect(event.content.summary.contains("after 20 s of reading"))
        }
    }

    @Test func `that wants the evidence opened takes no approval of what was not`()
        async throws
    {
        try await withPolicy("{ approvals: 2, evidence: opened }") { workshop in
            try await workshop.register()
            let approval = try await workshop.openApproval()
            let titles = approval.evidence.map(\.title)
            let blind = await workshop.refusal(deciding: approval, as: bob)
            for title in titles { #expect(blind?.contains("\"\(title)\"") == true) }
            #expect(blind?.contains("approvals show approval-1") == true)
            // All but one piece is not all of it, whoever else has seen that one.
            var open = OpenEvidence(
                approval: approval.id,
                evidenceDigest: approval.evidenceDigest,
                titles: Array(titles.dropFirst())
            )
            try await workshop.send(open, as: bob)
            open.titles = titles
            try await workshop.send(open, as: carol)
            let most = await workshop.refusal(deciding: approval, as: bob)
            #expect(most?.contains("has not opened \"\(titles[0])\" of the evidence") == true)
            open.evidenceDigest = approval.bundleDigest
            let other = await workshop.refusal(of: open, as: bob)
            #expect(other?.message.contains("is not its evidence") == true)
            open.evidenceDigest = approval.evidenceDigest
            for _ in 0..<2 { try await workshop.send(open, as: bob) }
            let opened = try await workshop.actions().count { $0 == "approval.opened" }
            #expect(opened == 3, "once more for bob, and not again for the same")
            workshop.clock.advance(seconds: 30)
            let first = try await workshop.decide(approval, as: bob)
            let read = try #require(first.decisions.first)
            #expect(Set(read.reading.map(\.title)) == Set(titles))
            #expect(abs(read.secondsRead - 30) < 1e-6)
            // What a program says was on its screen is no proof of it.
            var said = decision(on: approval)
            said.reading = titles.map { EvidenceReading(title: $0, seconds: 2) }
            let dave = Actor(uid: 2_001, name: "user 2001")
            let claimed = await workshop.refusal(of: said, as: dave)
            #expect(claimed?.message.contains("has not opened") == true)
            try await workshop.send(open, as: dave)
            #expect(try await workshop.send(said, as: dave).status == .approved)
            let late = await workshop.refusal(
                of: OpenEvidence(
                    approval: approval.id,
                    evidenceDigest: approval.evidenceDigest,
                    titles: titles
                ),
                as: alice
            )
            #expect(late?.message.contains("Nothing is left to decide") == true)
        }
    }

    @Test func `waits for its checks, which are made again`() async throws {
        try await withPolicy("{ approvals: 1, checks: [no_open_alerts, bytes_verified] }") {
            workshop in
            let opened = try await workshop.store.openAlert(
                AlertDraft(
                    rule: .failure,
                    severity: .critical,
                    model: model,
                    subject: "x",
                    owner: "harbour",
                    startedAt: noon,
                    dataTime: noon,
                    message: "It burns.",
                    status: .firing
                )
            )
            try await workshop.register()
            let approval = try await workshop.openApproval()
            #expect(approval.status == .checks)
            let refused = await workshop.refusal(deciding: approval, as: bob)
            #expect(refused?.contains("\"no_open_alerts\"") == true)
            _ = try await workshop.store.resolveAlert(opened.value.id, by: alice, at: noon)
            #expect(try await workshop.openApproval().status == .pending)
            try await workshop.decide(approval, as: bob)
            #expect(try await workshop.serving() == [1])
        }
    }

    @Test func `asks again for what has served for long`() async throws {
        try await withPolicy("{ approvals: 1, recertify: 90d }") { workshop in
            try await workshop.deploy()
            workshop.clock.advance(seconds: 89 * Timestamp.day)
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.request(.recertification) == nil)
            workshop.clock.advance(seconds: 2 * Timestamp.day)
            for _ in 0..<2 { await workshop.engine.takeWhatIsDue() }
            let asked = try await workshop.send(ListApprovals())
            #expect(asked.map(\.kind) == [.recertification])
            let rollback = asked.first?.evidence.first { $0.title == "rollback" }
            let serves = "v1 serves already; there is nothing to roll back to"
            #expect(rollback?.lines.first == serves)
            try await workshop.decide(asked[0], .reject, reason: "it is stale", as: bob)
            let alert = try #require(try await workshop.send(ListAlerts(openOnly: true)).first)
            #expect(alert.message.contains("the recertification of what serves was rejected"))
            #expect(alert.message.contains(": it is stale. Roll back"))
        }
    }

    @Test func `tells the owner when nobody answered a recertification, until it is given`()
        async throws
    {
        let policy = "{ approvals: 1, recertify: 90d, request_expires: 7d }"
        try await withPolicy(policy) { workshop in
            try await workshop.deploy()
            func open() async throws -> [Alert] {
                try await workshop.send(ListAlerts(openOnly: true))
            }
            func wait(days: Double) async {
                workshop.clock.advance(seconds: days * Timestamp.day)
                for _ in 0..<2 { await workshop.engine.takeWhatIsDue() }
            }
            await wait(days: 91)
            #expect(try await open() == [])
            for _ in 0..<2 {
                await wait(days: 8)
                let words = "nobody answered the recertification of what serves by"
                #expect(try await open().count { $0.message.contains(words) } == 1)
                #expect(try await open().map(\.severity) == [.critical])
            }
            let asked = try await workshop.send(ListApprovals())
            #expect(asked.map(\.kind) == [.recertification])
            try await workshop.decide(asked[0], as: bob)
            #expect(try await open() == [])
            await wait(days: 91)
            await wait(days: 8)
            #expect(try await open().count == 1)
            // What serves no more needs nobody to look at it.
            _ = try await workshop.deploy()
            #expect(try await open() == [])
        }
    }

    @Test func `asks again for a review that nobody answered`() async throws {
        let policy = """
            { approvals: 1, request_expires: 7d, break_glass: { roles: [owner], expires: 2h } }
            """
        try await withPolicy(policy) { workshop in
            try await workshop.register()
            let glass = BreakGlass(
                model: model,
                version: 1,
                environment: "production",
                reason: "prices are wrong now"
            )
            _ = try await workshop.send(glass, as: bob)
            let first = try #require(try await workshop.request(.review))
            workshop.clock.advance(seconds: 8 * Timestamp.day)
            for _ in 0..<2 { await workshop.engine.takeWhatIsDue() }
            let second = try #require(try await workshop.request(.review))
            #expect(second.id != first.id && second.about == first.about)
            let why = second.evidence.first?.lines.first
            #expect(why?.contains("prices are wrong now") == true)
            #expect(why?.hasSuffix("Nobody answered the review before.") == true)
            let alerts = try await workshop.send(ListAlerts(openOnly: true)).map(\.message)
            #expect(alerts.count == 2)
            #expect(alerts.contains { $0.contains("nobody answered the review") })
            #expect(alerts.contains { $0.contains("break-glass is over") })
            try await workshop.decide(second, as: alice)
            #expect(try await workshop.send(ListAlerts(openOnly: true)) == [])
            #expect(try await workshop.send(GetOverview()).emergencies == [])
        }
    }

    @Test func `lets its glass be broken by its roles, for a time, and asks for the review`()
        async throws
    {
        let policy = """
            { approvals: 2, wait: 1h, break_glass: { roles: [owner], expires: 2h } }
            """
        try await withPolicy(policy) { workshop in
            try await workshop.register()
            func glass(_ reason: String) -> BreakGlass {
                BreakGlass(model: model, version: 1, environment: "production", reason: reason)
            }
            let short = await workshop.refusal(of: glass("now"), as: bob)
            #expect(short?.message.contains("three words or more") == true)
            let broken = try await workshop.send(glass("prices are wrong now"), as: bob)
            #expect(broken.hasBrokenGlass)
            #expect(try await workshop.serving() == [1])
            let overview = try await workshop.send(GetOverview())
            #expect(overview.emergencies?.first?.contains("prices are wrong now") == true)
            #expect(overview.emergencies?.first?.contains("by bob") == true)
            let review = try #require(try await workshop.request(.review))
            #expect(review.about == broken.id)
            workshop.clock.advance(seconds: 3 * 3_600)
            for _ in 0..<2 { await workshop.engine.takeWhatIsDue() }
            let alerts = try await workshop.send(ListAlerts(openOnly: true))
            #expect(alerts.map(\.message).count { $0.contains("break-glass is over") } == 1)
            try await workshop.decide(review, as: alice)
            try await workshop.decide(review, as: carol)
            #expect(try await workshop.send(GetOverview()).emergencies == [])
        }
    }

    @Test func `whose hours are over deploys when they begin again`() async throws {
        // The clock stands at 16:53 on a Tuesday.
        try await withPolicy("{ approvals: 1, hours: \"Mon-Fri 09:00-16:00\" }") { workshop in
            try await workshop.register()
            try await workshop.decide(try await workshop.openApproval())
            #expect(try await workshop.serving() == [])
            let refused = await workshop.refusal(
                of: Deploy(model: model, version: 1, environment: "production")
            )
            #expect(refused?.message.contains("goes at 2014-05-14T09:00:00Z") == true)
            workshop.clock.advance(seconds: 16 * 3_600)
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.serving() == [])
            workshop.clock.advance(seconds: 600)
            await workshop.engine.takeWhatIsDue()
            #expect(try await workshop.serving() == [1])
        }
    }

    @Test func `lets nobody break its glass whose role it does not name`() async throws {
        var grants = everybody.grants ?? [:]
        for role in UserRole.allCases where role != .machineLearningEngineer {
            grants[role]?.users.removeAll { $0 == "bob" }
        }
        let access = AccessRules(owner: everybody.owner, grants: grants)
        try await withWorkshop(access: access) { workshop in
            let policy = "{ approvals: 2, break_glass: { roles: [owner], expires: 2h } }"
            try await workshop.prepare(
                pipeline: pipelineText(environments: "{ production: \(policy) }")
            )
            try await workshop.register()
            let request = BreakGlass(
                model: model,
                version: 1,
                environment: "production",
                reason: "it is an emergency"
            )
            let refused = await workshop.refusal(of: request, as: bob)
            let words = "needs the role owner, which \"bob\" has not"
            #expect(refused?.message.contains(words) == true)
            #expect(try await workshop.serving() == [])
        }
    }

    @Test func `without a glass to break, or for other roles, refuses it`() async throws {
        try await withPolicy("{ approvals: 2 }") { workshop in
            try await workshop.register()
            let request = BreakGlass(
                model: model,
                version: 1,
                environment: "production",
                reason: "it is an emergency"
            )
            let refused = await workshop.refusal(of: request, as: bob)
            #expect(refused?.message.contains("has no \"break_glass\"") == true)
            #expect(try await workshop.serving() == [])
        }
    }
}
