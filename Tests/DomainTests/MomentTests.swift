import Domain
import Testing

private let name = "late-flights"
private let start = Timestamp(seconds: 1_000_000)

private func hour(_ number: Double) -> Timestamp { start.adding(seconds: number * 3_600) }

private func event(_ action: String, _ subject: Subject, _ at: Double) -> AuditDraft {
    AuditDraft(at: hour(at), actor: alice, action: action, subject: subject, summary: "")
}

private func revision(_ number: Int, _ version: Int, _ at: Double) -> DeploymentRevision {
    DeploymentRevision(
        number: number,
        version: version,
        bundleDigest: digest(UInt8(version)),
        approval: ID("approval-\(version)"),
        reason: .deploy,
        note: "",
        actor: bob,
        at: hour(at)
    )
}

private func decision(_ approval: Approval, _ answer: Decision.Answer, _ at: Double) -> Decision {
    Decision(
        answer: answer,
        reason: "the numbers say so",
        actor: bob,
        bundleDigest: approval.bundleDigest,
        evidenceDigest: approval.evidenceDigest,
        decidedAt: hour(at),
        isSelfApproval: false,
        client: "test"
    )
}

/// Asked for at hour 1, approved at 2, deployed at 3, revoked at 6.
private func revokedApproval() throws -> Approval {
    var approval = Approval(
        id: ID("approval-1"),
        model: name,
        version: 1,
        environment: "production",
        bundleDigest: digest(1),
        evidence: [EvidenceItem(title: "metrics", lines: ["auc 0.7"], state: .fine)],
        evidenceDigest: digest(9),
        policy: EnvironmentPolicy(name: "production", approvals: 1),
        requester: alice,
        createdAt: hour(1),
        expiresAt: hour(200)
    )
    try approval.decide(decision(approval, .approve, 2))
    try approval.apply(.deploying(at: hour(3)))
    try approval.apply(.served(at: hour(3)))
    try approval.decide(decision(approval, .revoke, 6))
    return approval
}

/// Versions at the hours 0, 4 and 8; version 1 serves from 3, version 2 from 5.
private func facts() throws -> ModelFacts {
    var facts = ModelFacts(name: name)
    facts.registrations = [(1, 0.0), (2, 4.0), (3, 8.0)].map { number, at in
        ModelFacts.Registration(
            number: number,
            run: ID("run-\(number)"),
            bundleDigest: digest(UInt8(number)),
            createdAt: hour(at)
        )
    }
    func move(_ alias: String, _ version: Int?, _ at: Double) -> Alias {
        Alias(model: name, name: alias, version: version, movedAt: hour(at), actor: bob)
    }
    facts.aliasMoves = [
        move("night", 1, 1), move("champion", 1, 3), move("champion", 2, 5), move("night", nil, 7),
    ]
    var deployment = Deployment(
        id: ID("deployment-1"),
        model: name,
        environment: "production",
        port: 0,
        first: revision(1, 1, 3)
    )
    try deployment.add(revision(2, 2, 5))
    facts.deployments = [deployment]
    facts.approvals = [try revokedApproval()]
    return facts
}

@Suite struct `The registry at a moment` {
    @Test func `is nothing before the first version`() throws {
        #expect(try facts().moment(at: hour(-1)) == nil)
        #expect(try facts().moment(at: hour(0))?.versions.map(\.number) == [1])
    }

    @Test(
        arguments: [
            (2.9, nil, nil), (3.0, 1, "bob"), (4.9, 1, "bob"), (5.0, 2, "bob"), (99, 2, "bob"),
        ] as [(Double, Int?, String?)]
    )
    func `says what served and who put it there`(at: Double, version: Int?, who: String?) throws {
        let moment = try #require(try facts().moment(at: hour(at)))
        #expect(moment.serving.first?.revision.version == version)
        #expect(moment.serving.first?.revision.actor.name == who)
        #expect(moment.champion == version)
    }

    @Test func `says until when it served`() throws {
        #expect(try facts().moment(at: hour(4))?.serving.first?.until == hour(5))
        #expect(try facts().moment(at: hour(6))?.serving.first?.until == nil)
    }

    @Test func `shows the approval as it stood then, not what became of it`() throws {
        let then = try #require(try facts().moment(at: hour(4))?.serving.first?.approval)
        #expect(then.status == .live)
        #expect(then.decisions.map(\.answer) == [.approve])
        let approval = try revokedApproval()
        #expect(approval.asOf(hour(0.5)) == nil)
        #expect(approval.asOf(hour(1))?.status == .pending)
        #expect(approval.asOf(hour(2))?.status == .approved)
        #expect(approval.asOf(hour(6)) == approval)
        #expect(approval.status == .revoked)
    }

    @Test func `names the aliases that pointed somewhere`() throws {
        func aliases(_ at: Double) throws -> [String] {
            try facts().moment(at: hour(at))?.aliases.map { "\($0.name) \($0.version ?? 0)" } ?? []
        }
        #expect(try aliases(0) == [])
        #expect(try aliases(4) == ["champion 1", "night 1"])
        #expect(try aliases(7) == ["champion 2"])
    }

    @Test func `knows what was hidden and gone, and what came back`() throws {
        var facts = try facts()
        let first = Subject(.modelVersion, "\(name)/v1")
        facts.events = [
            event("registry.archived", first, 5), event("registry.restored", first, 6),
            event("registry.tagged", first, 6), event("registry.deleted", Subject(.model, name), 7),
        ]
        func states(_ at: Double) throws -> [RegistryState] {
            try #require(facts.moment(at: hour(at))).versions.map(\.state)
        }
        #expect(try states(4) == [.active, .active])
        #expect(try states(5) == [.archived, .active])
        #expect(try states(6) == [.active, .active])
        #expect(try states(7) == [.deleted, .deleted])
        #expect(facts.moment(at: hour(7))?.state == .deleted)
        // A new version begins the model anew; the tombstones stay.
        #expect(try states(8) == [.deleted, .deleted, .active])
        #expect(facts.moment(at: hour(8))?.state == .active)
        #expect(facts.moment(at: hour(8))?.standingVersions.map(\.number) == [3])
    }
}
