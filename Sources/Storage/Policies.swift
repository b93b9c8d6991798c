package import Domain

extension Store {
    /// The policy that counts now; nil before the first request for the environment.
    package func policy(of model: String, in environment: String) throws -> PolicyRecord? {
        try connection.policy(of: model, in: environment)
    }

    /// Every policy that ever counted, newest first.
    package func policyHistory(of model: String, in environment: String) throws -> [PolicyRecord] {
        try connection.query(
            """
            SELECT body FROM environment_policies WHERE model = $1 AND environment = $2
            ORDER BY position DESC LIMIT 1000
            """,
            .text(model),
            .text(environment)
        ) { try $0.body(PolicyRecord.self) }
    }

    /// What a policy's checks find of a version now.
    package func releaseChecks(
        _ policy: EnvironmentPolicy,
        for version: ModelVersion,
        at date: Timestamp
    ) throws -> [CheckResult] {
        try change(by: .engine, at: date) { try $0.checks(policy, version) }.value
    }
}

/// The digest a policy is named by.
package func policyDigest(_ policy: EnvironmentPolicy) throws -> Digest {
    sha256(try canonicalText(policy))
}

extension SQLiteConnection {
    func policy(of model: String, in environment: String) throws -> PolicyRecord? {
        try first(
            """
            SELECT body FROM environment_policies WHERE model = $1 AND environment = $2
            ORDER BY position DESC LIMIT 1
            """,
            .text(model),
            .text(environment)
        ) { try $0.body(PolicyRecord.self) }
    }
}

extension Transaction {
    /// The policy a request is decided under: the one in force, or its own where there is none yet.
    mutating func policy(
        for draft: ApprovalDraft,
        _ version: ModelVersion
    ) throws -> PolicyRecord {
        let digest = try policyDigest(draft.policy)
        guard let inForce = try connection.policy(of: draft.model, in: draft.environment) else {
            let first = PolicyRecord(
                model: draft.model,
                policy: draft.policy,
                digest: digest,
                author: draft.requester,
                approval: nil,
                at: at
            )
            try insert(first)
            try record(
                "policy.adopted",
                .modelVersion(version.id),
                "The first policy of \(draft.model) → \(draft.environment) came with \(version.id).",
                digests: ["policy": digest]
            )
            return first
        }
        guard inForce.digest == digest else {
            throw Refusal(
                .conflict,
                """
                The policy of "\(draft.environment)" for "\(draft.model)" changed at this moment. \
                Ask again.
                """
            )
        }
        return inForce
    }

