import Domain
import Statistics

/// Levels above which a feature is worth a look although its PSI is not over the threshold.
///
/// Each also has to exceed what sampling alone makes at this number of rows.
private enum WarningLevel {
    /// Of the PSI threshold: 0.1 where that is 0.25, the two customary marks.
    static let stabilityShare = 0.4
    /// In standard deviations of the baseline.
    static let wasserstein = 0.2
    static let kolmogorovSmirnov = 0.1
    static let missingRise = 0.02
    static let unseenShare = 0.01
}

/// Levels that count as drift beside PSI.
private enum DriftLevel {
    static let missingRise = 0.1
    static let unseenShare = 0.05
}

/// Fewer values than this are never judged.
private let leastRows = 20

/// A verdict with its reason.
private struct Finding {
    let verdict: DriftVerdict
    let reason: String
}

/// What windows of the same kind usually show.
private struct Usual {
    let distance: UsualDistance?
    let missingShare: Double?
}

/// One feature's distances and how they are judged.
struct FeatureJudgement {
    private enum Pair {
        case numeric(NumericSketch, NumericSketch, NumericDistance?, ColumnQuality?)
        case category(CategorySketch, CategorySketch, CategoryDistance?, ColumnQuality?)
    }

    /// At most this share of the features called drifted may be chance.
    static let falseDiscoveryRate = 0.01

    private let threshold: Double
    private let name: String
    private let pair: Pair
    /// That chance alone makes such a PSI; NaN where too few values are there to judge.
    let probability: Double
    /// The standard deviation to measure numbers in; nil for categories.
    let scale: Double?

    /// - Parameter runs: The window's runs of one value by feature; nil where it counted none, as
    ///   those of earlier versions, and says nothing about single values then.
    /// - Throws: `MonitoringError.otherBaseline` when the window was made with another baseline.
    init(
        _ column: ColumnBaseline,
        _ window: WindowSketch.Column?,
        runs: [String: RunLength]? = nil,
        policy: DriftThreshold
    ) throws {
        name = column.name
        threshold = policy.psi
        switch (column.content, window) {
        case (.numeric(let layout, let baseline), .numeric(let sketch)):
            guard sketch.layout == layout.fingerprint else {
                throw MonitoringError.otherBaseline(column: column.name)
            }
            let distance = NumericDistance(layout: layout, baseline: baseline, window: sketch)
            let quality = runs.map { ColumnQuality(sketch, layout, $0[column.name]) }
            pair = .numeric(baseline, sketch, distance, quality)
            scale = NumericDistance.scale(layout, baseline)
            probability = Self.probability(
                distance?.populationStability,
                floor: distance?.floor,
                groups: layout.grouped(baseline.counts),
                counts: (baseline.count, sketch.count)
            )
        case (.category(_, let baseline), .category(let sketch)):
            guard sketch.counts.count == baseline.counts.count else {
                throw MonitoringError.otherBaseline(column: column.name)
            }
            let distance = CategoryDistance(baseline: baseline, window: sketch)
            pair = .category(baseline, sketch, distance, runs.map { _ in ColumnQuality(sketch) })
            scale = nil
            probability = Self.probability(
                distance?.populationStability,
                floor: distance?.floor,
                groups: baseline.comparedCounts,
                counts: (baseline.count, sketch.count)
            )
        default:
            throw MonitoringError.otherBaseline(column: column.name)
        }
    }

    /// PSI without drift over 1/n + 1/m follows about a chi-square law; where groups are empty by
    /// chance it does not, and below the floor the probability is at least 1 in 100 whatever it is.
    private static func probability(
        _ stability: Double?,
        floor: NoiseFloor?,
        groups: [Int],
        counts: (reference: Int, window: Int)
    ) -> Double {
        guard let stability, let floor, counts.window >= leastRows else { return .nan }
        let inverse = 1 / Double(counts.reference) + 1 / Double(counts.window)
        let freedom = Double(max(1, groups.count { $0 > 0 } - 1))
        let chance = Distribution.chiSquareSurvival(stability / inverse, degreesOfFreedom: freedom)
        return stability <= floor.populationStability ? max(chance, 0.01) : chance
    }

