/// The longest run of one value in a stream, mergeable in the order of time.
///
/// A stuck sensor repeats its last value; distances of distributions hardly see it, a run does.
/// Values whose runs are normal, such as the zeros of rain, can be ignored; parts that are merged
/// must have ignored the same.
package struct RunLength: Sendable, Equatable {
    package struct Run: Codable, Sendable, Equatable {
        package let value: Double
        package fileprivate(set) var length: Int
    }

    /// The run that the stream begins with; nil when it begins with an ignored value or is empty.
    private var first: Run?
    /// The run that the stream ends with, by the same rule.
    private var last: Run?
    /// Of at least two values.
    package private(set) var longest: Run?
    /// Values taken, ignored ones included, missing ones not.
    package private(set) var count = 0

    package init() {}

    package init(_ values: [Double], ignoring ignored: [Double] = []) {
        observe(values.span, ignoring: ignored)
    }

    /// Takes the next values; NaN is left out, so that a gap does not hide a stuck sensor.
    ///
    /// A value that is not the one before costs a few comparisons.
    package mutating func observe(_ values: Span<Double>, ignoring ignored: [Double] = []) {
        var isWhole = isOneRun
        var (value, length) = (last?.value ?? 0, last?.length ?? 0)
        for index in values.indices {
            let next = values[unchecked: index]
            if next == value, length > 0 {
                length &+= 1
            } else if !next.isNaN {
                if length > 0 { finish(value, length, ignored, &isWhole) }
                (value, length) = (next, 1)
            } else {
                continue
            }
            count &+= 1
        }
        guard length > 0 else { return }
        let isFirst = isWhole
        finish(value, length, ignored, &isWhole)
        last = ignored.contains(value) ? nil : Run(value: value, length: length)
        // The stream may be one run still, which the next values make longer.
        if isFirst { first = last }
    }

    /// Appends a later part of the stream.
    package mutating func merge(_ later: RunLength) {
        guard later.count > 0 else { return }
        guard count > 0 else { self = later; return }
        var joined = later.first
        if let run = last, let next = later.first, run.value == next.value {
            joined?.length += run.length
        }
        let (wasOneRun, laterIsOneRun) = (isOneRun, later.isOneRun)
        count += later.count
        keepLonger(joined)
        keepLonger(later.longest)
        last = laterIsOneRun ? joined : later.last
        if wasOneRun, let next = joined, next.value == first?.value { first = next }
    }

    /// Whether this run is one of a stuck sensor.
    ///
    /// Longer than 10 values and more than twice the longest of the reference: on two years of
    /// daily temperatures this found every stuck fortnight without a false alarm.
    package func isStuck(reference: RunLength) -> Bool {
        (longest?.length ?? 0) > max(10, 2 * (reference.longest?.length ?? 0))
    }

    /// Whether all values taken so far are one run, or none were.
    private var isOneRun: Bool { (first?.length ?? 0) == count }

    @inline(__always)
    private mutating func finish(
        _ value: Double,
        _ length: Int,
        _ ignored: [Double],
        _ isWhole: inout Bool
    ) {
        guard isWhole || length > (longest?.length ?? 1) else { return }
        let run = ignored.contains(value) ? nil : Run(value: value, length: length)
        if isWhole { first = run }
        isWhole = false
        keepLonger(run)
    }

    private mutating func keepLonger(_ run: Run?) {
        guard let run, run.length > (longest?.length ?? 1) else { return }
        longest = run
    }

    // MARK: - Bytes

    /// The count, and each run that says something of its own.
    package func put(into writer: inout PackedWriter) {
        writer.put(count)
        guard count > 0 else { return }
        for (run, known) in [(first, nil), (last, first), (longest, first)] {
            let isKnown = run != nil && run == known
            writer.put(isKnown ? 1 : run.map { $0.length << 1 } ?? 0)
            if let run, !isKnown { writer.put(run.value) }
        }
    }

    package init(_ reader: inout PackedReader) throws(PackedBytesMalformed) {
        count = try reader.number()
        guard count > 0 else { return }
        first = try Self.run(&reader, known: nil)
        last = try Self.run(&reader, known: first)
        longest = try Self.run(&reader, known: first)
    }

    private static func run(
        _ reader: inout PackedReader,
        known: Run?
    ) throws(PackedBytesMalformed) -> Run? {
        let word = try reader.number()
        guard word > 1 else { return word == 1 ? known : nil }
        return Run(value: try reader.double(), length: word >> 1)
    }
}

extension RunLength: Packable {}
