import Domain
import Statistics

/// Causes in the world rather than in the rows, in the order of trial.
extension CauseSearch {
    func worldly() -> [DriftCause.Candidate] {
        let moved = movedFeatures
        let isShifted = report.verdict != .tooFewRows && report.prediction?.verdict == .drift
        guard !moved.isEmpty || !usualFeatures.isEmpty || loss != nil || isShifted else {
            return []
        }
        guard moved.isEmpty else { return inputsMoved(moved) }
        let season = usualFeatures.isEmpty ? nil : usualSeason()
        if let loss {
            let concept = DriftCause.Candidate(
                .concept,
                evidence: [
                    "The inputs are as in training, but \(lossWords(loss)) says the model fails."
                ] + estimateWords(agrees: false)
            )
            return [concept] + (season.map { [$0] } ?? [])
        }
        let version = isShifted ? [versionChange()] : []
        let seasons = season.map { [$0] } ?? []
        return isShiftOfSeason ? seasons + version : version + seasons
    }

    /// Whether one of the features that moved with the season accounts for half of the scores' move.
    private var isShiftOfSeason: Bool {
        guard let shift = report.scoreShift else { return true }
        let names = Set(usualFeatures.map(\.feature))
        let change = shift.windowMean - shift.baselineMean
        return shift.contributions.contains {
            names.contains($0.feature) && $0.inputs * change >= 0.5 * change * change
        }
    }

    private func inputsMoved(_ moved: [FeatureDrift]) -> [DriftCause.Candidate] {
        let season = untrainedSeason(moved)
        let mix = populationMix(moved)
        if let loss {
            let behaviour = DriftCause.Candidate(
                .behaviour,
                evidence: behaviourWords(moved) + [
                    "The model does worse: \(lossWords(loss)) measured."
                ]
            )
            return [behaviour] + [season, mix].compactMap { $0 }
        }
        var found = [season, mix].compactMap { $0 }
        if let estimate = report.estimate, isLoss(estimate) {
            found.append(
                DriftCause.Candidate(
                    .behaviour,
                    evidence: behaviourWords(moved) + estimateWords(agrees: true)
                )
            )
        }
        guard let performance = report.performance, performance.coverage >= 0.2 else {
            let labelled = report.performance?.labelledRows ?? 0
            let pending = DriftCause.Candidate(
                .labelsPending,
                evidence: [
                    movedWords(moved),
                    """
                    \(Wording.count(labelled)) of \(Wording.rows(report.rows)) have labels; a fifth \
                    of them is needed.
                    """,
                ] + estimateWords(agrees: true)
            )
            return found + [pending]
        }
        let benign = DriftCause.Candidate(
            .benign,
            evidence: [movedWords(moved), scoreWords(moved), performanceWords(performance)]
                .compactMap { $0 }
        )
        return found + [benign]
    }

    // MARK: - Season

    private func usualSeason() -> DriftCause.Candidate {
        DriftCause.Candidate(
            .season,
            evidence: usualFeatures.prefix(3).compactMap { feature in
                feature.limits?.usual.map { usual in
                    """
                    "\(feature.feature)" differs from all training rows (PSI \
                    \(Wording.decimal(feature.psi, places: 2))), but for \(usual.kind) that is \
                    usual: \(Wording.decimal(usual.distance, places: 2)) of at most \
                    \(Wording.decimal(usual.limit, places: 2)).
                    """
                }
            }
        )
    }

    /// Why the training rows cannot know this season; nil where they have it.
    var missingSeason: String? {
        guard let span = baseline.span else { return nil }
        let year = 365 * 86_400
        guard span.upperBound - span.lowerBound < year - 30 * 86_400 else { return nil }
        // The middle of the range, moved by whole years to the nearest day of the training rows.
        let middle = Int((report.rollingStart.seconds + report.windowEnd.seconds) / 2)
        let years = [-3, -2, -1, 0, 1, 2, 3].map { middle + $0 * year }
        let distance =
            years.map { time in
                max(0, span.lowerBound - time, time - span.upperBound)
            }.min() ?? 0
        guard distance > 15 * 86_400 else { return nil }
        let first = Timestamp(seconds: Double(span.lowerBound)).dateText
        let last = Timestamp(seconds: Double(span.upperBound)).dateText
        return """
            the training rows are of \(first) to \(last), \
            \(Wording.duration(Double(distance).rounded())) of the year away from these.
            """
    }

