/// Tens to the power of 0 to 15, as numbers to divide by and to multiply whole numbers with.
struct PowersOfTen {
    let numbers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
    let wholes: [UInt64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000,
    ]
}

/// Bytes from a cell's first one on that must be there to read it as a plain number.
let plainNumberReach = 40

/// Reads a number of at most 15 digits, perhaps with a sign and a point, that a comma or the line's
/// end follows; nil for anything else, which `parseNumber` then judges.
///
/// Takes eight digits at a time, without a branch on the sign. One division of two exact values
/// gives the nearest Double, so it is the number of `parseNumber`. An empty cell is NaN. The caller
/// makes sure that `plainNumberReach` bytes are there.
///
/// - Parameters:
///   - cursor: Where the cell begins, and then where it ends.
///   - places: The decimal places of the last cell of the form `d.ddd`, 1 to 8, else 0. A cell that
///     is alike shows its end before its digits are counted, which halves the time.
@inline(__always)
func parsePlainNumber(
    _ bytes: RawSpan,
    _ cursor: inout Int,
    _ places: inout Int,
    _ numbers: Span<Double>,
    _ wholes: Span<UInt64>
) -> Double? {
    let lead = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: cursor, as: UInt8.self)
    let sign = lead == 45 ? 1 : 0
    var index = cursor &+ sign
    let whole = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) &- 48
    let point = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index &+ 1, as: UInt8.self)
    let end = index &+ 2 &+ places
    let next = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: end, as: UInt8.self)
    if point == 46, places > 0, whole <= 9, isCellEnd(next) {
        let digits = eightBytes(bytes, index &+ 2)
        let high = UInt64(truncatingIfNeeded: 64 &- 8 &* places)
        if nonDigits(digits) &<< high == 0 {
            cursor = end
            let mantissa =
                UInt64(whole) &* (unsafe wholes[unchecked: places]) &+ value(digits &<< high)
            return signed(mantissa, sign, unsafe numbers[unchecked: places])
        }
    }
    let start = index
    let integer = leadingDigits(bytes, &index)
    var (mantissa, fraction, count) = (integer.value, 0, integer.count)
    if unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) == 46 {
        index &+= 1
        let decimals = leadingDigits(bytes, &index)
        fraction = decimals.count
        count &+= fraction
        guard count <= 15 else { return nil }
        mantissa = mantissa &* (unsafe wholes[unchecked: fraction]) &+ decimals.value
        places = integer.count == 1 && fraction <= 8 ? fraction : 0
    }
    guard isCellEnd(unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)) else {
        return nil
    }
    guard count > 0, count <= 15 else {
        guard index == start, sign == 0 else { return nil }
        return .nan
    }
    cursor = index
    return signed(mantissa, sign, unsafe numbers[unchecked: fraction])
}

@inline(__always)
private func isCellEnd(_ byte: UInt8) -> Bool { byte == 44 || byte == 10 || byte == 13 }

/// The bit of the sign is set, so that there is no branch on it.
@inline(__always)
private func signed(_ mantissa: UInt64, _ sign: Int, _ divisor: Double) -> Double {
    // At most 15 digits fit a signed number, whose conversion is one step.
    let size = Double(Int64(truncatingIfNeeded: mantissa)) / divisor
    return Double(bitPattern: size.bitPattern | UInt64(truncatingIfNeeded: sign) &<< 63)
}

/// The value of the next digits, at most 16 of them; moves behind them.
///
/// Eight bytes at once (D. Lemire, "Quickly parsing eight digits", 2018).
@inline(__always)
private func leadingDigits(
    _ bytes: RawSpan,
    _ index: inout Int
) -> (value: UInt64, count: Int) {
    let first = eightDigits(bytes, index)
    index &+= first.count
    guard first.count == 8 else { return first }
    let second = eightDigits(bytes, index)
    index &+= second.count
    var scale: UInt64 = 1
    for _ in 0..<second.count { scale &*= 10 }
    return (first.value &* scale &+ second.value, 8 &+ second.count)
}

@inline(__always)
private func eightDigits(_ bytes: RawSpan, _ index: Int) -> (value: UInt64, count: Int) {
    let digits = eightBytes(bytes, index)
    let count = nonDigits(digits).trailingZeroBitCount &>> 3
    return (value(digits << (64 &- 8 &* count)), count)
}

/// The next eight bytes, the first one lowest; digits are 0 to 9 in them.
@inline(__always)
private func eightBytes(_ bytes: RawSpan, _ index: Int) -> UInt64 {
    unsafe UInt64(
        littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
    ) ^ 0x3030_3030_3030_3030
}

/// The high bit of each byte that is no digit, right up to the first such byte.
@inline(__always)
private func nonDigits(_ digits: UInt64) -> UInt64 {
    (digits &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080
}

/// The number of eight digits, the first one in the lowest byte.
@inline(__always)
private func value(_ digits: UInt64) -> UInt64 {
    var value = (digits &* 10 &+ (digits &>> 8)) & 0x00FF_00FF_00FF_00FF
    value = (value &* 100 &+ (value &>> 16)) & 0x0000_FFFF_0000_FFFF
    return (value &* 10_000 &+ (value &>> 32)) & 0xFFFF_FFFF
}
