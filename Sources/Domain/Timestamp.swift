/// A moment in microseconds since 1970-01-01 UTC, written as ISO 8601.
package struct Timestamp: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package init(seconds: Double) {
        microseconds = Int64((seconds * 1_000_000).rounded())
    }

    /// Reads `2013-01-01`, `2013-01-01T05:15`, `2013-01-01 05:15:30.25Z` or an offset such as `+02:00`;
    /// without an offset the text is UTC.
    package init?(_ text: some StringProtocol) {
        guard let value = Timestamp.parse(Array(text.utf8)) else { return nil }
        microseconds = value
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp.parse(Array(text.utf8)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is no ISO 8601 time."
            )
        }
        microseconds = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Before and after every moment that anything bears.
    package static let distantPast = Timestamp(microseconds: .min)
    package static let distantFuture = Timestamp(microseconds: .max)

    package var seconds: Double { Double(microseconds) / 1_000_000 }

    package func adding(seconds: Double) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64((seconds * 1_000_000).rounded()))
    }

    /// Seconds from the other moment to this one; negative when this one is earlier.
    package func seconds(since other: Timestamp) -> Double {
        Double(microseconds - other.microseconds) / 1_000_000
    }

    /// The start of the window of this length that holds this moment, counted from 1970.
    package func floored(toSeconds length: Double) -> Timestamp {
        let step = max(1, Int64(length * 1_000_000))
        let remainder = ((microseconds % step) + step) % step
        return Timestamp(microseconds: microseconds - remainder)
    }

    /// The microseconds whose year has four digits: what is printed of others cannot be read back.
    private static let written: ClosedRange<Int64> =
        -62_167_219_200_000_000...253_402_300_799_999_999

    package static let second: Double = 1
    package static let minute: Double = 60
    package static let hour: Double = 3_600
    package static let day: Double = 86_400
}

extension Timestamp {
    /// `2013-01-01T05:15:00Z`, with a fraction only where there is one.
    package var description: String {
        let (date, time, fraction) = parts
        var text = date + "T" + time
        if fraction > 0 {
            let digits = String(fraction)
            text += "." + String(repeating: "0", count: 6 - digits.count) + digits
            while text.hasSuffix("0") { text.removeLast() }
        }
        return text + "Z"
    }

    /// `2013-01-01`
    package var dateText: String { parts.date }

    /// `05:15:00`
    package var timeText: String { parts.time }

    private var parts: (date: String, time: String, fraction: Int64) {
        let day: Int64 = 86_400_000_000
        let inDay = ((microseconds % day) + day) % day
        // Rounded down without a difference, which would overflow at the earliest moments there are.
        let days = microseconds / day - (microseconds < 0 && inDay > 0 ? 1 : 0)
        let (year, month, dayOfMonth) = Timestamp.civil(fromDays: days)
        let second = inDay / 1_000_000
        let date =
            "\(Timestamp.padded(year, 4))-\(Timestamp.padded(month, 2))"
            + "-\(Timestamp.padded(dayOfMonth, 2))"
        let hour = Timestamp.padded(second / 3_600, 2)
        let minute = Timestamp.padded(second / 60 % 60, 2)
        return (date, "\(hour):\(minute):\(Timestamp.padded(second % 60, 2))", inDay % 1_000_000)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Days since 1970 to a Gregorian date (H. Hinnant, "chrono-compatible low-level date algorithms").
    private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let adjusted = month <= 2 ? year - 1 : year
        let era = (adjusted >= 0 ? adjusted : adjusted - 399) / 400
        let yearOfEra = adjusted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Reads ISO 8601 bytes into microseconds; nil where they are no time.
    package static func parse(_ bytes: some RandomAccessCollection<UInt8>) -> Int64? {
        var reader = DigitReader(bytes: bytes)
        guard let year = reader.number(digits: 4), reader.skip(45),
            let month = reader.number(digits: 2), reader.skip(45),
            let day = reader.number(digits: 2),
            (1...12).contains(month), day >= 1, day <= days(inMonth: month, of: year)
        else { return nil }
        var total = days(year: year, month: month, day: day) * 86_400_000_000
        if reader.isAtEnd { return total }
        guard reader.skip(84) || reader.skip(116) || reader.skip(32),
            let hour = reader.number(digits: 2), reader.skip(58),
            let minute = reader.number(digits: 2), hour < 24, minute < 60
        else { return nil }
        total += (hour * 3_600 + minute * 60) * 1_000_000
        if reader.skip(58) {
            guard let second = reader.number(digits: 2), second < 61 else { return nil }
            total += second * 1_000_000
            if reader.skip(46) {
                guard let fraction = reader.fraction() else { return nil }
                total += fraction
            }
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        return written.contains(total - offset) ? total - offset : nil
    }
}

/// Walks ASCII digits and separators; every method leaves the position where it failed.
private struct DigitReader<Bytes: RandomAccessCollection<UInt8>> {
    let bytes: Bytes
    var position: Bytes.Index

    init(bytes: Bytes) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard !isAtEnd, bytes[position] == byte else { return false }
        position = bytes.index(after: position)
        return true
    }

    mutating func digit() -> Int64? {
        guard !isAtEnd, bytes[position] >= 48, bytes[position] <= 57 else { return nil }
        defer { position = bytes.index(after: position) }
        return Int64(bytes[position] - 48)
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let next = digit() else { return nil }
            value = value * 10 + next
        }
        return value
    }

    /// The digits after the point as microseconds; digits past the sixth are dropped.
    mutating func fraction() -> Int64? {
        guard let first = digit() else { return nil }
        var value = first * 100_000
        var scale: Int64 = 10_000
        while let next = digit() {
            value += next * scale
            scale /= 10
        }
        return value
    }

    /// Microseconds to subtract for `Z`, `+02:00`, `+0200` or nothing.
    mutating func offset() -> Int64? {
        if isAtEnd || skip(90) || skip(122) { return 0 }
        let sign: Int64 = skip(43) ? 1 : (skip(45) ? -1 : 0)
        guard sign != 0, let hours = number(digits: 2) else { return nil }
        let hasColon = skip(58)
        let minutes = isAtEnd && !hasColon ? 0 : number(digits: 2)
        guard let minutes, hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3_600 + minutes * 60) * 1_000_000
    }
}
