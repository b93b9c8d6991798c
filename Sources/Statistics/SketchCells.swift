/// The parts of a sketch that add up and can be taken out again, laid end to end as cells: in each
/// a number of rows, and for the bins of numbers what their values sum to.
///
/// Moments are no such part: one wild value would leave nothing but rounding behind when it is
/// taken out. They go with the extremes, in `SketchExtremes`.
extension NumericSketch {
    package static func cellCount(_ layout: BinLayout) -> Int { layout.binCount + 2 }

    /// The bins, then missing and infinite values.
    package var cells: (counts: [Int], sums: [Double]) {
        (counts + [missingCount, infiniteCount], sums + [0, 0])
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
        self.init(
            layout: layout,
            counts: Array(cells.dropLast(2)),
            sums: Array(cellSums.dropLast(2)),
            missing: cells[cells.endIndex - 2],
            infinite: cells[cells.endIndex - 1],
            extremes: extremes
        )
    }

    package var extremes: SketchExtremes {
        SketchExtremes(minimum: minimum, maximum: maximum, moments: moments)
    }
}

extension CategorySketch {
    package static func cellCount(_ layout: CategoryLayout) -> Int { layout.categories.count + 3 }

    /// The listed categories, then the rest, unseen ones and missing values.
    package var cells: [Int] { counts + [restCount, unseenCount, missingCount] }

    /// - Parameter unseen: New categories with their rows, of which the most frequent are listed.
    package init(
        layout: CategoryLayout,
        cells: ArraySlice<Int>,
        unseen: [String: Int]
    ) throws(SketchMismatch) {
        guard cells.count == Self.cellCount(layout) else { throw SketchMismatch() }
        let last = Array(cells.suffix(3))
        self.init(
            counts: Array(cells.dropLast(3)),
            rest: last[0],
            unseenCount: last[1],
            missing: last[2],
            unseen: unseen
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
