package import Domain
import Statistics

/// Scores of two models and the labels of the same rows, and what the candidate did in training.
package struct Holdout: Sendable {
    package struct Champion: Sendable {
        package let version: Int
        package let scores: [Double]

        package init(version: Int, scores: [Double]) {
            self.version = version
            self.scores = scores
        }
    }

    package struct Training: Sendable {
        package let labels: [Double]
        package let scores: [Double]

        package init(labels: [Double], scores: [Double]) {
            self.labels = labels
            self.scores = scores
        }
    }

    /// Rows that have one value in one column.
    package struct Slice: Sendable {
        package let column: String
        package let value: String
        package let rows: [Int]

        package init(column: String, value: String, rows: [Int]) {
            self.column = column
            self.value = value
            self.rows = rows
        }
    }

    package let labels: [Double]
    package let candidate: [Double]
    /// nil for a first model.
    package let champion: Champion?
    /// Rows the candidate was trained on; nil when its trainer gave no scores for them.
    package let training: Training?
    package let start: Timestamp?
    package let end: Timestamp?
    package let slices: [Slice]

    package init(
        labels: [Double],
        candidate: [Double],
        champion: Champion?,
        training: Training?,
        start: Timestamp? = nil,
        end: Timestamp? = nil,
        slices: [Slice] = []
    ) {
        self.labels = labels
        self.candidate = candidate
        self.champion = champion
        self.training = training
        self.start = start
        self.end = end
        self.slices = slices
    }
}

extension ValidationReport {
    package static let defaultReplicates = 500

    /// Judges a candidate on rows that no training step saw, against the champion on the same rows.
    ///
    /// Better: the whole 95 % paired bootstrap interval of the primary metric's improvement lies
    /// above the least improvement asked for, and the over-fitting gap is within its limit. A first
    /// model has to beat the best constant prediction instead. Failed: the rows cannot be judged.
    package init(
        judging holdout: Holdout,
        policy: ValidationPolicy,
        replicates: Int = Self.defaultReplicates,
        seed: Int
    ) {
        let evaluation = Evaluation(
            holdout: holdout,
            policy: policy,
            bootstrap: PairedBootstrap(
                replicates: replicates,
                seed: UInt64(bitPattern: Int64(seed))
            )
        )
        let judgement = evaluation.judgement()
        self.init(
            verdict: judgement.verdict,
            reasons: judgement.reasons,
            primary: policy.primary,
            championVersion: holdout.champion?.version,
            comparisons: evaluation.comparisons,
            overfitGap: evaluation.gap,
            trainingValue: evaluation.trainingValue,
            holdoutRows: holdout.labels.count,
            holdoutStart: holdout.start,
            holdoutEnd: holdout.end,
            bootstrapReplicates: replicates,
            seed: seed,
            slices: evaluation.slices()
        )
    }
}

extension MetricName {
    /// The same figure as `Statistics` names it.
    var statistic: Metric {
        switch self {
        case .accuracy: .accuracy
        case .auc: .auc
        case .logLoss: .logLoss
        case .f1: .f1
        case .precision: .precision
        case .recall: .recall
        case .brier: .brier
        case .rootMeanSquaredError: .rootMeanSquaredError
        case .meanAbsoluteError: .meanAbsoluteError
        case .r2: .r2
        }
    }
}

/// The figures of one validation and the rule that decides by them.
private struct Evaluation {
    let holdout: Holdout
    let policy: ValidationPolicy
    let comparisons: [MetricComparison]
    let trainingValue: Double?
    let gap: Double?
    /// Why nothing could be computed; nil when it could.
    private let fault: String?
    /// Of the primary metric, positive is better; nil without a champion.
    private let improvement: Estimate?

