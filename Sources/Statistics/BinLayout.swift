/// Bins frozen from a baseline column: lower < x <= upper, both ends open.
///
/// The lowest bin holds what lies below the baseline's range and the highest what lies above.
/// Between them: 64 quantile bins with the deciles among their edges, tail bins of half the share
/// each step outward, and a bin of its own for every value that holds more than 1/64 of the rows.
/// A column of at most 20 different values has one bin for each value and a gap bin between two.
package struct BinLayout: Codable, Sendable, Equatable {
    /// Ascending; bin `i` ends with edge `i`, and one more bin is above the last edge.
    package let upperEdges: [Double]
    /// Positions in `upperEdges` after which PSI and Jensen–Shannon begin a new group of bins.
    package let groupEnds: [Int]
    /// Whether the column had at most 20 different values.
    package let isDiscrete: Bool
    /// Values beyond these limits are counted as they are but summed as the limit.
    ///
    /// So that one wild value cannot move a distance: the 2 % and 98 % quantiles, each moved
    /// outward by the distance of the two.
    package let clampLow: Double
    package let clampHigh: Double
    /// Names this layout; sketches of different layouts refuse to mix.
    package let fingerprint: UInt64

    package static let quantileBins = 64
    package static let distinctLimit = 20

    /// Freezes bins; a sample without values gives one bin that holds everything.
    package init(baseline: Sample) {
        self.init(
            baseline: baseline,
            plan: baseline.distinctCount(limit: Self.distinctLimit) <= Self.distinctLimit
                ? .discrete(baseline) : .continuous(baseline)
        )
    }

    private init(baseline: Sample, plan: EdgePlan) {
        self.init(plan, clampLimits: Self.clampLimits(of: baseline))
    }

    private init(_ plan: EdgePlan, clampLimits: (low: Double, high: Double)) {
        upperEdges = plan.edges
        groupEnds = plan.groupEnds
        isDiscrete = plan.isDiscrete
        (clampLow, clampHigh) = clampLimits
        fingerprint = Self.fingerprint(of: plan)
    }

    /// The layout with an end bin of its own on either side that values reach beyond the sample it
    /// was frozen from, so that the whole baseline lies within its range; nil where none does.
    ///
    /// `isLowered` says that a bin was added below the others.
    func widened(toHold range: ClosedRange<Double>) -> (layout: BinLayout, isLowered: Bool)? {
        guard let first = upperEdges.first, let last = upperEdges.last else { return nil }
        let (isLowered, isRaised) = (range.lowerBound <= first, range.upperBound > last)
        guard isLowered || isRaised else { return nil }
        let below = isLowered ? [range.lowerBound.nextDown] : []
        let plan = EdgePlan(
            edges: below + upperEdges + (isRaised ? [range.upperBound] : []),
            groupEnds: groupEnds.map { $0 + below.count },
            isDiscrete: isDiscrete
        )
        return (BinLayout(plan, clampLimits: (clampLow, clampHigh)), isLowered)
    }

    private static func clampLimits(of baseline: Sample) -> (low: Double, high: Double) {
        guard let low = baseline.quantile(0.02), let high = baseline.quantile(0.98),
            let minimum = baseline.sorted.first, let maximum = baseline.sorted.last
        else { return (-1, 1) }
        if high > low { return (low - (high - low), high + (high - low)) }
        if maximum > minimum {
            return (minimum - (maximum - minimum), maximum + (maximum - minimum))
        }
        // A constant: what comes later is measured against its own size.
        let reach = max(1, abs(maximum))
        return (minimum - reach, maximum + reach)
    }

    package var binCount: Int { upperEdges.count + 1 }

    /// The bin of a finite value; `BinSearch` finds those of many.
    package func bin(of value: Double) -> Int {
        let edges = upperEdges.span
        var start = 0
        var remaining = edges.count
        while remaining > 0 {
            let half = remaining / 2
            let isAbove = edges[unchecked: start + half] < value
            start = isAbove ? start + half + 1 : start
            remaining = isAbove ? remaining - half - 1 : half
        }
        return start
    }

    /// Whether the bin can hold one value only, so that nothing is lost inside it.
    package func holdsOneValue(_ bin: Int) -> Bool {
        bin > 0 && bin < upperEdges.count && upperEdges[bin - 1].nextUp == upperEdges[bin]
    }

    /// Values with a bin of their own: those that the baseline has often, ascending.
    package var pointMasses: [Double] {
        (0..<binCount).filter(holdsOneValue).map { upperEdges[$0] }
    }

    /// Sums bin counts into the groups that PSI and Jensen–Shannon compare.
    ///
    /// Deciles of the baseline, or its single values and, last, one group for all other values.
    package func grouped(_ counts: [Int]) -> [Int] {
        guard !isDiscrete else { return groupedByValue(counts) }
        var groups: [Int] = []
        var start = 0
        for end in groupEnds {
            groups.append(counts[start...end].reduce(0, +))
            start = end + 1
        }
        groups.append(counts[start...].reduce(0, +))
        return groups
    }

    private func groupedByValue(_ counts: [Int]) -> [Int] {
        var groups: [Int] = []
        var others = 0
        for (bin, count) in counts.enumerated() {
            if holdsOneValue(bin) { groups.append(count) } else { others += count }
        }
        return groups + [others]
    }

    /// FNV-1a over the bits of the edges.
    private static func fingerprint(of plan: EdgePlan) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let words = plan.edges.map(\.bitPattern) + plan.groupEnds.map { UInt64($0) }
        for word in words {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                hash = (hash ^ ((word >> shift) & 0xff)) &* 0x100_0000_01b3
            }
        }
        // JSON readers elsewhere keep integers exactly only to 53 bits.
        return hash >> 11
    }
}

