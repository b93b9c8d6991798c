package import Statistics

/// The additive part of any number of windows: the rows in each cell of a version's columns, and
/// what their values sum to. What was added can be taken out again.
package struct RangeCells: Sendable, Equatable {
    package private(set) var counts: [Int]
    package private(set) var sums: [Double]

    package init(size: Int) {
        counts = Array(repeating: 0, count: size)
        sums = Array(repeating: 0, count: size)
    }

    init(counts: [Int], sums: [Double]) {
        self.counts = counts
        self.sums = sums
    }

    package mutating func add(_ packed: [UInt8]) throws {
        try fold(packed, isAdded: true)
    }

    /// Takes out what was added before.
    package mutating func subtract(_ packed: [UInt8]) throws {
        try fold(packed, isAdded: false)
    }

    /// The cells that have rows: how far behind the one before, how many, and what they sum to.
    package var packed: [UInt8] {
        var writer = PackedWriter(capacity: 1_024)
        var next = 0
        for cell in counts.indices where counts[cell] != 0 {
            let hasSum = sums[cell] != 0
            writer.put((cell - next) << 1 | (hasSum ? 1 : 0))
            writer.put(counts[cell])
            if hasSum { writer.put(sums[cell]) }
            next = cell + 1
        }
        return writer.bytes
    }

    private mutating func fold(_ packed: [UInt8], isAdded: Bool) throws {
        // Taken out of self for the loop: two spans into one struct would overlap.
        var (takenCounts, takenSums) = (counts, sums)
        (counts, sums) = ([], [])
        defer { (counts, sums) = (takenCounts, takenSums) }
        var cellCounts = takenCounts.mutableSpan
        var cellSums = takenSums.mutableSpan
        let (sign, weight) = isAdded ? (1, 1.0) : (-1, -1.0)
        var reader = PackedReader(packed)
        var cell = 0
        while !reader.isAtEnd {
            let step = try reader.number()
            cell &+= step >> 1
            guard cell < cellCounts.count else { throw PackedBytesMalformed() }
            cellCounts[cell] &+= sign &* (try reader.number())
            if step & 1 == 1 { cellSums[cell] += weight * (try reader.double()) }
            cell &+= 1
        }
    }
}

/// What of any number of windows merges, but cannot be taken out again.
package struct RangeRest: Sendable, Equatable {
    /// In the layout's order, the scores last; categories have none.
    package private(set) var extremes: [SketchExtremes]
    /// Of the numeric features, nil where a window counted none; the scores have none.
    package private(set) var runs: [RunLength?]
    /// The new categories of each column, and how many unlisted ones; numbers have none.
    package private(set) var newValues: [FrequentValues]
    package private(set) var unlisted: [DistinctSketch?]
    package private(set) var performance: PerformanceSketch

    init(
        extremes: [SketchExtremes],
        runs: [RunLength?],
        newValues: [FrequentValues],
        unlisted: [DistinctSketch?],
        performance: PerformanceSketch
    ) {
        self.extremes = extremes
        self.runs = runs
        self.newValues = newValues
        self.unlisted = unlisted
        self.performance = performance
    }

    /// Appends what came later.
    package mutating func merge(_ other: RangeRest) throws {
        guard extremes.count == other.extremes.count else { throw PackedBytesMalformed() }
        for column in extremes.indices {
            extremes[column].merge(other.extremes[column])
            try newValues[column].merge(other.newValues[column])
            if let later = other.unlisted[column] {
                if unlisted[column] == nil {
                    unlisted[column] = later
                } else {
                    try unlisted[column]?.merge(later)
                }
            }
            if let later = other.runs[column] {
                runs[column]?.merge(later)
            } else {
                runs[column] = nil
            }
        }
        try performance.merge(other.performance)
    }

    package var packed: [UInt8] {
        var writer = PackedWriter(capacity: 64 * extremes.count)
        for column in extremes.indices {
            extremes[column].put(into: &writer)
            writer.put(runs[column])
            newValues[column].put(into: &writer)
            writer.put(unlisted[column])
        }
        performance.put(into: &writer)
        return writer.bytes
    }

    package init(_ packed: [UInt8], layout: RangeLayout) throws {
        var reader = PackedReader(packed)
        extremes = []
        runs = []
        newValues = []
        unlisted = []
        for _ in 0..<layout.columnCount {
            extremes.append(try SketchExtremes(&reader))
            runs.append(try reader.value())
            newValues.append(try FrequentValues(&reader))
            unlisted.append(try reader.value())
        }
        performance = try PerformanceSketch(task: layout.task, &reader)
    }
}
