import Domain

extension Store {
    /// Sentences about what must never be; empty when all is well.
    ///
    /// Reads the whole database once and the presence, not the bytes, of every blob.
    package func checkInvariants() throws -> [String] {
        var found = try checkProjections()
        if let problem = try verifyAudit().problem { found.append(problem) }
        return found
    }

    /// The same of everything but the log: what is current, and whether the log says so.
    package func checkProjections() throws -> [String] {
        var found = try connection.query("PRAGMA quick_check") { $0.text(0) }
            .filter { $0 != "ok" }
            .map { "The database file is damaged: \($0)." }
        for rule in StoreRule.all {
            found += try connection.query(rule.query) { rule.sentence($0.text(0), $0.text(1)) }
        }
        found += try missingBlobs()
        found += try approvalsThatDoNotPermit()
        found += try approvalsThatDoNotFold()
        found += try connection.signingKeys().compactMap { try connection.contradiction(of: $0) }
        return found
    }

    private func missingBlobs() throws -> [String] {
        var found: [String] = []
        try connection.forEachRow(
            "SELECT body FROM model_versions WHERE state <> 'deleted' ORDER BY id",
            []
        ) { row in
            let version = try row.body(ModelVersion.self)
            for (name, digest) in version.artifacts.sorted(by: { $0.key < $1.key })
            where !blobs.contains(digest) {
                found.append("The bytes of \"\(name)\" of \"\(version.id)\" are missing.")
            }
            let bundle = sha256(ModelVersion.bundleText(of: version.artifacts))
            if bundle != version.bundleDigest {
                found.append("The bundle digest of \"\(version.id)\" is not of its artifacts.")
            }
        }
        try connection.forEachRow("SELECT body FROM dataset_versions ORDER BY id", []) { row in
            let version = try row.body(DatasetVersion.self)
            if !blobs.contains(version.digest) {
                found.append("The bytes of the dataset version \"\(version.id)\" are missing.")
            }
        }
        return found
    }

    private func approvalsThatDoNotPermit() throws -> [String] {
        var found: [String] = []
        try connection.forEachRow(
            """
            SELECT a.body, r.bundle_digest, d.environment, d.id, r.number, d.model, r.version
            FROM deployment_revisions r JOIN deployments d ON d.id = r.deployment
                JOIN approvals a ON a.id = r.approval
            ORDER BY d.position, r.number
            """,
            []
        ) { row in
            guard let approval = try? row.body(Approval.self) else { return }
            guard approval.model == row.text(5), approval.version == row.number(6),
                approval.hasDeployed(bundle: try row.digest(1), in: row.text(2)),
                approval.hasBrokenGlass || approval.approvals >= approval.approvalsNeeded
            else {
                found.append(
                    """
                    Revision \(row.number(4)) of "\(row.text(3))" serves what "\(approval.id)" \
                    does not permit.
                    """
                )
                return
            }
        }
        return found
    }
}

extension Store {
    /// The state of a request is what its events lead to, its approvers are different people, and
    /// none of them is an author where the policy forbids it.
    private func approvalsThatDoNotFold() throws -> [String] {
        var found: [String] = []
        try connection.forEachRow(
            "SELECT body, status, id, events FROM approvals ORDER BY position",
            []
        ) { row in
            let id = row.text(2)
            guard let approval = try? row.body(Approval.self) else {
                found.append("The events of \"\(id)\" do not lead to what it says it is.")
                return
            }
            if approval.status.rawValue != row.text(1) || approval.id.text != id {
                found.append("\"\(id)\" is \(row.text(1)), and its events say otherwise.")
            }
            let people = approval.decisions.filter { $0.answer == .approve }.map(\.actor)
            for (index, person) in people.enumerated()
            where people[..<index].contains(where: person.isSamePerson) {
                found.append("\"\(person)\" fills two slots of \"\(id)\".")
            }
            if approval.policy.forbidsSelfApproval, people.contains(where: approval.isAuthor) {
                found.append("\"\(id)\" was approved by who had asked for it.")
            }
            if approval.policy.evidence == .opened,
                approval.decisions.contains(where: {
                    $0.answer == .approve && !approval.unreadEvidence(in: $0).isEmpty
                })
            {
                found.append("\"\(id)\" was approved on evidence that was not opened.")
            }
            if let problem = try connection.problemOfDecisions(on: approval) {
                found.append(problem)
            }
        }
        return found
    }
}

