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

/// What is written as packed bytes.
package protocol Packable {
    init(_ reader: inout PackedReader) throws(PackedBytesMalformed)
    func put(into writer: inout PackedWriter)
}

extension DistinctSketch: Packable {}

extension PackedWriter {
    /// Writes a value that may be missing.
    package mutating func put(_ value: (some Packable)?) {
        put(value == nil ? 0 : 1)
        value?.put(into: &self)
    }
}

extension PackedReader {
    package mutating func value<Value: Packable>() throws(PackedBytesMalformed) -> Value? {
        try number() == 0 ? nil : try Value(&self)
    }
}

/// A value whose form in JSON is its packed bytes in hexadecimal digits.
package struct PackedValue<Value: Packable>: Codable {
    package let value: Value

    package init(_ value: Value) {
        self.value = value
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let digits = Array(try container.decode(String.self).utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard index + 1 < digits.count, let high = Self.digit(digits[index]),
                let low = Self.digit(digits[index + 1])
            else { throw PackedBytesMalformed() }
            bytes.append(high << 4 | low)
        }
        var reader = PackedReader(bytes)
        value = try Value(&reader)
    }

    package func encode(to encoder: any Encoder) throws {
        var writer = PackedWriter(capacity: 64)
        value.put(into: &writer)
        let letters = Array("0123456789abcdef".utf8)
        let digits = writer.bytes.flatMap { [letters[Int($0 >> 4)], letters[Int($0 & 15)]] }
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: digits, as: UTF8.self))
    }

    private static func digit(_ letter: UInt8) -> UInt8? {
        switch letter {
        case 48...57: letter - 48
        case 97...102: letter - 87
        default: nil
        }
    }
}