/// The edges of a layout while they are collected.
private struct EdgePlan {
    var edges: [Double]
    var groupEnds: [Int]
    var isDiscrete: Bool

    static func discrete(_ sample: Sample) -> EdgePlan {
        var edges: [Double] = []
        var previous: Double?
        for value in sample.sorted where value != previous {
            if edges.last != value.nextDown { edges.append(value.nextDown) }
            edges.append(value)
            previous = value
        }
        return EdgePlan(edges: edges, groupEnds: [], isDiscrete: true)
    }

    static func continuous(_ sample: Sample) -> EdgePlan {
        let deciles = Binning.decileEdges(sample)
        var edges = deciles
        let bins = Double(BinLayout.quantileBins)
        let quantiles = (1..<BinLayout.quantileBins).map { Double($0) / bins }
        // A tail bin keeps at least four rows of the baseline.
        var tails: [Double] = []
        var share = 0.5 / bins
        while share * Double(sample.count) >= 4 && tails.count < 32 {
            tails += [share, 1 - share]
            share /= 2
        }
        edges += (quantiles + tails).compactMap { sample.quantile($0) }
        edges += pointMasses(sample).flatMap { [$0.nextDown, $0] }
        edges += [sample.sorted.first?.nextDown, sample.sorted.last].compactMap { $0 }
        edges.sort()
        var unique: [Double] = []
        for edge in edges where edge != unique.last { unique.append(edge) }
        let ends = deciles.compactMap { unique.firstIndex(of: $0) }
        return EdgePlan(edges: unique, groupEnds: ends, isDiscrete: false)
    }

    /// The values that hold more than one quantile bin's share of the rows.
    private static func pointMasses(_ sample: Sample) -> [Double] {
        var masses: [Double] = []
        var start = 0
        for index in 1...sample.count {
            let isSame = index < sample.count && sample.sorted[index] == sample.sorted[start]
            if isSame { continue }
            if (index - start) * BinLayout.quantileBins > sample.count {
                masses.append(sample.sorted[start])
            }
            start = index
        }
        return masses
    }
}
