import Domain

extension SQLiteConnection {
    /// The newest things of a table that had come by a moment, newest first, as they are now.
    ///
    /// - Parameter time: The column that says since when a thing is there.
    func bodies<Body: Decodable>(
        _ type: Body.Type,
        of table: String,
        since time: String = "created_at",
        by date: Timestamp,
        limit: Int
    ) throws -> [Body] {
        try query(
            "SELECT body FROM \(table) WHERE \(time) <= $1 ORDER BY position DESC LIMIT $2",
            .time(date),
            .number(limit)
        ) { try $0.body(type) }
    }

    /// The last event recorded by a moment; 0 before the first.
    ///
    /// Times rise with the numbers, so a few looks find it among millions. Where a clock was set
    /// back, the log says so by an event of its own, and the last event before it may be found.
    func lastEvent(by date: Timestamp) throws -> Int64 {
        var low: Int64 = 0
        var high =
            try first("SELECT COALESCE(MAX(sequence), 0) FROM audit_events") {
                $0.integer(0)
            } ?? 0
        while low < high {
            let middle = high - (high - low) / 2
            let isBy = try first(
                "SELECT at <= $1 FROM audit_events WHERE sequence = $2",
                .time(date),
                .integer(middle)
            ) { $0.integer(0) == 1 }
            if isBy == true { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

extension Migrations {
    /// The parts of `deployment-1/v2`.
    private static let servingDeployment = "substr(output_id, 1, instr(output_id, '/v') - 1)"
    private static let servedVersion =
        "CAST(substr(output_id, instr(output_id, '/v') + 2) AS INTEGER)"

    /// Since when each edge of the lineage is there.
    ///
    /// Of edges from before, an output that was made with its edge says it; where nothing does, the
    /// edge counts as always there.
    static let edgeTimes = """
        ALTER TABLE lineage_edges ADD COLUMN at INTEGER;
        UPDATE lineage_edges SET at = CASE output_kind
            WHEN 'datasetVersion' THEN
                (SELECT created_at FROM dataset_versions WHERE id = output_id)
            WHEN 'run' THEN (SELECT created_at FROM runs WHERE id = output_id)
            WHEN 'cleaning' THEN (SELECT created_at FROM runs WHERE id = output_id)
            WHEN 'modelVersion' THEN
                (SELECT created_at FROM model_versions WHERE id = output_id)
            WHEN 'evidence' THEN (SELECT created_at FROM approvals WHERE id = output_id)
            WHEN 'approval' THEN (SELECT created_at FROM approvals WHERE id = output_id)
            WHEN 'deployment' THEN
                (SELECT MIN(r.at) FROM deployment_revisions r
                    WHERE r.deployment = \(servingDeployment)
                        AND r.version = \(servedVersion)
                        AND (input_kind <> 'approval' OR r.approval = input_id))
            WHEN 'predictions' THEN
                (SELECT t.first_time FROM prediction_totals t
                    WHERE t.deployment = \(servingDeployment)
                        AND t.version = \(servedVersion))
            END;
        """

    /// What an alias points at, beside its moves: lists read it without opening a move.
    static let aliasVersions = """
        DROP INDEX alias_moves_name;
        CREATE INDEX alias_moves_name ON alias_moves (model, name, position, version);
        """

    /// When each window was judged first and last, as the log of earlier versions says.
    static let windowTimes = """
        ALTER TABLE drift_windows ADD COLUMN judged_at INTEGER;
        ALTER TABLE drift_windows ADD COLUMN revised_at INTEGER;
        UPDATE drift_windows SET (judged_at, revised_at) =
            (SELECT MIN(at), MAX(at) FROM audit_events
                WHERE subject_kind = 'driftReport' AND subject_id = model || '/v' || version || '@'
                    || strftime('%Y-%m-%dT%H:%M:%SZ', window_start / 1000000, 'unixepoch'));
        """
}
