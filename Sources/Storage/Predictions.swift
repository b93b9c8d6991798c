package import Domain

/// One window of rows of one model version.
package struct WindowKey: Hashable, Sendable {
    package let model: String
    package let version: Int
    package let start: Timestamp

    package init(model: String, version: Int, start: Timestamp) {
        self.model = model
        self.version = version
        self.start = start
    }
}

/// Where a page of predictions, ordered by time and id, ended.
package struct PredictionCursor: Sendable {
    package let time: Timestamp
    package let id: ID<Prediction>

    package init(time: Timestamp, id: ID<Prediction>) {
        self.time = time
        self.id = id
    }
}

/// The columns of a prediction in the order `readPrediction` reads them.
private let predictionColumns =
    "id, deployment, model, version, row_id, time, score, label, cells"

extension Store {
    /// Most predictions that `predictionIDs` names for one row.
    package static let idsPerRowLimit = 100

    /// Records a batch of scored rows together with the sketches of the windows they fall in.
    ///
    /// A label that came before its row is joined here, if the row does not bring one.
    ///
    /// - Parameter windows: The new sketch of each window, which replaces the stored one.
    /// - Returns: False when this batch id was recorded before; then nothing has changed.
    package func recordPredictions(
        batch: String,
        _ rows: [Prediction],
        windows: [WindowKey: [UInt8]]
    ) throws -> Bool {
        for row in rows where row.score.isNaN || row.label?.isNaN == true {
            throw Refusal(
                .invalid,
                """
                The row "\(row.id)" has a score or label that is no number. \
                The batch "\(batch)" was not recorded.
                """
            )
        }
        return try connection.transaction {
            let isNew = try connection.execute(
                """
                INSERT INTO prediction_batches (id, rows) VALUES ($1, $2)
                ON CONFLICT (id) DO NOTHING
                """,
                .text(batch),
                .number(rows.count)
            )
            guard isNew == 1 else { return false }
            try connection.insert(rows)
            try connection.put(windows)
            return true
        }
    }

    /// The sketches of the windows that start in this range, oldest first; `to` is exclusive.
    package func windowSketches(
        model: String,
        version: Int,
        from: Timestamp,
        to: Timestamp
    ) throws -> [(Timestamp, [UInt8])] {
        try connection.query(
            """
            SELECT window_start, sketch FROM window_sketches
            WHERE model = $1 AND version = $2 AND window_start >= $3 AND window_start < $4
            ORDER BY window_start
            """,
            .text(model),
            .number(version),
            .time(from),
            .time(to)
        ) { ($0.time(0), $0.bytes(1)) }
    }

    package func prediction(_ id: ID<Prediction>) throws -> Prediction {
        let found = try connection.first(
            "SELECT \(predictionColumns) FROM predictions WHERE id = $1",
            .id(id),
            read: readPrediction
        )
        guard let found else { throw missing(.predictions, id.text) }
        return found
    }

    /// The newest rows of a version in a range of time, oldest first; `to` is exclusive.
    package func recentPredictions(
        model: String,
        version: Int,
        from: Timestamp,
        to: Timestamp,
        limit: Int
    ) throws -> [Prediction] {
        try connection.query(
            """
            SELECT \(predictionColumns) FROM predictions
            WHERE model = $1 AND time >= $2 AND time < $3 AND version = $4
            ORDER BY time DESC, id DESC LIMIT $5
            """,
            .text(model),
            .time(from),
            .time(to),
            .number(version),
            .number(limit),
            read: readPrediction
        ).reversed()
    }

    /// Every time this row was scored, newest first; at most `idsPerRowLimit`.
    package func predictionIDs(row: String, model: String) throws -> [ID<Prediction>] {
        try connection.query(
            """
            SELECT id FROM predictions WHERE model = $1 AND row_id = $2
            ORDER BY time DESC, id DESC LIMIT $3
            """,
            .text(model),
            .text(row),
            .number(Store.idsPerRowLimit)
        ) { $0.id(0) }
    }

    /// A page of rows with labels, ordered by time and id; `to` is exclusive.
    package func labelledPredictions(
        model: String,
        from: Timestamp,
        to: Timestamp,
        after cursor: PredictionCursor?,
        limit: Int
    ) throws -> [Prediction] {
        var page: [Prediction] = []
        try forEachLabelled(model, from, to, after: cursor, limit: limit) { page.append($0) }
        return page
    }

    /// Hands over every row with a label, ordered by time and id; `to` is exclusive.
    package func labelledPredictions(
        model: String,
        from: Timestamp,
        to: Timestamp,
        each body: @Sendable (Prediction) throws -> Void
    ) throws {
        try forEachLabelled(model, from, to, after: nil, limit: Int(Int64.max), body)
    }

    private func forEachLabelled(
        _ model: String,
        _ from: Timestamp,
        _ to: Timestamp,
        after cursor: PredictionCursor?,
        limit: Int,
        _ body: (Prediction) throws -> Void
    ) throws {
        // No id is empty, so this cursor lies just before the first row of `from`.
        let after = cursor ?? PredictionCursor(time: from, id: ID(""))
        try connection.forEachRow(
            """
            SELECT \(predictionColumns) FROM predictions
            WHERE model = $1 AND time >= $2 AND time < $3 AND label IS NOT NULL
                AND (time, id) > ($4, $5)
            ORDER BY time, id LIMIT $6
            """,
            [
                .text(model), .time(max(from, after.time)), .time(to), .time(after.time),
                .id(after.id), .number(limit),
            ]
        ) { try body(try readPrediction($0)) }
    }

