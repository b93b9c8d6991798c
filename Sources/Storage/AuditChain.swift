package import Domain

/// The append-only log whose every event carries the hash of the one before it.
///
/// The hash of an event is the SHA-256 of the previous hash's text, a newline, and
/// `{"content":…,"sequence":…}` where the content is the canonical JSON of the `AuditDraft`.
enum AuditChain {
    /// The event without its links: what its hash and its leaf in the tree are made of.
    static func text(sequence: Int64, content: String) -> String {
        "{\"content\":\(content),\"sequence\":\(sequence)}"
    }

    static func hash(after previous: Digest, sequence: Int64, content: String) -> Digest {
        sha256("\(previous.text)\n\(text(sequence: sequence, content: content))")
    }

    /// Number and hash of the last event, as the head record has it.
    static func head(in connection: SQLiteConnection) throws -> (Int64, Digest) {
        let stored = try connection.first(
            "SELECT sequence, hash FROM audit_head WHERE id = 1"
        ) { ($0.integer(0), try $0.digest(1)) }
        return stored ?? (0, AuditEvent.origin)
    }

    /// Gives the draft its place at the end of the log; only within a transaction.
    ///
    /// Where the clock went back since the event before, an event that says so comes first.
    static func append(
        _ draft: AuditDraft,
        to connection: SQLiteConnection
    ) throws -> [AuditEvent] {
        var tree = try MerkleLog.head(in: connection) ?? MerkleLog.build(in: connection)
        var events: [AuditEvent] = []
        if let latest = tree.latest,
            latest.seconds(since: draft.at) > MerkleLog.toleranceSeconds
        {
            let notice = AuditDraft(
                at: draft.at,
                actor: .engine,
                action: MerkleLog.clockSetBack,
                subject: Subject(.engine, "clock"),
                summary: "The clock went back from \(latest) to \(draft.at)."
            )
            events.append(try add(notice, to: connection, &tree))
            tree.latest = draft.at
        }
        events.append(try add(draft, to: connection, &tree))
        try MerkleLog.write(tree, to: connection)
        return events
    }

    private static func add(
        _ draft: AuditDraft,
        to connection: SQLiteConnection,
        _ tree: inout MerkleLog.Head
    ) throws -> AuditEvent {
        let (last, previous) = try head(in: connection)
        let sequence = last + 1
        let content = try canonicalText(draft)
        let hash = hash(after: previous, sequence: sequence, content: content)
        try connection.execute(
            """
            INSERT INTO audit_events
                (sequence, at, action, subject_kind, subject_id, previous_hash, hash, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            .integer(sequence),
            .time(draft.at),
            .text(draft.action),
            .text(draft.subject.kind.rawValue),
            .text(draft.subject.id),
            .digest(previous),
            .digest(hash),
            .text(content)
        )
        let moved = try connection.execute(
            """
            INSERT INTO audit_head (id, sequence, hash) VALUES (1, $1, $2)
            ON CONFLICT (id) DO UPDATE SET sequence = $1, hash = $2
            WHERE audit_head.sequence = $3
            """,
            .integer(sequence),
            .digest(hash),
            .integer(last)
        )
        guard moved == 1 else {
            throw Refusal(
                .conflict,
                "Another engine wrote to the audit log at the same moment. Try again."
            )
        }
        try MerkleLog.append(
            sequence: sequence,
            content: content,
            at: draft.at,
            to: &tree,
            in: connection
        )
        return AuditEvent(
            sequence: sequence,
            content: draft,
            previousHash: previous,
            hash: hash
        )
    }

    /// Why an event does not follow the one before; nil where it does.
    static func problem(of row: SQLRow, after link: AuditLink) -> String? {
        let sequence = row.integer(0)
        let expected = link.sequence + 1
        guard sequence == expected else {
            return "Event \(expected) is missing: after \(link.sequence) comes \(sequence)."
        }
        guard row.text(5) == link.hash.text else {
            return "Event \(sequence) does not follow event \(link.sequence): its link was edited."
        }
        let content = row.text(7)
        let hash = hash(after: link.hash, sequence: sequence, content: content)
        guard row.text(6) == hash.text else {
            return "Event \(sequence) does not have the hash it was recorded under: it was edited."
        }
        guard let draft = try? value(AuditDraft.self, from: content),
            draft.at == row.time(1), draft.action == row.text(2),
            draft.subject.kind.rawValue == row.text(3), draft.subject.id == row.text(4)
        else {
            return "The columns of event \(sequence) do not say what its content says."
        }
        return nil
    }
}

/// The event before the one that is looked at.
struct AuditLink {
    let sequence: Int64
    let hash: Digest
}

extension Store {
    /// At most `limit` events after this sequence number, in order.
    package func auditEvents(after sequence: Int64, limit: Int) throws -> [AuditEvent] {
        try connection.query(
            """
            SELECT sequence, previous_hash, hash, body FROM audit_events
            WHERE sequence > $1 ORDER BY sequence LIMIT $2
            """,
            .integer(sequence),
            .number(limit),
            read: auditEvent
        )
    }

    /// The last `limit` events, newest first; of those recorded by a moment.
    package func auditEvents(
        newest limit: Int,
        asOf date: Timestamp? = nil
    ) throws -> [AuditEvent] {
        try connection.query(
            """
            SELECT sequence, previous_hash, hash, body FROM audit_events
            WHERE sequence <= $1 ORDER BY sequence DESC LIMIT $2
            """,
            .integer(try date.map(connection.lastEvent) ?? .max),
            .number(limit),
            read: auditEvent
        )
    }

    /// How many events there are, and the hash of the last.
    package func auditHead() throws -> (Int64, Digest) {
        try AuditChain.head(in: connection)
    }

    /// Records something that changes no other state, such as the engine's start.
    package func appendAudit(_ draft: AuditDraft) throws -> Committed<Void> {
        try change(by: draft.actor, at: draft.at) { try $0.record(draft) }
    }
}

func auditEvent(_ row: SQLRow) throws -> AuditEvent {
    AuditEvent(
        sequence: row.integer(0),
        content: try row.body(AuditDraft.self, 3),
        previousHash: try row.digest(1),
        hash: try row.digest(2)
    )
}
