package import Domain
import Statistics

/// The newest rows of a range as they were scored, in the order of time.
package struct RecentRows: Sendable {
    package let columns: [NamedColumn]
    /// What names each row of its own; nil where nothing does.
    package let ids: [String?]
    /// Cells of numeric columns that are no numbers.
    private let unreadable: [String: CauseQuestion.Unreadable]

    package init(columns: [NamedColumn], ids: [String?]) {
        self.columns = columns
        self.ids = ids
        unreadable = [:]
    }

    package init(predictions: [Prediction], signature: Signature) {
        var unreadable: [String: CauseQuestion.Unreadable] = [:]
        columns = signature.features.enumerated().map { position, feature in
            let cells = predictions.map { prediction in
                position < prediction.cells.count ? prediction.cells[position] : nil
            }
            let values = ColumnValues(cells: cells, encoding: feature.encoding)
            unreadable[feature.name] = values.unreadable(cells)
            return NamedColumn(name: feature.name, values: values)
        }
        self.unreadable = unreadable
        ids = predictions.map(\.row)
    }

    func unreadable(of feature: String) -> CauseQuestion.Unreadable? { unreadable[feature] }

    func values(of feature: String) -> ColumnValues? {
        columns.first { $0.name == feature }?.values
    }
}

/// What is known of the service itself.
package struct ServiceFacts: Codable, Sendable, Equatable {
    package let isAnswering: Bool
    /// Requests that failed as a share of all; 0...1.
    package let errorShare: Double
    package let problem: String?

    package init(isAnswering: Bool, errorShare: Double, problem: String?) {
        self.isAnswering = isAnswering
        self.errorShare = errorShare
        self.problem = problem
    }
}