    /// The verdict, once the false discovery rate over all features is known.
    ///
    /// - Parameter usualMissing: The share of missing values that is usual; nil where unknown.
    func drift(
        falseDiscoveryRate rate: Double,
        usual: UsualDistance?,
        usualMissing: Double? = nil
    ) -> FeatureDrift {
        let usual = Usual(distance: usual, missingShare: usualMissing)
        return switch pair {
        case .numeric(let baseline, let window, let distance, let quality):
            numeric(baseline, window, distance, quality, rate: rate, usual: usual)
        case .category(let baseline, let window, let distance, let quality):
            category(baseline, window, distance, quality, rate: rate, usual: usual)
        }
    }

    private func numeric(
        _ baseline: NumericSketch,
        _ window: NumericSketch,
        _ distance: NumericDistance?,
        _ quality: ColumnQuality?,
        rate: Double,
        usual: Usual
    ) -> FeatureDrift {
        let unseen = window.count == 0 ? 0 : Double(window.outOfRangeCount) / Double(window.count)
        // Too few values can only say that values are missing.
        let judged = window.count >= leastRows ? distance : nil
        let isUsual = usual.distance?.isWithin == true
        let findings = [
            judged.flatMap { stability($0.populationStability, $0.floor, rate, usual.distance) },
            missing(
                baseline: (baseline.rowCount - baseline.count, baseline.rowCount),
                window: (window.rowCount - window.count, window.rowCount),
                unreadable: window.unreadableCount,
                usualShare: usual.missingShare
            ),
            outOfRange(baseline, window, isUsual: isUsual),
            isUsual ? nil : judged.flatMap { shape($0) },
        ]
        let finding = worst(findings.compactMap { $0 }, values: window.count, rows: window.rowCount)
        let isMeasured = baseline.count > 0 && window.count > 0
        return FeatureDrift(
            feature: name,
            isCategorical: false,
            rows: window.rowCount,
            psi: distance?.populationStability ?? 0,
            jensenShannon: distance?.jensenShannonBits ?? 0,
            wasserstein: distance?.wasserstein,
            kolmogorovSmirnov: distance?.kolmogorovSmirnov,
            missingShare: window.missingShare,
            baselineMissingShare: baseline.missingShare,
            unseenShare: unseen,
            psiFloor: distance?.floor.populationStability ?? 0,
            verdict: finding.verdict,
            reason: finding.reason,
            limits: judged.map {
                limits($0.floor, (baseline.count, window.count), rate, usual.distance)
            },
            meanShift: isMeasured
                ? (window.moments.mean - baseline.moments.mean) / (scale ?? 1) : nil,
            quality: quality
        )
    }

    private func category(
        _ baseline: CategorySketch,
        _ window: CategorySketch,
        _ distance: CategoryDistance?,
        _ quality: ColumnQuality?,
        rate: Double,
        usual: Usual
    ) -> FeatureDrift {
        // Too few values can only say that values are missing.
        let judged = window.count >= leastRows ? distance : nil
        let findings = [
            judged.flatMap { stability($0.populationStability, $0.floor, rate, usual.distance) },
            missing(
                baseline: (baseline.missingCount, baseline.rowCount),
                window: (window.missingCount, window.rowCount),
                usualShare: usual.missingShare
            ),
            unseen(baseline, window),
        ]
        let finding = worst(findings.compactMap { $0 }, values: window.count, rows: window.rowCount)
        return FeatureDrift(
            feature: name,
            isCategorical: true,
            rows: window.rowCount,
            psi: distance?.populationStability ?? 0,
            jensenShannon: distance?.jensenShannonBits ?? 0,
            wasserstein: nil,
            kolmogorovSmirnov: nil,
            missingShare: window.missingShare,
            baselineMissingShare: baseline.missingShare,
            unseenShare: window.unseenShare,
            psiFloor: distance?.floor.populationStability ?? 0,
            verdict: finding.verdict,
            reason: finding.reason,
            limits: judged.map {
                limits($0.floor, (baseline.count, window.count), rate, usual.distance)
            },
            quality: quality
        )
    }

    private func limits(
        _ floor: NoiseFloor,
        _ counts: (reference: Int, window: Int),
        _ rate: Double,
        _ usual: UsualDistance?
    ) -> FeatureLimits {
        // A shift passes the larger of both limits in four windows of five when it exceeds it by
        // 0.84 standard errors of PSI, whose variance without drift the floor knows.
        let limit = max(threshold, floor.populationStability)
        let spread = (floor.populationStability - floor.populationStabilityMean) / 2.33
        return FeatureLimits(
            practical: threshold,
            usual: usual,
            probability: probability,
            falseDiscoveryRate: rate,
            detectable: limit + 0.84 * spread - floor.populationStabilityMean
        )
    }

