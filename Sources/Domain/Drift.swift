package enum DriftMetric: String, Codable, Sendable, CaseIterable {
    case psi
    case jensenShannon = "js"
    case wasserstein
    case kolmogorovSmirnov = "ks"
    case missing
    case unseen

    package var title: String {
        switch self {
        case .psi: "PSI"
        case .jensenShannon: "JS distance"
        case .wasserstein: "Wasserstein"
        case .kolmogorovSmirnov: "KS"
        case .missing: "missing"
        case .unseen: "unseen"
        }
    }
}

package enum DriftVerdict: String, Codable, Sendable, Comparable {
    case tooFewRows, stable, warning, drift

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    /// As it stands in a sentence.
    package var title: String { self == .tooFewRows ? "too few rows" : rawValue }

    private var rank: Int {
        switch self {
        case .tooFewRows: 0
        case .stable: 1
        case .warning: 2
        case .drift: 3
        }
    }
}

/// What is usual for windows of one kind, such as June, when nothing drifts.
package struct UsualDistance: Codable, Sendable, Equatable {
    /// Such as `a June`, `14:00 to 15:00` or `7 days of the training rows`.
    package let kind: String
    /// How far the window is from the others of its kind, in standard deviations for numbers and as
    /// PSI for categories.
    package let distance: Double
    /// Mean and three standard deviations of the same distance, each window of the kind held
    /// against the others.
    package let limit: Double
    /// The windows of the kind that had a distance.
    package let windows: Int
    /// Whether the kind is a season: an hour, a weekday or a month.
    package let isSeason: Bool

    package init(kind: String, distance: Double, limit: Double, windows: Int, isSeason: Bool) {
        self.isSeason = isSeason
        self.kind = kind
        self.distance = distance
        self.limit = limit
        self.windows = windows
    }

    package var isWithin: Bool { distance <= limit }
}

/// What a feature's distance had to exceed to count as drift.
package struct FeatureLimits: Codable, Sendable, Equatable {
    /// The least PSI that matters in practice.
    package let practical: Double
    /// nil where the rows have no time or too few windows came before.
    package let usual: UsualDistance?
    /// That chance alone makes such a PSI, and the same as a false discovery rate over all
    /// features (Benjamini and Hochberg); 0...1.
    package let probability: Double
    package let falseDiscoveryRate: Double
    /// The smallest true PSI that this many rows show in four windows of five; nil where unknown.
    package let detectable: Double?

    package init(
        practical: Double,
        usual: UsualDistance?,
        probability: Double,
        falseDiscoveryRate: Double,
        detectable: Double?
    ) {
        self.practical = practical
        self.usual = usual
        self.probability = probability
        self.falseDiscoveryRate = falseDiscoveryRate
        self.detectable = detectable
    }
}

