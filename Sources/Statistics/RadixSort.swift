extension [Double] {
    /// Sorts finite numbers in ascending order; -0 comes before 0.
    ///
    /// Cost: grows with the count alone. From some thousand values on by the digits of the bit
    /// pattern (least significant first, 11 bits a pass; a pass whose digit is the same in all
    /// values is left out), which needs as much memory again and takes about a sixth of the time
    /// of a sort by comparison.
    mutating func sortAscending() {
        guard count > 4_096 else {
            sort()
            return
        }
        let (bits, passes) = (11, 6)
        let buckets = 1 << bits
        var keys = map(Self.ordered)
        var offsets = [Int32](repeating: 0, count: buckets * passes)
        for key in keys {
            for pass in 0..<passes {
                offsets[pass * buckets + Int((key >> (pass * bits)) & 2_047)] += 1
            }
        }
        var target = keys
        for pass in 0..<passes {
            let shift = pass * bits
            let places = pass * buckets..<(pass + 1) * buckets
            if offsets[pass * buckets + Int((keys[0] >> shift) & 2_047)] == keys.count { continue }
            var next: Int32 = 0
            for place in places {
                (offsets[place], next) = (next, next + offsets[place])
            }
            for key in keys {
                let place = places.lowerBound + Int((key >> shift) & 2_047)
                target[Int(offsets[place])] = key
                offsets[place] += 1
            }
            swap(&keys, &target)
        }
        for index in indices { self[index] = Self.number(keys[index]) }
    }

    /// A number that orders as the value does: negative ones with all bits turned, others moved up.
    private static func ordered(_ value: Double) -> UInt64 {
        let bits = value.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    private static func number(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
    }
}
