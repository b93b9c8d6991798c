import Glibc

/// Finite values in ascending order, with the count of those that were left out.
///
/// Every exact comparison takes samples, so that a column is sorted once for all of them.
package struct Sample: Sendable, Equatable {
    package let sorted: [Double]
    /// NaN, which stands for missing.
    package let missingCount: Int
    /// Infinite, or of a size beyond `largestMagnitude`.
    package let infiniteCount: Int

    /// Values of a larger size count as infinite: their squares leave the range of a number.
    package static let largestMagnitude = 1e100

    @inline(__always)
    package static func isUsable(_ value: Double) -> Bool {
        abs(value) <= largestMagnitude
    }

    package init(_ values: [Double]) {
        self.init(values.span)
    }

    package init(_ values: Span<Double>) {
        var finite: [Double] = []
        finite.reserveCapacity(values.count)
        var missing = 0
        for index in values.indices {
            let value = values[index]
            if Self.isUsable(value) {
                finite.append(value)
            } else if value.isNaN {
                missing += 1
            }
        }
        missingCount = missing
        infiniteCount = values.count - finite.count - missing
        finite.sortAscending()
        sorted = finite
    }

    package var count: Int { sorted.count }
    package var isEmpty: Bool { sorted.isEmpty }

    package var mean: Double? {
        isEmpty ? nil : sorted.reduce(0, +) / Double(count)
    }

    /// The root of the mean squared distance from the mean (divisor n).
    package var standardDeviation: Double? {
        guard let mean else { return nil }
        let squares = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(count)).squareRoot()
    }

    /// The value below which this share lies, by linear interpolation (numpy's default, type 7).
    package func quantile(_ share: Double) -> Double? {
        guard !isEmpty, share.isFinite else { return nil }
        let position = min(1, max(0, share)) * Double(count - 1)
        let below = Int(position)
        guard below + 1 < count else { return sorted[count - 1] }
        // The form that numpy uses on either side of the middle, to agree to the last bit.
        let fraction = position - Double(below)
        let (left, right) = (sorted[below], sorted[below + 1])
        let step = right - left
        return fraction < 0.5 ? left + step * fraction : right - step * (1 - fraction)
    }

    /// How many of the values lie in each bin of lower < x <= upper with open ends.
    package func counts(upperEdges: [Double]) -> [Int] {
        var counts: [Int] = []
        counts.reserveCapacity(upperEdges.count + 1)
        var position = 0
        for edge in upperEdges {
            let start = position
            while position < count && sorted[position] <= edge { position += 1 }
            counts.append(position - start)
        }
        counts.append(count - position)
        return counts
    }

    /// Number of different values, counted no further than the limit plus one.
    package func distinctCount(limit: Int = .max - 1) -> Int {
        var distinct = 0
        var previous: Double?
        for value in sorted where value != previous {
            distinct += 1
            previous = value
            if distinct > limit { break }
        }
        return distinct
    }
}
