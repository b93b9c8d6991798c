package import Domain

/// A request for a decision before the store gives it an id.
package struct ApprovalDraft: Sendable {
    package let kind: ApprovalKind
    package let model: String
    package let version: Int
    package let environment: String
    package let bundleDigest: Digest
    package let evidence: [EvidenceItem]
    package let evidenceDigest: Digest
    /// What it is decided under; it must be the one in force, or becomes it where there is none.
    package let policy: EnvironmentPolicy
    /// Whether the policy lets this one go without anybody.
    package let isUnattended: Bool
    package let proposal: EnvironmentPolicy?
    package let about: ID<Approval>?
    package let requester: Actor
    package var authors: [Actor]
    package let expiresAt: Timestamp

    package init(
        kind: ApprovalKind = .release,
        model: String,
        version: Int,
        environment: String,
        bundleDigest: Digest,
        evidence: [EvidenceItem],
        evidenceDigest: Digest,
        policy: EnvironmentPolicy,
        isUnattended: Bool = false,
        proposal: EnvironmentPolicy? = nil,
        about: ID<Approval>? = nil,
        requester: Actor,
        authors: [Actor] = [],
        expiresAt: Timestamp
    ) {
        self.kind = kind
        self.model = model
        self.version = version
        self.environment = environment
        self.bundleDigest = bundleDigest
        self.evidence = evidence
        self.evidenceDigest = evidenceDigest
        self.policy = policy
        self.isUnattended = isUnattended
        self.proposal = proposal
        self.about = about
        self.requester = requester
        self.authors = authors
        self.expiresAt = expiresAt
    }
}

