package import FoundationEssentials
package import Statistics

/// One column of a baseline: its frozen bins and the counts of the training rows in them.
package struct ColumnBaseline: Codable, Sendable, Equatable {
    package enum Content: Codable, Sendable, Equatable {
        case numeric(layout: BinLayout, sketch: NumericSketch)
        case category(layout: CategoryLayout, sketch: CategorySketch)
    }

    package let name: String
    package let content: Content

    package init(_ column: NamedColumn) throws {
        name = column.name
        switch column.values {
        case .numbers(let values):
            let layout = BinLayout(baseline: Sample(values))
            content = .numeric(
                layout: layout,
                sketch: try NumericSketch(layout: layout, values: values)
            )
        case .categories(let values):
            let layout = CategoryLayout(baseline: values)
            content = .category(
                layout: layout,
                sketch: try CategorySketch(layout: layout, values: values)
            )
        }
    }

    /// What was counted elsewhere, such as while a file streamed by.
    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }

    package var isCategorical: Bool {
        if case .category = content { true } else { false }
    }
}

/// What the training rows of a model version looked like, to compare production with.
///
/// Bins, counts and sums are kept, about 6 KB a column as JSON, and at most 500 rows.
package struct Baseline: Codable, Sendable, Equatable {
    /// In the order they were given.
    package let columns: [ColumnBaseline]
    /// Of the scores the version gives these rows.
    package let scores: ColumnBaseline
    package let rows: Int
    /// What rows and scores sum to in each feature's bars; nil in baselines of earlier versions.
    package let sums: [String: GroupSums]?
    /// The training rows window by window; nil where they have no time.
    package let history: SeasonHistory?
    package let sample: RowSample?
    /// The longest run of one value in each numeric feature, in the order of the rows.
    package let longestRuns: [String: Int]?
    /// The times of the first and the last row in seconds since 1970; nil where they have none.
    package let span: ClosedRange<Int>?
    /// What the scores are worth on rows that no training step saw; nil where that is unknown.
    package let calibration: ScoreCalibration?

    /// The name under which score drift is reported.
    package static let scoreColumn = "prediction"

    /// Freezes the training columns and the scores of the same rows.
    ///
    /// - Parameters:
    ///   - unixSeconds: of each row; nil where the rows have no time.
    ///   - windowSeconds: the length of the windows that production will be cut into.
    /// - Throws: `MonitoringError.rowCountDiffers` when a column has another number of rows than
    ///   the first one. The scores may be those of other rows, such as the holdout.
    package init(
        columns: [NamedColumn],
        scores: [Double],
        unixSeconds: [Int?]? = nil,
        windowSeconds: Double = 86_400,
        calibration: ScoreCalibration? = nil
    ) throws {
        self.calibration = calibration
        rows = columns.first?.values.count ?? scores.count
        for column in columns where column.values.count != rows {
            throw MonitoringError.rowCountDiffers(
                column: column.name,
                found: column.values.count,
                expected: rows
            )
        }
        self.columns = try columns.map { try ColumnBaseline($0) }
        self.scores = try ColumnBaseline(
            NamedColumn(name: Self.scoreColumn, values: .numbers(scores))
        )
        // Two files that are compared once need neither a past nor rows to come back to.
        guard !scores.isEmpty || unixSeconds != nil else {
            (sums, history, sample, longestRuns, span) = (nil, nil, nil, nil, nil)
            return
        }
        var layouts: [String: GroupLayout] = [:]
        for column in self.columns { layouts[column.name] = GroupLayout(column) }
        var sums: [String: GroupSums] = [:]
        var runs: [String: Int] = [:]
        let own = scores.count == rows ? scores : []
        for column in columns {
            guard let layout = layouts[column.name] else { continue }
            sums[column.name] = GroupSums(layout, values: column.values, scores: own)
            if case .numbers(let values) = column.values {
                runs[column.name] = NumericEvidence.longestRun(values)
            }
        }
        self.sums = sums
        longestRuns = runs
        sample = RowSample(columns: columns)
        let times = unixSeconds?.compactMap { $0 } ?? []
        if let unixSeconds, unixSeconds.count == rows, let first = times.min(),
            let last = times.max()
        {
            span = first...last
            history = SeasonHistory(
                columns: columns,
                layouts: layouts,
                unixSeconds: unixSeconds,
                windowSeconds: windowSeconds
            )
        } else {
            span = nil
            history = nil
        }
    }

    /// Rows that are held against others once; nothing is known of their past.
    init(columns: [ColumnBaseline], scores: ColumnBaseline, rows: Int) {
        self.columns = columns
        self.scores = scores
        self.rows = rows
        (sums, history, sample, longestRuns, span) = (nil, nil, nil, nil, nil)
        calibration = nil
    }

    /// Of two files that are compared once: neither scores nor a past nor rows to come back to.
    package init(columns: [ColumnBaseline], rows: Int) throws {
        self.columns = columns
        self.rows = rows
        scores = try ColumnBaseline(NamedColumn(name: Self.scoreColumn, values: .numbers([])))
        (sums, history, sample, longestRuns, span) = (nil, nil, nil, nil, nil)
        calibration = nil
    }

    /// Reads what `encoded()` wrote.
    package init(encoded bytes: Data) throws {
        do {
            self = try JSONDecoder().decode(Baseline.self, from: bytes)
        } catch {
            throw MonitoringError.unreadable(what: "baseline", reason: "\(error).")
        }
    }

    package func column(_ name: String) -> ColumnBaseline? {
        columns.first { $0.name == name }
    }

    /// JSON with sorted keys: the same baseline gives the same bytes, and so the same digest.
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
