/// Two sketches that were made over different bins.
package struct SketchMismatch: Error, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String {
        "The two sketches were made with different baselines. Compare windows of one model version."
    }
}

/// What is kept of a numeric column: counts and sums over the bins of a layout.
///
/// Counts and sums are additive: merging is exact in the counts and free of order, and a part can be
/// taken out again (see `cells`). The extremes merge but cannot be taken out.
package struct NumericSketch: Codable, Sendable, Equatable {
    /// The layout's fingerprint.
    package let layout: UInt64
    package private(set) var counts: [Int]
    /// Sums of the values of each bin, wild values taken as the layout's clamp limit.
    package private(set) var sums: [Double]
    /// Rows without a number, whatever the reason.
    package private(set) var missingCount: Int
    /// nil is 0, so that the sketches of most columns stay as short as they were.
    private var notANumber: Int?
    private var unreadable: Int?
    /// Infinite, or of a size beyond `Sample.largestMagnitude`.
    package private(set) var infiniteCount: Int
    package private(set) var minimum: Double?
    package private(set) var maximum: Double?
    /// Of the finite values, as they are.
    package private(set) var moments: Moments

    package init(layout: BinLayout) {
        self.layout = layout.fingerprint
        counts = Array(repeating: 0, count: layout.binCount)
        sums = Array(repeating: 0, count: layout.binCount)
        missingCount = 0
        infiniteCount = 0
        moments = Moments()
    }

    /// A sketch put together again from its parts; bins without rows sum to nothing.
    init(
        layout: BinLayout,
        counts: [Int],
        sums: [Double],
        gaps: NumericGaps,
        extremes: SketchExtremes
    ) {
        self.layout = layout.fingerprint
        self.counts = counts
        self.sums = zip(counts, sums).map { $0 == 0 ? 0 : $1 }
        missingCount = gaps.missing
        infiniteCount = gaps.infinite
        minimum = extremes.minimum
        maximum = extremes.maximum
        moments = extremes.moments
        (notANumberCount, unreadableCount) = (gaps.notANumber, gaps.unreadable)
    }

    package init(layout: BinLayout, values: [Double]) throws(SketchMismatch) {
        self.init(layout: layout)
        try add(values.span, layout: layout)
    }

    /// Finite values.
    package var count: Int { moments.count }
    package var rowCount: Int { count + missingCount + infiniteCount }

    /// Of the missing values, those that were "not a number".
    package private(set) var notANumberCount: Int {
        get { notANumber ?? 0 }
        set { notANumber = newValue == 0 ? nil : newValue }
    }

    /// Of the missing values, those that could not be read as a number.
    package private(set) var unreadableCount: Int {
        get { unreadable ?? 0 }
        set { unreadable = newValue == 0 ? nil : newValue }
    }

    package var gaps: NumericGaps {
        NumericGaps(
            missing: missingCount,
            infinite: infiniteCount,
            notANumber: notANumberCount,
            unreadable: unreadableCount
        )
    }

    /// Missing and infinite values as a share of all rows; 0 without rows.
    package var missingShare: Double {
        rowCount == 0 ? 0 : Double(missingCount + infiniteCount) / Double(rowCount)
    }

    /// Values outside the range of the baseline: those of the two end bins.
    package var outOfRangeCount: Int { belowRangeCount + aboveRangeCount }
    package var belowRangeCount: Int { counts.count < 2 ? 0 : counts[0] }
    package var aboveRangeCount: Int { counts.count < 2 ? 0 : counts[counts.count - 1] }

    /// Adds one value; NaN is missing.
    package mutating func add(_ value: Double, layout: BinLayout) throws(SketchMismatch) {
        try check(layout)
        guard Sample.isUsable(value) else {
            var gap = NumericGaps()
            gap.add(value)
            take(gap)
            return
        }
        let bin = layout.bin(of: value)
        counts[bin] += 1
        sums[bin] += min(max(value, layout.clampLow), layout.clampHigh)
        minimum = min(minimum ?? value, value)
        maximum = max(maximum ?? value, value)
        moments.add(value)
    }

    /// Adds many values; NaN is missing.
    package mutating func add(_ values: Span<Double>, layout: BinLayout) throws(SketchMismatch) {
        guard values.count >= 256 else {
            for index in values.indices { try add(values[index], layout: layout) }
            return
        }
        try add(values, search: BinSearch(layout))
    }

    /// Adds many values in the bins that the search finds; NaN is missing.
    ///
    /// The spread is taken around the first value, so that no division is made for a row.
    package mutating func add(_ values: Span<Double>, search: BinSearch) throws(SketchMismatch) {
        try check(search.layout)
        var bins = [Int32](repeating: -1, count: min(values.count, Self.blockSize))
        var start = 0
        while start < values.count {
            let end = min(values.count, start + Self.blockSize)
            let block = values.extracting(start..<end)
            var found = bins.mutableSpan
            search.find(block, into: &found)
            add(block, bins: bins.span, layout: search.layout)
            start = end
        }
    }

    /// Values whose bins stay in the processor's first cache.
    private static let blockSize = 1_024

    private mutating func add(_ values: Span<Double>, bins: Span<Int32>, layout: BinLayout) {
        let (clampLow, clampHigh) = (layout.clampLow, layout.clampHigh)
        var block = Block(origin: Self.firstUsable(values))
        // Taken out of self for the loop: two spans into one struct would overlap.
        var (takenCounts, takenSums) = (counts, sums)
        (counts, sums) = ([], [])
        var binCounts = takenCounts.mutableSpan
        var binSums = takenSums.mutableSpan
        for index in values.indices {
            let value = values[unchecked: index]
            let bin = Int(truncatingIfNeeded: bins[unchecked: index])
            guard bin >= 0 else {
                block.gaps.add(value)
                continue
            }
            binCounts[bin] &+= 1
            let low = value < clampLow ? clampLow : value
            binSums[bin] += low > clampHigh ? clampHigh : low
            block.observe(value)
        }
        (counts, sums) = (takenCounts, takenSums)
        take(block.gaps)
        guard block.count > 0 else { return }
        minimum = min(minimum ?? block.minimum, block.minimum)
        maximum = max(maximum ?? block.maximum, block.maximum)
        moments.merge(block.moments)
    }

    package mutating func merge(_ other: NumericSketch) throws(SketchMismatch) {
        guard layout == other.layout, counts.count == other.counts.count else {
            throw SketchMismatch()
        }
        for bin in counts.indices {
            counts[bin] += other.counts[bin]
            sums[bin] += other.sums[bin]
        }
        take(other.gaps)
        minimum = [minimum, other.minimum].compactMap { $0 }.min()
        maximum = [maximum, other.maximum].compactMap { $0 }.max()
        moments.merge(other.moments)
    }

    private mutating func take(_ gaps: NumericGaps) {
        missingCount += gaps.missing
        infiniteCount += gaps.infinite
        notANumberCount += gaps.notANumber
        unreadableCount += gaps.unreadable
    }

    /// The layout and the sketch with the ends that the values reach, where the layout was frozen
    /// from a sample of them; nil where the sketch is of another layout.
    ///
    /// Counts and sums stay those of the same values: only empty bins are added.
    package func frozen(_ layout: BinLayout) -> (layout: BinLayout, sketch: NumericSketch)? {
        guard self.layout == layout.fingerprint else { return nil }
        guard let minimum, let maximum,
            let wide = layout.widened(toHold: minimum...maximum)
        else { return (layout, self) }
        var sketch = NumericSketch(layout: wide.layout)
        let shift = wide.isLowered ? 1 : 0
        for bin in counts.indices {
            sketch.counts[bin + shift] = counts[bin]
            sketch.sums[bin + shift] = sums[bin]
        }
        sketch.take(gaps)
        (sketch.minimum, sketch.maximum, sketch.moments) = (minimum, maximum, moments)
        return (wide.layout, sketch)
    }

    private static func firstUsable(_ values: Span<Double>) -> Double {
        for index in values.indices where Sample.isUsable(values[index]) { return values[index] }
        return 0
    }

    private func check(_ layout: BinLayout) throws(SketchMismatch) {
        guard layout.fingerprint == self.layout, layout.binCount == counts.count else {
            throw SketchMismatch()
        }
    }
}

