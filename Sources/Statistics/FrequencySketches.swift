import Glibc

/// About how many different values a stream had, in 2^precision bytes.
///
/// HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, 2007) with O. Ertl's estimator for all sizes
/// ("New cardinality estimation algorithms for HyperLogLog sketches", 2017). The standard error is
/// 1.04 / sqrt(2^precision): 3.3 % at 10. Merging is exact and free of order.
package struct DistinctSketch: Sendable, Equatable {
    /// 4...16.
    package let precision: Int
    private var registers: [UInt8]

    package init(precision: Int = 10) {
        self.precision = min(16, max(4, precision))
        registers = Array(repeating: 0, count: 1 << self.precision)
    }

    package mutating func observe(_ value: String) {
        // FNV-1a over the bytes, then SplitMix64's mixing, so that high bits are even as well.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in value.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let precision = precision
        var span = registers.mutableSpan
        Self.observe(hash, precision, &span)
    }

    /// Takes many numbers; NaN is no value, and both zeros are one.
    package mutating func observe(_ values: Span<Double>) {
        let precision = precision
        var span = registers.mutableSpan
        for index in values.indices {
            let value = values[unchecked: index]
            guard !value.isNaN else { continue }
            Self.observe((value == 0 ? 0.0 : value).bitPattern, precision, &span)
        }
    }

    @inline(__always)
    private static func observe(
        _ hash: UInt64,
        _ precision: Int,
        _ registers: inout MutableSpan<UInt8>
    ) {
        var word = hash &+ 0x9e37_79b9_7f4a_7c15
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        word ^= word >> 31
        let register = Int(truncatingIfNeeded: word >> UInt64(truncatingIfNeeded: 64 &- precision))
        let rest = word << UInt64(truncatingIfNeeded: precision)
        let rank = UInt8(min(rest.leadingZeroBitCount, 64 &- precision) &+ 1)
        if registers[register] < rank { registers[register] = rank }
    }

    package mutating func merge(_ other: DistinctSketch) throws(SketchMismatch) {
        guard precision == other.precision, registers.count == other.registers.count else {
            throw SketchMismatch()
        }
        for index in registers.indices {
            registers[index] = max(registers[index], other.registers[index])
        }
    }

    /// Writes the registers that are in use: how far behind the one before, and the rank, in one
    /// byte where they are neighbours.
    package func put(into writer: inout PackedWriter) {
        writer.put(precision)
        writer.put(registers.count { $0 > 0 })
        var next = 0
        for register in registers.indices where registers[register] > 0 {
            writer.put((register - next) << 6 | Int(registers[register]))
            next = register + 1
        }
    }

    package init(_ reader: inout PackedReader) throws(PackedBytesMalformed) {
        let precision = try reader.number()
        guard 4...16 ~= precision else { throw PackedBytesMalformed() }
        self.init(precision: precision)
        var register = 0
        for _ in 0..<max(0, try reader.number()) {
            let word = try reader.number()
            register += word >> 6
            guard word >= 0, registers.indices.contains(register) else {
                throw PackedBytesMalformed()
            }
            registers[register] = UInt8(word & 63)
            register += 1
        }
    }

    /// The estimated number of different values.
    package var estimate: Double {
        let size = Double(registers.count)
        let highest = 64 - precision
        var counts = [Int](repeating: 0, count: highest + 2)
        for register in registers { counts[min(Int(register), highest + 1)] += 1 }
        guard counts[0] < registers.count else { return 0 }
        var sum = size * Self.saturated(1 - Double(counts[highest + 1]) / size)
        for rank in stride(from: highest, through: 1, by: -1) {
            sum = 0.5 * (sum + Double(counts[rank]))
        }
        sum += size * Self.empty(Double(counts[0]) / size)
        return size * size / (2 * log(2) * sum)
    }

    /// Ertl's σ: x + Σ x^(2^k) 2^(k - 1), for the share of empty registers.
    private static func empty(_ share: Double) -> Double {
        var (power, factor, sum) = (share, 1.0, share)
        for _ in 0..<64 {
            power *= power
            let next = sum + power * factor
            factor *= 2
            if next == sum { break }
            sum = next
        }
        return sum
    }

    /// Ertl's τ, for the share of registers that are not full.
    private static func saturated(_ share: Double) -> Double {
        guard share > 0, share < 1 else { return 0 }
        var (root, factor, sum) = (share, 1.0, 1 - share)
        for _ in 0..<64 {
            root = root.squareRoot()
            factor *= 0.5
            let next = sum - (1 - root) * (1 - root) * factor
            if next == sum { break }
            sum = next
        }
        return sum / 3
    }
}

/// The values that are frequent in a stream, in a fixed number of counters.
///
/// J. Misra and D. Gries (1982), merged as P. K. Agarwal and others (2012). A count is too low by
/// at most n / (capacity + 1) and never too high, so every value above that share is listed.
package struct FrequentValues: Sendable, Equatable {
    package let capacity: Int
    /// Lower bounds of the counts, at most `capacity` of them.
    package private(set) var counts: [String: Int] = [:]
    package private(set) var totalCount = 0
    /// By how much a listed count may be too low, and an unlisted value's count at most.
    package private(set) var largestError = 0

    package init(capacity: Int = 64) {
        self.capacity = max(1, capacity)
    }

    /// The sketch with these counts, of which the most frequent are kept.
    package init(counts: [String: Int], totalCount: Int, largestError: Int, capacity: Int = 64) {
        self.init(capacity: capacity)
        self.counts = counts
        self.totalCount = totalCount
        self.largestError = largestError
        keepMostFrequent()
    }

    /// Takes a value that comes `count` times.
    package mutating func observe(_ value: String, count: Int = 1) {
        totalCount += count
        if let known = counts[value] {
            counts[value] = known + count
        } else if counts.count < capacity {
            counts[value] = count
        } else {
            // As many are taken from each as the least frequent has, or the new one.
            let surplus = min(count, counts.values.min() ?? count)
            largestError += surplus
            counts = counts.compactMapValues { $0 > surplus ? $0 - surplus : nil }
            if count > surplus { counts[value] = count - surplus }
        }
    }

    package mutating func merge(_ other: FrequentValues) throws(SketchMismatch) {
        guard capacity == other.capacity else { throw SketchMismatch() }
        totalCount += other.totalCount
        largestError += other.largestError
        counts.merge(other.counts, uniquingKeysWith: +)
        keepMostFrequent()
    }

    private mutating func keepMostFrequent() {
        guard counts.count > capacity else { return }
        let surplus = counts.values.sorted(by: >)[capacity]
        largestError += surplus
        counts = counts.compactMapValues { $0 > surplus ? $0 - surplus : nil }
    }

    package func put(into writer: inout PackedWriter) {
        writer.put(totalCount)
        guard totalCount > 0 else { return }
        writer.put(capacity)
        writer.put(largestError)
        writer.put(counts.count)
        for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
            writer.put(value)
            writer.put(count)
        }
    }

    package init(_ reader: inout PackedReader) throws(PackedBytesMalformed) {
        self.init()
        let totalCount = try reader.number()
        guard totalCount > 0 else { return }
        let capacity = try reader.number()
        let largestError = try reader.number()
        var counts: [String: Int] = [:]
        for _ in 0..<max(0, try reader.number()) {
            let value = try reader.text()
            counts[value] = try reader.number()
        }
        self.init(
            counts: counts,
            totalCount: totalCount,
            largestError: largestError,
            capacity: capacity
        )
    }
}
