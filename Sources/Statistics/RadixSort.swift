extension [Double] {
    /// Sorts finite numbers in ascending order; -0 comes before 0.
    ///
    /// Cost: grows with the count alone. From some thousand values on by the digits of the bit
    /// pattern (least significant first, 13 bits a pass; a pass whose digit is the same in all
    /// values is left out), which needs twice as much memory again and takes about a quarter of
    /// the time of a sort by comparison.
    mutating func sortAscending() {
        guard count > 4_096, count < Int(UInt32.max) else {
            sort()
            return
        }
        // Pointers: the places are found from the values, and checking each would cost a third.
        withUnsafeMutableBufferPointer { values in
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * values.count) { room in
                let half = values.count
                sortByDigits(
                    values,
                    UnsafeMutableBufferPointer(rebasing: room[..<half]),
                    UnsafeMutableBufferPointer(rebasing: room[half...])
                )
            }
        }
    }
}

private let digitBits: UInt64 = 13
private let digitCount = 5
private let buckets = 1 << Int(digitBits)

@inline(__always)
private func digit(_ key: UInt64, _ place: Int) -> Int {
    Int(truncatingIfNeeded: (key >> (UInt64(place) * digitBits)) & (1 << digitBits - 1))
}

private func sortByDigits(
    _ values: UnsafeMutableBufferPointer<Double>,
    _ first: UnsafeMutableBufferPointer<UInt64>,
    _ second: UnsafeMutableBufferPointer<UInt64>
) {
    var (keys, target) = (first, second)
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: buckets * digitCount) { places in
        places.initialize(repeating: 0)
        for index in values.indices {
            let key = orderedBits(values[index])
            keys[index] = key
            for place in 0..<digitCount { places[place * buckets + digit(key, place)] &+= 1 }
        }
        for place in 0..<digitCount {
            let starts = UnsafeMutableBufferPointer(
                rebasing: places[place * buckets..<(place + 1) * buckets]
            )
            if Int(starts[digit(keys[0], place)]) == keys.count { continue }
            var next: UInt32 = 0
            for bucket in starts.indices {
                (starts[bucket], next) = (next, next &+ starts[bucket])
            }
            for index in keys.indices {
                let key = keys[index]
                let bucket = digit(key, place)
                target[Int(starts[bucket])] = key
                starts[bucket] &+= 1
            }
            swap(&keys, &target)
        }
    }
    for index in values.indices { values[index] = number(keys[index]) }
}

/// A number that orders as the value does: of a negative one all bits are turned, of others the
/// first.
@inline(__always)
private func orderedBits(_ value: Double) -> UInt64 {
    let bits = value.bitPattern
    return bits ^ (UInt64(bitPattern: Int64(bitPattern: bits) >> 63) | 1 << 63)
}

@inline(__always)
private func number(_ key: UInt64) -> Double {
    Double(bitPattern: key ^ (~UInt64(bitPattern: Int64(bitPattern: key) >> 63) | 1 << 63))
}
