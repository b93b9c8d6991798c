package enum ApprovalStatus: String, Codable, Sendable, CaseIterable {
    case draft, checks, pending, approved, deploying, live
    case rejected, changesRequested, expired, superseded, revoked

    /// Whether people can still decide on it.
    package var isOpen: Bool { self == .checks || self == .pending }

    package var words: String { self == .changesRequested ? "changes requested" : rawValue }
}

/// What a request asks for.
package enum ApprovalKind: String, Codable, Sendable, CaseIterable {
    case release
    /// Another policy for an environment; decided under the one in force.
    case policy
    /// Whether what was done behind a broken glass was right.
    case review
    /// Whether what has served for long may go on.
    case recertification
}

/// One thing that happened to a request; its state is the fold over them.
package enum ApprovalEvent: Codable, Sendable, Equatable {
    case opened(at: Timestamp)
    case checked([CheckResult], at: Timestamp)
    case decided(Decision)
    /// Break-glass; good until the moment.
    case overridden(Decision, until: Timestamp)
    case superseded(by: String, at: Timestamp)
    case expired(at: Timestamp)
    /// Somebody had these pieces of the evidence shown to them.
    case evidenceOpened(by: Actor, titles: [String], at: Timestamp)
    case deploying(at: Timestamp)
    case served(at: Timestamp)
    /// Another version took its place in the environment.
    case replaced(at: Timestamp)

    package var at: Timestamp {
        switch self {
        case .opened(let at), .checked(_, let at), .superseded(_, let at), .expired(let at),
            .evidenceOpened(_, _, let at), .deploying(let at), .served(let at), .replaced(let at):
            at
        case .decided(let decision), .overridden(let decision, _): decision.decidedAt
        }
    }
}

