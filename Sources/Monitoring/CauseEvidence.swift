import Domain
import Glibc
import Statistics

/// Where a change counts as more than chance and worth a name.
enum CauseLevel {
    /// Fewer values than this show no shape.
    static let leastValues = 50
    /// Of a share, before it counts as a surge.
    static let shareRise = 0.01
    static let missingRise = 0.02
    static let missingProbability = 1e-4
    /// That chance made it; many values and features are looked at, so it is strict.
    static let changeProbability = 1e-6
    /// Of a test that both sides are alike.
    static let alikeProbability = 0.001
    /// A value with this share of the reference is a normal one, such as the zeros of rain.
    static let pointMass = 0.05
    /// Widths of the reference's range beyond its ends.
    static let farWidths = 10.0
}

/// Missing values that became more, while those that remain look as before.
func dataLoss(
    reference: (missing: Int, rows: Int),
    current: (missing: Int, rows: Int),
    usualShare: Double? = nil,
    survivorsAreAlike: () -> String?
) -> DriftCause.Candidate? {
    guard current.missing < current.rows,
        let test = Contingency.twoProportions(
            (current.missing, current.rows),
            (reference.missing, reference.rows)
        ),
        // Three standard deviations over the reference's mean, and no accident.
        test.z > 3, test.probability < CauseLevel.missingProbability
    else { return nil }
    let now = Double(current.missing) / Double(current.rows)
    let before = Double(reference.missing) / Double(reference.rows)
    guard now - before > CauseLevel.missingRise, now > usualShare ?? 0,
        let alike = survivorsAreAlike()
    else { return nil }
    return DriftCause.Candidate(
        .dataLoss,
        evidence: [
            "\(Wording.percent(now)) are missing; the reference had \(Wording.percent(before)).",
            alike,
        ]
    )
}

/// What a numeric column shows of each cause.
struct NumericEvidence {
    let reference: NumericSide
    let current: NumericSide
    let fit: AffineFit?
    private let serial: CauseQuestion.Serial?

    init(reference: NumericSide, current: NumericSide, serial: CauseQuestion.Serial? = nil) {
        self.serial = serial
        self.reference = reference
        self.current = current
        fit = AffineFit(reference: reference.sorted, current: current.sorted)
    }

    private var old: Sample { reference.sorted }
    private var new: Sample { current.sorted }

    /// Rows that are wrong in themselves or in their unit, in the order of the table.
    func faults() -> [DriftCause.Candidate] {
        let loss = dataLoss(
            reference: (reference.missing, reference.rows),
            current: (current.missing, current.rows),
            usualShare: serial?.missingLimit
        ) {
            guard let gap = KolmogorovSmirnov.distance(old, new) else { return nil }
            // Values that follow each other are alike: their shape says less than chance allows.
            if serial != nil { return "More are missing than in any such range before." }
            guard gap <= limit else { return nil }
            return """
                The values that remain are as before (KS \(Wording.decimal(gap)), chance alone \
                \(Wording.decimal(limit))).
                """
        }
        return [loss, sentinel(), stuck()].compactMap { $0 }
    }

    /// Changes that leave each row plausible, in the order of the table.
    func changes(companions: [CauseQuestion.Companion]) -> [DriftCause.Candidate] {
        [fit?.unitChange(), fit?.offset(companions: companions)].compactMap { $0 }
    }

    private var limit: Double {
        KolmogorovDistribution.criticalDistance(
            old.count,
            new.count,
            significance: CauseLevel.alikeProbability
        )
    }

    /// One exact value gains mass, or some values lie far outside the reference's range.
    private func sentinel() -> DriftCause.Candidate? {
        guard old.count >= CauseLevel.leastValues, new.count >= CauseLevel.leastValues else {
            return nil
        }
        let evidence = [surge(), farValues()].compactMap { $0 }
        return evidence.isEmpty ? nil : DriftCause.Candidate(.sentinel, evidence: evidence)
    }

    /// A value that occurs more often than in the reference.
    private struct Rise {
        let value: Double
        let hits: Int
        let known: Int
        let z: Double
    }

    /// The two values that rose most, the most first; a lower value goes before its equals.
    ///
    /// One pass over both sorted samples.
    private func rises() -> (top: Rise, next: Rise?)? {
        var (top, next): (Rise?, Rise?) = (nil, nil)
        var position = 0
        new.forEachRun { value, hits in
            while position < old.count && old.sorted[position] < value { position += 1 }
            let start = position
            while position < old.count && old.sorted[position] == value { position += 1 }
            let known = position - start
            let z = Contingency.proportionScore((hits, new.count), (known, old.count)) ?? 0
            guard z > (next?.z ?? 0) else { return }
            next = Rise(value: value, hits: hits, known: known, z: z)
            if z > (top?.z ?? 0) { swap(&top, &next) }
        }
        return top.map { ($0, next) }
    }

    private func surge() -> String? {
        guard let (top, next) = rises() else { return nil }
        let (hits, known) = (top.hits, top.known)
        let isDefault = Self.isUsualDefault(top.value)
        guard share(hits, new) - share(known, old) > CauseLevel.shareRise,
            share(hits, new) >= 3 * share(known, old),
            chance(of: hits, known: known) < CauseLevel.changeProbability
        else { return nil }
        // A shift of rounded values raises many of them alike, a default one.
        if let next, top.z < 1.5 * next.z { return nil }
        // Where few values occur at all, gaining one is ordinary unless it is a usual default.
        let isDiscrete =
            old.distinctCount(limit: BinLayout.distinctLimit) <= BinLayout.distinctLimit
        if isDiscrete, known > 0 || !isDefault { return nil }
        // Rows that follow each other share their values, so any one of them may be frequent in a
        // range: only one that hardly occurred before, or was never possible, is a default.
        if serial != nil, share(known, old) > 0.002 || (!isDefault && isInRange(top.value)) {
            return nil
        }
        // A value inside the range that comes in one piece is a sensor that stopped.
        if !isDefault, isInRange(top.value), isOneRun(top.value, hits) { return nil }
        return """
            The value \(Wording.value(top.value)) has \(Wording.percent(share(hits, new))) of \
            the values; in the reference it had \(Wording.percent(share(known, old))).
            """
    }

