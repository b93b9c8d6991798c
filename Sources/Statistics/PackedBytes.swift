/// Bytes that were not written by `PackedWriter`, or are cut off.
package struct PackedBytesMalformed: Error, Equatable {
    package init() {}
}

/// Writes whole numbers in as few bytes as they need (LEB128), doubles in eight, and texts.
package struct PackedWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// A negative number is written as its two's complement, in ten bytes.
    package mutating func put(_ number: Int) {
        var rest = UInt(bitPattern: number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func put(_ number: Double) {
        var rest = number.bitPattern
        for _ in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    package mutating func put(_ text: String) {
        put(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what `PackedWriter` wrote, in the same order.
package struct PackedReader: Sendable {
    private let bytes: [UInt8]
    package private(set) var position = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var isAtEnd: Bool { position >= bytes.count }

    @inline(__always)
    package mutating func number() throws(PackedBytesMalformed) -> Int {
        var value: UInt = 0
        var shift: UInt = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position &+= 1
            value |= UInt(byte & 0x7f) &<< shift
            if byte < 0x80 { return Int(bitPattern: value) }
            shift &+= 7
        }
        throw PackedBytesMalformed()
    }

    @inline(__always)
    package mutating func double() throws(PackedBytesMalformed) -> Double {
        guard bytes.count - position >= 8 else { throw PackedBytesMalformed() }
        var bits: UInt64 = 0
        for offset in 0..<8 {
            bits |= UInt64(bytes[position &+ offset]) &<< UInt64(8 &* offset)
        }
        position &+= 8
        return Double(bitPattern: bits)
    }

    package mutating func text() throws(PackedBytesMalformed) -> String {
        let count = try number()
        guard count >= 0, bytes.count - position >= count else { throw PackedBytesMalformed() }
        var utf8: [UInt8] = []
        for offset in 0..<count { utf8.append(bytes[position + offset]) }
        position += count
        return String(decoding: utf8, as: UTF8.self)
    }
}
