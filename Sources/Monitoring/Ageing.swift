import Domain
import Statistics

/// A sensor that grows old: it creeps in one direction while those that go along with it do not.
extension CauseSearch {
    /// Fewer windows show no direction.
    private static let leastWindows = 8
    /// In standard deviations of the training rows.
    private static let leastRise = 0.3
    /// How much of the path a straight line must explain.
    private static let leastDetermination = 0.8

    func ageing() -> (feature: String, candidate: DriftCause.Candidate)? {
        guard let sample = baseline.sample else { return nil }
        let reference = sample.columns
        // What goes along in one season need not do so in another that training never saw.
        guard report.verdict != .tooFewRows, missingSeason == nil else { return nil }
        for feature in report.features where feature.verdict >= .warning {
            let companions = CauseQuestion.companions(
                of: feature.feature,
                in: reference,
                moved: []
            )
            guard
                let companion = companions.max(by: {
                    abs($0.correlation) < abs($1.correlation)
                })
            else { continue }
            let path = path(of: feature.feature, beside: companion)
            guard let rise = Self.creep(path) else { continue }
            return (
                feature.feature,
                DriftCause.Candidate(
                    .sensorAgeing,
                    evidence: [
                        """
                        It has crept by \(Wording.decimal(rise, places: 2)) standard deviations \
                        over \(path.count) windows, along a line rather than in one step.
                        """,
                        "Correlated with it, and not creeping: \"\(companion.name)\".",
                    ]
                )
            )
        }
        return nil
    }

    /// The mean shifts of a feature, less what its companion's make likely; in standard deviations,
    /// oldest first.
    ///
    /// A season moves both along, and leaves nothing of it here.
    private func path(
        of feature: String,
        beside companion: CauseQuestion.Companion
    ) -> [Double] {
        (earlier.suffix(60) + [report]).compactMap { report in
            guard let own = report.features.first(where: { $0.feature == feature })?.meanShift,
                let other = report.features.first(where: { $0.feature == companion.name })?
                    .meanShift
            else { return nil }
            return own - companion.correlation * other
        }
    }

    /// By how much a path rises along its line; nil where a line says too little of it, or one
    /// step says more.
    private static func creep(_ path: [Double]) -> Double? {
        guard path.count >= leastWindows else { return nil }
        var (x, y, products) = (Moments(), Moments(), 0.0)
        for (place, value) in path.enumerated() {
            x.add(Double(place))
            y.add(value)
        }
        for (place, value) in path.enumerated() {
            products += (Double(place) - x.mean) * (value - y.mean)
        }
        let rise = products / x.squares * Double(path.count - 1)
        let left = y.squares - products * products / x.squares
        guard abs(rise) > leastRise, left < (1 - leastDetermination) * y.squares else {
            return nil
        }
        let steps = (1..<path.count).map { place -> Double in
            var (before, after) = (Moments(), Moments())
            for value in path[..<place] { before.add(value) }
            for value in path[place...] { after.add(value) }
            return before.squares + after.squares
        }
        return left < steps.min() ?? 0 ? rise : nil
    }
}
