package import Domain
package import FoundationEssentials
package import Statistics

/// What is kept of one window of production rows: enough for drift and for true performance.
///
/// Windows merge, so a week is the sum of its days; late labels are added to the window of the
/// row's own time.
package struct WindowSketch: Codable, Sendable, Equatable {
    package enum Column: Codable, Sendable, Equatable {
        case numeric(sketch: NumericSketch)
        case category(sketch: CategorySketch)
    }

    package private(set) var rows: Int
    package private(set) var columns: [String: Column]
    package private(set) var scores: NumericSketch
    package private(set) var performance: PerformanceSketch
    /// How long one value stood in each numeric column, but for values frequent in the baseline; nil
    /// in windows of earlier versions.
    package private(set) var runs: [String: RunLength]?
    /// What rows and scores sum to in each feature's bars; nil in windows of earlier versions.
    package private(set) var sums: [String: GroupSums]?
    /// Each feature's bars are found once; they follow from the baseline.
    private var layouts: [String: GroupLayout] = [:]

    private enum CodingKeys: String, CodingKey {
        case rows, columns, scores, performance, sums, runs
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        rows = try container.decode(Int.self, forKey: .rows)
        columns = try container.decode([String: Column].self, forKey: .columns)
        scores = try container.decode(NumericSketch.self, forKey: .scores)
        performance = try container.decode(PerformanceSketch.self, forKey: .performance)
        sums = try container.decodeIfPresent([String: GroupSums].self, forKey: .sums)
        runs = try container.decodeIfPresent(
            [String: PackedValue<RunLength>].self,
            forKey: .runs
        )?.mapValues(\.value)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rows, forKey: .rows)
        try container.encode(columns, forKey: .columns)
        try container.encode(scores, forKey: .scores)
        try container.encode(performance, forKey: .performance)
        try container.encodeIfPresent(sums, forKey: .sums)
        try container.encodeIfPresent(runs?.mapValues { PackedValue($0) }, forKey: .runs)
    }

    package static func == (left: WindowSketch, right: WindowSketch) -> Bool {
        left.rows == right.rows && left.columns == right.columns && left.scores == right.scores
            && left.performance == right.performance && left.sums == right.sums
            && left.runs == right.runs
    }

    /// An empty window of a model version.
    package init(baseline: Baseline, task: ModelTask) throws {
        rows = 0
        performance = PerformanceSketch(task: task)
        var columns: [String: Column] = [:]
        var runs: [String: RunLength] = [:]
        for column in baseline.columns {
            switch column.content {
            case .numeric(let layout, _):
                runs[column.name] = RunLength()
                columns[column.name] = .numeric(sketch: NumericSketch(layout: layout))
            case .category(let layout, _):
                columns[column.name] = .category(sketch: CategorySketch(layout: layout))
            }
        }
        self.columns = columns
        self.runs = runs
        guard case .numeric(let layout, _) = baseline.scores.content else {
            throw MonitoringError.kindDiffers(column: Baseline.scoreColumn)
        }
        scores = NumericSketch(layout: layout)
        guard baseline.sums != nil else { return }
        for column in baseline.columns { layouts[column.name] = GroupLayout(column) }
        sums = layouts.mapValues { GroupSums($0) }
    }

    /// The window of rows whose columns were counted while a file streamed by; no scores.
    package init(baseline: Baseline, columns: [String: Column], rows: Int) throws {
        try self.init(baseline: baseline, task: .regression)
        for name in columns.keys where self.columns[name] == nil {
            throw MonitoringError.unknownColumn(name)
        }
        self.columns.merge(columns) { _, counted in counted }
        runs = nil
        self.rows = rows
    }

    /// The sum of a range of windows, put together from its parts; bars are not among them.
    init(
        rows: Int,
        columns: [String: Column],
        scores: NumericSketch,
        performance: PerformanceSketch,
        runs: [String: RunLength]?
    ) {
        self.rows = rows
        self.columns = columns
        self.scores = scores
        self.performance = performance
        self.runs = runs
    }

    /// The window of rows by columns, with the labels of those that have one.
    package init(
        columns: [NamedColumn],
        scores: [Double],
        labels: [Double?],
        task: ModelTask,
        baseline: Baseline
    ) throws {
        try self.init(baseline: baseline, task: task)
        try add(columns: columns, scores: scores, baseline: baseline)
        for (score, label) in zip(scores, labels) {
            if let label { addLabel(label, score: score) }
        }
    }

    /// Reads what `encoded()` wrote.
    package init(encoded bytes: Data) throws {
        do {
            self = try JSONDecoder().decode(WindowSketch.self, from: bytes)
        } catch {
            throw MonitoringError.unreadable(what: "window", reason: "\(error).")
        }
    }

    /// Labelled rows as a share of all; 0...1, and 0 without rows.
    package var labelCoverage: Double {
        rows == 0 ? 0 : min(1, Double(performance.rows) / Double(rows))
    }

    /// Adds rows by columns; a column of the baseline that is not sent counts as missing in all.
    ///
    /// Nothing is added when it throws.
    package mutating func add(
        columns added: [NamedColumn],
        scores addedScores: [Double],
        baseline: Baseline
    ) throws {
        for column in added {
            guard columns[column.name] != nil else {
                throw MonitoringError.unknownColumn(column.name)
            }
            guard column.values.count == addedScores.count else {
                throw MonitoringError.rowCountDiffers(
                    column: column.name,
                    found: column.values.count,
                    expected: addedScores.count
                )
            }
        }
        var sum = self
        for column in baseline.columns {
            let sent = added.first { $0.name == column.name }?.values
            try sum.add(sent, rows: addedScores.count, to: column)
            sum.addSums(sent, scores: addedScores, of: column)
        }
        if case .numeric(let layout, _) = baseline.scores.content {
            try sum.scores.add(addedScores.span, layout: layout)
        }
        sum.rows += addedScores.count
        self = sum
    }

    /// Adds the label of a row that is in this window already.
    package mutating func addLabel(_ label: Double, score: Double) {
        performance.add(score: score, label: label)
    }

    /// Appends a window of later rows; only runs of one value depend on the order.
    package mutating func merge(_ other: WindowSketch) throws {
        guard Set(columns.keys) == Set(other.columns.keys) else {
            throw MonitoringError.otherBaseline(column: Baseline.scoreColumn)
        }
        var sum = self
        for (name, column) in other.columns {
            do {
                switch (sum.columns[name], column) {
                case (.numeric(var sketch), .numeric(let added)):
                    try sketch.merge(added)
                    sum.columns[name] = .numeric(sketch: sketch)
                case (.category(var sketch), .category(let added)):
                    try sketch.merge(added)
                    sum.columns[name] = .category(sketch: sketch)
                default: throw MonitoringError.kindDiffers(column: name)
                }
            } catch is SketchMismatch {
                throw MonitoringError.otherBaseline(column: name)
            }
        }
        if let others = other.sums {
            sum.sums?.merge(others) { own, added in
                var both = own
                both.merge(added)
                return both
            }
        } else if other.rows > 0 {
            sum.sums = nil
        }
        if let others = other.runs {
            for (name, later) in others { sum.runs?[name]?.merge(later) }
        } else if other.rows > 0 {
            sum.runs = nil
        }
        try sum.scores.merge(other.scores)
        try sum.performance.merge(other.performance)
        sum.rows += other.rows
        self = sum
    }

    /// JSON with sorted keys.
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    private mutating func add(
        _ values: ColumnValues?,
        rows: Int,
        to column: ColumnBaseline
    ) throws {
        do {
            switch (column.content, columns[column.name]) {
            case (.numeric(let layout, _), .numeric(var sketch)):
                let numbers = try Self.numbers(values, rows: rows, column: column.name)
                try sketch.add(numbers.span, layout: layout)
                columns[column.name] = .numeric(sketch: sketch)
                runs?[column.name]?.observe(numbers.span, ignoring: layout.pointMasses)
            case (.category(let layout, _), .category(var sketch)):
                for value in try Self.categories(values, rows: rows, column: column.name) {
                    try sketch.add(value, layout: layout)
                }
                columns[column.name] = .category(sketch: sketch)
            default: throw MonitoringError.otherBaseline(column: column.name)
            }
        } catch is SketchMismatch {
            throw MonitoringError.otherBaseline(column: column.name)
        }
    }

    private mutating func addSums(
        _ values: ColumnValues?,
        scores: [Double],
        of column: ColumnBaseline
    ) {
        guard sums != nil else { return }
        let layout = layouts[column.name] ?? GroupLayout(column)
        layouts[column.name] = layout
        let missing = ColumnValues.categories(Array(repeating: nil, count: scores.count))
        sums?[column.name]?.add(values ?? missing, scores: scores, layout: layout)
    }

    private static func numbers(
        _ values: ColumnValues?,
        rows: Int,
        column: String
    ) throws(MonitoringError) -> [Double] {
        switch values {
        case .numbers(let numbers): return numbers
        case .categories: throw .kindDiffers(column: column)
        case nil: return Array(repeating: .nan, count: rows)
        }
    }

    private static func categories(
        _ values: ColumnValues?,
        rows: Int,
        column: String
    ) throws(MonitoringError) -> [String?] {
        switch values {
        case .categories(let categories): return categories
        case .numbers: throw .kindDiffers(column: column)
        case nil: return Array(repeating: nil, count: rows)
        }
    }
}