    /// Rows of a season that training never saw, reached step by step and without a loss.
    private func untrainedSeason(_ moved: [FeatureDrift]) -> DriftCause.Candidate? {
        guard let missing = missingSeason else { return nil }
        var gradual: [String] = []
        for feature in moved {
            guard let now = feature.meanShift else { continue }
            let past = shifts(of: feature.feature)
            guard past.count >= 3 else { continue }
            let steps = zip(past + [now], past.dropFirst() + [now]).map { abs($1 - $0) }
            // One step that makes most of the way is no season.
            let largest = steps.max() ?? 0
            guard largest <= max(0.6, 0.5 * abs(now)) else { return nil }
            gradual.append(
                """
                "\(feature.feature)" has moved by \(Wording.decimal(now, places: 2)) standard \
                deviations, at most \(Wording.decimal(largest, places: 2)) of them in one window.
                """
            )
        }
        let head = missing.prefix(1).uppercased() + missing.dropFirst()
        let performance = report.performance.map { [performanceWords($0)] } ?? []
        return DriftCause.Candidate(
            .season,
            evidence: [head] + gradual.prefix(3) + performance
        )
    }

    /// The mean shifts of a feature in the earlier reports, oldest first.
    func shifts(of feature: String) -> [Double] {
        earlier.suffix(60).compactMap { report in
            report.features.first { $0.feature == feature }?.meanShift
        }
    }

    // MARK: - Mix

    /// Numbers that stay as they were inside each segment: the segments' shares have moved.
    ///
    /// Where no number moved far enough to be called drift, those that moved a little count.
    private func populationMix(_ moved: [FeatureDrift]) -> DriftCause.Candidate? {
        guard let rows, let sample = baseline.sample else { return nil }
        var numeric = moved.filter { !$0.isCategorical }.map(\.feature)
        if numeric.isEmpty {
            numeric = report.features.filter { !$0.isCategorical && $0.verdict == .warning }
                .map(\.feature)
        }
        let segments = report.features.filter { $0.isCategorical && $0.psi > 0.05 }
        for segment in segments {
            guard case .categories(let before)? = sample.values(of: segment.feature),
                case .categories(let now)? = rows.values(of: segment.feature)
            else { continue }
            let weights = Self.weights(before, now)
            let fits = numeric.allSatisfy { feature in
                guard case .numbers(let old)? = sample.values(of: feature),
                    case .numbers(let new)? = rows.values(of: feature)
                else { return false }
                return Self.isAlike(old, weights, new)
            }
            if fits {
                let names = numeric.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
                let inside =
                    numeric.isEmpty
                    ? "No number has moved with them."
                    : "Inside each of its segments \(names) stay as in training."
                return DriftCause.Candidate(
                    .populationMix,
                    evidence: [
                        """
                        The shares of "\(segment.feature)" have moved (PSI \
                        \(Wording.decimal(segment.psi, places: 2))).
                        """,
                        inside,
                    ]
                )
            }
        }
        return nil
    }

    /// Of each reference row, so that its segments have the current shares.
    private static func weights(_ before: [String?], _ now: [String?]) -> [Double] {
        var old: [String?: Int] = [:]
        var new: [String?: Int] = [:]
        for value in before { old[value, default: 0] += 1 }
        for value in now { new[value, default: 0] += 1 }
        return before.map { value in
            Double(new[value] ?? 0) / Double(max(1, now.count)) / Double(old[value] ?? 1)
        }
    }