    /// How many rows of this time there are, and how many of them have a label.
    package func countPredictions(
        model: String,
        from: Timestamp,
        to: Timestamp
    ) throws -> (rows: Int, labelled: Int) {
        let range = "FROM predictions WHERE model = $1 AND time >= $2 AND time < $3"
        let counts = try connection.first(
            """
            SELECT (SELECT COUNT(*) \(range)), (SELECT COUNT(*) \(range) AND label IS NOT NULL)
            """,
            .text(model),
            .time(from),
            .time(to)
        ) { ($0.number(0), $0.number(1)) }
        return counts ?? (0, 0)
    }

    /// The row time of the model's newest prediction; nil before the first.
    package func latestPredictionTime(of model: String) throws -> Timestamp? {
        try connection.first(
            "SELECT time FROM predictions WHERE model = $1 ORDER BY time DESC LIMIT 1",
            .text(model)
        ) { $0.time(0) }
    }
}

private func readPrediction(_ row: SQLRow) throws -> Prediction {
    Prediction(
        id: row.id(0),
        deployment: row.id(1),
        model: row.text(2),
        version: row.number(3),
        row: row.optionalText(4),
        time: row.time(5),
        score: row.real(6),
        label: row.optionalReal(7),
        cells: try CellText.read(row.text(8))
    )
}

extension SQLiteConnection {
    func put(_ windows: [WindowKey: [UInt8]]) throws {
        for (key, sketch) in windows {
            try execute(
                """
                INSERT INTO window_sketches (model, version, window_start, sketch)
                VALUES ($1, $2, $3, $4)
                ON CONFLICT (model, version, window_start) DO UPDATE SET sketch = $4
                """,
                .text(key.model),
                .number(key.version),
                .time(key.start),
                .blob(sketch)
            )
            try voidRanges(of: key)
        }
    }

    fileprivate func insert(_ rows: [Prediction]) throws {
        var totals: [PredictionGroup: PredictionTotal] = [:]
        var modelsWithWaiting: [String: Bool] = [:]
        for row in rows {
            let mayWait =
                try modelsWithWaiting[row.model] ?? hasWaitingLabels(model: row.model)
            modelsWithWaiting[row.model] = mayWait
            let added = try execute(
                """
                INSERT INTO predictions (\(predictionColumns))
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                ON CONFLICT (id) DO NOTHING
                """,
                .id(row.id),
                .id(row.deployment),
                .text(row.model),
                .number(row.version),
                .text(row.row),
                .time(row.time),
                .real(row.score),
                .real(row.label),
                .text(CellText.write(row.cells))
            )
            guard added == 1 else { continue }
            if mayWait { try joinWaitingLabel(to: row) }
            let group = PredictionGroup(
                deployment: row.deployment,
                model: row.model,
                version: row.version
            )
            totals[group, default: PredictionTotal(at: row.time)].add(row.time)
        }
        for (group, total) in totals { try add(total, to: group) }
    }

    private func add(_ total: PredictionTotal, to group: PredictionGroup) throws {
        let model = try first(
            "SELECT model FROM deployments WHERE id = $1",
            .id(group.deployment)
        ) { $0.text(0) }
        guard let model else { throw missing(.deployment, group.deployment.text) }
        guard model == group.model else {
            throw Refusal(
                .invalid,
                """
                "\(group.deployment)" serves "\(model)", but rows of "\(group.model)" came \
                in its name. They were not recorded.
                """
            )
        }
        let rows = try first(
            """
            INSERT INTO prediction_totals (deployment, version, rows, first_time, last_time)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (deployment, version) DO UPDATE SET
                rows = prediction_totals.rows + $3,
                first_time = CASE WHEN $4 < prediction_totals.first_time
                    THEN $4 ELSE prediction_totals.first_time END,
                last_time = CASE WHEN $5 > prediction_totals.last_time
                    THEN $5 ELSE prediction_totals.last_time END
            RETURNING rows
            """,
            .id(group.deployment),
            .number(group.version),
            .number(total.rows),
            .time(total.first),
            .time(total.last)
        ) { $0.number(0) }
        guard rows == total.rows else { return }
        try link(
            .deployment(group.deployment, serving: group.version),
            to: .predictions(of: group.deployment, version: group.version),
            as: "scored",
            at: total.first
        )
    }
}

/// The rows one deployment scored with one version: one node of the lineage graph.
private struct PredictionGroup: Hashable {
    let deployment: ID<Deployment>
    let model: String
    let version: Int
}

private struct PredictionTotal {
    var rows = 0
    var first: Timestamp
    var last: Timestamp

    init(at time: Timestamp) {
        first = time
        last = time
    }

    mutating func add(_ time: Timestamp) {
        rows += 1
        first = min(first, time)
        last = max(last, time)
    }
}