    init(holdout: Holdout, policy: ValidationPolicy, bootstrap: PairedBootstrap) {
        self.holdout = holdout
        self.policy = policy
        fault = Self.fault(of: holdout)
        guard fault == nil else {
            comparisons = []
            trainingValue = nil
            gap = nil
            improvement = nil
            return
        }
        var names = policy.metrics
        if !names.contains(policy.primary) { names.insert(policy.primary, at: 0) }
        let estimates = bootstrap.estimates(
            of: names.map(\.statistic),
            labels: holdout.labels,
            candidate: holdout.candidate,
            champion: holdout.champion?.scores
        )
        comparisons = names.compactMap { name in
            estimates.first { $0.metric == name.statistic }
                .map { MetricComparison(metric: name, estimate: $0) }
        }
        let primary = estimates.first { $0.metric == policy.primary.statistic }
        improvement = primary?.improvement
        trainingValue = holdout.training.flatMap {
            policy.primary.statistic.value(scores: $0.scores, labels: $0.labels)
        }
        if let trainingValue, let value = primary?.candidate.value {
            let sign = policy.primary.isHigherBetter ? 1.0 : -1.0
            gap = sign * (trainingValue - value)
        } else {
            gap = nil
        }
    }

    /// The primary metric in every slice where it is defined, the one that got worst first; without
    /// a champion the one with the worst value. Nil where nothing can be judged.
    func slices() -> [SliceComparison]? {
        guard fault == nil else { return nil }
        let statistic = policy.primary.statistic
        func value(_ scores: [Double], _ rows: [Int]) -> Double? {
            statistic.value(
                scores: rows.map { scores[$0] },
                labels: rows.map { holdout.labels[$0] }
            )
        }
        let found = holdout.slices.compactMap { slice -> SliceComparison? in
            let isInside = slice.rows.allSatisfy(holdout.labels.indices.contains)
            guard isInside, let candidate = value(holdout.candidate, slice.rows),
                candidate.isFinite
            else { return nil }
            let champion = holdout.champion.flatMap { value($0.scores, slice.rows) }
            return SliceComparison(
                column: slice.column,
                value: slice.value,
                rows: slice.rows.count,
                candidate: candidate,
                champion: champion.flatMap { $0.isFinite ? $0 : nil }
            )
        }
        let sign = policy.primary.isHigherBetter ? 1.0 : -1.0
        return found.sorted {
            sign * ($0.difference ?? $0.candidate) < sign * ($1.difference ?? $1.candidate)
        }
    }

    /// What makes the rows impossible to judge, as a sentence.
    private static func fault(of holdout: Holdout) -> String? {
        let rows = holdout.labels.count
        guard rows > 0 else { return "The holdout has no rows; train on more data." }
        if let bad = unusable(holdout.labels) {
            return "\(bad) of the holdout's labels are no numbers; clean the target column."
        }
        guard holdout.candidate.count == rows else {
            return """
                The candidate gave \(Wording.count(holdout.candidate.count)) scores for \
                \(Wording.rows(rows)); its trainer must score every row once.
                """
        }
        if let bad = unusable(holdout.candidate) {
            return "\(bad) of the candidate's scores are no numbers; look into its training."
        }
        guard let champion = holdout.champion else { return nil }
        guard champion.scores.count == rows else {
            return """
                The champion v\(champion.version) gave \
                \(Wording.count(champion.scores.count)) scores for \(Wording.rows(rows)); check \
                that it can be loaded.
                """
        }
        if let bad = unusable(champion.scores) {
            return """
                \(bad) of the scores of the champion v\(champion.version) are no numbers; check \
                its artifact, or roll back before comparing with it.
                """
        }
        return nil
    }

    private static func unusable(_ values: [Double]) -> String? {
        let bad = values.count { !$0.isFinite }
        return bad == 0 ? nil : "\(Wording.count(bad)) of \(Wording.count(values.count))"
    }

