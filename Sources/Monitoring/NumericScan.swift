package import Statistics

/// What single rows of a numeric column show, taken in their order while they stream by: runs of
/// one value, as a stuck sensor makes, and values far from all that was before.
package struct NumericScan: Sendable, Equatable {
    package struct Run: Sendable, Equatable {
        package let value: Double
        /// In rows; missing values between are left out, so that a gap does not hide it.
        package let length: Int
    }

    /// Values whose runs are normal, such as the zeros of rain.
    private let ignored: [Double]
    /// Runs longer than this are counted as long.
    private let longRun: Int
    /// Values outside of it are counted as far.
    private let usual: ClosedRange<Double>
    /// Rows that have a value, those of the unfinished run not among them.
    package private(set) var count = 0
    package private(set) var farCount = 0
    /// The longest finished run of a value that is not ignored.
    package private(set) var longest: Run?
    /// Finished long runs of any value, and their rows.
    package private(set) var longRuns = 0
    package private(set) var longRunRows = 0
    private var value = 0.0
    private var length = 0

    package init(
        ignoring ignored: [Double] = [],
        longRun: Int = .max,
        usual: ClosedRange<Double> = -Double.infinity...Double.infinity
    ) {
        self.ignored = ignored
        self.longRun = longRun
        self.usual = usual
    }

    /// Takes the next values; NaN is missing.
    ///
    /// A value that is not the one before costs a few comparisons.
    package mutating func observe(_ values: Span<Double>) {
        let (low, high) = (usual.lowerBound, usual.upperBound)
        for index in values.indices {
            let next = values[unchecked: index]
            if next == value {
                length &+= 1
            } else if !next.isNaN {
                finishRun()
                value = next
                length = 1
            }
            farCount &+= next < low || next > high ? 1 : 0
        }
    }

    /// The scan with the last run finished.
    package func finished() -> NumericScan {
        var scan = self
        scan.finishRun()
        (scan.value, scan.length) = (0, 0)
        return scan
    }

    @inline(__always)
    private mutating func finishRun() {
        count &+= length
        if length > min(longest?.length ?? 0, longRun) { keepRun() }
    }

    private mutating func keepRun() {
        if length > longest?.length ?? 0, !ignored.contains(value) {
            longest = Run(value: value, length: length)
        }
        if length > longRun {
            longRuns += 1
            longRunRows += length
        }
    }
}

/// A numeric column as the search for a cause takes it: rows of it, and what is known of all.
package struct NumericSide: Sendable, Equatable {
    /// What was counted of all rows where `values` are some of them.
    package struct Whole: Sendable, Equatable {
        package let rows: Int
        package let missing: Int
        package let infinite: Int
        /// Of the usable values; nil without any.
        package let range: ClosedRange<Double>?
        package let scan: NumericScan

        package init(_ sketch: NumericSketch, scan: NumericScan) {
            rows = sketch.rowCount
            missing = sketch.missingCount
            infinite = sketch.infiniteCount
            self.scan = scan.finished()
            if let minimum = sketch.minimum, let maximum = sketch.maximum {
                range = minimum...maximum
            } else {
                range = nil
            }
        }
    }

    /// In the order of their rows, at equal distances where they are not all.
    package let values: [Double]
    package let sorted: Sample
    /// nil where `values` are all rows.
    let whole: Whole?

    package init(values: [Double], whole: Whole? = nil) {
        self.values = values
        self.whole = whole
        sorted = Sample(values)
    }

    package var rows: Int { whole?.rows ?? values.count }
    package var missing: Int { whole?.missing ?? sorted.missingCount }
    package var infinite: Int { whole?.infinite ?? sorted.infiniteCount }

    /// From the lowest to the highest value; nil without values.
    package var range: ClosedRange<Double>? {
        if let whole { return whole.range }
        guard let low = sorted.sorted.first, let high = sorted.sorted.last else { return nil }
        return low...high
    }

    /// Values with more than a twentieth of the rows: their runs are normal.
    package var masses: [Double] {
        var masses: [Double] = []
        sorted.forEachRun { value, hits in
            if Double(hits) > CauseLevel.pointMass * Double(max(1, sorted.count)) {
                masses.append(value)
            }
        }
        return masses
    }

    /// The range beyond which values are far: ten of its widths to both sides; nil for a constant.
    package var reach: ClosedRange<Double>? {
        guard let range, range.upperBound > range.lowerBound else { return nil }
        let width = CauseLevel.farWidths * (range.upperBound - range.lowerBound)
        return range.lowerBound - width...range.upperBound + width
    }

    /// The scan that looks for what `reference` has not; this side's own rows go into it.
    package static func scan(after reference: NumericSide, usualRun: Int? = nil) -> NumericScan {
        let usual = usualRun ?? reference.scan(ignoring: reference.masses).longest?.length ?? 0
        return NumericScan(
            ignoring: reference.masses,
            longRun: longRun(usual: usual),
            usual: reference.reach ?? -Double.infinity...Double.infinity
        )
    }

    /// The length in rows from which on a run is longer than chance and habit make it.
    static func longRun(usual: Int) -> Int { max(10, 2 * usual) }

    /// The finished scan of all rows.
    func scan(ignoring masses: [Double]) -> NumericScan {
        if let whole { return whole.scan }
        var scan = NumericScan(ignoring: masses)
        scan.observe(values.span)
        return scan.finished()
    }
}

extension Sample {
    /// Every different value, ascending, with how often it occurs.
    func forEachRun(_ body: (Double, Int) -> Void) {
        var start = 0
        while start < count {
            let value = sorted[start]
            var end = start + 1
            while end < count && sorted[end] == value { end += 1 }
            body(value, end - start)
            start = end
        }
    }
}
