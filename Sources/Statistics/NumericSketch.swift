/// Two sketches that were made over different bins.
package struct SketchMismatch: Error, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String {
        "The two sketches were made with different baselines. Compare windows of one model version."
    }
}

/// What is kept of a numeric column: counts and sums over the bins of a layout.
///
/// Counts, sums and moments are additive: merging is exact in the counts and free of order, and a
/// part can be taken out again. The extremes merge but cannot be taken out.
package struct NumericSketch: Codable, Sendable, Equatable {
    /// The layout's fingerprint.
    package let layout: UInt64
    package private(set) var counts: [Int]
    /// Sums of the values of each bin, wild values taken as the layout's clamp limit.
    package private(set) var sums: [Double]
    package private(set) var missingCount: Int
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
        missing: Int,
        infinite: Int,
        extremes: SketchExtremes
    ) {
        self.layout = layout.fingerprint
        self.counts = counts
        self.sums = zip(counts, sums).map { $0 == 0 ? 0 : $1 }
        missingCount = missing
        infiniteCount = infinite
        minimum = extremes.minimum
        maximum = extremes.maximum
        moments = extremes.moments
    }

    package init(layout: BinLayout, values: [Double]) throws(SketchMismatch) {
        self.init(layout: layout)
        try add(values.span, layout: layout)
    }

    /// Finite values.
    package var count: Int { moments.count }
    package var rowCount: Int { count + missingCount + infiniteCount }

    /// Missing and infinite values as a share of all rows; 0 without rows.
    package var missingShare: Double {
        rowCount == 0 ? 0 : Double(missingCount + infiniteCount) / Double(rowCount)
    }

    /// Values outside the range of the baseline: those of the two end bins.
    package var outOfRangeCount: Int {
        counts.count < 2 ? 0 : counts[0] + counts[counts.count - 1]
    }

    /// Adds one value; NaN is missing.
    package mutating func add(_ value: Double, layout: BinLayout) throws(SketchMismatch) {
        try check(layout)
        guard Sample.isUsable(value) else {
            if value.isNaN { missingCount += 1 } else { infiniteCount += 1 }
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
                if value.isNaN { block.missing += 1 } else { block.infinite += 1 }
                continue
            }
            binCounts[bin] &+= 1
            let low = value < clampLow ? clampLow : value
            binSums[bin] += low > clampHigh ? clampHigh : low
            block.observe(value)
        }
        (counts, sums) = (takenCounts, takenSums)
        missingCount += block.missing
        infiniteCount += block.infinite
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
        missingCount += other.missingCount
        infiniteCount += other.infiniteCount
        minimum = [minimum, other.minimum].compactMap { $0 }.min()
        maximum = [maximum, other.maximum].compactMap { $0 }.max()
        moments.merge(other.moments)
    }

    /// Takes out a part that was merged in before; the extremes become unknown.
    package mutating func subtract(_ part: NumericSketch) throws(SketchMismatch) {
        guard layout == part.layout, counts.count == part.counts.count else {
            throw SketchMismatch()
        }
        for bin in counts.indices {
            counts[bin] -= part.counts[bin]
            sums[bin] = counts[bin] == 0 ? 0 : sums[bin] - part.sums[bin]
        }
        missingCount -= part.missingCount
        infiniteCount -= part.infiniteCount
        minimum = nil
        maximum = nil
        moments.subtract(part.moments)
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
        (sketch.missingCount, sketch.infiniteCount) = (missingCount, infiniteCount)
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

/// What one pass over values gathers beside the bins.
private struct Block {
    var missing = 0
    var infinite = 0
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
