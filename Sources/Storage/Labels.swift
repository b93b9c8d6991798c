package import Domain

/// A prediction that has just got its true value.
package struct LabelledPrediction: Sendable, Equatable {
    package let model: String
    package let version: Int
    package let row: String
    package let time: Timestamp
    package let score: Double
    package let label: Double

    package init(
        model: String,
        version: Int,
        row: String,
        time: Timestamp,
        score: Double,
        label: Double
    ) {
        self.model = model
        self.version = version
        self.row = row
        self.time = time
        self.score = score
        self.label = label
    }
}

extension LabelledPrediction {
    /// From a row of version, time and score.
    fileprivate init(model: String, row: String, label: Double, found: SQLRow) {
        self.init(
            model: model,
            version: found.number(0),
            row: row,
            time: found.time(1),
            score: found.real(2),
            label: label
        )
    }
}

extension Store {
    /// Labels of one model that may wait for their rows; beyond, the oldest are dropped.
    package static let waitingLabelLimit = 1_000_000

    /// The predictions that `addLabels` would join to these labels; changes nothing.
    package func predictionsAwaiting(
        model: String,
        _ labels: [(row: String, label: Double)]
    ) throws -> [LabelledPrediction] {
        var seen: Set<String> = []
        return try labels.filter { seen.insert($0.row).inserted }.flatMap { row, label in
            try connection.query(
                """
                SELECT version, time, score FROM predictions
                WHERE model = $1 AND row_id = $2 AND label IS NULL
                """,
                .text(model),
                .text(row)
            ) { LabelledPrediction(model: model, row: row, label: label, found: $0) }
        }
    }

    /// Joins labels to the predictions of their rows that have none yet, together with the
    /// sketches of the windows those predictions fall in.
    ///
    /// A label whose row was never scored waits for it, the newest of the row's labels alone; a
    /// row that has a label keeps it.
    ///
    /// - Parameter windows: The new sketch of each window, which replaces the stored one.
    /// - Returns: The predictions that got a label now.
    package func addLabels(
        model: String,
        _ labels: [(row: String, label: Double)],
        windows: [WindowKey: [UInt8]] = [:],
        at date: Timestamp,
        waitingLimit: Int = Store.waitingLabelLimit
    ) throws -> [LabelledPrediction] {
        for (row, label) in labels where label.isNaN {
            throw Refusal(.invalid, "The label of the row \"\(row)\" is no number. Leave it out.")
        }
        return try connection.transaction {
            var joined: [LabelledPrediction] = []
            var hasUnmatched = false
            for (row, label) in labels {
                let now = try connection.join(label, to: row, of: model)
                joined += now
                if now.isEmpty, try !connection.hasPrediction(of: row, model: model) {
                    try connection.keepWaiting(label, for: row, of: model, since: date)
                    hasUnmatched = true
                }
            }
            if hasUnmatched { try connection.dropWaiting(of: model, beyond: waitingLimit) }
            try connection.put(windows)
            return joined
        }
    }

    /// The labels that wait for these rows, so that sketches can be made with them.
    package func waitingLabels(model: String, rows: [String]) throws -> [String: Double] {
        guard try connection.hasWaitingLabels(model: model) else { return [:] }
        var found: [String: Double] = [:]
        for row in rows {
            found[row] = try connection.first(
                "SELECT label FROM waiting_labels WHERE model = $1 AND row_id = $2",
                .text(model),
                .text(row)
            ) { $0.real(0) }
        }
        return found
    }

    /// How many labels of a model wait for their rows, and how many were dropped waiting.
    package func waitingLabelCounts(of model: String) throws -> (waiting: Int, dropped: Int) {
        let dropped = try connection.first(
            "SELECT value FROM counters WHERE kind = $1",
            .text(droppedCounter(model))
        ) { $0.number(0) }
        return (try connection.countWaiting(of: model), dropped ?? 0)
    }
}

private func droppedCounter(_ model: String) -> String { "dropped labels of \(model)" }

extension SQLiteConnection {
    func hasWaitingLabels(model: String) throws -> Bool {
        try first(
            "SELECT 1 FROM waiting_labels WHERE model = $1 LIMIT 1",
            .text(model)
        ) { _ in true } ?? false
    }

    /// Gives a prediction that has just been inserted the label that waited for its row.
    func joinWaitingLabel(to prediction: Prediction) throws {
        guard let row = prediction.row else { return }
        let waiting = try first(
            "DELETE FROM waiting_labels WHERE model = $1 AND row_id = $2 RETURNING label",
            .text(prediction.model),
            .text(row)
        ) { $0.real(0) }
        guard let waiting, prediction.label == nil else { return }
        try execute(
            "UPDATE predictions SET label = $1 WHERE id = $2",
            .real(waiting),
            .id(prediction.id)
        )
    }

    fileprivate func join(
        _ label: Double,
        to row: String,
        of model: String
    ) throws -> [LabelledPrediction] {
        try query(
            """
            UPDATE predictions SET label = $1
            WHERE model = $2 AND row_id = $3 AND label IS NULL
            RETURNING version, time, score
            """,
            .real(label),
            .text(model),
            .text(row)
        ) { LabelledPrediction(model: model, row: row, label: label, found: $0) }
    }

    fileprivate func hasPrediction(of row: String, model: String) throws -> Bool {
        try first(
            "SELECT 1 FROM predictions WHERE model = $1 AND row_id = $2 LIMIT 1",
            .text(model),
            .text(row)
        ) { _ in true } ?? false
    }

    fileprivate func keepWaiting(
        _ label: Double,
        for row: String,
        of model: String,
        since date: Timestamp
    ) throws {
        try execute(
            """
            INSERT INTO waiting_labels (model, row_id, label, arrived_at)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (model, row_id) DO UPDATE SET label = $3, arrived_at = $4
            """,
            .text(model),
            .text(row),
            .real(label),
            .time(date)
        )
    }

    fileprivate func countWaiting(of model: String) throws -> Int {
        try first("SELECT COUNT(*) FROM waiting_labels WHERE model = $1", .text(model)) {
            $0.number(0)
        } ?? 0
    }

    /// Drops the labels that waited longest, and counts them.
    fileprivate func dropWaiting(of model: String, beyond limit: Int) throws {
        let excess = try countWaiting(of: model) - limit
        guard excess > 0 else { return }
        try execute(
            """
            DELETE FROM waiting_labels WHERE model = $1 AND row_id IN
                (SELECT row_id FROM waiting_labels WHERE model = $1
                 ORDER BY arrived_at, row_id LIMIT $2)
            """,
            .text(model),
            .number(excess)
        )
        try execute(
            """
            INSERT INTO counters (kind, value) VALUES ($1, $2)
            ON CONFLICT (kind) DO UPDATE SET value = counters.value + $2
            """,
            .text(droppedCounter(model)),
            .number(excess)
        )
    }
}
