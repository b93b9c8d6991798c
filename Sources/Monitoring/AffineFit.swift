import Domain
import Statistics

/// Whether the current values are the reference's times a factor plus an offset.
struct AffineFit {
    /// A conversion: current = factor * reference + offset.
    struct Conversion: Sendable, Equatable {
        /// nil where the factor is not a known one.
        let name: String?
        let factor: Double
        let offset: Double
    }

    /// Known conversions in both directions.
    static let conversions: [Conversion] = {
        let oneWay: [(String, String, Double, Double)] = [
            ("°C", "°F", 1.8, 32), ("°C", "K", 1, 273.15), ("inches", "centimetres", 2.54, 0),
            ("metres", "feet", 3.28084, 0), ("miles", "kilometres", 1.609344, 0),
            ("nautical miles", "kilometres", 1.852, 0), ("pounds", "kilograms", 0.45359237, 0),
            ("m/s", "km/h", 3.6, 0), ("inHg", "hPa", 33.8639, 0), ("hours", "minutes", 60, 0),
            ("hours", "seconds", 3_600, 0),
            ("a unit", "its thousandth", 1_000, 0), ("shares", "percent", 100, 0),
        ]
        return oneWay.flatMap { from, to, factor, offset in
            [
                Conversion(name: "\(from) to \(to)", factor: factor, offset: offset),
                Conversion(
                    name: "\(to) to \(from)",
                    factor: 1 / factor,
                    offset: -offset / factor
                ),
            ]
        }
    }()

    /// Quantiles of two samples of one law, as few as there are here, lie on a line this well.
    private static let leastDetermination = 0.97

    /// Of the line through the quantiles of both sides.
    let factor: Double
    /// By how much chance changes the factor.
    private let factorTolerance: Double
    let determination: Double
    /// The conversion that fits best; nil when none does.
    let unit: (conversion: Conversion, distance: Double)?
    /// The difference of the medians, and the distance once it is taken away.
    private let shift: (offset: Double, distance: Double)
    private let limit: Double

    /// nil where the sides are alike, too short, constant, or no line fits.
    init?(reference: Sample, current: Sample) {
        guard min(reference.count, current.count) >= CauseLevel.leastValues,
            let distance = KolmogorovSmirnov.distance(reference, current)
        else { return nil }
        limit = KolmogorovDistribution.criticalDistance(
            reference.count,
            current.count,
            significance: CauseLevel.alikeProbability
        )
        // Strict, so that no clean pair of samples in a hundred gets an explanation.
        let difference = KolmogorovDistribution.criticalDistance(
            reference.count,
            current.count,
            significance: CauseLevel.changeProbability
        )
        guard distance > difference, let line = Self.line(reference, current),
            line.determination > Self.leastDetermination
        else { return nil }
        (factor, determination) = (line.factor, line.determination)
        // Of the ratio of two standard deviations of equal spread, three times over.
        factorTolerance = max(
            0.1,
            3 * (0.5 / Double(reference.count) + 0.5 / Double(current.count)).squareRoot()
        )
        let middles = (reference.quantile(0.5) ?? 0, current.quantile(0.5) ?? 0)
        let offset = middles.1 - middles.0
        shift = (offset, Self.distance(reference, current, factor: 1, offset: offset))
        unit = Self.unit(
            reference,
            current,
            factor: factor,
            tolerance: factorTolerance,
            limit: limit
        )
    }

    /// Least squares through the 2nd to the 98th hundredth: the ends are chance.
    private static func line(
        _ reference: Sample,
        _ current: Sample
    ) -> (factor: Double, determination: Double)? {
        var (xs, ys) = (Moments(), Moments())
        var pairs: [(Double, Double)] = []
        for step in 2...98 {
            let share = Double(step) / 100
            guard let x = reference.quantile(share), let y = current.quantile(share) else {
                return nil
            }
            xs.add(x)
            ys.add(y)
            pairs.append((x, y))
        }
        guard xs.squares > 0, ys.squares > 0 else { return nil }
        let products = pairs.reduce(0) { $0 + ($1.0 - xs.mean) * ($1.1 - ys.mean) }
        let factor = products / xs.squares
        let determination = products * products / (xs.squares * ys.squares)
        return (factor, determination)
    }

    private static func unit(
        _ reference: Sample,
        _ current: Sample,
        factor: Double,
        tolerance: Double,
        limit: Double
    ) -> (conversion: Conversion, distance: Double)? {
        func best(_ candidates: [Conversion]) -> (conversion: Conversion, distance: Double)? {
            let fits = candidates.map {
                ($0, distance(reference, current, factor: $0.factor, offset: $0.offset))
            }
            return fits.filter { $0.1 <= limit }.min { $0.1 < $1.1 }
                .map { (conversion: $0.0, distance: $0.1) }
        }
        if let known = best(conversions.filter { abs(factor / $0.factor - 1) < tolerance }) {
            return known
        }
        // A factor nobody knows is a scaling only if it is large: a wider spread is no new unit.
        guard factor > 3 || (factor > 0 && factor < 1.0 / 3) else { return nil }
        return best([Conversion(name: nil, factor: factor, offset: 0)])
    }

    /// The distance once the conversion is taken back.
    private static func distance(
        _ reference: Sample,
        _ current: Sample,
        factor: Double,
        offset: Double
    ) -> Double {
        // Rounded to what the last digits of a conversion leave, so that ties stay ties.
        let scale = max(abs(reference.sorted.first ?? 0), abs(reference.sorted.last ?? 0))
        let grain = max(scale, .leastNormalMagnitude) * 1e-9
        let rounded = reference.sorted.map { ($0 / grain).rounded() * grain }
        let back = current.sorted.map {
            (($0 - offset) / factor / grain).rounded() * grain
        }
        return KolmogorovSmirnov.distance(Sample(rounded), Sample(back)) ?? 1
    }

    func unitChange() -> DriftCause.Candidate? {
        guard let unit else { return nil }
        let known = unit.conversion
        let sign = known.offset < 0 ? " - " : " + "
        let plus = known.offset == 0 ? "" : sign + Wording.value(abs(known.offset))
        let name = known.name.map { ", as from \($0)" } ?? ""
        return DriftCause.Candidate(
            .unitChange,
            evidence: [
                "The values are those of the reference times \(Wording.value(known.factor))\(plus)"
                    + "\(name).",
                """
                The quantiles lie on a line (R2 \(Wording.decimal(determination, places: 4))), \
                and taken back the values are as before (KS \(Wording.decimal(unit.distance)), \
                chance alone \(Wording.decimal(limit))).
                """,
            ]
        )
    }

    /// A constant offset, unless a correlated column moved along, as in another season.
    func offset(companions: [CauseQuestion.Companion]) -> DriftCause.Candidate? {
        guard abs(factor - 1) < factorTolerance, shift.distance <= limit,
            !companions.contains(where: \.hasMoved)
        else { return nil }
        let names = companions.map { "\"\($0.name)\"" }.joined(separator: ", ")
        return DriftCause.Candidate(
            .offset,
            evidence: [
                """
                Every value is \(shift.offset < 0 ? "lower" : "higher") by about \
                \(Wording.value(abs(shift.offset))), and nothing else changed (R2 \
                \(Wording.decimal(determination, places: 4)); KS without it \
                \(Wording.decimal(shift.distance)), chance alone \(Wording.decimal(limit))).
                """,
                names.isEmpty
                    ? "No correlated column is there to rule out a real move of all values."
                    : "Correlated with it, and unmoved: \(names).",
            ]
        )
    }
}
