import Domain
import Storage
import Testing

struct ModelTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `versions are numbered and summed up by model`() async throws {
        #expect(try await store.nextVersionNumber(of: "late-flights") == 1)
        try await home.registered("late-flights")
        try await home.registered("late-flights")
        try await home.registered("churn")
        #expect(try await store.nextVersionNumber(of: "late-flights") == 3)
        let models = try await store.models()
        #expect(models.map(\.name) == ["churn", "late-flights"])
        #expect(models.map(\.owner) == ["alice", "alice"])
        #expect(models.map(\.versions) == [1, 2])
        #expect(models.map(\.latest) == [1, 2])
        #expect(models.map(\.challenger) == [1, 2])
        #expect(models.map(\.champion) == [nil, nil])
        let versions = try await store.modelVersions(of: "late-flights")
        #expect(versions.map(\.id.text) == ["late-flights/v2", "late-flights/v1"])
        #expect(try await store.modelVersions(of: "none") == [])
    }

    @Test
    func `every move of an alias is kept, oldest first`() async throws {
        try await home.deployed()
        try await home.deployed()
        let moves = try await store.aliasHistory(of: "late-flights")
        #expect(moves.map(\.name) == ["challenger", "champion", "challenger", "champion"])
        #expect(moves.map(\.version) == [1, 1, 2, 2])
        #expect(try await store.champion(of: "late-flights")?.number == 2)
        #expect(try await store.champion(of: "none") == nil)
    }

    @Test
    func `a version that is not there is refused`() async {
        await expectRefusal(.notFound, "no model version \"churn/v4\"") {
            try await store.modelVersion(model: "churn", number: 4)
        }
    }
}

