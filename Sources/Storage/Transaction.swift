package import Domain

/// What a method changed, and the audit events to broadcast now that it is committed.
package struct Committed<Value: Sendable>: Sendable {
    package let value: Value
    package let events: [AuditEvent]

    package init(value: Value, events: [AuditEvent]) {
        self.value = value
        self.events = events
    }
}

/// The changes of one method, with the events that say so: kept together, or not at all.
///
/// Helpers that change a table are methods of this type, so that none runs outside a transaction.
struct Transaction {
    let connection: SQLiteConnection
    let blobs: BlobStore
    let actor: Actor
    let at: Timestamp
    /// Who hears of an alert that names no receivers.
    let receivers: [String]
    private(set) var events: [AuditEvent] = []

    init(
        connection: SQLiteConnection,
        blobs: BlobStore,
        actor: Actor,
        at: Timestamp,
        receivers: [String] = []
    ) {
        self.connection = connection
        self.blobs = blobs
        self.actor = actor
        self.at = at
        self.receivers = receivers
    }

    /// Appends an event to the audit chain.
    mutating func record(
        _ action: String,
        _ subject: Subject,
        _ summary: String,
        digests: [String: Digest] = [:]
    ) throws {
        try record(
            AuditDraft(
                at: at,
                actor: actor,
                action: action,
                subject: subject,
                summary: summary,
                digests: digests
            )
        )
    }

    mutating func record(_ draft: AuditDraft) throws {
        events += try AuditChain.append(draft, to: connection)
    }

    /// Says in the lineage graph that `output` was made from, or because of, `input`.
    func link(_ input: Subject, to output: Subject, as relation: String) throws {
        try connection.link(input, to: output, as: relation, at: at)
    }

    /// 1, 2, 3 … for things of one kind, without gaps.
    func nextNumber(of kind: String) throws -> Int {
        let next = try connection.first(
            """
            INSERT INTO counters (kind, value) VALUES ($1, 1)
            ON CONFLICT (kind) DO UPDATE SET value = counters.value + 1
            RETURNING value
            """,
            .text(kind)
        ) { $0.number(0) }
        guard let next else { throw Refusal(.fault, "The counter of \"\(kind)\" gave nothing.") }
        return next
    }
}

extension SQLiteConnection {
    /// Adds an edge to the lineage graph; only within a transaction.
    func link(
        _ input: Subject,
        to output: Subject,
        as relation: String,
        at date: Timestamp
    ) throws {
        try execute(
            """
            INSERT INTO lineage_edges (input_kind, input_id, output_kind, output_id, relation, at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (input_kind, input_id, output_kind, output_id) DO NOTHING
            """,
            .text(input.kind.rawValue),
            .text(input.id),
            .text(output.kind.rawValue),
            .text(output.id),
            .text(relation),
            .time(date)
        )
    }
}
