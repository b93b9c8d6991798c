import Attestation
package import Domain

extension Store {
    /// Every key that was ever enrolled, in order.
    package func signingKeys() throws -> [SigningKey] {
        try connection.signingKeys()
    }

    /// Takes up a key of the person who signed with it that it is theirs.
    ///
    /// - Throws: A statement that is not of this person and key, a bad signature, a known key.
    package func enrollKey(
        _ signed: SignedStatement,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<SigningKey> {
        try change(by: actor, at: date) { transaction in
            let statement: EnrollmentStatement = try canonicalStatement(signed)
            let publicKey = try SecureShellKey(statement.publicKey)
            guard let signature = SecureShellSignature(signed.signature),
                signature.key == publicKey,
                signature.isValid(of: signed.statement, in: EnrollmentStatement.namespace)
            else {
                throw Refusal(
                    .forbidden,
                    "The key did not sign its own enrollment. Sign it with the key's secret half."
                )
            }
            guard statement.owner.uid != nil, statement.owner.isSamePerson(as: actor) else {
                throw Refusal(
                    .forbidden,
                    "The key is \"\(statement.owner)\"'s, and \"\(actor)\" sent it."
                )
            }
            try requireSameTime(statement.at, date)
            if let end = statement.expiresAt, end <= date {
                throw Refusal(.invalid, "The key would have expired at \(end). Name a later time.")
            }
            let fingerprint = publicKey.fingerprint
            let known = try transaction.connection.signingKeys().first {
                $0.fingerprint == fingerprint
            }
            if let known {
                let state = known.revocation == nil ? "enrolled" : "revoked"
                throw Refusal(
                    .conflict,
                    "The key \(fingerprint) is \(state) already, as \(known.id) of \"\(known.owner)\"."
                )
            }
            let position = try transaction.nextNumber(of: "key")
            let key = SigningKey(
                id: ID("key-\(position)"),
                owner: actor,
                publicKey: publicKey.text,
                fingerprint: fingerprint,
                name: publicKey.comment,
                enrolledAt: date,
                expiresAt: statement.expiresAt
            )
            try transaction.insert(key, at: position)
            let until = key.expiresAt.map { " until \($0)" } ?? ""
            try transaction.record(
                "key.enrolled",
                Subject(.signingKey, key.id.text),
                "\(actor) enrolled the key \(fingerprint)\(until).",
                digests: [
                    "key": sha256(key.publicKey), "statement": sha256(signed.statement),
                    "record": sha256(try canonicalText(key)),
                ]
            )
            return key
        }
    }

    /// Ends a key, and every undecided or undeployed request that needs a signature made with it.
    package func revokeKey(
        _ id: ID<SigningKey>,
        reason: String,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<SigningKey> {
        try change(by: actor, at: date) { transaction in
            let known = try transaction.connection.signingKeys().first { $0.id == id }
            guard var key = known else { throw missing(.signingKey, id.text) }
            try key.revoke(.init(at: date, by: actor, reason: reason))
            try transaction.connection.execute(
                "UPDATE signing_keys SET body = $1 WHERE id = $2",
                .text(try canonicalText(key)),
                .id(id)
            )
            try transaction.record(
                "key.revoked",
                Subject(.signingKey, id.text),
                "\(actor) revoked the key \(key.fingerprint) of \(key.owner): \(reason)",
                digests: ["key": sha256(key.publicKey)]
            )
            try transaction.voidRequests(signedWith: key)
            try transaction.warnOfWhatServes(signedWith: key)
            return key
        }
    }
}

extension Transaction {
    fileprivate func insert(_ key: SigningKey, at position: Int) throws {
        try connection.execute(
            "INSERT INTO signing_keys (id, position, fingerprint, body) VALUES ($1, $2, $3, $4)",
            .id(key.id),
            .number(position),
            .text(key.fingerprint),
            .text(try canonicalText(key))
        )
    }

    fileprivate mutating func voidRequests(signedWith key: SigningKey) throws {
        let waiting = try connection.query(
            """
            SELECT body FROM approvals WHERE status IN ('checks', 'pending', 'approved')
            ORDER BY position
            """
        ) { try $0.body(Approval.self) }
        for approval in waiting where approval.policy.signature == .required {
            let isSigned = approval.decisions.contains {
                $0.answer == .approve && $0.signed?.key?.fingerprint == key.fingerprint
            }
            guard isSigned else { continue }
            try supersede(
                approval,
                by: key.id.text,
                "is void: the key \(key.fingerprint) that \(key.owner) signed with was revoked"
            )
        }
    }

    /// What serves goes on; its owner hears that one of its approvals stands on an ended key.
    fileprivate mutating func warnOfWhatServes(signedWith key: SigningKey) throws {
        let serving = try connection.query(
            """
            SELECT body FROM approvals WHERE status IN ('deploying', 'live') ORDER BY position
            """
        ) { try $0.body(Approval.self) }
        for approval in serving where approval.policy.signature == .required {
            guard
                let decision = approval.decisions.last(where: {
                    $0.answer == .approve && $0.signed?.key?.fingerprint == key.fingerprint
                })
            else { continue }
            let why =
                "The key \(key.fingerprint) that \(decision.actor) approved it with was revoked."
            try warn(why, about: approval)
        }
    }

    /// Refuses a decision whose signature does not hold, and one without where it must have one.
    func requireSignature(of decision: Decision, on approval: Approval) throws {
        guard let signed = decision.signed else {
            guard approval.policy.signature == .required, decision.answer == .approve else {
                return
            }
            throw Refusal(
                .forbidden,
                """
                The policy of "\(approval.environment)" takes approvals that are signed only. \
                Enroll a key with "binnacle keys enroll" and decide again.
                """
            )
        }
        let statement: DecisionStatement = try canonicalStatement(signed)
        try requireSameTime(statement.at, decision.decidedAt)
        // A clock that was set back must not bring an expired key back to life.
        let latest =
            try connection.first("SELECT MAX(at) FROM audit_events") { $0.time(0) }
            ?? decision.decidedAt
        if let problem = try connection.problem(
            of: decision,
            on: approval,
            keyAt: max(latest, decision.decidedAt)
        ) {
            throw Refusal(.forbidden, problem)
        }
        let isNew =
            try connection.execute(
                """
                INSERT INTO decision_nonces (nonce, approval) VALUES ($1, $2)
                ON CONFLICT (nonce) DO NOTHING
                """,
                .text(statement.nonce),
                .id(approval.id)
            ) == 1
        guard isNew else {
            throw Refusal(
                .conflict,
                "This signed statement was sent before: it counts once. Decide anew."
            )
        }
    }

    /// Looks at the decisions of an approval again before it deploys what they permit.
    func requireDecisions(of approval: Approval) throws {
        if let problem = try connection.problemOfDecisions(on: approval) {
            throw Refusal(.corrupt, problem)
        }
    }
}

extension SQLiteConnection {
    func signingKeys() throws -> [SigningKey] {
        try query("SELECT body FROM signing_keys ORDER BY position") {
            try $0.body(SigningKey.self)
        }
    }

    /// Why the decisions on a request do not bear it, as a sentence; nil when they do.
    ///
    /// The log must know each, with its signature; and each signature must hold by itself.
    func problemOfDecisions(on approval: Approval) throws -> String? {
        guard !approval.decisions.isEmpty else { return nil }
        let recorded = try drafts(about: .approval(approval.id))
        for decision in approval.decisions {
            let signature = decision.signed.map { sha256($0.signature) }
            let isRecorded = recorded.contains { event in
                event.actor == decision.actor && event.at == decision.decidedAt
                    && event.digests["signature"] == signature
            }
            guard isRecorded else {
                return """
                    "\(approval.id)" says that "\(decision.actor)" \(decision.answer.pastWords) it, \
                    and the audit log does not.
                    """
            }
            if decision.signed == nil {
                guard approval.policy.signature == .required, decision.answer == .approve else {
                    continue
                }
                return
                    "\"\(decision.actor)\" approved \(approval.id) without the signature it needs."
            }
            if let problem = try problem(of: decision, on: approval, keyAt: decision.decidedAt) {
                return "The signature of \"\(decision.actor)\" on \(approval.id): \(problem)"
            }
        }
        return nil
    }

    /// Why a decision's signature does not hold with the key as it was then; nil where it does.
    fileprivate func problem(
        of decision: Decision,
        on approval: Approval,
        keyAt date: Timestamp
    ) throws -> String? {
        guard let signed = decision.signed else { return nil }
        guard let signature = SecureShellSignature(signed.signature) else {
            return "It is no signature in the form of \"ssh-keygen -Y sign\"."
        }
        guard signature.isValid(of: signed.statement, in: DecisionStatement.namespace) else {
            return "The signature is not of the statement that came with it."
        }
        let fingerprint = signature.key.fingerprint
        let known = try first(
            "SELECT body FROM signing_keys WHERE fingerprint = $1",
            .text(fingerprint)
        ) { try $0.body(SigningKey.self) }
        guard let known, known.owner.isSamePerson(as: decision.actor) else {
            return """
                The key \(fingerprint) is not enrolled for "\(decision.actor)". \
                "binnacle keys" lists those that are.
                """
        }
        if let contradiction = try contradiction(of: known) { return contradiction }
        if let obstacle = known.obstacle(at: date) { return obstacle }
        guard let statement: DecisionStatement = try? canonicalStatement(signed) else {
            return "The statement is not in canonical form."
        }
        if let contradiction = statement.contradiction(of: decision, on: approval) {
            return contradiction
        }
        let size = statement.logSize
        let head = try MerkleLog.head(in: self)?.frontier.size ?? 0
        guard (1...max(1, head)).contains(size),
            let then = try? MerkleFrontier(
                size: size,
                node: { try MerkleLog.node($0, $1, in: self) }
            ),
            then.root == statement.logRoot
        else { return "The statement was signed for another audit log than this one." }
        return nil
    }
}

extension SQLiteConnection {
    /// What the log says of a thing.
    private func drafts(about subject: Subject) throws -> [AuditDraft] {
        try query(
            "SELECT body FROM audit_events WHERE subject_kind = $1 AND subject_id = $2",
            .text(subject.kind.rawValue),
            .text(subject.id)
        ) { try $0.body(AuditDraft.self) }
    }

    /// Why a key's record is not what the log says of it, as a sentence; nil when it is.
    func contradiction(of key: SigningKey) throws -> String? {
        let events = try drafts(about: Subject(.signingKey, key.id.text))
        let record = sha256(try canonicalText(key.asEnrolled))
        guard events.first(where: { $0.action == "key.enrolled" })?.digests["record"] == record
        else {
            return "The audit log does not know the key \(key.fingerprint) as the store has it."
        }
        let revoked = events.first { $0.action == "key.revoked" }
        guard revoked?.at == key.revocation?.at else {
            return
                "The key \(key.fingerprint) is revoked in the audit log or the store, not in both."
        }
        return nil
    }
}

extension SignedStatement {
    /// The key that signed; nil where the signature cannot be read.
    fileprivate var key: SecureShellKey? { SecureShellSignature(signature)?.key }
}

/// The value of a statement that is written exactly as this program would write it.
private func canonicalStatement<Value: Codable>(_ signed: SignedStatement) throws -> Value {
    guard signed.statement.utf8.count <= 16_384,
        let value = try? value(Value.self, from: signed.statement),
        try canonicalText(value) == signed.statement
    else {
        throw Refusal(
            .invalid,
            "The signed statement is not in canonical form. Sign it with this program's version."
        )
    }
    return value
}

private func requireSameTime(_ signed: Timestamp, _ now: Timestamp) throws {
    guard abs(now.seconds(since: signed)) <= DecisionStatement.skewSeconds else {
        throw Refusal(
            .conflict,
            """
            The statement was signed at \(signed) by the signer's clock, and the engine's says \
            \(now). Set the clock that is wrong, and sign again within fifteen minutes.
            """
        )
    }
}
