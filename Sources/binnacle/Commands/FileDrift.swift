import Domain
import FoundationEssentials
import Monitoring
import Statistics
import Tables

/// How the rows of one file differ from those of another: no engine, no model, no labels.
struct FileDrift: Codable, Sendable, Equatable {
    /// One column with our own verdict and, where asked for, another tool's.
    struct Column: Codable, Sendable, Equatable {
        var drift: FeatureDrift
        var tool: ToolOpinion?
    }

    struct ToolOpinion: Codable, Sendable, Equatable {
        var tool: String
        var method: String
        var score: Double
        var threshold: Double
        var isDrift: Bool
    }

    var baseline: String
    var current: String
    var baselineRows: Int
    var rows: Int
    /// Most drifted first.
    var columns: [Column]
    var driftedShare: Double
    /// Columns that only one of the files has, or that are no numbers or categories.
    var left: [String]
    /// Why the columns differ, in their order; first the columns that are gone.
    var causes: [DriftCause]
    /// Rows of the file that could not be read at all.
    var badRows: Int
    /// A sentence each, for the first of them.
    var badRowMessages: [String]

    /// Reads both files with the columns and types of the baseline.
    ///
    /// Both are held in memory, so the cost grows with their rows and columns.
    init(of current: String, against baseline: String, as tool: ToolConvention?) throws {
        let before = try readTable(fileAt: baseline).table
        var reading = try readTable(fileAt: current)
        let (reference, other) = (before.schema, reading.table.schema)
        let shared = SharedColumn.all(of: reference, and: other)
        guard !shared.isEmpty else {
            throw Refusal(
                .invalid,
                "\"\(current)\" and \"\(baseline)\" have no column in common. "
                    + "Compare like with like."
            )
        }
        if shared.contains(where: { $0.isReadAnew(among: other) }) {
            reading = try readTable(fileAt: current, schema: shared.map(\.after))
        }
        let after = reading.table
        let columns = shared.compactMap { column in
            before[column.before.name].map { Monitoring.NamedColumn($0) }
        }
        let readings = shared.compactMap { column in
            after[column.after.name].map { ReadColumn($0, as: column.before.type) }
        }
        let frozen = try Baseline(columns: columns, scores: [])
        var window = try WindowSketch(baseline: frozen, task: .regression)
        let added = readings.map(\.column)
        try window.add(
            columns: added,
            scores: [Double](repeating: .nan, count: after.rowCount),
            baseline: frozen
        )
        let report = try Self.report(on: current, baseline: frozen, window: window)
        self.baseline = baseline
        self.current = current
        baselineRows = before.rowCount
        rows = after.rowCount
        driftedShare = report.driftedShare
        let names = Set(shared.map(\.before.name))
        left = Set((reference + other).map(\.name)).subtracting(names).sorted()
        self.columns = report.features.map { drift in
            let pair = zip(columns, added).first { $0.0.name == drift.feature }
            let verdict = pair.flatMap { old, new in
                tool?.verdict(
                    reference: old.values.featureValues,
                    current: new.values.featureValues
                )
            }
            return Column(
                drift: drift,
                tool: verdict.map { ToolOpinion(tool: tool?.rawValue ?? "", verdict: $0) }
            )
        }
        let gone = reference.filter { column in !other.contains { $0.name == column.name } }
        causes =
            gone.compactMap { Self.causeOfAbsence($0.name) }
            + Self.causes(of: report.features, before: columns, after: readings)
        badRows = reading.badRows
        badRowMessages = reading.badRowMessages
    }

    private static func report(
        on file: String,
        baseline: Baseline,
        window: WindowSketch
    ) throws -> DriftReport {
        let moment = Timestamp(microseconds: 0)
        return try DriftReport(
            on: DriftSubject(
                model: file,
                version: 0,
                deployment: ID(""),
                windowStart: moment,
                windowEnd: moment,
                rollingStart: moment
            ),
            baseline: baseline,
            window: window,
            policy: MonitorPolicy(
                retrain: RetrainPolicy(
                    on: .never,
                    cooldownSeconds: 0,
                    windowSeconds: 0,
                    approval: .required
                )
            ),
            expected: nil
        )
    }