    /// The most serious findings in one.
    private func worst(_ findings: [Finding], values: Int, rows: Int) -> Finding {
        let verdict = findings.map(\.verdict).max()
        let serious = verdict.map { verdict in
            let reasons = findings.filter { $0.verdict == verdict }.map(\.reason)
            return Finding(verdict: verdict, reason: reasons.joined(separator: " "))
        }
        if let serious, serious.verdict == .drift { return serious }
        guard values >= leastRows else {
            let verb = values == 1 ? "has" : "have"
            return Finding(
                verdict: .tooFewRows,
                reason: rows == 0
                    ? "No rows came in this range."
                    : """
                    Only \(Wording.count(values)) of \(Wording.rows(rows)) \(verb) a value, and \
                    \(leastRows) are needed.
                    """
            )
        }
        // Chance may hide a drift: that outweighs "stable", not a warning of another kind.
        let cannotTell = findings.first { $0.verdict == .tooFewRows }
        if let cannotTell, serious?.verdict != .warning { return cannotTell }
        return serious ?? Finding(verdict: .stable, reason: "The values cannot be compared.")
    }

    private func stability(
        _ value: Double,
        _ floor: NoiseFloor,
        _ rate: Double,
        _ usual: UsualDistance?
    ) -> Finding? {
        let chance = floor.populationStability
        let text = "PSI \(Wording.decimal(value))"
        let limit = Wording.decimal(threshold)
        let noise = Wording.decimal(chance)
        if let usual, usual.isWithin, value > threshold * WarningLevel.stabilityShare,
            value > chance
        {
            return Finding(
                verdict: .stable,
                reason: """
                    \(text) (practical limit \(limit), chance alone \(noise)) is usual for \
                    \(usual.kind): \(words(usual)).
                    """
            )
        }
        if value > threshold && value > chance && rate <= Self.falseDiscoveryRate {
            let season = usual.map { ", and it is not usual for \($0.kind): \(words($0))" } ?? ""
            return Finding(
                verdict: .drift,
                reason: "\(text) is over \(limit), and chance alone stays below \(noise)\(season)."
            )
        }
        if value > threshold && value > chance {
            return Finding(
                verdict: .warning,
                reason: """
                    \(text) is over \(limit), but among all features so many would be by chance \
                    (\(Wording.percent(rate)), at most \
                    \(Wording.percent(Self.falseDiscoveryRate))).
                    """
            )
        }
        if value > threshold {
            return Finding(
                verdict: .tooFewRows,
                reason: """
                    \(text) is over \(limit), but at this number of rows chance alone reaches \
                    \(noise).
                    """
            )
        }
        let warning = threshold * WarningLevel.stabilityShare
        if value > warning && value > chance {
            return Finding(
                verdict: .warning,
                reason: """
                    \(text) is over \(Wording.decimal(warning)) and what chance makes \
                    (\(noise)), but not over \(limit).
                    """
            )
        }
        return Finding(
            verdict: .stable,
            reason: value > chance
                ? "\(text) is not over \(Wording.decimal(warning))."
                : "\(text) is within what chance makes at this number of rows (\(noise))."
        )
    }

    /// Such as `0.40 standard deviations from the others, up to 1.32 in 6 of them`.
    private func words(_ usual: UsualDistance) -> String {
        let distance = Wording.decimal(usual.distance, places: 2)
        let limit = Wording.decimal(usual.limit, places: 2)
        let unit = scale == nil ? "PSI \(distance)" : "\(distance) standard deviations"
        return "\(unit) from \(usual.windows) such windows, \(limit) is the limit among them"
    }

    private func shape(_ distance: NumericDistance) -> Finding? {
        let (moved, gap) = (distance.wasserstein, distance.kolmogorovSmirnov)
        if moved > WarningLevel.wasserstein && moved > distance.floor.wasserstein {
            return Finding(
                verdict: .warning,
                reason: """
                    The values have moved by \(Wording.decimal(moved, places: 2)) standard \
                    deviations (Wasserstein; chance alone \
                    \(Wording.decimal(distance.floor.wasserstein, places: 2))).
                    """
            )
        }
        if gap > WarningLevel.kolmogorovSmirnov && gap > distance.floor.kolmogorovSmirnov {
            return Finding(
                verdict: .warning,
                reason: """
                    The cumulative shares differ by \(Wording.decimal(gap)) (KS; chance alone \
                    \(Wording.decimal(distance.floor.kolmogorovSmirnov))).
                    """
            )
        }
        return nil
    }

