/// Why a column of numbers has no number in a row, told by the payload of its NaN.
///
/// R's `NA` tells a missing value from a failed calculation the same way. Nothing is calculated with
/// these values, so their bits stay as they are; any other NaN counts as absent.
package enum MissingNumber: UInt64, Sendable {
    /// No value was given.
    case absent = 0
    /// The value is "not a number".
    case notANumber = 1
    /// What was given cannot be read as a number.
    case unreadable = 2

    private static let payload: UInt64 = (1 << 51) - 1

    /// The NaN that says so.
    package var value: Double { Double(nan: rawValue, signaling: false) }

    /// What a NaN says.
    @inline(__always)
    package init(of value: Double) {
        self = MissingNumber(rawValue: value.bitPattern & Self.payload) ?? .absent
    }
}