    private static func causeOfAbsence(_ name: String) -> DriftCause? {
        CauseQuestion(feature: name, reference: .numbers([]), current: nil, verdict: .drift).cause()
    }

    private static func causes(
        of features: [FeatureDrift],
        before: [Monitoring.NamedColumn],
        after: [ReadColumn]
    ) -> [DriftCause] {
        let moved = Set(features.filter { $0.verdict >= .warning }.map(\.feature))
        return features.compactMap { drift in
            guard let old = before.first(where: { $0.name == drift.feature }),
                let new = after.first(where: { $0.column.name == drift.feature })
            else { return nil }
            return CauseQuestion(
                feature: drift.feature,
                reference: old.values,
                current: new.column.values,
                unreadable: new.unreadable,
                verdict: drift.verdict,
                companions: moved.contains(drift.feature)
                    ? CauseQuestion.companions(of: drift.feature, in: before, moved: moved) : []
            ).cause()
        }
    }
}

/// A column of both files and the types it is read with.
private struct SharedColumn {
    let before: ColumnSchema
    let after: ColumnSchema

    /// Whether the other file's cells must be read as text although they look like something else.
    func isReadAnew(among found: [ColumnSchema]) -> Bool {
        after.type == .text && !found.contains(after)
    }

    /// Whole and decimal numbers are read alike; where the types differ otherwise, the other
    /// file's cells are read as text, so that what does not fit is counted and not refused.
    static func all(of reference: [ColumnSchema], and other: [ColumnSchema]) -> [SharedColumn] {
        reference.compactMap { column in
            guard column.type != .timestamp,
                let found = other.first(where: { $0.name == column.name })
            else { return nil }
            if column.type == found.type { return SharedColumn(before: column, after: found) }
            let isNumeric = column.type.isNumeric && found.type.isNumeric
            return SharedColumn(
                before: isNumeric ? ColumnSchema(name: column.name, type: .decimal) : column,
                after: ColumnSchema(name: column.name, type: isNumeric ? .decimal : .text)
            )
        }
    }
}

/// A column as monitoring reads it, with what did not fit the reference's type.
private struct ReadColumn {
    let column: Monitoring.NamedColumn
    let unreadable: CauseQuestion.Unreadable?

    init(_ column: Tables.NamedColumn, as type: ColumnType) {
        guard type.isNumeric, !column.type.isNumeric else {
            self.column = Monitoring.NamedColumn(column)
            unreadable = nil
            return
        }
        var misfits: [String] = []
        let values = (0..<column.cells.count).map { row -> Double in
            guard let text = column.text(at: row) else { return .nan }
            if let number = Double(text) { return number }
            misfits.append(text)
            return .nan
        }
        self.column = Monitoring.NamedColumn(name: column.name, values: .numbers(values))
        unreadable = misfits.first.map {
            CauseQuestion.Unreadable(count: misfits.count, example: $0)
        }
    }
}

extension FileDrift.ToolOpinion {
    init(tool: String, verdict: ToolVerdict) {
        self.init(
            tool: tool,
            method: verdict.method.rawValue,
            score: verdict.score,
            threshold: verdict.threshold,
            isDrift: verdict.isDrift
        )
    }
}

extension Monitoring.NamedColumn {
    /// A table's column as monitoring reads it: numbers as numbers, everything else as categories.
    fileprivate init(_ column: Tables.NamedColumn) {
        if case .numbers(let values) = column.cells, column.type != .boolean {
            self.init(name: column.name, values: .numbers(values))
        } else {
            let cells = (0..<column.cells.count).map { column.text(at: $0) }
            self.init(name: column.name, values: .categories(cells))
        }
    }
}