/// How one feature (or the scores) of a window differs from the baseline.
package struct FeatureDrift: Codable, Sendable, Equatable {
    package let feature: String
    package let isCategorical: Bool
    package let rows: Int
    /// Population stability index over baseline deciles or categories; 0 is equal.
    package let psi: Double
    /// Jensen–Shannon distance, base 2; 0...1.
    package let jensenShannon: Double
    /// Wasserstein-1 divided by the baseline's standard deviation; nil for categories.
    package let wasserstein: Double?
    /// The largest distance of the cumulative shares; nil for categories.
    package let kolmogorovSmirnov: Double?
    /// 0...1
    package let missingShare: Double
    package let baselineMissingShare: Double
    /// Share of rows whose category, or range for numbers, the baseline never had; 0...1.
    package let unseenShare: Double
    /// The 99 % quantile of PSI without drift at this number of rows.
    package let psiFloor: Double
    package let verdict: DriftVerdict
    /// Why the verdict, as a sentence.
    package let reason: String
    /// nil in reports of earlier versions, and where too few values were there to judge.
    package let limits: FeatureLimits?
    /// By how many standard deviations of the baseline the mean has moved; nil for categories.
    package let meanShift: Double?
    /// nil of files, in reports of earlier versions, and where windows of those are among the rows.
    package let quality: ColumnQuality?

    package init(
        feature: String,
        isCategorical: Bool,
        rows: Int,
        psi: Double,
        jensenShannon: Double,
        wasserstein: Double?,
        kolmogorovSmirnov: Double?,
        missingShare: Double,
        baselineMissingShare: Double,
        unseenShare: Double,
        psiFloor: Double,
        verdict: DriftVerdict,
        reason: String,
        limits: FeatureLimits? = nil,
        meanShift: Double? = nil,
        quality: ColumnQuality? = nil
    ) {
        self.feature = feature
        self.isCategorical = isCategorical
        self.rows = rows
        self.psi = psi
        self.jensenShannon = jensenShannon
        self.wasserstein = wasserstein
        self.kolmogorovSmirnov = kolmogorovSmirnov
        self.missingShare = missingShare
        self.baselineMissingShare = baselineMissingShare
        self.unseenShare = unseenShare
        self.psiFloor = psiFloor
        self.verdict = verdict
        self.reason = reason
        self.limits = limits
        self.meanShift = meanShift
        self.quality = quality
    }

    package func value(of metric: DriftMetric) -> Double? {
        switch metric {
        case .psi: psi
        case .jensenShannon: jensenShannon
        case .wasserstein: wasserstein
        case .kolmogorovSmirnov: kolmogorovSmirnov
        case .missing: missingShare
        case .unseen: unseenShare
        }
    }
}

/// True performance of a window, from the rows whose labels have come.
package struct WindowPerformance: Codable, Sendable, Equatable {
    package let metric: MetricName
    package let value: Double
    package let labelledRows: Int
    /// Labelled rows as a share of all rows of the window; 0...1.
    package let coverage: Double
    /// The value at validation, and the value below which the rule is breached.
    package let expected: Double
    package let limit: Double
    /// Where the true value lies in 95 of 100 such windows; nil where no formula is known.
    package let interval: Interval?

    package init(
        metric: MetricName,
        value: Double,
        labelledRows: Int,
        coverage: Double,
        expected: Double,
        limit: Double,
        interval: Interval? = nil
    ) {
        self.metric = metric
        self.value = value
        self.labelledRows = labelledRows
        self.coverage = coverage
        self.expected = expected
        self.limit = limit
        self.interval = interval
    }

    package var isBreached: Bool {
        metric.isHigherBetter ? value < limit : value > limit
    }
}

/// What the primary metric probably is before the labels come: an estimate, not a measurement.
package struct EstimatedPerformance: Codable, Sendable, Equatable {
    package enum Method: String, Codable, Sendable {
        /// Confidence-based: the calibrated scores say how often they are right.
        case confidence = "cbpe"
        /// Direct loss: the errors of labelled rows with like scores.
        case directLoss = "dle"
    }

    package let method: Method
    package let metric: MetricName
    package let value: Double
    /// Three standard errors to each side: what sampling alone makes.
    package let interval: Interval
    /// The rows it is made of.
    package let rows: Int
    /// The labelled rows the scores were calibrated with.
    package let calibrationRows: Int

    package init(
        method: Method,
        metric: MetricName,
        value: Double,
        interval: Interval,
        rows: Int,
        calibrationRows: Int
    ) {
        self.method = method
        self.metric = metric
        self.value = value
        self.interval = interval
        self.rows = rows
        self.calibrationRows = calibrationRows
    }
}

/// One feature's part of the change of the mean score.
package struct ScoreContribution: Codable, Sendable, Equatable {
    package struct Bin: Codable, Sendable, Equatable {
        package let label: String
        /// (q - p) times the bin's mean score, less the baseline's mean score.
        package let inputs: Double
        /// q times the change of the bin's mean score.
        package let response: Double

        package init(label: String, inputs: Double, response: Double) {
            self.label = label
            self.inputs = inputs
            self.response = response
        }
    }

    package let feature: String
    /// What the moved shares alone make of the mean score, by this feature's bins.
    package let inputs: Double
    /// What the changed scores of equal inputs make of it.
    package let response: Double
    /// The bins that count most, at most three.
    package let bins: [Bin]

    package init(feature: String, inputs: Double, response: Double, bins: [Bin]) {
        self.feature = feature
        self.inputs = inputs
        self.response = response
        self.bins = bins
    }
}

