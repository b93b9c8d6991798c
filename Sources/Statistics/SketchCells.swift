/// The parts of a sketch that add up and can be taken out again, laid end to end as cells: in each
/// a number of rows, and for the bins of numbers what their values sum to.
///
/// Moments are no such part: one wild value would leave nothing but rounding behind when it is
/// taken out. They go with the extremes, in `SketchExtremes`.
extension NumericSketch {
    package static func cellCount(_ layout: BinLayout) -> Int { layout.binCount + 4 }

    /// The bins, then rows that have no usable value by their reason.
    package var cells: (counts: [Int], sums: [Double]) {
        let gaps = gaps
        let reasons = [gaps.missing, gaps.infinite, gaps.notANumber, gaps.unreadable]
        return (counts + reasons, sums + [0, 0, 0, 0])
    }

    package init(
        layout: BinLayout,
        counts cells: ArraySlice<Int>,
        sums cellSums: ArraySlice<Double>,
        extremes: SketchExtremes
    ) throws(SketchMismatch) {
        guard cells.count == Self.cellCount(layout), cellSums.count == cells.count else {
            throw SketchMismatch()
        }
        let reasons = Array(cells.suffix(4))
        self.init(
            layout: layout,
            counts: Array(cells.dropLast(4)),
            sums: Array(cellSums.dropLast(4)),
            gaps: NumericGaps(
                missing: reasons[0],
                infinite: reasons[1],
                notANumber: reasons[2],
                unreadable: reasons[3]
            ),
            extremes: extremes
        )
    }

    package var extremes: SketchExtremes {
        SketchExtremes(minimum: minimum, maximum: maximum, moments: moments)
    }
}

extension CategorySketch {
    package static func cellCount(_ layout: CategoryLayout) -> Int { layout.categories.count + 2 }

    /// The listed categories, then the rest and missing values.
    package var cells: [Int] { counts + [restCount, missingCount] }

    package init(
        layout: CategoryLayout,
        cells: ArraySlice<Int>,
        newValues: FrequentValues,
        unlisted: DistinctSketch?
    ) throws(SketchMismatch) {
        guard cells.count == Self.cellCount(layout) else { throw SketchMismatch() }
        let last = Array(cells.suffix(2))
        self.init(
            counts: Array(cells.dropLast(2)),
            rest: last[0],
            missing: last[1],
            newValues: newValues,
            unlisted: unlisted
        )
    }
}

/// What of a numeric sketch merges, but cannot be taken out again.
package struct SketchExtremes: Sendable, Equatable {
    package private(set) var minimum: Double?
    package private(set) var maximum: Double?
    package private(set) var moments: Moments

    package init(minimum: Double? = nil, maximum: Double? = nil, moments: Moments = Moments()) {
        self.minimum = minimum
        self.maximum = maximum
        self.moments = moments
    }

    package mutating func merge(_ other: SketchExtremes) {
        guard other.moments.count > 0 else { return }
        minimum = min(minimum ?? .infinity, other.minimum ?? .infinity)
        maximum = max(maximum ?? -.infinity, other.maximum ?? -.infinity)
        moments.merge(other.moments)
    }

    package func put(into writer: inout PackedWriter) {
        writer.put(moments.count)
        guard moments.count > 0 else { return }
        for number in [minimum ?? .nan, maximum ?? .nan, moments.mean, moments.squares] {
            writer.put(number)
        }
    }

    package init(_ reader: inout PackedReader) throws(PackedBytesMalformed) {
        self.init()
        let count = try reader.number()
        guard count > 0 else { return }
        minimum = try reader.double()
        maximum = try reader.double()
        let mean = try reader.double()
        moments = Moments(count: count, mean: mean, squares: try reader.double())
    }
}