    /// How likely so many hits are at most, by Chernoff's bound of the Poisson tail.
    ///
    /// The normal test of two shares is far too eager where a handful of hits is expected.
    private func chance(of hits: Int, known: Int) -> Double {
        // Two standard deviations over what was counted, which may be low by chance.
        let likely = Double(known + 1) + 2 * Double(known + 1).squareRoot()
        let expected = likely * Double(new.count) / Double(old.count)
        let found = Double(hits)
        guard found > expected else { return 1 }
        return exp(found - expected + found * log(expected / found))
    }

    /// Values beyond ten widths of the range, or infinite, unless all of them moved there.
    private func farValues() -> String? {
        guard let range = reference.range, let reach = reference.reach, fit?.unit == nil else {
            return nil
        }
        let (low, high) = (range.lowerBound, range.upperBound)
        let finite = current.whole?.scan.farCount ?? new.sorted.count { !reach.contains($0) }
        let far = finite + current.infinite
        guard far >= 3, far * 2 < current.rows - current.missing else { return nil }
        return """
            \(Wording.count(far)) values lie more than ten times the width of the reference's \
            range (\(Wording.value(low)) to \(Wording.value(high))) outside of it.
            """
    }

    private func stuck() -> DriftCause.Candidate? {
        let evidence = [longRun(), collapse()].compactMap { $0 }
        return evidence.isEmpty ? nil : DriftCause.Candidate(.stuckSensor, evidence: evidence)
    }

    private func longRun() -> String? {
        let before = reference.scan(ignoring: reference.masses)
        let usual = serial?.longestRun ?? before.longest?.length ?? 0
        let now = scanOfCurrent(usualRun: usual)
        guard before.count > 0, let run = now.longest,
            run.length > NumericSide.longRun(usual: usual)
        else { return nil }
        // Where rows share a source's value, a run is long before anything is stuck.
        if serial != nil, run.length * 20 < now.count { return nil }
        // Rows sorted by this column or in groups of it: long runs are then normal.
        if now.longRuns > 3, 2 * now.longRunRows > now.count { return nil }
        return """
            The value \(Wording.value(run.value)) stands \(Wording.count(run.length)) times in a \
            row; the longest run of the reference is \(Wording.count(usual)).
            """
    }

    private func scanOfCurrent(usualRun: Int) -> NumericScan {
        if let whole = current.whole { return whole.scan }
        var scan = NumericSide.scan(after: reference, usualRun: usualRun)
        scan.observe(current.values.span)
        return scan.finished()
    }

    private func collapse() -> String? {
        guard old.count >= CauseLevel.leastValues, new.count >= CauseLevel.leastValues,
            fit?.unit == nil, let wide = spread(old), let narrow = spread(new)
        else { return nil }
        // Where the usual value of the reference is left, such as no rain, nothing is stuck.
        let middle = new.quantile(0.5) ?? 0
        if reference.masses.contains(middle) { return nil }
        let distinct = (
            old.distinctCount(limit: BinLayout.distinctLimit), new.distinctCount(limit: 2)
        )
        let isFlat = narrow < 0.01 * wide
        guard isFlat || (distinct.1 <= 2 && distinct.0 > BinLayout.distinctLimit) else {
            return nil
        }
        let left =
            switch distinct.1 {
            case 1: ", and one value is left"
            case 2: ", and two values are left"
            default: ""
            }
        return """
            Nine values of ten span only \(Wording.value(narrow)); in the reference they span \
            \(Wording.value(wide))\(left).
            """
    }

    /// From the 5 % to the 95 % quantile: single wild values would rule a standard deviation.
    private func spread(_ sample: Sample) -> Double? {
        guard let low = sample.quantile(0.05), let high = sample.quantile(0.95) else { return nil }
        return high - low
    }

    /// The longest run of one value in rows, but for values that are frequent anyway.
    static func longestRun(_ values: [Double]) -> Int {
        let side = NumericSide(values: values)
        return side.scan(ignoring: side.masses).longest?.length ?? 0
    }

    private func share(_ hits: Int, _ sample: Sample) -> Double {
        Double(hits) / Double(max(1, sample.count))
    }

    private func isInRange(_ value: Double) -> Bool {
        reference.range?.contains(value) ?? true
    }

    private func isOneRun(_ value: Double, _ hits: Int) -> Bool {
        var (longest, length) = (0, 0)
        for next in current.values where !next.isNaN {
            length = next == value ? length + 1 : 0
            longest = max(longest, length)
        }
        return longest > 10 && 2 * longest > hits
    }

    /// 0, -1, and nines with or without a sign and one decimal: 99, -999, 999.9, 9999.
    static func isUsualDefault(_ value: Double) -> Bool {
        if value == 0 || value == -1 { return true }
        let size = abs(value)
        let nines = [99, 999, 9_999, 99_999, 999_999, 99.9, 999.9, 9_999.9, 99_999.9]
        return nines.contains(size)
    }
}
