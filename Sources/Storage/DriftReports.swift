package import Domain

extension Store {
    /// Keeps what monitoring said of one window: the report, the rules' state and the alerts.
    ///
    /// - Parameters:
    ///   - report: Replaces an earlier one of the same model, version and window.
    ///   - state: What the alert rules remember of this model version, as they wrote it.
    /// - Returns: The alerts that changed, in the order of `alerts`.
    package func recordReport(
        _ report: DriftReport,
        state: [UInt8],
        alerts: [AlertChange],
        at date: Timestamp
    ) throws -> Committed<[Alert]> {
        try change(by: .engine, at: date) { transaction in
            try transaction.put(report)
            try transaction.putCourse(of: report)
            try transaction.put(state, model: report.model, version: report.version)
            let name = "\(report.model)/v\(report.version)"
            let share = Int((report.driftedShare * 100).rounded())
            try transaction.record(
                "drift.reported",
                Subject(.driftReport, "\(name)@\(report.windowStart)"),
                """
                \(report.model) v\(report.version), window of \(report.windowStart): \
                \(report.verdict.title), \(share) % of features drifted in \(report.rows) rows.
                """
            )
            var changed: [Alert] = []
            for change in alerts { changed.append(try transaction.apply(change)) }
            return changed
        }
    }

    /// The newest reports whose window starts in the range, newest first; `to` is exclusive.
    package func driftReports(
        model: String,
        version: Int?,
        from: Timestamp?,
        to: Timestamp?,
        limit: Int
    ) throws -> [DriftReport] {
        let start = from ?? .distantPast
        let end = to ?? .distantFuture
        guard let version else {
            return try connection.query(
                """
                SELECT body FROM drift_reports
                WHERE model = $1 AND window_start >= $2 AND window_start < $3
                ORDER BY window_start DESC, version DESC LIMIT $4
                """,
                .text(model),
                .time(start),
                .time(end),
                .number(limit)
            ) { try $0.body(DriftReport.self) }
        }
        return try connection.query(
            """
            SELECT body FROM drift_reports
            WHERE model = $1 AND version = $2 AND window_start >= $3 AND window_start < $4
            ORDER BY window_start DESC LIMIT $5
            """,
            .text(model),
            .number(version),
            .time(start),
            .time(end),
            .number(limit)
        ) { try $0.body(DriftReport.self) }
    }

    /// The report of the newest window that starts in the range, of those judged by a moment; nil
    /// where none was.
    package func newestReport(
        of model: String,
        version: Int? = nil,
        from: Timestamp? = nil,
        to: Timestamp? = nil,
        asOf date: Timestamp? = nil
    ) throws -> DriftReport? {
        guard let date else {
            return try driftReports(
                model: model,
                version: version,
                from: from,
                to: to,
                limit: 1
            ).first
        }
        let newest = try driftCourse(
            model: model,
            version: version,
            feature: nil,
            from: from,
            to: to,
            asOf: date,
            limit: 1
        ).first
        guard let newest else { return nil }
        return try driftReports(
            model: model,
            version: newest.version,
            from: newest.time,
            to: newest.time.adding(seconds: 1e-6),
            limit: 1
        ).first
    }

    /// The true values of the newest windows, oldest first, without those that have none.
    ///
    /// - Parameter windows: Windows that are looked at, those without a value included.
    package func trueValues(of model: String, windows: Int) throws -> [Double] {
        try connection.query(
            """
            SELECT performance FROM drift_reports WHERE model = $1
            ORDER BY window_start DESC, version DESC LIMIT $2
            """,
            .text(model),
            .number(windows)
        ) { $0.optionalReal(0) }.compactMap(\.self).reversed()
    }

    /// How many deployed models' newest window has drifted.
    package func driftingModelCount() throws -> Int {
        try connection.first(
            """
            SELECT COUNT(*) FROM (SELECT DISTINCT model FROM deployments) d
            WHERE (SELECT r.verdict FROM drift_reports r WHERE r.model = d.model
                ORDER BY r.window_start DESC LIMIT 1) = 'drift'
            """
        ) { $0.number(0) } ?? 0
    }

    /// What the alert rules of a model version last remembered; nil before the first report.
    package func monitorState(model: String, version: Int) throws -> [UInt8]? {
        try connection.first(
            "SELECT state FROM monitor_states WHERE model = $1 AND version = $2",
            .text(model),
            .number(version)
        ) { $0.bytes(0) }
    }
}

extension Transaction {
    fileprivate func put(_ report: DriftReport) throws {
        try connection.execute(
            """
            INSERT INTO drift_reports (model, version, window_start, verdict, body, performance)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (model, version, window_start)
                DO UPDATE SET verdict = $4, body = $5, performance = $6
            """,
            .text(report.model),
            .number(report.version),
            .time(report.windowStart),
            .text(report.verdict.rawValue),
            .text(try canonicalText(report)),
            .real(report.performance.flatMap { $0.value.isFinite ? $0.value : nil })
        )
    }

    fileprivate func put(_ state: [UInt8], model: String, version: Int) throws {
        try connection.execute(
            """
            INSERT INTO monitor_states (model, version, state) VALUES ($1, $2, $3)
            ON CONFLICT (model, version) DO UPDATE SET state = $3
            """,
            .text(model),
            .number(version),
            .blob(state)
        )
    }
}
