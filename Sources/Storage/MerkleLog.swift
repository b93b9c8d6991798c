import Attestation
package import Domain

/// The audit events as the leaves of a Merkle tree, beside the chain of their hashes.
///
/// A leaf is the event's text without its links: `{"content":…,"sequence":…}`. Complete subtrees
/// are stored as they come to be, two rows for an event, so that proofs read O(log n) of them.
enum MerkleLog {
    /// What appending needs of the tree.
    struct Head {
        var frontier = MerkleFrontier()
        /// The newest time of an event since the clock was last set back.
        var latest: Timestamp?
        /// Events up to here were recorded before the log kept watch over its times.
        var datedFrom: Int64 = 0
    }

    /// How much earlier than the one before an event may be dated, in seconds: what is decided
    /// first may be written second.
    static let toleranceSeconds: Double = 300

    static let clockSetBack = "log.clockSetBack"

    static func leaf(sequence: Int64, content: String) -> Digest {
        MerkleHash.leaf(AuditChain.text(sequence: sequence, content: content).utf8)
    }

    static func head(in connection: SQLiteConnection) throws -> Head? {
        let found = try connection.first(
            "SELECT size, peaks, latest, dated_from FROM log_head WHERE id = 1"
        ) { row in
            let peaks = row.text(1).split(separator: " ").compactMap { Digest(String($0)) }
            let latest = row.optionalNumber(2).map { Timestamp(microseconds: Int64($0)) }
            return MerkleFrontier(size: row.integer(0), peaks: peaks).map {
                Head(frontier: $0, latest: latest, datedFrom: row.integer(3))
            }
        }
        return found ?? nil
    }

    /// Adds an event that the chain has taken up; only within a transaction.
    static func append(
        sequence: Int64,
        content: String,
        at date: Timestamp,
        to head: inout Head,
        in connection: SQLiteConnection
    ) throws {
        let leaf = leaf(sequence: sequence, content: content)
        for node in head.frontier.append(leaf) {
            try connection.execute(
                """
                INSERT INTO log_nodes (level, position, hash) VALUES ($1, $2, $3)
                ON CONFLICT (level, position) DO UPDATE SET hash = $3
                """,
                .number(node.level),
                .integer(node.position),
                .digest(node.hash)
            )
        }
        head.latest = max(head.latest ?? date, date)
    }

    static func write(_ head: Head, to connection: SQLiteConnection) throws {
        try connection.execute(
            """
            INSERT INTO log_head (id, size, peaks, latest, dated_from) VALUES (1, $1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET size = $1, peaks = $2, latest = $3, dated_from = $4
            """,
            .integer(head.frontier.size),
            .text(head.frontier.peaks.map(\.text).joined(separator: " ")),
            head.latest.map(SQLValue.time) ?? .null,
            .integer(head.datedFrom)
        )
    }

    /// Makes the tree of events that were recorded before there was one; only within a transaction.
    static func build(in connection: SQLiteConnection) throws -> Head {
        var head = Head()
        let events = try connection.query(
            "SELECT sequence, body, at FROM audit_events ORDER BY sequence"
        ) { ($0.integer(0), $0.text(1), $0.time(2)) }
        for (sequence, content, date) in events {
            try append(sequence: sequence, content: content, at: date, to: &head, in: connection)
        }
        // Such an old clock may have gone anywhere: what counts is the last word.
        head.latest = events.last?.2
        head.datedFrom = head.frontier.size
        try write(head, to: connection)
        return head
    }

    static func node(
        _ level: Int,
        _ position: Int64,
        in connection: SQLiteConnection
    ) throws -> Digest {
        let found = try connection.first(
            "SELECT hash FROM log_nodes WHERE level = $1 AND position = $2",
            .number(level),
            .integer(position)
        ) { try $0.digest(0) }
        guard let found else {
            throw Refusal(
                .corrupt,
                """
                The audit log's tree has lost its node \(position) of level \(level). \
                "binnacle audit verify" says what else was changed.
                """
            )
        }
        return found
    }

