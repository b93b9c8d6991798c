package import Domain

/// A part of the index over a version's windows; what it holds follows from them alone.
package struct WindowRange: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// One window, packed.
        case window
        /// The additive part of the blocks before this one.
        case prefix
        /// What cannot be subtracted, of this block.
        case rest
    }

    package let kind: Kind
    /// 0 for a window; the size of a block goes up with it.
    package let level: Int
    package let start: Timestamp
    /// A window that starts in here and changes makes this part void; `to` is exclusive.
    package let coverFrom: Timestamp
    package let coverTo: Timestamp

    package init(
        _ kind: Kind,
        level: Int,
        start: Timestamp,
        coverFrom: Timestamp,
        coverTo: Timestamp
    ) {
        self.kind = kind
        self.level = level
        self.start = start
        self.coverFrom = coverFrom
        self.coverTo = coverTo
    }
}

extension Store {
    /// Keeps a part of the index; writing a window that it covers deletes it again.
    package func keep(
        _ range: WindowRange,
        _ body: [UInt8],
        model: String,
        version: Int
    ) throws {
        try connection.execute(
            """
            INSERT INTO window_ranges
                (model, version, kind, level, start, cover_from, cover_to, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (model, version, kind, level, start) DO UPDATE SET body = $8
            """,
            .text(model),
            .number(version),
            .text(range.kind.rawValue),
            .number(range.level),
            .time(range.start),
            .time(range.coverFrom),
            .time(range.coverTo),
            .blob(body)
        )
    }

    /// The bytes of a part of the index; nil where it is not made or void.
    package func windowRange(
        _ kind: WindowRange.Kind,
        level: Int,
        start: Timestamp,
        model: String,
        version: Int
    ) throws -> [UInt8]? {
        try connection.first(
            """
            SELECT body FROM window_ranges
            WHERE model = $1 AND version = $2 AND kind = $3 AND level = $4 AND start = $5
            """,
            .text(model),
            .number(version),
            .text(kind.rawValue),
            .number(level),
            .time(start)
        ) { $0.bytes(0) }
    }

    /// The windows that start in a range with their packed bytes, nil where those are not made.
    package func packedWindows(
        model: String,
        version: Int,
        from: Timestamp,
        to: Timestamp
    ) throws -> [(start: Timestamp, body: [UInt8]?)] {
        try connection.query(
            """
            SELECT s.window_start, r.body IS NULL, r.body FROM window_sketches s
            LEFT JOIN window_ranges r ON r.model = s.model AND r.version = s.version
                AND r.kind = 'window' AND r.level = 0 AND r.start = s.window_start
            WHERE s.model = $1 AND s.version = $2
                AND s.window_start >= $3 AND s.window_start < $4
            ORDER BY s.window_start
            """,
            .text(model),
            .number(version),
            .time(from),
            .time(to)
        ) { (start: $0.time(0), body: $0.number(1) == 1 ? nil : $0.bytes(2)) }
    }

    /// The starts of the first and the last window of a version; nil when it never scored.
    package func windowSpan(model: String, version: Int) throws -> ClosedRange<Timestamp>? {
        try connection.first(
            """
            SELECT MIN(window_start), MAX(window_start), COUNT(*) FROM (
                SELECT window_start FROM (
                    SELECT window_start FROM window_sketches
                    WHERE model = $1 AND version = $2 ORDER BY window_start LIMIT 1
                ) AS oldest
                UNION ALL
                SELECT window_start FROM (
                    SELECT window_start FROM window_sketches
                    WHERE model = $1 AND version = $2 ORDER BY window_start DESC LIMIT 1
                ) AS newest
            ) AS ends
            """,
            .text(model),
            .number(version)
        ) { $0.number(2) == 0 ? nil : $0.time(0)...$0.time(1) } ?? nil
    }
}

extension SQLiteConnection {
    /// Deletes what the index says of ranges that hold this window.
    func voidRanges(of key: WindowKey) throws {
        try execute(
            """
            DELETE FROM window_ranges
            WHERE model = $1 AND version = $2 AND cover_to > $3 AND cover_from <= $3
            """,
            .text(key.model),
            .number(key.version),
            .time(key.start)
        )
    }
}

extension Migrations {
    static let windowRanges = """
        CREATE TABLE window_ranges (
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('window', 'prefix', 'rest')),
            level INTEGER NOT NULL,
            start INTEGER NOT NULL,
            cover_from INTEGER NOT NULL,
            cover_to INTEGER NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (model, version, kind, level, start)
        ) STRICT;
        CREATE INDEX window_ranges_cover ON window_ranges (model, version, cover_to, cover_from);
        """

    /// The index is made anew when it is next asked for, with what windows now say of single values.
    static let windowRangesWithRuns = "DELETE FROM window_ranges;"
}
