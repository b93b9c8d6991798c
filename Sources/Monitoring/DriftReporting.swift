package import Domain
import Statistics

/// What a report is about.
package struct DriftSubject: Codable, Sendable, Equatable {
    package let model: String
    package let version: Int
    package let deployment: ID<Deployment>
    package let windowStart: Timestamp
    /// Exclusive.
    package let windowEnd: Timestamp
    package let rollingStart: Timestamp

    package init(
        model: String,
        version: Int,
        deployment: ID<Deployment>,
        windowStart: Timestamp,
        windowEnd: Timestamp,
        rollingStart: Timestamp
    ) {
        self.model = model
        self.version = version
        self.deployment = deployment
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.rollingStart = rollingStart
    }
}

/// The value of a metric at validation, against which production is held.
package struct ExpectedPerformance: Sendable, Equatable {
    package let metric: MetricName
    package let value: Double

    package init(metric: MetricName, value: Double) {
        self.metric = metric
        self.value = value
    }

    /// The candidate's value of the primary metric; nil when the report has none.
    package init?(_ report: ValidationReport) {
        guard let comparison = report.comparison(report.primary) else { return nil }
        self.init(metric: report.primary, value: comparison.candidate)
    }

    /// The worst value that is still no breach.
    package func limit(_ threshold: PerformanceThreshold) -> Double {
        metric.isHigherBetter ? value - threshold.drop : value + threshold.drop
    }
}

extension DriftReport {
    /// Compares the rows of a range with the baseline of the version that scored them.
    ///
    /// A feature drifts when its PSI exceeds the policy's threshold *and* what sampling alone makes
    /// at this number of rows, or when missing values, new categories or values out of range rise;
    /// the range drifts when at least the policy's share of the watched features does.
    ///
    /// What is usual for windows of the same hour, weekday or month is no drift either.
    ///
    /// - Parameter history: earlier windows that are known to be good; nil takes the baseline's.
    /// - Throws: `MonitoringError.otherBaseline` when the window was made with another baseline.
    package init(
        on subject: DriftSubject,
        baseline: Baseline,
        window: WindowSketch,
        policy: MonitorPolicy,
        expected: ExpectedPerformance?,
        history: SeasonHistory? = nil
    ) throws {
        let watched = baseline.columns.filter { policy.features?.contains($0.name) ?? true }
        let judgements = try watched.map { column in
            try FeatureJudgement(
                column,
                window.columns[column.name],
                runs: window.runs,
                policy: policy.drift
            )
        }
        let rates = FalseDiscovery.adjusted(judgements.map(\.probability))
        let season = history ?? baseline.history
        let start = Int(subject.rollingStart.seconds.rounded(.down))
        let seconds = subject.windowEnd.seconds(since: subject.rollingStart)
        let features = watched.indices.map { index in
            let (name, judgement) = (watched[index].name, judgements[index])
            let usual = window.sums?[name].flatMap { sums in
                season?.usual(
                    name,
                    sums,
                    start: start,
                    seconds: seconds,
                    scale: judgement.scale
                )
            }
            return judgement.drift(
                falseDiscoveryRate: rates[index],
                usual: usual,
                usualMissing: season?.usualMissingShare(name, start: start, seconds: seconds)
            )
        }
        let scores = try FeatureJudgement(
            baseline.scores,
            .numeric(sketch: window.scores),
            runs: window.runs,
            policy: policy.drift
        )
        let prediction = scores.drift(falseDiscoveryRate: scores.probability, usual: nil)
        let drifted = features.count { $0.verdict == .drift }
        let share = features.isEmpty ? 0 : Double(drifted) / Double(features.count)
        self.init(
            model: subject.model,
            version: subject.version,
            deployment: subject.deployment,
            windowStart: subject.windowStart,
            windowEnd: subject.windowEnd,
            rollingStart: subject.rollingStart,
            rows: window.rows,
            features: features.sorted { ($1.psi, $0.feature) < ($0.psi, $1.feature) },
            prediction: prediction,
            driftedShare: share,
            verdict: Self.verdict(features, prediction, share: share, policy: policy.drift),
            performance: Self.performance(window, expected, policy.performance)
        )
        scoreShift = ScoreShift(baseline: baseline, window: window)
        estimate = expected.flatMap { expected in
            baseline.calibration?.estimate(of: expected.metric, scores: window.scores)
        }
    }

    private static func verdict(
        _ features: [FeatureDrift],
        _ prediction: FeatureDrift,
        share: Double,
        policy: DriftThreshold
    ) -> DriftVerdict {
        if share > 0 && share >= policy.share { return .drift }
        let all = features + [prediction]
        if all.contains(where: { $0.verdict >= .warning }) { return .warning }
        return all.contains { $0.verdict == .stable } ? .stable : .tooFewRows
    }

    private static func performance(
        _ window: WindowSketch,
        _ expected: ExpectedPerformance?,
        _ threshold: PerformanceThreshold
    ) -> WindowPerformance? {
        guard let expected, let value = window.performance.value(of: expected.metric) else {
            return nil
        }
        return WindowPerformance(
            metric: expected.metric,
            value: value,
            labelledRows: window.performance.rows,
            coverage: window.labelCoverage,
            expected: expected.value,
            limit: expected.limit(threshold),
            interval: window.performance.interval(of: expected.metric)
        )
    }
}
