package import Statistics

/// What the order and the variety of a numeric column's values show, and no bin can: how long one
/// value stood, and about how many different values came.
///
/// Windows merge in the order of time; nothing can be taken out again.
package struct ValueTrail: Sendable, Equatable {
    /// Of values that the baseline does not have often.
    package private(set) var runs = RunLength()
    package private(set) var distinct = DistinctSketch()

    package init() {}

    /// Adds the next values, the values ignored in runs being those the layout has a bin for.
    package mutating func add(_ values: Span<Double>, layout: BinLayout) {
        runs.observe(values, ignoring: layout.pointMasses)
        distinct.observe(values)
    }

    /// Appends what came later.
    package mutating func merge(_ later: ValueTrail) throws {
        runs.merge(later.runs)
        try distinct.merge(later.distinct)
    }
}

extension ValueTrail: Packable {
    package init(_ reader: inout PackedReader) throws(PackedBytesMalformed) {
        runs = try RunLength(&reader)
        distinct = try DistinctSketch(&reader)
    }

    package func put(into writer: inout PackedWriter) {
        runs.put(into: &writer)
        distinct.put(into: &writer)
    }
}