    private func insert(_ record: PolicyRecord) throws {
        try connection.execute(
            """
            INSERT INTO environment_policies (position, model, environment, digest, at, body)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            .number(try nextNumber(of: "policy")),
            .text(record.model),
            .text(record.policy.name),
            .digest(record.digest),
            .time(record.at),
            .text(try canonicalText(record))
        )
    }

    /// Lets an approved policy count, which voids what was asked for under the one before.
    mutating func putInForce(_ approval: Approval) throws {
        guard let policy = approval.proposal else { return }
        let digest = try policyDigest(policy)
        try insert(
            PolicyRecord(
                model: approval.model,
                policy: policy,
                digest: digest,
                author: approval.requester,
                approval: approval.id,
                at: at
            )
        )
        try record(
            "policy.changed",
            .approval(approval.id),
            "The \(approval.title) changed with \(approval.id).",
            digests: ["policy": digest]
        )
        let void = try connection.query(
            """
            SELECT body FROM approvals
            WHERE model = $1 AND environment = $2 AND id <> $3
                AND status IN ('checks', 'pending', 'approved')
            """,
            .text(approval.model),
            .text(approval.environment),
            .id(approval.id)
        ) { try $0.body(Approval.self) }
        for old in void where old.policyDigest != digest {
            guard old.grantedAt == nil || old.kind == .release else { continue }
            try supersede(old, by: approval.id.text, "is void: its policy changed")
        }
    }

    /// A decision for something counts under the policy in force only; against it, always, but for
    /// a policy that took force: that ends with the next one.
    func requirePolicyInForce(of approval: Approval, for decision: Decision) throws {
        if approval.kind == .policy, approval.status == .approved, decision.answer == .revoke {
            throw Refusal(
                .conflict,
                """
                The \(approval.title) is in force since \(approval.id) was approved, and goes on \
                until another is. Change it in the project's file and ask for that.
                """
            )
        }
        guard decision.answer == .approve, let named = approval.policyDigest,
            let inForce = try connection.policy(of: approval.model, in: approval.environment),
            inForce.digest != named
        else { return }
        throw Refusal(
            .conflict,
            """
            The policy of "\(approval.environment)" has changed since "\(approval.title)" was \
            asked for. Ask for it again.
            """
        )
    }

    /// What comes of a decision beside the request's new state.
    mutating func follow(
        _ decision: Decision,
        on approval: Approval,
        from before: ApprovalStatus
    ) throws {
        switch (approval.kind, approval.status) {
        case (.policy, .approved): try putInForce(approval)
        case (.release, .revoked) where before == .live || before == .deploying:
            try warn("the approval of what serves was revoked", decision, approval)
        case (.review, .rejected), (.recertification, .rejected):
            let what = "the \(approval.kind.rawValue) of what serves was rejected"
            try warn(what, decision, approval)
        case (.review, .approved), (.recertification, .approved):
            try resolveWarnings(about: approval, kinds: [approval.kind])
        default: break
        }
    }

    /// Alerts the owner of what serves when nobody looked at it again in time; once, however often
    /// it is asked for.
    mutating func followExpiry(of approval: Approval) throws {
        guard [.review, .recertification].contains(approval.kind),
            try connection.deployment(of: approval.model, in: approval.environment)?
                .current.version == approval.version,
            try warnings(about: approval, kinds: [approval.kind]).isEmpty
        else { return }
        try warn(
            """
            nobody answered the \(approval.kind.rawValue) of what serves by \
            \(approval.expiresAt); it is asked for again
            """,
            about: approval
        )
    }

    /// Ends the alerts about what a request of these kinds says of a version in an environment.
    mutating func resolveWarnings(about approval: Approval, kinds: [ApprovalKind]) throws {
        for alert in try warnings(about: approval, kinds: kinds) { _ = try apply(.resolve(alert)) }
    }

    private func warnings(
        about approval: Approval,
        kinds: [ApprovalKind]
    ) throws -> [ID<Alert>] {
        let requests = try connection.query(
            "SELECT id, kind FROM approvals WHERE model = $1 AND version = $2 AND environment = $3",
            .text(approval.model),
            .number(approval.version),
            .text(approval.environment)
        ) { ($0.text(0), $0.text(1)) }
        var subjects = Set(
            requests.filter { kinds.map(\.rawValue).contains($0.1) }.map(\.0)
        )
        // What a broken glass let in is over until its review is approved, or another serves.
        if kinds.contains(.review) { subjects.formUnion(requests.map { "\($0.0) over" }) }
        return try connection.query(
            """
            SELECT body FROM alerts
            WHERE status IN ('pending', 'firing') AND rule = 'failure' AND model = $1
            """,
            .text(approval.model)
        ) { try $0.body(Alert.self) }.filter { subjects.contains($0.subject) }.map(\.id)
    }

    private mutating func warn(
        _ what: String,
        _ decision: Decision,
        _ approval: Approval
    ) throws {
        try warn("\(what) by \(decision.actor): \(decision.reason)", about: approval)
    }

    /// Alerts the owner of what serves under an approval that stands no more.
    mutating func warn(_ why: String, about approval: Approval) throws {
        // A reason is as somebody typed it.
        let end = why.last?.isPunctuation == true ? "" : "."
        let owner = try connection.first(
            "SELECT owner FROM models WHERE name = $1",
            .text(approval.model)
        ) { $0.text(0) }
        try open(
            AlertDraft(
                rule: .failure,
                severity: .critical,
                model: approval.model,
                subject: approval.id.text,
                owner: owner ?? "",
                startedAt: at,
                dataTime: at,
                message: """
                    \(approval.model) v\(approval.version) in \(approval.environment): \(why)\(end) \
                    Roll back: B in the control room, or "binnacle rollback \(approval.model) \
                    --environment \(approval.environment)".
                    """,
                status: .firing
            )
        )
    }

    // MARK: - Checks

    func checks(_ policy: EnvironmentPolicy, _ version: ModelVersion) throws -> [CheckResult] {
        try policy.checks.map { CheckResult($0, problem: try problem(of: $0, version)) }
    }

    private func problem(of check: ReleaseCheck, _ version: ModelVersion) throws -> String? {
        switch check {
        case .better:
            return version.report.verdict == .better
                ? nil
                : "The gate's verdict on \(version.label) was \(version.report.verdict.words)."
        case .noOpenAlerts:
            let open = try connection.query(
                "SELECT body FROM alerts WHERE model = $1 AND status = 'firing'",
                .text(version.model)
            ) { try $0.body(Alert.self) }
            guard let critical = open.first(where: { $0.severity == .critical }) else { return nil }
            return "The critical alert \(critical.id) of \(version.model) is open."
        case .bytesVerified:
            for (name, digest) in version.artifacts.sorted(by: { $0.key < $1.key }) {
                guard (try? blobs.verify(digest)) != nil else {
                    return "The bytes of \"\(name)\" of \(version.label) do not verify."
                }
            }
            return nil
        case .cleanCode:
            let code = try run(version.run).code
            guard code.commit != nil else { return "The code of \(version.run) was in no commit." }
            return code.dirtyDiff == nil
                ? nil : "The code of \(version.run) had changes that were not committed."
        }
    }

    /// Looks again at checks that were red, and keeps what they find now.
    mutating func recheck(_ approval: Approval) throws -> Approval {
        guard approval.status == .checks, approval.kind == .release else { return approval }
        let version = try connection.modelVersion(
            model: approval.model,
            number: approval.version
        )
        let found = try checks(approval.policy, version)
        guard found != approval.checks else { return approval }
        var checked = approval
        try checked.apply(.checked(found, at: at))
        try update(checked, from: approval)
        try record(
            checked.status == .approved ? action(.approved) : "approval.checked",
            .approval(approval.id),
            "The checks of \(approval.title) were made again: it is \(checked.status.words) now."
        )
        return checked
    }
}
