import Domain
import FoundationEssentials
import Storage
import Testing

/// A model of the rules that is written apart from them: sequences nobody planned, by several
/// people, with the store closed or crashed and opened at random, and the rules checked by hand after each.
///
/// 10,000 operations, 1,000 a seed; `BINNACLE_WALK_STEPS` takes longer walks.
struct GovernanceWalkTests {
    private static var steps: Int {
        ProcessInfo.processInfo.environment["BINNACLE_WALK_STEPS"].flatMap { Int($0) } ?? 1_000
    }

    @Test(arguments: 11...20 as ClosedRange<UInt64>)
    func `no sequence of operations deploys what the rules do not permit`(
        seed: UInt64
    ) async throws {
        let home = try Home()
        var walk = try await GovernanceWalk(home: home, seed: seed)
        for step in 0..<GovernanceWalkTests.steps {
            try await walk.take()
            if step % 200 == 199 { #expect(try await walk.store.checkInvariants() == []) }
        }
        #expect(try await walk.store.checkInvariants() == [])
        let share = GovernanceWalkTests.steps / 100
        #expect(walk.quorums > share, "\(walk.quorums) requests had their quorum")
        #expect(walk.deployments > share / 2, "the walk deployed \(walk.deployments) times")
        #expect(walk.crashes > 0)
        #expect(walk.policies > 0, "no policy was changed")
        #expect(walk.refusals > 20)
        if walk.isReopened { await walk.store.close() }
    }
}

private struct Person {
    let actor: Actor
    let roles: Set<UserRole>
}

private let people: [Person] = [
    Person(actor: alice, roles: [.machineLearningEngineer, .owner, .approver]),
    Person(actor: bob, roles: [.approver, .machineLearningEngineer]),
    Person(actor: carol, roles: [.owner]),
    Person(actor: Actor(uid: 1_004, name: "dave"), roles: [.approver, .owner]),
    Person(actor: Actor(uid: 1_005, name: "eve"), roles: [.viewer]),
    Person(actor: Actor(uid: 1_006, name: "fay"), roles: [.machineLearningEngineer]),
]

/// What the test itself knows of a request; it asks the store for nothing of it.
private struct Known {
    let request: Approval
    let policy: EnvironmentPolicy
    let authors: Set<UInt32>
    let openedAt: Timestamp
    var approvers: [Person] = []
    var isOver = false
    var grantedAt: Timestamp?
    var overriddenUntil: Timestamp?
    var wasDeployed = false
}

private struct GovernanceWalk {
    let home: Home
    var store: Store
    var isReopened = false
    private var folder: String
    private(set) var crashes = 0
    private(set) var deployments = 0
    private(set) var refusals = 0
    private(set) var quorums = 0
    private(set) var policies = 0
    private var state: UInt64
    private var now = noon
    private let versions: [ModelVersion]
    private var known: [ID<Approval>: Known] = [:]
    private var order: [ID<Approval>] = []
    private var inForce: EnvironmentPolicy

    init(home: Home, seed: UInt64) async throws {
        self.home = home
        store = home.store
        folder = home.folder
        state = seed
        var versions: [ModelVersion] = []
        for _ in 0..<4 { versions.append(try await home.registered()) }
        self.versions = versions
        inForce = GovernanceWalk.policies[0]
    }

    private static let policies: [EnvironmentPolicy] = {
        var strict = EnvironmentPolicy(name: "production", approvals: 2)
        strict.roles = [RoleSlots(.machineLearningEngineer, 1), RoleSlots(.owner, 1)]
        strict.forbidsSelfApproval = true
        strict.waitSeconds = 3_600
        strict.grantSeconds = 2 * Timestamp.day
        var loose = EnvironmentPolicy(name: "production", approvals: 1)
        loose.grantSeconds = Timestamp.day
        var hours = strict
        hours.hours = BusinessHours("Mon-Fri 08:00-18:00")
        hours.waitSeconds = 0
        return [strict, loose, hours]
    }()

