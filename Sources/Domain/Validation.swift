/// A 95 % interval.
package struct Interval: Codable, Sendable, Equatable {
    package let low: Double
    package let high: Double

    package init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}

/// One metric of candidate and champion on the same rows.
package struct MetricComparison: Codable, Sendable, Equatable {
    package let metric: MetricName
    package let candidate: Double
    package let candidateInterval: Interval
    /// nil when there is no champion.
    package let champion: Double?
    /// Candidate minus champion, as is: for log loss a negative difference is the better one.
    package let difference: Double?
    /// Paired bootstrap interval of the difference.
    package let differenceInterval: Interval?

    package init(
        metric: MetricName,
        candidate: Double,
        candidateInterval: Interval,
        champion: Double?,
        difference: Double?,
        differenceInterval: Interval?
    ) {
        self.metric = metric
        self.candidate = candidate
        self.candidateInterval = candidateInterval
        self.champion = champion
        self.difference = difference
        self.differenceInterval = differenceInterval
    }
}

package enum Verdict: String, Codable, Sendable {
    case better, notBetter, failed

    package var words: String {
        switch self {
        case .better: "better"
        case .notBetter: "not better"
        case .failed: "failed"
        }
    }
}

/// The primary metric on the rows that have one value in one column.
package struct SliceComparison: Codable, Sendable, Equatable {
    package let column: String
    package let value: String
    package let rows: Int
    package let candidate: Double
    /// Of the champion on the same rows; nil when there is none.
    package let champion: Double?

    package init(column: String, value: String, rows: Int, candidate: Double, champion: Double?) {
        self.column = column
        self.value = value
        self.rows = rows
        self.candidate = candidate
        self.champion = champion
    }

    /// Such as `origin=JFK`.
    package var title: String { "\(column)=\(value)" }

    /// Candidate minus champion, as is.
    package var difference: Double? { champion.map { candidate - $0 } }
}

/// What the gate saw and decided, enough to decide again.
package struct ValidationReport: Codable, Sendable, Equatable {
    package let verdict: Verdict
    /// Sentences, the deciding one first.
    package let reasons: [String]
    package let primary: MetricName
    /// The champion's version number; nil for a first model.
    package let championVersion: Int?
    package let comparisons: [MetricComparison]
    /// Training value minus holdout value of the primary metric, signed so that positive is over-fitting.
    package let overfitGap: Double?
    package let trainingValue: Double?
    package let holdoutRows: Int
    package let holdoutStart: Timestamp?
    package let holdoutEnd: Timestamp?
    package let bootstrapReplicates: Int
    package let seed: Int
    /// Groups of rows, the one that got worst first; nil in reports made before there were any.
    package var slices: [SliceComparison]?

    package init(
        verdict: Verdict,
        reasons: [String],
        primary: MetricName,
        championVersion: Int?,
        comparisons: [MetricComparison],
        overfitGap: Double?,
        trainingValue: Double?,
        holdoutRows: Int,
        holdoutStart: Timestamp?,
        holdoutEnd: Timestamp?,
        bootstrapReplicates: Int,
        seed: Int,
        slices: [SliceComparison]? = nil
    ) {
        self.verdict = verdict
        self.reasons = reasons
        self.primary = primary
        self.championVersion = championVersion
        self.comparisons = comparisons
        self.overfitGap = overfitGap
        self.trainingValue = trainingValue
        self.holdoutRows = holdoutRows
        self.holdoutStart = holdoutStart
        self.holdoutEnd = holdoutEnd
        self.bootstrapReplicates = bootstrapReplicates
        self.seed = seed
        self.slices = slices
    }

    package func comparison(_ metric: MetricName) -> MetricComparison? {
        comparisons.first { $0.metric == metric }
    }
}
