package import Domain

extension Store {
    /// What charts show of the newest windows, newest first; `to` is exclusive.
    ///
    /// It is kept beside the reports, each of which is 20 kB of text: a year of windows is read
    /// without opening one of them.
    ///
    /// - Parameters:
    ///   - feature: Whose measure the points hold, or the prediction's; where a window has none
    ///     of it, the value is nil and the verdict `tooFewRows`. nil: the share of drifted features.
    ///   - metric: Which measure of the feature.
    ///   - date: Windows judged by then. Of those judged anew since, when labels came, the true
    ///     performance of then is not kept, and left out.
    package func driftCourse(
        model: String,
        version: Int? = nil,
        feature: String?,
        metric: DriftMetric = .psi,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        asOf date: Timestamp? = nil,
        limit: Int
    ) throws -> [DriftPoint] {
        try connection.query(
            """
            SELECT w.window_start, w.version, w.verdict, w.rows, w.drifted_share, w.performance,
                w.estimate, f.verdict, f.\(Self.column(of: metric)), w.revised_at
            FROM drift_windows w LEFT JOIN drift_measures f ON f.model = w.model
                AND f.window_start = w.window_start AND f.version = w.version AND f.feature = $1
            WHERE w.model = $2 AND ($3 IS NULL OR w.version = $3)
                AND w.window_start >= $4 AND w.window_start < $5
                AND ($6 IS NULL OR COALESCE(w.judged_at, w.window_start) <= $6)
            ORDER BY w.window_start DESC, w.version DESC LIMIT $7
            """,
            .text(feature),
            .text(model),
            version.map(SQLValue.number) ?? .null,
            .time(from ?? .distantPast),
            .time(to ?? .distantFuture),
            date.map(SQLValue.time) ?? .null,
            .number(limit)
        ) { row in
            let isRevised = date.map { row.optionalTime(9) ?? $0 > $0 } ?? false
            let share = row.optionalReal(4) ?? .nan
            let verdict = feature == nil ? row.text(2) : row.optionalText(7)
            return DriftPoint(
                time: row.time(0),
                version: row.number(1),
                value: feature == nil ? share : row.optionalReal(8),
                verdict: verdict.flatMap(DriftVerdict.init) ?? .tooFewRows,
                rows: row.number(3),
                driftedShare: share,
                performance: isRevised ? nil : try row.optionalBody(WindowPerformance.self, 5),
                estimate: try row.optionalBody(EstimatedPerformance.self, 6)
            )
        }
    }

    private static func column(of metric: DriftMetric) -> String {
        switch metric {
        case .psi: "psi"
        case .jensenShannon: "jensen_shannon"
        case .wasserstein: "wasserstein"
        case .kolmogorovSmirnov: "kolmogorov_smirnov"
        case .missing: "missing_share"
        case .unseen: "unseen_share"
        }
    }
}

extension Transaction {
    /// Keeps of a report what charts show, in place of what an earlier one of its window left.
    func putCourse(of report: DriftReport) throws {
        let window: [SQLValue] = [
            .text(report.model), .time(report.windowStart), .number(report.version),
        ]
        try connection.execute(
            """
            INSERT INTO drift_windows (model, window_start, version, verdict, rows,
                drifted_share, performance, estimate, judged_at, revised_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
            ON CONFLICT (model, window_start, version) DO UPDATE SET verdict = $4, rows = $5,
                drifted_share = $6, performance = $7, estimate = $8, revised_at = $9
            """,
            window[0],
            window[1],
            window[2],
            .text(report.verdict.rawValue),
            .number(report.rows),
            .real(report.driftedShare),
            .text(try report.performance.map(canonicalText)),
            .text(try report.estimate.map(canonicalText)),
            .time(at)
        )
        try connection.execute(
            "DELETE FROM drift_measures WHERE model = $1 AND window_start = $2 AND version = $3",
            window[0],
            window[1],
            window[2]
        )
        for drift in report.features + (report.prediction.map { [$0] } ?? []) {
            try connection.execute(
                """
                INSERT OR REPLACE INTO drift_measures (model, window_start, version, feature,
                    verdict, psi, jensen_shannon, wasserstein, kolmogorov_smirnov, missing_share,
                    unseen_share)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """,
                window[0],
                window[1],
                window[2],
                .text(drift.feature),
                .text(drift.verdict.rawValue),
                .real(drift.psi),
                .real(drift.jensenShannon),
                .real(drift.wasserstein),
                .real(drift.kolmogorovSmirnov),
                .real(drift.missingShare),
                .real(drift.unseenShare)
            )
        }
    }
}

extension Migrations {
    /// What charts show of each window, and of each feature in it, beside the whole reports.
    static let driftCourses = """
        CREATE TABLE drift_windows (
            model TEXT NOT NULL,
            window_start INTEGER NOT NULL,
            version INTEGER NOT NULL,
            verdict TEXT NOT NULL,
            rows INTEGER NOT NULL,
            drifted_share REAL,
            performance TEXT,
            estimate TEXT,
            PRIMARY KEY (model, window_start, version)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE drift_measures (
            model TEXT NOT NULL,
            window_start INTEGER NOT NULL,
            version INTEGER NOT NULL,
            feature TEXT NOT NULL,
            verdict TEXT NOT NULL,
            psi REAL,
            jensen_shannon REAL,
            wasserstein REAL,
            kolmogorov_smirnov REAL,
            missing_share REAL,
            unseen_share REAL,
            PRIMARY KEY (model, window_start, version, feature)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO drift_windows
            SELECT model, window_start, version, verdict, json_extract(body, '$.rows'),
                \(number("body", "driftedShare")), json_extract(body, '$.performance'),
                json_extract(body, '$.estimate')
            FROM drift_reports;
        INSERT OR REPLACE INTO drift_measures
            SELECT r.model, r.window_start, r.version, json_extract(each.value, '$.feature'),
                json_extract(each.value, '$.verdict'), \(number("each.value", "psi")),
                \(number("each.value", "jensenShannon")), \(number("each.value", "wasserstein")),
                \(number("each.value", "kolmogorovSmirnov")),
                \(number("each.value", "missingShare")), \(number("each.value", "unseenShare"))
            FROM drift_reports r, json_each(json_insert(
                json_extract(r.body, '$.features'),
                '$[#]', json_extract(r.body, '$.prediction'))) AS each
            WHERE each.type = 'object';
        """

    /// A number of a body, in which those that are not finite are words.
    private static func number(_ body: String, _ key: String) -> String {
        """
        CASE json_type(\(body), '$.\(key)')
            WHEN 'text' THEN CASE json_extract(\(body), '$.\(key)')
                WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999 END
            ELSE json_extract(\(body), '$.\(key)') END
        """
    }
}
