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
    /// The rows stream by: the baseline's twice, since a sample of it freezes the bins that then
    /// count all its rows, the other file's once. Memory is some tens of megabytes whatever the
    /// files' length, except where another tool is asked for, whose methods need all values.
    init(of current: String, against baseline: String, as tool: ToolConvention?) throws {
        let sampleRows = tool == nil ? FileSide.sampleRows : .max
        let before = try FileSide(reference: baseline, sampleRows: sampleRows)
        let after = try FileSide(current: current, like: before, sampleRows: sampleRows)
        let shared = before.columns.filter { column in
            after.reading.names.contains(column.name)
        }
        guard !shared.isEmpty else {
            throw Refusal(
                .invalid,
                "\"\(current)\" and \"\(baseline)\" have no column in common. "
                    + "Compare like with like."
            )
        }
        let frozen = try Baseline(columns: shared.map(\.baseline), rows: before.reading.rows)
        let window = try WindowSketch(
            baseline: frozen,
            columns: after.sketches.filter { frozen.column($0.key) != nil },
            rows: after.reading.rows
        )
        let report = try Self.report(on: current, baseline: frozen, window: window)
        self.baseline = baseline
        self.current = current
        baselineRows = before.reading.rows
        rows = after.reading.rows
        driftedShare = report.driftedShare
        let names = Set(shared.map(\.name))
        left = Set(before.reading.names + after.reading.names).subtracting(names).sorted()
        columns = report.features.map { drift in
            let verdict = tool?.verdict(
                reference: before.values(of: drift.feature).featureValues,
                current: after.values(of: drift.feature).featureValues
            )
            return Column(
                drift: drift,
                tool: verdict.map { ToolOpinion(tool: tool?.rawValue ?? "", verdict: $0) }
            )
        }
        let gone = before.reading.names.filter { !after.reading.names.contains($0) }
        causes =
            gone.compactMap { Self.causeOfAbsence($0) }
            + Self.causes(of: report.features, before: before, after: after)
        badRows = after.reading.badRows
        badRowMessages = after.reading.badRowMessages
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
            policy: MonitorPolicy(),
            expected: nil
        )
    }

    private static func causeOfAbsence(_ name: String) -> DriftCause? {
        CauseQuestion(feature: name, reference: .numbers([]), current: nil, verdict: .drift).cause()
    }

    private static func causes(
        of features: [FeatureDrift],
        before: FileSide,
        after: FileSide
    ) -> [DriftCause] {
        let moved = Set(features.filter { $0.verdict >= .warning }.map(\.feature))
        let numbers = before.reading.numbers.map {
            Monitoring.NamedColumn(name: $0.name, values: .numbers($0.sample))
        }
        return features.compactMap { drift in
            guard let old = before.sides[drift.feature], let new = after.sides[drift.feature] else {
                return nil
            }
            return CauseQuestion(
                feature: drift.feature,
                reference: old,
                current: new,
                unreadable: after.unreadable(in: drift.feature),
                verdict: drift.verdict,
                companions: moved.contains(drift.feature)
                    ? CauseQuestion.companions(of: drift.feature, in: numbers, moved: moved) : []
            ).cause()
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