/// A query for what must never be, and how one find is worded.
private struct StoreRule: Sendable {
    /// Answers two texts a find: what, and about what.
    let query: String
    let sentence: @Sendable (String, String) -> String

    static let all: [StoreRule] = [
        StoreRule(
            query: """
                SELECT a.id, a.status FROM approvals a
                WHERE a.status NOT IN ('pending', 'checks') AND NOT EXISTS (
                    SELECT 1 FROM audit_events e
                    WHERE e.subject_kind = 'approval' AND e.subject_id = a.id
                        AND e.action = 'approval.' || a.status)
                ORDER BY a.position
                """,
            sentence: { "The approval \"\($0)\" is \($1), but no audit event says so." }
        ),
        StoreRule(
            query: """
                SELECT r.id, r.status FROM runs r JOIN jobs j ON j.id = r.job
                WHERE (r.status IN ('queued', 'running') OR j.status IN ('queued', 'running'))
                    AND r.status <> j.status
                ORDER BY r.position
                """,
            sentence: { "The run \"\($0)\" is \($1), and its job is not." }
        ),
        StoreRule(
            query: """
                SELECT r.id, r.job FROM runs r
                WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = r.job)
                ORDER BY r.position
                """,
            sentence: { "The run \"\($0)\" has no job: \"\($1)\" is missing." }
        ),
        StoreRule(
            query: """
                SELECT j.id, j.status FROM jobs j
                WHERE j.kind = 'train' AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.job = j.id)
                ORDER BY j.position
                """,
            sentence: { "The training job \"\($0)\" (\($1)) has no run." }
        ),
        StoreRule(
            query: """
                SELECT a.name || ' of ' || a.model, 'v' || CAST(a.version AS TEXT)
                FROM alias_moves a WHERE a.version IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM model_versions v
                    WHERE v.model = a.model AND v.number = a.version)
                ORDER BY a.position
                """,
            sentence: { "The alias \($0) points at \($1), which is missing." }
        ),
        StoreRule(
            query: """
                SELECT d.id, 'v' || CAST(r.version AS TEXT) FROM deployments d
                    JOIN deployment_revisions r ON r.deployment = d.id
                    JOIN model_versions v ON v.model = d.model AND v.number = r.version
                WHERE v.state = 'deleted' AND r.number = (
                    SELECT MAX(l.number) FROM deployment_revisions l WHERE l.deployment = d.id)
                ORDER BY d.position
                """,
            sentence: { "The deployment \"\($0)\" serves \($1), which was deleted." }
        ),
        StoreRule(
            query: """
                SELECT v.id, v.run FROM model_versions v JOIN runs r ON r.id = v.run
                WHERE r.status <> 'registered' ORDER BY v.id
                """,
            sentence: { "The version \"\($0)\" came from \"\($1)\", which is not registered." }
        ),
        StoreRule(
            query: """
                SELECT r.id, r.model FROM runs r
                WHERE r.status = 'registered'
                    AND NOT EXISTS (SELECT 1 FROM model_versions v WHERE v.run = r.id)
                ORDER BY r.position
                """,
            sentence: { "The run \"\($0)\" of \"\($1)\" is registered, but made no version." }
        ),
        StoreRule(
            query: """
                SELECT d.id, d.model FROM deployments d WHERE NOT EXISTS (
                    SELECT 1 FROM deployment_revisions r WHERE r.deployment = d.id)
                ORDER BY d.position
                """,
            sentence: { "The deployment \"\($0)\" of \"\($1)\" has no revision." }
        ),
        StoreRule(
            query: """
                SELECT r.deployment, CAST(r.number AS TEXT) FROM deployment_revisions r
                WHERE NOT EXISTS (
                    SELECT 1 FROM audit_events e
                    WHERE e.subject_kind = 'deployment' AND e.subject_id = r.deployment
                        AND e.at = r.at)
                ORDER BY r.deployment, r.number
                """,
            sentence: { "Revision \($1) of \"\($0)\" has no audit event." }
        ),
    ]
}