    /// Signs the log as it stands after this transaction's events.
    static func sign(
        with keys: LogKeys,
        at date: Timestamp,
        in connection: SQLiteConnection
    ) throws {
        guard let frontier = try head(in: connection)?.frontier else { return }
        let checkpoint = keys.checkpoint(size: frontier.size, root: frontier.root)
        let note = try keys.signer.note(of: checkpoint.text)
        try connection.execute(
            """
            INSERT INTO log_checkpoints (size, at, root, note) VALUES ($1, $2, $3, $4)
            ON CONFLICT (size) DO UPDATE SET at = $2, root = $3, note = $4
            """,
            .integer(checkpoint.size),
            .time(date),
            .digest(checkpoint.root),
            .text(note)
        )
    }
}

/// That an event is in the log, in a form that can be checked without the engine.
package struct LogProof: Sendable {
    /// The leaf's text.
    package let leaf: String
    /// Counted from 0.
    package let index: Int64
    package let size: Int64
    package let root: Digest
    package let path: [Digest]
}

extension Store {
    /// The newest signed checkpoint's note; nil where none was signed yet.
    package func newestCheckpoint() throws -> String? {
        try connection.first(
            "SELECT note FROM log_checkpoints ORDER BY size DESC LIMIT 1"
        ) { $0.text(0) }
    }

    /// The first note that was signed at this size or a larger one.
    package func checkpoint(from size: Int64) throws -> String? {
        try connection.first(
            "SELECT note FROM log_checkpoints WHERE size >= $1 ORDER BY size LIMIT 1",
            .integer(size)
        ) { $0.text(0) }
    }

    /// The root when the log had this many events.
    package func logRoot(at size: Int64) throws -> Digest {
        let frontier = try MerkleFrontier(size: try checked(size)) {
            try MerkleLog.node($0, $1, in: connection)
        }
        return frontier.root
    }

    /// The audit path of an event in the log of that many events.
    package func proveInclusion(of sequence: Int64, in size: Int64) throws -> LogProof {
        let size = try checked(size)
        let content = try connection.first(
            "SELECT body FROM audit_events WHERE sequence = $1",
            .integer(sequence)
        ) { $0.text(0) }
        guard let content, sequence <= size else {
            throw Refusal(
                .notFound,
                "The log of \(size) events has no event \(sequence). \"binnacle audit\" lists them."
            )
        }
        return LogProof(
            leaf: AuditChain.text(sequence: sequence, content: content),
            index: sequence - 1,
            size: size,
            root: try logRoot(at: size),
            path: try MerkleProof.inclusion(of: sequence - 1, in: size) {
                try MerkleLog.node($0, $1, in: connection)
            }
        )
    }

    /// That the log of `new` events begins with the log of `old` events.
    package func proveConsistency(from old: Int64, to new: Int64) throws -> [Digest] {
        let new = try checked(new)
        guard old > 0, old <= new else {
            throw Refusal(
                .invalid,
                "The older size must be between 1 and \(new), and \(old) is not."
            )
        }
        return try MerkleProof.consistency(from: old, to: new) {
            try MerkleLog.node($0, $1, in: connection)
        }
    }

    private func checked(_ size: Int64) throws -> Int64 {
        let known = try MerkleLog.head(in: connection)?.frontier.size ?? 0
        guard (0...known).contains(size) else {
            throw Refusal(
                .notFound,
                "The log has \(known) events; there was no state of \(size). Name a smaller size."
            )
        }
        return size
    }

    /// Events in order, as far as they fit the filters; at most `limit`.
    package func auditEvents(
        matching filter: AuditFilter,
        after sequence: Int64,
        limit: Int
    ) throws -> [AuditEvent] {
        try connection.query(
            """
            SELECT sequence, previous_hash, hash, body FROM audit_events
            WHERE sequence > $1 AND at >= $2 AND at < $3
                AND ($4 IS NULL OR (subject_kind = $4 AND subject_id = $5))
            ORDER BY sequence LIMIT $6
            """,
            .integer(sequence),
            .integer(filter.since?.microseconds ?? .min),
            .integer(filter.until?.microseconds ?? .max),
            .text(filter.subject?.kind.rawValue),
            .text(filter.subject?.id),
            .number(limit),
            read: auditEvent
        )
    }
}