extension Store {
    /// Asks for a release; older open requests of its kind for the same place end.
    package func openApproval(
        _ draft: ApprovalDraft,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Approval> {
        try change(by: actor, at: date) { try $0.open(draft) }
    }

    /// Adds a person's decision, or refuses it in the words of the one who was first.
    package func decide(
        _ id: ID<Approval>,
        _ decision: Decision
    ) throws -> Committed<Approval> {
        try change(by: decision.actor, at: decision.decidedAt) { transaction in
            var approval = try transaction.recheck(try transaction.connection.approval(id))
            try transaction.requirePolicyInForce(of: approval, for: decision)
            let before = approval
            try approval.decide(decision)
            try transaction.requireSignature(of: decision, on: approval)
            try transaction.update(approval, from: before)
            try transaction.record(
                approval.status == .pending ? "approval.decided" : action(approval.status),
                .approval(id),
                sentence(of: decision, on: approval),
                digests: digests(of: decision)
            )
            try transaction.follow(decision, on: approval, from: before.status)
            return approval
        }
    }

    /// Keeps that pieces of the evidence were shown to somebody; only what they had not seen.
    package func openEvidence(
        of id: ID<Approval>,
        _ titles: [String],
        digest: Digest,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Approval> {
        try change(by: actor, at: date) { transaction in
            var approval = try transaction.connection.approval(id)
            guard digest == approval.evidenceDigest else {
                throw Refusal(
                    .conflict,
                    """
                    What was opened of "\(approval.title)" is not its evidence. Open it again.
                    """
                )
            }
            let new = approval.unopenedEvidence(of: actor).filter(titles.contains)
            guard !new.isEmpty else { return approval }
            let before = approval
            try approval.apply(.evidenceOpened(by: actor, titles: new, at: date))
            try transaction.update(approval, from: before)
            try transaction.record(
                "approval.opened",
                .approval(id),
                """
                \(actor) opened the evidence of \(approval.title): \(new.joined(separator: ", ")).
                """,
                digests: ["evidence": digest]
            )
            return approval
        }
    }

    /// Puts a release through without its quorum, for so long, and asks for the review of it.
    package func breakGlass(
        _ id: ID<Approval>,
        _ decision: Decision,
        until: Timestamp,
        review: ApprovalDraft
    ) throws -> Committed<Approval> {
        try change(by: decision.actor, at: decision.decidedAt) { transaction in
            var approval = try transaction.connection.approval(id)
            let before = approval
            try approval.apply(.overridden(decision, until: until))
            try transaction.update(approval, from: before)
            try transaction.record(
                "approval.overridden",
                .approval(id),
                """
                BREAK-GLASS: \(decision.actor) put \(approval.title) through without its quorum, \
                until \(until): \(decision.reason)
                """,
                digests: ["bundle": decision.bundleDigest, "evidence": decision.evidenceDigest]
            )
            try transaction.record(
                action(.approved),
                .approval(id),
                "\(approval.title) is approved behind a broken glass; its review is asked for."
            )
            try transaction.open(review)
            return approval
        }
    }

    /// Ends every request that nobody decided in time, and looks again at checks that were red.
    package func expireApprovals(at date: Timestamp) throws -> Committed<[Approval]> {
        try change(by: .engine, at: date) { transaction in
            let open = try transaction.connection.query(
                "SELECT body FROM approvals WHERE status IN ('checks', 'pending') ORDER BY position"
            ) { try $0.body(Approval.self) }
            var expired: [Approval] = []
            for var approval in open where approval.expiresAt < date {
                let before = approval
                try approval.expire(at: date)
                try transaction.update(approval, from: before)
                try transaction.record(
                    action(.expired),
                    .approval(approval.id),
                    "The request \(approval.title) expired: nobody decided in time."
                )
                try transaction.followExpiry(of: approval)
                expired.append(approval)
            }
            for approval in open where approval.status == .checks && approval.expiresAt >= date {
                _ = try transaction.recheck(approval)
            }
            return expired
        }
    }

    /// Notes that what was being deployed answers now; one that is live already stays so.
    package func noteServed(_ id: ID<Approval>, at date: Timestamp) throws -> Committed<Void> {
        try change(by: .engine, at: date) { transaction in
            var approval = try transaction.connection.approval(id)
            guard approval.status == .deploying else { return }
            let before = approval
            try approval.apply(.served(at: date))
            try transaction.update(approval, from: before)
            try transaction.record(action(.live), .approval(id), "\(approval.title) is live.")
        }
    }

    package func approval(_ id: ID<Approval>) throws -> Approval {
        try connection.approval(id)
    }

    /// Every request of one version, oldest first.
    package func approvals(of model: String, version: Int) throws -> [Approval] {
        try connection.query(
            "SELECT body FROM approvals WHERE model = $1 AND version = $2 ORDER BY position",
            .text(model),
            .number(version)
        ) { try $0.body(Approval.self) }
    }

    /// The version of each of these models that waits for the approval of its newest release.
    package func waitingVersions(of models: [String]) throws -> [String: Int] {
        guard !models.isEmpty else { return [:] }
        let places = models.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        var found: [String: Int] = [:]
        try connection.forEachRow(
            """
            SELECT model, version FROM approvals
            WHERE model IN (\(places)) AND kind = 'release' AND status IN ('checks', 'pending')
            ORDER BY position
            """,
            models.map { .text($0) }
        ) { found[$0.text(0)] = $0.number(1) }
        return found
    }

    /// The version of each of these models whose newest release waited for approval at a moment.
    package func waitingVersions(of models: [String], asOf date: Timestamp) throws -> [String: Int]
    {
        guard !models.isEmpty else { return [:] }
        let places = models.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        var found: [String: Int] = [:]
        try connection.forEachRow(
            """
            SELECT body FROM approvals WHERE position IN (
                SELECT MAX(position) FROM approvals
                WHERE model IN (\(places)) AND kind = 'release' AND created_at <= $1
                GROUP BY model)
            """,
            [.time(date)] + models.map { .text($0) }
        ) { row in
            guard let approval = try row.body(Approval.self).asOf(date), approval.status.isOpen
            else { return }
            found[approval.model] = approval.version
        }
        return found
    }

    /// Newest first.
    ///
    /// - Parameter date: As they stood then, of the newest `limit` that had been opened by then.
    package func approvals(
        openOnly: Bool,
        asOf date: Timestamp? = nil,
        limit: Int
    ) throws -> [Approval] {
        if let date {
            return try connection.query(
                """
                SELECT body FROM approvals WHERE created_at <= $1 AND (NOT $2 OR expires_at >= $1)
                ORDER BY position DESC LIMIT $3
                """,
                .time(date),
                .number(openOnly ? 1 : 0),
                .number(limit)
            ) { try $0.body(Approval.self).asOf(date) }.compactMap(\.self)
                .filter { !openOnly || $0.status.isOpen }
        }
        let condition = openOnly ? "WHERE status IN ('checks', 'pending')" : ""
        return try connection.query(
            "SELECT body FROM approvals \(condition) ORDER BY position DESC LIMIT $1",
            .number(limit)
        ) { try $0.body(Approval.self) }
    }
}

/// The audit action that says an approval came to this state.
func action(_ status: ApprovalStatus) -> String { "approval.\(status.rawValue)" }

/// What was decided on, and what was signed.
private func digests(of decision: Decision) -> [String: Digest] {
    var digests = ["bundle": decision.bundleDigest, "evidence": decision.evidenceDigest]
    if let signed = decision.signed {
        digests["statement"] = sha256(signed.statement)
        digests["signature"] = sha256(signed.signature)
    }
    return digests
}

private func sentence(of decision: Decision, on approval: Approval) -> String {
    let reason = decision.reason.isEmpty ? "" : " \(decision.reason)"
    let own = decision.isSelfApproval ? " (their own request)" : ""
    let verb = "\(decision.actor) \(decision.answer.pastWords) \(approval.title)"
    guard decision.answer == .approve else { return "\(verb)\(own):\(reason)" }
    let count = "\(approval.approvals) of \(approval.approvalsNeeded)"
    let selfApproved =
        approval.status == .approved && approval.isSelfApproved ? " It is self-approved." : ""
    let signed = decision.signed == nil ? "" : ", signed"
    let read = decision.secondsRead > 0 ? " after \(Int(decision.secondsRead)) s of reading" : ""
    let tail = reason.isEmpty ? "." : ":\(reason)"
    return "\(verb) (\(count)\(signed))\(own)\(read)\(tail)\(selfApproved)"
}

extension SQLiteConnection {
    func approval(_ id: ID<Approval>) throws -> Approval {
        let found = try first(
            "SELECT body FROM approvals WHERE id = $1",
            .id(id)
        ) { try $0.body(Approval.self) }
        guard let found else { throw missing(.approval, id.text) }
        return found
    }
}

extension Transaction {
    @discardableResult
    mutating func open(_ draft: ApprovalDraft) throws -> Approval {
        let version = try connection.modelVersion(model: draft.model, number: draft.version)
        if draft.kind != .policy { try requireBundle(of: draft, version) }
        let inForce = try policy(for: draft, version)
        let position = try nextNumber(of: "approval")
        let approval = Approval(
            id: ID("approval-\(position)"),
            kind: draft.kind,
            model: draft.model,
            version: draft.version,
            environment: draft.environment,
            bundleDigest: draft.bundleDigest,
            evidence: draft.evidence,
            evidenceDigest: draft.evidenceDigest,
            policy: draft.policy,
            policyDigest: inForce.digest,
            slots: draft.isUnattended ? [] : nil,
            proposal: draft.proposal,
            about: draft.about,
            requester: draft.requester,
            authors: draft.authors + (inForce.approval == nil ? [inForce.author] : []),
            checks: draft.kind == .release ? try checks(draft.policy, version) : [],
            createdAt: at,
            expiresAt: draft.expiresAt
        )
        try supersede(by: approval)
        try insert(approval, at: position)
        try link(.modelVersion(version.id), to: .evidence(of: approval.id), as: "judged")
        try link(.evidence(of: approval.id), to: .approval(approval.id), as: "shown")
        let digests = ["bundle": approval.bundleDigest, "evidence": approval.evidenceDigest]
        let wish = approval.kind == .release ? "the release " : "the "
        try record(
            "approval.requested",
            .approval(approval.id),
            "\(approval.requester) asked for \(wish)\(approval.title).",
            digests: digests.merging(["policy": inForce.digest]) { $1 }
        )
        if approval.status == .approved {
            try record(
                action(.approved),
                .approval(approval.id),
                "\(approval.title) needs no approval: its environment's policy asks nobody.",
                digests: digests
            )
            if draft.kind == .policy { try putInForce(approval) }
        }
        return approval
    }

    private func requireBundle(of draft: ApprovalDraft, _ version: ModelVersion) throws {
        guard version.bundleDigest == draft.bundleDigest else {
            throw Refusal(
                .conflict,
                """
                The request names \(draft.bundleDigest.short) as the bundle of "\(version.id)", \
                which is \(version.bundleDigest.short). Ask for the release again.
                """
            )
        }
    }

    private mutating func supersede(by newer: Approval) throws {
        let pending = try connection.query(
            """
            SELECT body FROM approvals
            WHERE model = $1 AND environment = $2 AND kind = $3
                AND status IN ('checks', 'pending')
            """,
            .text(newer.model),
            .text(newer.environment),
            .text(newer.kind.rawValue)
        ) { try $0.body(Approval.self) }
        for approval in pending {
            try supersede(approval, by: newer.id.text, "was superseded by \(newer.id)")
        }
    }

    mutating func supersede(_ old: Approval, by what: String, _ words: String) throws {
        var approval = old
        try approval.supersede(by: what, at: at)
        try update(approval, from: old)
        let sentence = "The request \(approval.title) \(words)."
        try record(action(.superseded), .approval(approval.id), sentence)
    }

    private func insert(_ approval: Approval, at position: Int) throws {
        try connection.execute(
            """
            INSERT INTO approvals
                (id, position, kind, model, version, environment, bundle_digest, status, events,
                 created_at, expires_at, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            .id(approval.id),
            .number(position),
            .text(approval.kind.rawValue),
            .text(approval.model),
            .number(approval.version),
            .text(approval.environment),
            .digest(approval.bundleDigest),
            .text(approval.status.rawValue),
            .number(approval.events.count),
            .time(approval.createdAt),
            .time(approval.expiresAt),
            .text(try canonicalText(approval))
        )
    }

    /// The count of events is part of the condition, so that no two people's are merged blindly.
    func update(_ approval: Approval, from before: Approval) throws {
        let changed = try connection.execute(
            """
            UPDATE approvals SET status = $1, events = $2, body = $3
            WHERE id = $4 AND status = $5 AND events = $6
            """,
            .text(approval.status.rawValue),
            .number(approval.events.count),
            .text(try canonicalText(approval)),
            .id(approval.id),
            .text(before.status.rawValue),
            .number(before.events.count)
        )
        guard changed == 1 else {
            throw movedMeanwhile("request", approval.title, before.status.rawValue)
        }
    }
}