/// A release that waits for people: this version, to this environment, on this evidence.
///
/// Its request never changes; its state is what its events make of it.
package struct Approval: Codable, Sendable, Equatable, Identifiable {
    package let id: Domain.ID<Approval>
    package let kind: ApprovalKind
    package let model: String
    package let version: Int
    package let environment: String
    /// Of the version's bytes; for a policy of the policy that is proposed.
    package let bundleDigest: Digest
    package let evidence: [EvidenceItem]
    /// SHA-256 of the canonical JSON of `evidence`.
    package let evidenceDigest: Digest
    /// The policy it is decided under.
    package let policy: EnvironmentPolicy
    /// SHA-256 of its canonical JSON; nil in records from before policies were kept.
    package let policyDigest: Digest?
    /// The roles that must approve, a person each.
    package let slots: [UserRole]
    /// What a request of the kind `policy` would put in force.
    package let proposal: EnvironmentPolicy?
    /// The request that a review looks back on.
    package let about: Domain.ID<Approval>?
    package let requester: Actor
    /// The requester, and whoever else made what is asked for: run, registration, policy.
    package let authors: [Actor]
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package private(set) var events: [ApprovalEvent] = []
    package private(set) var decisions: [Decision] = []
    package private(set) var openings: [EvidenceOpening] = []
    package private(set) var checks: [CheckResult] = []
    package private(set) var status = ApprovalStatus.draft
    /// When the quorum was complete, or the glass broken.
    package private(set) var grantedAt: Timestamp?
    /// Until when a broken glass counts; nil where none was broken.
    package private(set) var overrideUntil: Timestamp?
    package private(set) var servedAt: Timestamp?

    /// A request as it was opened; `slots` nil are the policy's.
    package init(
        id: Domain.ID<Approval>,
        kind: ApprovalKind = .release,
        model: String,
        version: Int,
        environment: String,
        bundleDigest: Digest,
        evidence: [EvidenceItem],
        evidenceDigest: Digest,
        policy: EnvironmentPolicy,
        policyDigest: Digest? = nil,
        slots: [UserRole]? = nil,
        proposal: EnvironmentPolicy? = nil,
        about: Domain.ID<Approval>? = nil,
        requester: Actor,
        authors: [Actor] = [],
        checks: [CheckResult] = [],
        createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.model = model
        self.version = version
        self.environment = environment
        self.bundleDigest = bundleDigest
        self.evidence = evidence
        self.evidenceDigest = evidenceDigest
        self.policy = policy
        self.policyDigest = policyDigest
        self.slots = slots ?? policy.slots
        self.proposal = proposal
        self.about = about
        self.requester = requester
        self.authors = ([requester] + authors).reduce(into: []) { found, actor in
            if !found.contains(where: actor.isSamePerson) { found.append(actor) }
        }
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        fold(.opened(at: createdAt))
        fold(.checked(checks, at: createdAt))
    }

    package var approvalsNeeded: Int { slots.count }

    /// Slots that are filled so far.
    package var approvals: Int { filledSlots.count { $0.filledBy != nil } }

    package var filledSlots: [ApprovalSlot] {
        let people = approvers
        let seats = seat(people.map { Set($0.roles) }, in: slots)
        return zip(slots, seats).map { role, person in
            ApprovalSlot(role: role, filledBy: person.map { people[$0].actor })
        }
    }

    private var approvers: [Decision] { decisions.filter { $0.answer == .approve } }

    /// `late-flights v2 → production`, or what else is asked.
    package var title: String {
        switch kind {
        case .release: "\(model) v\(version) → \(environment)"
        case .policy: "policy of \(model) → \(environment)"
        case .review: "review of \(model) v\(version) → \(environment)"
        case .recertification: "recertify \(model) v\(version) → \(environment)"
        }
    }

    package func isAuthor(_ actor: Actor) -> Bool { authors.contains(where: actor.isSamePerson) }

    /// Whether it was approved by somebody who had asked for it.
    package var isSelfApproved: Bool { approvers.contains(where: \.isSelfApproval) }

    package var hasBrokenGlass: Bool { overrideUntil != nil }

    /// When it stops to permit a deployment; nil before it is granted.
    package var grantExpiresAt: Timestamp? {
        overrideUntil ?? grantedAt?.adding(seconds: policy.grantSeconds)
    }

    /// The end of the least time between request and deployment.
    package var holdUntil: Timestamp { createdAt.adding(seconds: policy.waitSeconds) }

    /// Whether it has lawfully put these bytes into this environment, so that they may go on.
    package func hasDeployed(bundle digest: Digest, in environment: String) -> Bool {
        kind == .release && bundleDigest == digest && self.environment == environment
            && grantedAt != nil
    }

    /// Whether this approval lets the deployer put these bytes into this environment.
    package func permits(bundle digest: Digest, in environment: String) -> Bool {
        hasDeployed(bundle: digest, in: environment) && isGranted
            && (hasBrokenGlass || approvals >= approvalsNeeded)
    }

    /// Granted and not taken back; one that served before may be gone back to.
    private var isGranted: Bool {
        switch status {
        case .approved, .deploying, .live: true
        case .superseded: servedAt != nil
        default: false
        }
    }

    /// Whether it was ever taken to put its version into the environment.
    package var wasDeployed: Bool {
        events.contains { if case .deploying = $0 { true } else { false } }
    }

    // MARK: - Events

    /// Adds a decision, or refuses it: already decided, expired, other digests, no reason, twice,
    /// their own, or no slot left that they may fill.
    package mutating func decide(_ decision: Decision) throws(Refusal) {
        try apply(.decided(decision))
    }

    /// Ends an open request because a newer one asks for the same.
    package mutating func supersede(by newer: String = "", at date: Timestamp? = nil)
        throws(Refusal)
    {
        try apply(.superseded(by: newer, at: date ?? lastEventAt))
    }

    package mutating func expire(at date: Timestamp) throws(Refusal) {
        try apply(.expired(at: date))
    }

    package var lastEventAt: Timestamp { events.last?.at ?? createdAt }

    /// Takes an event that follows from the state, and refuses every other.
    package mutating func apply(_ event: ApprovalEvent) throws(Refusal) {
        switch event {
        case .decided(let decision): try check(decision)
        case .overridden(let decision, _):
            guard status.isOpen || status == .approved, kind == .release else {
                throw alreadyDecided()
            }
            try checkReason(decision)
            try checkDigests(decision)
        case .expired(let date):
            guard status.isOpen else { throw alreadyDecided() }
            guard date > expiresAt else {
                throw Refusal(
                    .conflict,
                    """
                    The request "\(title)" can be decided until \(expiresAt). It has not expired.
                    """
                )
            }
        default:
            guard mayFollow(event) else { throw alreadyDecided() }
        }
        guard event.at >= lastEventAt else {
            throw Refusal(
                .conflict,
                """
                The clock says \(event.at), before the last event of "\(title)" at \
                \(lastEventAt). Set the engine's clock right, then try again.
                """
            )
        }
        fold(event)
    }

    private func mayFollow(_ event: ApprovalEvent) -> Bool {
        switch event {
        case .opened: status == .draft
        case .checked, .evidenceOpened: status.isOpen
        case .superseded: status.isOpen || status == .approved
        case .deploying: kind == .release && isGranted && status != .deploying
        case .served: status == .deploying
        case .replaced: status == .deploying || status == .live
        case .decided, .overridden, .expired: false
        }
    }

    /// The state after an event that has been accepted.
    private mutating func fold(_ event: ApprovalEvent) {
        events.append(event)
        switch event {
        case .opened: status = .checks
        case .checked(let results, let at):
            checks = results
            status = results.contains { $0.problem != nil } ? .checks : .pending
            if status == .pending, slots.isEmpty { grant(at) }
        case .decided(let decision):
            decisions.append(decision)
            switch decision.answer {
            case .approve: if approvals >= approvalsNeeded { grant(decision.decidedAt) }
            case .reject: status = .rejected
            case .requestChanges: status = .changesRequested
            case .revoke, .override: status = .revoked
            }
        case .overridden(let decision, let until):
            decisions.append(decision)
            overrideUntil = until
            grant(decision.decidedAt)
        case .superseded: status = .superseded
        case .expired: status = .expired
        case .evidenceOpened(let actor, let titles, let at):
            openings += titles.map { EvidenceOpening(title: $0, actor: actor, at: at) }
        case .deploying: status = .deploying
        case .served(let at):
            status = .live
            servedAt = servedAt ?? at
        case .replaced(let at):
            status = .superseded
            servedAt = servedAt ?? at
        }
    }

    private mutating func grant(_ date: Timestamp) {
        status = .approved
        grantedAt = date
    }
}