    /// SplitMix64 (Steele, Lea, Flood 2014), below `bound`.
    private mutating func number(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    private mutating func person() -> Person { people[number(below: people.count)] }

    /// Any request, one in five times; else the newest that may still come to something.
    private mutating func request(where isWanted: (Known) -> Bool) -> Known? {
        guard !order.isEmpty else { return nil }
        let any = known[order[number(below: order.count)]]
        guard number(below: 5) > 0 else { return any }
        return order.suffix(20).reversed().compactMap { known[$0] }
            .first { !$0.isOver && isWanted($0) } ?? any
    }

    mutating func take() async throws {
        now = now.adding(seconds: Double(number(below: 5_400)))
        do {
            switch number(below: 20) {
            case 0: try await open()
            case 1..<12: try await decide()
            case 12..<15: try await deploy(.deploy)
            case 15: try await deploy(.rollback)
            case 16: if number(below: 3) == 0 { try await proposePolicy() }
            case 17: try await breakGlass()
            case 18: try await expire()
            default: try await reopen()
            }
        } catch let refusal as Refusal {
            refusals += 1
            let expected: [Refusal.Kind] = [.conflict, .notFound, .forbidden, .invalid]
            #expect(expected.contains(refusal.kind), "\(refusal.kind): \(refusal)")
        }
    }

    // MARK: - Operations

    private mutating func draft(
        _ kind: ApprovalKind,
        of version: ModelVersion,
        by actor: Actor,
        proposal: EnvironmentPolicy? = nil
    ) throws -> ApprovalDraft {
        let evidence = [EvidenceItem(title: "metrics", lines: ["at \(now)"], state: .fine)]
        let bytes = try JSONEncoder().encode(evidence)
        return ApprovalDraft(
            kind: kind,
            model: version.model,
            version: version.number,
            environment: "production",
            bundleDigest: try proposal.map { try policyDigest($0) } ?? version.bundleDigest,
            evidence: evidence,
            evidenceDigest: try store.blobs.put(Array(bytes)),
            policy: inForce,
            proposal: proposal,
            requester: actor,
            authors: [alice],
            expiresAt: now.adding(seconds: inForce.requestSeconds)
        )
    }

    private mutating func keep(_ approval: Approval, by actor: Actor) {
        if let old = order.last(where: {
            known[$0]?.request.kind == approval.kind && known[$0]?.isOver == false
                && known[$0]?.grantedAt == nil
        }) {
            known[old]?.isOver = true
        }
        known[approval.id] = Known(
            request: approval,
            policy: inForce,
            authors: [1_001, actor.uid ?? 0],
            openedAt: now
        )
        order.append(approval.id)
    }

    private mutating func open() async throws {
        let version = versions[number(below: versions.count)]
        let actor = person().actor
        let draft = try draft(.release, of: version, by: actor)
        keep(try await store.openApproval(draft, by: actor, at: now).value, by: actor)
    }

    private mutating func proposePolicy() async throws {
        let proposal = GovernanceWalk.policies[number(below: GovernanceWalk.policies.count)]
        let actor = person().actor
        let draft = try draft(.policy, of: versions[0], by: actor, proposal: proposal)
        keep(try await store.openApproval(draft, by: actor, at: now).value, by: actor)
    }

    private mutating func decide() async throws {
        guard let known = request(where: { $0.grantedAt == nil }) else { return }
        let person = person()
        let answers: [Decision.Answer] = [
            .reject, .revoke, .requestChanges,
        ]
        let rare = number(below: 24)
        let answer = rare < answers.count ? answers[rare] : .approve
        let isStale = number(below: 10) == 0
        // Sometimes the clock jumps back, as a clock that is set does.
        let at = number(below: 20) == 0 ? now.adding(seconds: -86_400) : now
        let decided = try await store.decide(
            known.request.id,
            Decision(
                answer: answer,
                reason: number(below: 10) == 0 ? " " : "because",
                actor: person.actor,
                bundleDigest: known.request.bundleDigest,
                evidenceDigest: isStale ? known.request.bundleDigest : known.request.evidenceDigest,
                decidedAt: at,
                isSelfApproval: false,
                client: "test",
                roles: person.roles
            )
        ).value
        #expect(!isStale || answer == .revoke, "a decision on other evidence was taken")
        #expect(!known.isOver, "\(known.request.id) was over")
        guard answer == .approve else {
            self.known[known.request.id]?.isOver = true
            return
        }
        try accept(person, decided, at)
    }

    /// Checks by hand that the approval could be taken, and what came of it.
    private mutating func accept(
        _ person: Person,
        _ decided: Approval,
        _ date: Timestamp
    ) throws {
        let id = decided.id
        guard var known = known[id] else { return }
        #expect(date <= known.openedAt.adding(seconds: known.policy.requestSeconds))
        #expect(!known.approvers.contains { $0.actor == person.actor }, "one person, two slots")
        if known.policy.forbidsSelfApproval {
            #expect(!known.authors.contains(person.actor.uid ?? 0), "self-approval")
        }
        #expect(known.policy == inForce, "approved under a policy not in force")
        known.approvers.append(person)
        let isFull = GovernanceWalk.fills(known.approvers, known.policy.slots)
        #expect((decided.status == .approved) == isFull)
        if isFull {
            known.grantedAt = date
            quorums += 1
        }
        self.known[id] = known
        guard isFull, known.request.kind == .policy, let policy = known.request.proposal else {
            return
        }
        inForce = policy
        policies += 1
        self.known[id]?.isOver = true
    }

    /// Whether the people fill all slots, one each: every way to seat them is tried.
    private static func fills(_ people: [Person], _ slots: [UserRole]) -> Bool {
        guard let slot = slots.first else { return true }
        return people.indices.contains { index in
            guard people[index].roles.contains(slot) else { return false }
            var rest = people
            rest.remove(at: index)
            return fills(rest, Array(slots.dropFirst()))
        }
    }

    private mutating func deploy(_ reason: DeploymentRevision.Reason) async throws {
        guard let known = request(where: { $0.grantedAt != nil }) else { return }
        let version = versions[number(below: 8) == 0 ? 0 : known.request.version - 1]
        let deployed = try await store.deploy(
            version: version,
            environment: "production",
            approval: known.request.id,
            reason: reason,
            note: "",
            by: person().actor,
            at: now
        ).value
        deployments += 1
        self.known[known.request.id]?.wasDeployed = true
        #expect(reason == .deploy || known.wasDeployed, "back to what was never there")
        #expect(deployed.current.bundleDigest == known.request.bundleDigest)
        #expect(known.request.kind == .release)
        #expect(version.number == known.request.version)
        #expect(!known.isOver, "\(known.request.id) was taken back")
        if number(below: 2) == 0 { _ = try await store.noteServed(known.request.id, at: now) }
        if let until = known.overriddenUntil {
            #expect(reason == .rollback || now <= until, "the broken glass was over")
            return
        }
        #expect(GovernanceWalk.fills(known.approvers, known.policy.slots), "no quorum")
        guard reason == .deploy, let granted = known.grantedAt else { return }
        #expect(now <= granted.adding(seconds: known.policy.grantSeconds), "the grant was over")
        #expect(now >= known.openedAt.adding(seconds: known.policy.waitSeconds), "the hold")
        #expect(known.policy == inForce, "the policy had changed")
        if let hours = known.policy.hours { #expect(hours.contains(now)) }
    }

    private mutating func breakGlass() async throws {
        guard number(below: 4) == 0, let known = request(where: { _ in true }),
            known.request.kind == .release
        else { return }
        let person = person()
        let until = now.adding(seconds: 4 * 3_600)
        let version = versions[known.request.version - 1]
        _ = try await store.breakGlass(
            known.request.id,
            Decision(
                answer: .override,
                reason: "it burns",
                actor: person.actor,
                bundleDigest: known.request.bundleDigest,
                evidenceDigest: known.request.evidenceDigest,
                decidedAt: now,
                isSelfApproval: false,
                client: "test",
                roles: person.roles
            ),
            until: until,
            review: try draft(.review, of: version, by: person.actor)
        )
        #expect(!known.isOver)
        self.known[known.request.id]?.overriddenUntil = until
        self.known[known.request.id]?.grantedAt = now
    }

    private mutating func expire() async throws {
        for approval in try await store.expireApprovals(at: now).value {
            let openedAt = known[approval.id]?.openedAt ?? noon
            #expect(now > openedAt.adding(seconds: approval.policy.requestSeconds))
            known[approval.id]?.isOver = true
        }
    }

    /// Closes the store and opens it, or crashes: a copy of the disk at this moment is opened, with
    /// whatever the database had not put in its place yet.
    private mutating func reopen() async throws {
        guard number(below: 3) == 0 else { return }
        if number(below: 2) == 0 {
            await store.close()
            store = try Store(folder: folder, now: now)
        } else {
            let after = "\(home.folder)/crash-\(crashes)"
            crashes += 1
            let files = FileManager.default
            try files.createDirectory(atPath: after, withIntermediateDirectories: false)
            let names = try files.contentsOfDirectory(atPath: folder)
            for name in names where !name.hasPrefix("crash-") {
                try files.copyItem(atPath: "\(folder)/\(name)", toPath: "\(after)/\(name)")
            }
            await store.close()
            if folder != home.folder { try files.removeItem(atPath: folder) }
            folder = after
            store = try Store(folder: folder, now: now)
        }
        isReopened = true
        for id in order.suffix(5) { _ = try await store.approval(id) }
    }
}