struct ApprovalTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `a newer request ends the older one of the same environment only`() async throws {
        let first = try await home.registered()
        let older = try await home.pendingApproval(for: first)
        let elsewhere = try await home.pendingApproval(for: first, environment: "staging")
        let second = try await home.registered()
        let newer = try await store.openApproval(
            try home.approvalDraft(for: second),
            by: alice,
            at: noon
        )
        #expect(newer.events.actions == ["approval.superseded", "approval.requested"])
        #expect(try await store.approval(older.id).status == .superseded)
        let open = try await store.approvals(openOnly: true, limit: 9)
        #expect(open.map(\.id) == [newer.value.id, elsewhere.id])
        let all = try await store.approvals(openOnly: false, limit: 2)
        #expect(all.map(\.id.text) == ["approval-3", "approval-2"])
        await expectRefusal(.conflict, "is superseded") {
            try await store.decide(older.id, decision(on: older, by: bob))
        }
    }

    @Test
    func `a decision is recorded with both digests`() async throws {
        let approval = try await home.pendingApproval(for: try await home.registered())
        let decided = try await store.decide(
            approval.id,
            decision(on: approval, by: bob, reason: "looks right")
        )
        #expect(decided.value.status == .approved)
        #expect(try await store.approval(approval.id) == decided.value)
        #expect(decided.events.actions == ["approval.approved"])
        let content = try #require(decided.events.first?.content)
        #expect(content.actor == bob)
        #expect(
            content.digests == [
                "bundle": approval.bundleDigest, "evidence": approval.evidenceDigest,
            ]
        )
        #expect(
            content.summary
                == "bob approved late-flights v1 → production (1 of 1): looks right"
        )
    }

    @Test
    func `two approvals are needed where the policy says two`() async throws {
        let version = try await home.registered()
        let approval = try await home.pendingApproval(for: version, approvals: 2)
        let first = try await store.decide(approval.id, decision(on: approval, by: bob))
        #expect(first.value.status == .pending)
        #expect(first.events.actions == ["approval.decided"])
        await expectRefusal(.conflict, "has decided on") {
            try await store.decide(approval.id, decision(on: approval, by: bob))
        }
        await expectRefusal(.forbidden, "does not permit") {
            try await home.deploy(version, with: approval)
        }
        let second = try await store.decide(approval.id, decision(on: approval, by: carol))
        #expect(second.value.status == .approved)
        #expect(second.events.actions == ["approval.approved"])
    }

    @Test
    func `a rejection needs a reason and ends the request`() async throws {
        let version = try await home.registered()
        let approval = try await home.pendingApproval(for: version)
        await expectRefusal(.invalid, "needs a reason") {
            try await store.decide(approval.id, decision(on: approval, by: bob, .reject))
        }
        #expect(try await store.approval(approval.id) == approval)
        let rejected = try await store.decide(
            approval.id,
            decision(on: approval, by: bob, .reject, reason: "too few rows")
        )
        #expect(rejected.value.status == .rejected)
        #expect(rejected.events.actions == ["approval.rejected"])
        await expectRefusal(.forbidden, "does not permit") {
            try await home.deploy(version, with: approval)
        }
    }

    @Test
    func `a decision on other evidence is refused and nothing is recorded`() async throws {
        let approval = try await home.pendingApproval(for: try await home.registered())
        let head = try await store.auditHead()
        await expectRefusal(.conflict, "names other digests") {
            try await store.decide(
                approval.id,
                decision(on: approval, by: bob, evidence: sha256("older evidence"))
            )
        }
        #expect(try await store.approval(approval.id) == approval)
        #expect(try await store.auditHead() == head)
    }

    @Test
    func `an environment that asks nobody is approved at once, with an event that says so`()
        async throws
    {
        let version = try await home.registered()
        let opened = try await store.openApproval(
            try home.approvalDraft(for: version, approvals: 0),
            by: .engine,
            at: noon
        )
        #expect(opened.value.status == .approved)
        let actions = ["policy.adopted", "approval.requested", "approval.approved"]
        #expect(opened.events.actions == actions)
        #expect(try await home.deploy(version, with: opened.value).current.version == 1)
        #expect(try await store.checkInvariants() == [])
    }

    @Test
    func `a request nobody decided expires, not a moment early`() async throws {
        let version = try await home.registered()
        let approval = try await home.pendingApproval(for: version)
        #expect(try await store.expireApprovals(at: approval.expiresAt).value == [])
        let late = approval.expiresAt.adding(seconds: 1)
        let expired = try await store.expireApprovals(at: late)
        #expect(expired.value.map(\.id) == [approval.id])
        #expect(expired.events.actions == ["approval.expired"])
        #expect(try await store.expireApprovals(at: late).value == [])
        await expectRefusal(.conflict, "is expired") {
            try await store.decide(approval.id, decision(on: approval, by: bob))
        }
    }

    @Test
    func `a request for other bytes than the version's, or for no version, is refused`()
        async throws
    {
        let version = try await home.registered()
        let draft = try home.approvalDraft(for: version)
        let other = ApprovalDraft(
            model: draft.model,
            version: draft.version,
            environment: draft.environment,
            bundleDigest: sha256("other"),
            evidence: draft.evidence,
            evidenceDigest: draft.evidenceDigest,
            policy: EnvironmentPolicy(name: "production", approvals: 1),
            requester: alice,
            expiresAt: draft.expiresAt
        )
        await expectRefusal(.conflict, "Ask for the release again") {
            try await store.openApproval(other, by: alice, at: noon)
        }
        let nothing = ApprovalDraft(
            model: "churn",
            version: 3,
            environment: "production",
            bundleDigest: draft.bundleDigest,
            evidence: [],
            evidenceDigest: draft.evidenceDigest,
            policy: EnvironmentPolicy(name: "production", approvals: 1),
            requester: alice,
            expiresAt: draft.expiresAt
        )
        await expectRefusal(.notFound, "churn/v3") {
            try await store.openApproval(nothing, by: alice, at: noon)
        }
        await expectRefusal(.notFound, "no approval \"approval-8\"") {
            try await store.approval(ID("approval-8"))
        }
    }

    @Test
    func `of two stores that decide at once one wins, the other reads who was first`()
        async throws
    {
        let approval = try await home.pendingApproval(for: try await home.registered())
        let other = try Store(folder: home.folder, now: noon)
        let store = home.store
        async let first = outcome(store, approval, bob)
        async let second = outcome(other, approval, carol)
        let outcomes = await [first, second]
        let winner = try #require(outcomes.compactMap(\.winner).first)
        let loser = try #require(outcomes.compactMap(\.refusal).first)
        #expect(loser.kind == .conflict)
        #expect(loser.message.contains("is approved by \"\(winner)\""), "\(loser.message)")
        #expect(try await store.approval(approval.id).decisions.map(\.actor) == [winner])
        #expect(try await store.verifyAudit().problem == nil)
        await other.close()
    }
}

private func outcome(
    _ store: Store,
    _ approval: Approval,
    _ actor: Actor
) async -> (winner: Actor?, refusal: Refusal?) {
    do {
        _ = try await store.decide(approval.id, decision(on: approval, by: actor))
        return (actor, nil)
    } catch {
        return (nil, error as? Refusal)
    }
}