/// Rows of a numeric column that have no usable value, by reason.
package struct NumericGaps: Sendable, Equatable {
    /// Without a number, whatever the reason.
    package var missing = 0
    /// Infinite, or of a size beyond `Sample.largestMagnitude`.
    package var infinite = 0
    /// Of the missing ones, those that were "not a number".
    package var notANumber = 0
    /// Of the missing ones, those that could not be read as a number.
    package var unreadable = 0

    package init(missing: Int = 0, infinite: Int = 0, notANumber: Int = 0, unreadable: Int = 0) {
        self.missing = missing
        self.infinite = infinite
        self.notANumber = notANumber
        self.unreadable = unreadable
    }

    /// Counts a value that is not usable.
    mutating func add(_ value: Double) {
        guard value.isNaN else {
            infinite += 1
            return
        }
        missing += 1
        switch MissingNumber(of: value) {
        case .absent: break
        case .notANumber: notANumber += 1
        case .unreadable: unreadable += 1
        }
    }
}

/// What one pass over values gathers beside the bins.
private struct Block {
    var gaps = NumericGaps()
    var count = 0
    var minimum = Double.infinity
    var maximum = -Double.infinity
    /// One of the values, so that differences keep their digits.
    let origin: Double
    var sum = 0.0
    var squares = 0.0

    init(origin: Double) {
        self.origin = origin
    }

    @inline(__always)
    mutating func observe(_ value: Double) {
        count &+= 1
        let distance = value - origin
        sum += distance
        squares += distance * distance
        minimum = value < minimum ? value : minimum
        maximum = value > maximum ? value : maximum
    }

    var moments: Moments {
        let mean = sum / Double(count)
        return Moments(
            count: count,
            mean: origin + mean,
            squares: max(0, squares - sum * mean)
        )
    }
}
