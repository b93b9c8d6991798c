extension Migrations {
    /// Keys that decisions are signed with, and what was signed once and never counts again.
    static let signedDecisions = """
        CREATE TABLE signing_keys (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            fingerprint TEXT NOT NULL UNIQUE,
            body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_events_at ON audit_events (at);
        CREATE TABLE decision_nonces (
            nonce TEXT NOT NULL PRIMARY KEY,
            approval TEXT NOT NULL REFERENCES approvals (id)
        ) STRICT;
        """

    /// The tree over the audit events, its signed heads, how far it was verified, and who outside
    /// is told of it.
    static let signedLog = """
        CREATE TABLE log_nodes (
            level INTEGER NOT NULL,
            position INTEGER NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (level, position)
        ) STRICT;
        CREATE INDEX audit_events_findings ON audit_events (sequence)
            WHERE action IN ('log.problemFound', 'log.findingClosed');
        CREATE TABLE log_head (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            size INTEGER NOT NULL,
            peaks TEXT NOT NULL,
            latest INTEGER,
            dated_from INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE log_checkpoints (
            size INTEGER NOT NULL PRIMARY KEY,
            at INTEGER NOT NULL,
            root TEXT NOT NULL,
            note TEXT NOT NULL
        ) STRICT;
        CREATE TABLE log_verified (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            size INTEGER NOT NULL,
            hash TEXT NOT NULL,
            root TEXT NOT NULL,
            latest INTEGER,
            first_bad INTEGER,
            problem TEXT
        ) STRICT;
        CREATE TABLE log_witnesses (
            id TEXT NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL UNIQUE,
            body TEXT NOT NULL
        ) STRICT;
        """
}