struct DeploymentTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `a permitted version is deployed, becomes champion and is recorded`() async throws {
        let version = try await home.registered()
        let approval = try await home.approved(version)
        let deployed = try await store.deploy(
            version: version,
            environment: "production",
            approval: approval.id,
            reason: .deploy,
            note: "first",
            by: bob,
            at: noon
        )
        #expect(deployed.value.id.text == "deployment-1")
        #expect(deployed.value.port == 0)
        #expect(deployed.value.current.number == 1)
        #expect(deployed.value.current.note == "first")
        let actions = ["approval.deploying", "deployment.deployed", "alias.moved"]
        #expect(deployed.events.actions == actions)
        #expect(
            deployed.events.dropFirst().first?.content.digests == [
                "bundle": version.bundleDigest, "evidence": approval.evidenceDigest,
            ]
        )
        #expect(try await store.deployment(deployed.value.id) == deployed.value)
        #expect(try await store.champion(of: "late-flights") == version)
    }

    @Test
    func `the next version is one more revision, and a rollback one more again`() async throws {
        let first = try await home.registered()
        let permit = try await home.approved(first)
        _ = try await home.deploy(first, with: permit)
        try await home.deployed()
        let back = try await store.deploy(
            version: first,
            environment: "production",
            approval: permit.id,
            reason: .rollback,
            note: "errors",
            by: carol,
            at: noon
        )
        #expect(back.value.revisions.map(\.version) == [1, 2, 1])
        #expect(back.value.revisions.map(\.number) == [1, 2, 3])
        let actions = [
            "approval.deploying", "approval.superseded", "deployment.rolledBack", "alias.moved",
        ]
        #expect(back.events.actions == actions)
        #expect(try await store.deployments() == [back.value])
        #expect(try await store.champion(of: "late-flights")?.number == 1)
        #expect(try await store.checkInvariants() == [])
    }

    @Test
    func `the version that is served already is refused`() async throws {
        let version = try await home.registered()
        let approval = try await home.approved(version)
        _ = try await home.deploy(version, with: approval)
        let head = try await store.auditHead()
        await expectRefusal(.conflict, "serves \"late-flights v1\" already") {
            try await home.deploy(version, with: approval)
        }
        #expect(try await store.auditHead() == head)
    }

    @Test
    func `an approval of something else permits nothing`() async throws {
        let first = try await home.registered()
        let permit = try await home.approved(first)
        let second = try await home.registered()
        let pending = try await home.pendingApproval(for: second)
        let cases: [(ModelVersion, Approval, String)] = [
            (second, permit, "production"), (second, pending, "production"),
            (first, permit, "staging"),
        ]
        for (version, approval, environment) in cases {
            await expectRefusal(.forbidden, "does not permit") {
                try await home.deploy(version, with: approval, environment: environment)
            }
        }
        #expect(try await store.deployments() == [])
    }

    @Test
    func `a version altered since its registration is not deployed`() async throws {
        let version = try await home.registered()
        let permit = try await home.approved(version)
        let altered = ModelVersion(
            id: version.id,
            model: version.model,
            number: version.number,
            run: version.run,
            artifacts: version.artifacts,
            bundleDigest: sha256("other"),
            signature: version.signature,
            report: version.report,
            createdAt: version.createdAt,
            actor: version.actor
        )
        await expectRefusal(.corrupt, "It is not deployed") {
            try await home.deploy(altered, with: permit)
        }
    }

    @Test
    func `environments are deployments of their own, oldest first`() async throws {
        let version = try await home.registered()
        for environment in ["staging", "production"] {
            let permit = try await home.approved(version, environment: environment)
            _ = try await home.deploy(version, with: permit, environment: environment)
        }
        #expect(try await store.deployments().map(\.environment) == ["staging", "production"])
        let moves = try await store.aliasHistory(of: "late-flights")
        #expect(moves.map(\.name) == ["challenger", "champion"])
    }

    @Test
    func `the port is kept, and only a port`() async throws {
        let deployment = try await home.deployed()
        try await store.setPort(8_123, of: deployment.id)
        #expect(try await store.deployment(deployment.id).port == 8_123)
        for port in [-1, 65_536] {
            await expectRefusal(.invalid, "is no port") {
                try await store.setPort(port, of: deployment.id)
            }
        }
        await expectRefusal(.notFound, "no deployment \"deployment-2\"") {
            try await store.setPort(1, of: ID("deployment-2"))
        }
        await expectRefusal(.notFound, "no deployment \"deployment-2\"") {
            try await store.deployment(ID("deployment-2"))
        }
    }
}