    /// A rise of missing values, when it is large and no accident (z test at 1 in 1,000).
    private func missing(
        baseline: (hits: Int, count: Int),
        window: (hits: Int, count: Int),
        unreadable: Int = 0,
        usualShare: Double?
    ) -> Finding? {
        guard window.count >= leastRows,
            let test = Contingency.twoProportions(window, baseline),
            test.z > 0, test.probability < 0.001
        else { return nil }
        let now = Double(window.hits) / Double(window.count)
        let before = Double(baseline.hits) / Double(baseline.count)
        guard now - before > WarningLevel.missingRise, now > usualShare ?? 0 else { return nil }
        let subject = window.hits == window.count ? "Every value is" : "\(Wording.percent(now)) are"
        let part = Double(unreadable) / Double(window.count)
        let why = unreadable > 0 ? " (\(Wording.percent(part)) cannot be read as numbers)" : ""
        return Finding(
            verdict: now - before > DriftLevel.missingRise ? .drift : .warning,
            reason: "\(subject) missing\(why); the baseline had \(Wording.percent(before))."
        )
    }

    /// A record of a season whose rows are else as usual is worth a look, and no drift.
    private func outOfRange(
        _ baseline: NumericSketch,
        _ window: NumericSketch,
        isUsual: Bool
    ) -> Finding? {
        guard window.count >= leastRows, window.outOfRangeCount >= 5, baseline.count > 0,
            let low = baseline.minimum, let high = baseline.maximum
        else { return nil }
        let share = Double(window.outOfRangeCount) / Double(window.count)
        // New rows of the same source leave the range of n rows at a rate of 2 / (n + 1).
        let allowance = 4 / Double(baseline.count)
        // None in training rows, but some may be in a range that stands in their place.
        let rise = share - Double(baseline.outOfRangeCount) / Double(baseline.count)
        guard rise > WarningLevel.unseenShare + allowance else { return nil }
        return Finding(
            verdict: rise > DriftLevel.unseenShare + allowance && !isUsual ? .drift : .warning,
            reason: """
                \(Wording.percent(share)) of the values lie outside the baseline's range of \
                \(Wording.value(low)) to \(Wording.value(high)).
                """
        )
    }

    /// Categories that training never had and what the window is held against has neither.
    private func unseen(_ baseline: CategorySketch, _ window: CategorySketch) -> Finding? {
        let known = window.unseen.filter { baseline.unseen[$0.key] != nil }
        let hits = window.unseenCount - known.values.reduce(0, +)
        let share = Double(hits) / Double(max(1, window.count))
        guard window.count >= leastRows, hits >= 5, share > WarningLevel.unseenShare else {
            return nil
        }
        let ordered = window.unseen.filter { known[$0.key] == nil }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let names = ordered.prefix(3).map { "\"\($0.key)\"" }.joined(separator: ", ")
        // Where hardly any new category comes twice, none of them is known by name.
        let examples = names.isEmpty ? "" : ", such as \(names)"
        return Finding(
            verdict: share > DriftLevel.unseenShare ? .drift : .warning,
            reason: """
                \(Wording.percent(share)) of the rows have a category the baseline \
                never had\(examples).
                """
        )
    }
}

extension ColumnQuality {
    /// The counters of a category.
    init(_ window: CategorySketch) {
        self.init(
            missing: window.missingCount,
            unseen: window.unseenCount,
            distinct: window.distinctCount
        )
    }

    /// The counters of a numeric column; `runs` is nil of the scores.
    init(_ window: NumericSketch, _ layout: BinLayout, _ runs: RunLength?) {
        let run = runs?.longest
        let found = window.counts.indices.filter { window.counts[$0] > 0 }
        self.init(
            missing: window.missingCount,
            notANumber: window.notANumberCount,
            unreadable: window.unreadableCount,
            infinite: window.infiniteCount,
            belowRange: window.belowRangeCount,
            aboveRange: window.aboveRangeCount,
            distinct: layout.isDiscrete && found.allSatisfy(layout.holdsOneValue)
                ? Double(found.count) : nil,
            longestRun: run.map { Run(value: $0.value, length: $0.length) }
        )
    }
}