/// Everything the search for the causes of a report looks at; evidence in, causes out.
///
/// The order of trial is that of `DriftCause.Kind`: first the service, then faults of the rows,
/// then what changes in the world, and last what cannot be told yet.
package struct CauseSearch: Sendable {
    let report: DriftReport
    let baseline: Baseline
    let policy: MonitorPolicy
    /// nil where rows were not kept.
    let rows: RecentRows?
    /// Earlier reports of the same version, oldest first.
    let earlier: [DriftReport]
    let service: ServiceFacts?
    let history: SeasonHistory?

    /// Failed requests above this share are a failure of the service.
    static let errorShare = 0.05
    /// Fewer rows than this share of the usual are one as well.
    static let trafficShare = 0.3

    package init(
        report: DriftReport,
        baseline: Baseline,
        policy: MonitorPolicy,
        rows: RecentRows? = nil,
        earlier: [DriftReport] = [],
        service: ServiceFacts? = nil,
        history: SeasonHistory? = nil
    ) {
        self.report = report
        self.baseline = baseline
        self.policy = policy
        self.rows = rows
        self.earlier = earlier
        self.service = service
        self.history = history ?? baseline.history
    }

    /// The model's cause first, then each feature's; empty where nothing asks for one.
    package func causes() -> [DriftCause] {
        let features = featureCauses()
        guard let whole = modelCause(features) else { return features }
        return [whole] + features.filter { $0 != whole }
    }

    // MARK: - Features

    /// What each feature's own rows show.
    private func featureCauses() -> [DriftCause] {
        guard let rows, let sample = baseline.sample else { return [] }
        let reference = sample.columns
        let watched = Set(report.features.map(\.feature))
        let moved = Set(movedFeatures.map(\.feature))
        return baseline.columns.filter { watched.contains($0.name) }.compactMap { column in
            guard let old = sample.values(of: column.name),
                let found = report.features.first(where: { $0.feature == column.name })
            else { return nil }
            let isMoved = moved.contains(column.name)
            let companions =
                isMoved
                ? CauseQuestion.companions(of: column.name, in: reference, moved: moved) : []
            let cause = CauseQuestion(
                feature: column.name,
                reference: old,
                current: rows.values(of: column.name),
                unreadable: rows.unreadable(of: column.name),
                verdict: isMoved ? found.verdict : .stable,
                companions: companions,
                serial: CauseQuestion.Serial(
                    longestRun: baseline.longestRuns?[column.name],
                    missingLimit: missingLimit(of: column.name)
                )
            ).cause()
            if isMoved, ageing()?.feature != column.name, cause?.likely.kind.isFault != true,
                let unit = unitChange(found, column, rows.values(of: column.name))
            {
                return DriftCause(feature: column.name, likely: unit, runnerUp: cause?.likely)
            }
            if isMoved, moved.count == 1, cause?.likely.kind.isFault != true,
                !companions.contains(where: \.hasMoved), beganSuddenly(found, companions),
                let offset = offset(found, column, rows.values(of: column.name))
            {
                return DriftCause(feature: column.name, likely: offset, runnerUp: cause?.likely)
            }
            guard let cause else { return nil }
            let isCreeping =
                !beganSuddenly(found, companions) || ageing()?.feature == column.name
            return cause.likely.kind == .offset && isCreeping ? cause.demoted : cause
        }
    }

    private func missingLimit(of feature: String) -> Double? {
        history?.usualMissingShare(
            feature,
            start: Int(report.rollingStart.seconds.rounded(.down)),
            seconds: report.windowEnd.seconds(since: report.rollingStart)
        )
    }

    /// A bias of the source begins at one instant; without a past a companion must speak for it.
    private func beganSuddenly(
        _ drift: FeatureDrift,
        _ companions: [CauseQuestion.Companion]
    ) -> Bool {
        let past = shifts(of: drift.feature)
        guard let now = drift.meanShift, let start = past.first, earlier.count >= 3 else {
            return !companions.isEmpty
        }
        let step = zip(past, past.dropFirst() + [now]).map { abs($1 - $0) }.max() ?? 0
        return abs(start) < abs(now) / 3 && step > abs(now - start) / 2
    }

    // MARK: - The model

    var movedFeatures: [FeatureDrift] {
        report.verdict == .tooFewRows ? [] : report.features.filter { $0.verdict == .drift }
    }

    /// Features that moved against all training rows, as is usual for their season.
    var usualFeatures: [FeatureDrift] {
        report.features.filter { feature in
            guard let limits = feature.limits, let usual = limits.usual else { return false }
            return usual.isSeason && usual.isWithin && feature.psi > limits.practical
                && feature.psi > feature.psiFloor && feature.verdict <= .stable
        }
    }

    /// True performance is worse than the limit, on enough labelled rows to tell.
    var loss: WindowPerformance? {
        guard let performance = report.performance, performance.isBreached,
            performance.labelledRows >= policy.performance.minimumRows
        else { return nil }
        return performance
    }

    private func modelCause(_ features: [DriftCause]) -> DriftCause? {
        var candidates: [(feature: String, candidate: DriftCause.Candidate)] = []
        func add(_ candidate: DriftCause.Candidate?, _ feature: String = DriftCause.wholeModel) {
            if let candidate { candidates.append((feature, candidate)) }
        }
        add(technical())
        add(duplicateFeed())
        for cause in features.sorted(by: { $0.likely.kind.rank < $1.likely.kind.rank })
        where isMaterial(cause) { add(cause.likely, cause.feature) }
        if let ageing = ageing() { add(ageing.candidate, ageing.feature) }
        candidates.sort { $0.candidate.kind.rank < $1.candidate.kind.rank }
        for candidate in worldly() { add(candidate) }
        guard let first = candidates.first else { return nil }
        return DriftCause(
            feature: first.feature,
            likely: first.candidate,
            runnerUp: candidates.dropFirst().first { $0.candidate.kind != first.candidate.kind }?
                .candidate,
            advised: advice(for: first.candidate.kind)
        )
    }

    /// Whether a feature's cause is one of the whole model: a few missing values more are not.
    private func isMaterial(_ cause: DriftCause) -> Bool {
        switch cause.likely.kind {
        case .dataLoss, .newCategory:
            report.features.contains { $0.feature == cause.feature && $0.verdict == .drift }
        default: cause.likely.kind.isFault
        }
    }

    /// Why a retrain is right; nil where it is not.
    ///
    /// Needed are sound rows, a measured loss and enough labelled rows; a lasting new category
    /// needs the labels alone. That it lasts is the alert's patience.
    private func advice(for kind: DriftCause.Kind) -> String? {
        switch kind {
        case .newCategory:
            guard let performance = report.performance,
                performance.labelledRows >= policy.performance.minimumRows,
                report.features.contains(where: { $0.isCategorical && $0.unseenShare > 0.05 })
            else { return nil }
            return """
                The new category has come to stay, and \
                \(Wording.rows(performance.labelledRows)) with labels can teach it.
                """
        case .behaviour, .concept:
            guard let loss else { return nil }
            return """
                The rows are sound, and \(lossWords(loss)) is a loss that was measured. \(seasonCheck)
                """
        default: return nil
        }
    }

    private var seasonCheck: String {
        if let missing = missingSeason { return "Season check: \(missing)" }
        return "Season check: the training rows hold this season, or nothing has moved with it."
    }

    func lossWords(_ loss: WindowPerformance) -> String {
        """
        \(loss.metric.rawValue) \(Wording.decimal(loss.value)) over \
        \(Wording.count(loss.labelledRows)) labelled rows, \
        \(loss.metric.isHigherBetter ? "below" : "above") \(Wording.decimal(loss.limit)),
        """
    }

    private func technical() -> DriftCause.Candidate? {
        var evidence: [String] = []
        if let service, !service.isAnswering {
            evidence.append("The deployment does not answer. \(service.problem ?? "")")
        }
        if let service, service.errorShare > Self.errorShare {
            evidence.append("\(Wording.percent(service.errorShare)) of the requests failed.")
        }
        let usual = earlier.suffix(30).map(\.rows).sorted()
        if usual.count >= 5 {
            let median = usual[usual.count / 2]
            if Double(report.rows) < Self.trafficShare * Double(median) {
                evidence.append(
                    "Only \(Wording.rows(report.rows)) came; \(Wording.count(median)) are usual."
                )
            }
        }
        return evidence.isEmpty ? nil : DriftCause.Candidate(.technical, evidence: evidence)
    }

    private func duplicateFeed() -> DriftCause.Candidate? {
        guard let ids = rows?.ids.compactMap({ $0 }), ids.count >= CauseLevel.leastValues else {
            return nil
        }
        let again = ids.count - Set(ids).count
        guard Double(again) > 0.02 * Double(ids.count) else { return nil }
        return DriftCause.Candidate(
            .duplicateFeed,
            evidence: [
                """
                \(Wording.count(again)) of \(Wording.rows(ids.count)) have the id of a row that was \
                scored before in the same range.
                """
            ]
        )
    }
}

extension DriftCause {
    /// With the runner-up in its place: the evidence of the first was not enough.
    fileprivate var demoted: DriftCause? {
        runnerUp.map { DriftCause(feature: feature, likely: $0, runnerUp: likely) }
    }
}