    /// Whether the weighted reference has the current shape: KS within chance.
    private static func isAlike(_ old: [Double], _ weights: [Double], _ new: [Double]) -> Bool {
        let pairs = zip(old, weights).filter { Sample.isUsable($0.0) && $0.1 > 0 }
            .sorted { $0.0 < $1.0 }
        let sample = Sample(new)
        let total = pairs.reduce(0) { $0 + $1.1 }
        guard pairs.count >= CauseLevel.leastValues, sample.count >= CauseLevel.leastValues,
            total > 0
        else { return false }
        var (below, gap, place) = (0.0, 0.0, 0)
        for (index, pair) in pairs.enumerated() {
            below += pair.1
            guard index + 1 == pairs.count || pairs[index + 1].0 > pair.0 else { continue }
            while place < sample.count && sample.sorted[place] <= pair.0 { place += 1 }
            gap = max(gap, abs(below / total - Double(place) / Double(sample.count)))
        }
        // Weights make a sample worth fewer rows (Kish).
        let squares = pairs.reduce(0) { $0 + $1.1 * $1.1 }
        let limit = KolmogorovDistribution.criticalDistance(
            max(10, Int(total * total / squares)),
            sample.count,
            significance: CauseLevel.alikeProbability
        )
        return gap <= limit
    }

    // MARK: - Words

    private func versionChange() -> DriftCause.Candidate {
        let since = (earlier.first ?? report).windowStart
        let shift = report.scoreShift.map { shift in
            """
            The mean score went from \(Wording.decimal(shift.baselineMean)) to \
            \(Wording.decimal(shift.windowMean)) with the inputs as in training.
            """
        }
        return DriftCause.Candidate(
            .versionChange,
            evidence: [shift, "v\(report.version) has answered since \(since.dateText)."]
                .compactMap { $0 }
        )
    }

    private func movedWords(_ moved: [FeatureDrift]) -> String {
        let names = moved.prefix(3).map {
            "\"\($0.feature)\" (PSI \(Wording.decimal($0.psi, places: 2)))"
        }
        let rest = moved.count > 3 ? " and \(moved.count - 3) more" : ""
        return "Moved: \(names.joined(separator: ", "))\(rest)."
    }

    private func behaviourWords(_ moved: [FeatureDrift]) -> [String] {
        [movedWords(moved), "No fault of the rows shows.", scoreWords(moved)].compactMap { $0 }
    }

    /// What the moved features alone make of the mean score.
    private func scoreWords(_ moved: [FeatureDrift]) -> String? {
        guard let shift = report.scoreShift else { return nil }
        let names = Set(moved.map(\.feature))
        guard let top = shift.contributions.first(where: { names.contains($0.feature) }) else {
            return nil
        }
        return """
            The moved inputs of "\(top.feature)" alone change the mean score by \
            \(Wording.decimal(top.inputs)) of \(Wording.decimal(shift.baselineMean)).
            """
    }

    private func performanceWords(_ performance: WindowPerformance) -> String {
        let limit = Wording.decimal(performance.limit)
        return """
            \(performance.metric.rawValue) is \(Wording.decimal(performance.value)) over \
            \(Wording.count(performance.labelledRows)) labelled rows, \
            \(performance.isBreached ? "beyond" : "within") its limit of \(limit).
            """
    }

    private func isLoss(_ estimate: EstimatedPerformance) -> Bool {
        guard let limit = report.performance?.limit else { return false }
        return estimate.metric.isHigherBetter
            ? estimate.interval.high < limit : estimate.interval.low > limit
    }

    private func estimateWords(agrees: Bool) -> [String] {
        guard let estimate = report.estimate else { return [] }
        let value = Wording.decimal(estimate.value)
        return [
            agrees
                ? "Estimated without labels, \(estimate.metric.rawValue) is \(value)."
                : """
                The estimate without labels, \(value), cannot see it: it trusts the scores.
                """
        ]
    }
}
