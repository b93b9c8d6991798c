import Domain
import Statistics

/// Values that a conversion or an offset, taken back, makes usual for their season again.
///
/// Rows of one week are no affine image of a whole year's, so the season has to say it.
extension CauseSearch {
    /// Twice the season's limit, or out of training's range: far more than weather does.
    private static let farFromSeason = 2.0
    /// Taken back, at most this share of the distance may be left.
    private static let explained = 0.25

    func unitChange(
        _ drift: FeatureDrift,
        _ column: ColumnBaseline,
        _ values: ColumnValues?
    ) -> DriftCause.Candidate? {
        guard let asIs = strange(drift), case .numbers(let current)? = values,
            drift.unseenShare > 0.1 || asIs.distance > Self.farFromSeason * asIs.limit
        else { return nil }
        let fits = AffineFit.conversions.compactMap { known -> (String, UsualDistance)? in
            let back = current.map { ($0 - known.offset) / known.factor }
            guard let name = known.name, let usual = usual(back, column, explaining: asIs) else {
                return nil
            }
            return (name, usual)
        }
        guard let best = fits.min(by: { $0.1.distance < $1.1.distance }) else { return nil }
        return DriftCause.Candidate(
            .unitChange,
            evidence: [strangeWords(drift, asIs, "taken back from \(best.0)", best.1)]
        )
    }

    func offset(
        _ drift: FeatureDrift,
        _ column: ColumnBaseline,
        _ values: ColumnValues?
    ) -> DriftCause.Candidate? {
        guard let asIs = strange(drift), case .numbers(let current)? = values,
            let usualMean = history?.usualMean(of: column.name, start: start, seconds: seconds)
        else { return nil }
        var moments = Moments()
        for value in current where Sample.isUsable(value) { moments.add(value) }
        let bias = moments.mean - usualMean
        guard let usual = usual(current.map { $0 - bias }, column, explaining: asIs) else {
            return nil
        }
        let size = Wording.value(abs(bias))
        return DriftCause.Candidate(
            .offset,
            evidence: [
                """
                Every value is \(bias < 0 ? "lower" : "higher") by about \(size), since one \
                window, and no other feature moved.
                """,
                strangeWords(drift, asIs, "without it", usual),
            ]
        )
    }

    /// How far a feature is from its season, where training had the season and it is too far.
    private func strange(_ drift: FeatureDrift) -> UsualDistance? {
        guard let asIs = drift.limits?.usual, asIs.isSeason, !asIs.isWithin, missingSeason == nil
        else { return nil }
        return asIs
    }

    /// The distance of changed values, where they are usual for the season and most is explained.
    private func usual(
        _ back: [Double],
        _ column: ColumnBaseline,
        explaining asIs: UsualDistance
    ) -> UsualDistance? {
        guard case .numeric(let bins, let reference) = column.content else { return nil }
        let usual = history?.usual(
            column.name,
            GroupSums(GroupLayout(column), values: .numbers(back), scores: []),
            start: start,
            seconds: seconds,
            scale: NumericDistance.scale(bins, reference)
        )
        guard let usual, usual.isSeason, usual.isWithin,
            usual.distance < Self.explained * asIs.distance
        else { return nil }
        return usual
    }

    private func strangeWords(
        _ drift: FeatureDrift,
        _ asIs: UsualDistance,
        _ deed: String,
        _ usual: UsualDistance
    ) -> String {
        let range =
            drift.unseenShare > 0.1
            ? "\(Wording.percent(drift.unseenShare)) of the values are outside the range of training"
            : """
            For \(asIs.kind) the values are \(Wording.decimal(asIs.distance, places: 2)) away, of \
            at most \(Wording.decimal(asIs.limit, places: 2))
            """
        return "\(range); \(deed) they are usual for \(usual.kind)."
    }

    private var start: Int { Int(report.rollingStart.seconds.rounded(.down)) }
    private var seconds: Double { report.windowEnd.seconds(since: report.rollingStart) }
}