// MARK: - Decisions

extension Approval {
    private func check(_ decision: Decision) throws(Refusal) {
        switch decision.answer {
        case .revoke:
            guard status.isOpen || [.approved, .deploying, .live].contains(status) else {
                throw alreadyDecided()
            }
            return try checkReason(decision)
        case .override: throw alreadyDecided()
        case .approve, .reject, .requestChanges: break
        }
        guard status.isOpen else { throw alreadyDecided() }
        guard decision.decidedAt <= expiresAt else {
            throw Refusal(
                .conflict,
                "The request \"\(title)\" expired at \(expiresAt). Ask for the release again."
            )
        }
        try checkDigests(decision)
        try checkReason(decision)
        if decisions.contains(where: { $0.actor.isSamePerson(as: decision.actor) }) {
            throw Refusal(
                .conflict,
                "\"\(decision.actor)\" has decided on \"\(title)\" before. Another person must."
            )
        }
        if decision.answer == .approve { try checkSlot(for: decision) }
    }

    private func checkDigests(_ decision: Decision) throws(Refusal) {
        guard decision.bundleDigest == bundleDigest, decision.evidenceDigest == evidenceDigest
        else {
            throw Refusal(
                .conflict,
                """
                The decision on "\(title)" names other digests than the request. \
                Open the evidence again and decide on what it shows now.
                """
            )
        }
    }