    func judgement() -> (verdict: Verdict, reasons: [String]) {
        if let fault { return (.failed, [fault]) }
        guard let primary = comparisons.first(where: { $0.metric == policy.primary }) else {
            return (
                .failed,
                [
                    """
                    The primary metric \(policy.primary.rawValue) is undefined on these \
                    \(Wording.rows(holdout.labels.count)), as with labels of one class only; \
                    take a larger holdout or another primary metric.
                    """
                ]
            )
        }
        let merit = comparison(primary)
        let fitting = overfitting()
        let isBetter = merit.passes && fitting.passes
        // The deciding sentence first: what was not passed, else the comparison.
        let findings = [merit, fitting]
        let ordered = findings.filter { !$0.passes } + findings.filter(\.passes)
        return (isBetter ? .better : .notBetter, ordered.compactMap(\.reason))
    }

    private func comparison(_ primary: MetricComparison) -> (passes: Bool, reason: String?) {
        guard let improvement, let champion = holdout.champion else {
            return firstModel(primary)
        }
        let metric = policy.primary.rawValue
        let passes = improvement.low > policy.mustImproveBy
        let values = """
            \(metric) \(Wording.decimal(primary.candidate, places: 4)) against \
            \(Wording.decimal(primary.champion ?? .nan, places: 4)) of v\(champion.version)
            """
        let interval = """
            \(Wording.decimal(improvement.value, places: 4)) \
            (\(Wording.decimal(improvement.low, places: 4)) to \
            \(Wording.decimal(improvement.high, places: 4)))
            """
        let asked = Wording.decimal(policy.mustImproveBy, places: 4)
        return (
            passes,
            passes
                ? "\(values): better by \(interval), all of it above \(asked)."
                : """
                \(values): an improvement of \(interval), of which the lower end must exceed \(asked).
                """
        )
    }

    /// A first model competes with always answering the mean label.
    private func firstModel(_ primary: MetricComparison) -> (passes: Bool, reason: String?) {
        let mean = holdout.labels.reduce(0, +) / Double(holdout.labels.count)
        let constant = policy.primary.statistic.value(
            scores: Array(repeating: mean, count: holdout.labels.count),
            labels: holdout.labels
        )
        let metric = policy.primary.rawValue
        let value = Wording.decimal(primary.candidate, places: 4)
        guard let constant else {
            return (true, "This is the first model, with \(metric) \(value).")
        }
        let passes =
            policy.primary.isHigherBetter
            ? primary.candidate > constant : primary.candidate < constant
        let other = Wording.decimal(constant, places: 4)
        return (
            passes,
            passes
                ? """
                This is the first model, and its \(metric) \(value) beats the \(other) of always \
                answering the mean label.
                """
                : """
                This is the first model, but its \(metric) \(value) is no better than the \
                \(other) of always answering the mean label.
                """
        )
    }

    private func overfitting() -> (passes: Bool, reason: String?) {
        guard let limit = policy.maximumOverfitGap else { return (true, nil) }
        guard let gap, let trainingValue else {
            return (true, "The over-fitting gap is unknown: no scores of the training rows came.")
        }
        let metric = policy.primary.rawValue
        let training = Wording.decimal(trainingValue, places: 4)
        let size = Wording.decimal(gap, places: 4)
        let most = Wording.decimal(limit, places: 4)
        return gap <= limit
            ? (
                true,
                "Training \(metric) is \(training): a gap of \(size), at most \(most) allowed."
            )
            : (
                false,
                """
                It over-fits: training \(metric) is \(training), a gap of \(size) to the holdout, \
                and at most \(most) is allowed.
                """
            )
    }
}

extension MetricComparison {
    fileprivate init(metric: MetricName, estimate: PairedEstimate) {
        self.init(
            metric: metric,
            candidate: estimate.candidate.value,
            candidateInterval: Interval(low: estimate.candidate.low, high: estimate.candidate.high),
            champion: estimate.champion?.value,
            difference: estimate.difference?.value,
            differenceInterval: estimate.difference.map { Interval(low: $0.low, high: $0.high) }
        )
    }
}