/// How the mean score has changed, and which inputs account for it.
package struct ScoreShift: Codable, Sendable, Equatable {
    package let baselineMean: Double
    package let windowMean: Double
    /// The largest part of moved inputs first; the two parts of each sum to the whole change.
    package let contributions: [ScoreContribution]

    package init(
        baselineMean: Double,
        windowMean: Double,
        contributions: [ScoreContribution]
    ) {
        self.baselineMean = baselineMean
        self.windowMean = windowMean
        self.contributions = contributions
    }
}

/// What monitoring says of one window of production rows of one model version.
package struct DriftReport: Codable, Sendable, Equatable {
    package let model: String
    package let version: Int
    package let deployment: ID<Deployment>
    /// The window the report is filed under: its end is exclusive.
    package let windowStart: Timestamp
    package let windowEnd: Timestamp
    /// Where the rolling range that the verdicts use begins.
    package let rollingStart: Timestamp
    /// Rows in the rolling range.
    package let rows: Int
    /// Ordered by PSI, largest first.
    package let features: [FeatureDrift]
    package let prediction: FeatureDrift?
    /// The share of watched features whose verdict is drift; 0...1.
    package let driftedShare: Double
    package let verdict: DriftVerdict
    package let performance: WindowPerformance?
    /// The model's cause first, then each feature's; empty where nothing needs one.
    package var causes: [DriftCause]?
    package var scoreShift: ScoreShift?
    /// nil where there is nothing to calibrate with.
    package var estimate: EstimatedPerformance?
    /// What the report was computed from, so that it can be computed again.
    package var inputs: ReportInputs?

    package init(
        model: String,
        version: Int,
        deployment: ID<Deployment>,
        windowStart: Timestamp,
        windowEnd: Timestamp,
        rollingStart: Timestamp,
        rows: Int,
        features: [FeatureDrift],
        prediction: FeatureDrift?,
        driftedShare: Double,
        verdict: DriftVerdict,
        performance: WindowPerformance?
    ) {
        self.model = model
        self.version = version
        self.deployment = deployment
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.rollingStart = rollingStart
        self.rows = rows
        self.features = features
        self.prediction = prediction
        self.driftedShare = driftedShare
        self.verdict = verdict
        self.performance = performance
    }
}

/// Names everything a report was computed from.
package struct ReportInputs: Codable, Sendable, Equatable {
    /// Of the baseline's file.
    package let baseline: Digest
    /// Of the canonical text of the monitoring policy.
    package let policy: Digest
    /// Of the summed window and of all else the judgement took, kept as one file.
    package let evidence: Digest

    package init(baseline: Digest, policy: Digest, evidence: Digest) {
        self.baseline = baseline
        self.policy = policy
        self.evidence = evidence
    }
}

/// One window of a course of drift: what a chart shows of it.
package struct DriftPoint: Codable, Sendable, Equatable {
    /// The window's start.
    package var time: Timestamp
    package var version: Int
    /// The measure that was asked for; nil where the window has none.
    package var value: Double?
    package var verdict: DriftVerdict
    package var rows: Int
    package var driftedShare: Double
    package var performance: WindowPerformance?
    /// The same metric estimated without labels; nil where it cannot be.
    package var estimate: EstimatedPerformance?

    package init(
        time: Timestamp,
        version: Int,
        value: Double?,
        verdict: DriftVerdict,
        rows: Int,
        driftedShare: Double,
        performance: WindowPerformance?,
        estimate: EstimatedPerformance? = nil
    ) {
        self.estimate = estimate
        self.time = time
        self.version = version
        self.value = value
        self.verdict = verdict
        self.rows = rows
        self.driftedShare = driftedShare
        self.performance = performance
    }
}