    private func checkReason(_ decision: Decision) throws(Refusal) {
        guard decision.answer.needsReason, decision.reason.allSatisfy(\.isWhitespace) else {
            return
        }
        let noun =
            switch decision.answer {
            case .requestChanges: "A request for changes to"
            case .revoke: "A revocation of"
            case .override: "A broken glass for"
            default: "A rejection of"
            }
        throw Refusal(.invalid, "\(noun) \"\(title)\" needs a reason. Say in a few words why.")
    }

    private func checkSlot(for decision: Decision) throws(Refusal) {
        if let red = checks.first(where: { $0.problem != nil }), status == .checks {
            throw Refusal(
                .conflict,
                """
                The check "\(red.check.rawValue)" of "\(title)" is not green: \
                \(red.problem ?? "") It can be approved once it is.
                """
            )
        }
        if let obstacle = obstacle(to: decision.actor, with: Set(decision.roles)) {
            throw Refusal(.forbidden, obstacle)
        }
        try checkReading(decision)
    }

    /// Why this person cannot fill a slot of it, as a sentence; nil when they can.
    package func obstacle(to actor: Actor, with roles: Set<UserRole>) -> String? {
        if policy.forbidsSelfApproval, isAuthor(actor) {
            return """
                "\(actor)" asked for "\(title)", trained it or wrote its policy, and the policy of \
                \(environment) forbids self-approval. Another person must approve.
                """
        }
        let seated = seat(approvers.map { Set($0.roles) } + [roles], in: slots)
        if seated.count(where: { $0 != nil }) > approvals { return nil }
        let open = filledSlots.filter { $0.filledBy == nil }.map(\.role)
        let needed = Array(Set(open)).sorted()
        guard !needed.isEmpty else { return "Every slot of \"\(title)\" is filled." }
        let held = roles.sorted().map(\.rawValue).joined(separator: ", ")
        return """
            "\(title)" still needs \(neededRolesText(needed)), and "\(actor)" has \
            \(held.isEmpty ? "no role here" : held).
            """
    }

    private func alreadyDecided() -> Refusal {
        let last = decisions.last.map { " by \"\($0.actor)\" at \($0.decidedAt)" } ?? ""
        return Refusal(
            .conflict,
            "The request \"\(title)\" is \(status.words)\(last). Nothing is left to decide."
        )
    }

    /// Why a deployment under it must not be made at this moment; nil when it may.
    ///
    /// - Parameters:
    ///   - policy: The digest of the policy in force now; nil where none was ever recorded.
    ///   - checks: What the policy's checks find now.
    package func obstacleToDeploy(
        at date: Timestamp,
        policy inForce: Digest?,
        checks: [CheckResult]
    ) -> Refusal? {
        if let end = grantExpiresAt, date > end {
            return Refusal(
                .forbidden,
                "The approval of \"\(title)\" was good until \(end). Ask for the release again."
            )
        }
        if let policyDigest, let inForce, policyDigest != inForce {
            return Refusal(
                .forbidden,
                """
                The policy of "\(environment)" has changed since "\(title)" was asked for, which \
                voids its approval. Ask for the release again.
                """
            )
        }
        if hasBrokenGlass { return nil }
        if date < holdUntil {
            return Refusal(
                .conflict,
                "\"\(title)\" is held until \(holdUntil): the policy wants that time in between."
            )
        }
        if let hours = policy.hours, !hours.contains(date) {
            return Refusal(
                .conflict,
                """
                "\(environment)" is deployed to \(hours) only; "\(title)" goes at \
                \(hours.opening(from: date)).
                """
            )
        }
        if let red = checks.first(where: { $0.problem != nil }) {
            return Refusal(
                .conflict,
                "The check \"\(red.check.rawValue)\" is not green: \(red.problem ?? "")"
            )
        }
        return nil
    }
}
