/// Numbers as people read them in tables; the full formatting library would triple the program.
package enum NumberText {
    /// Stands for a number that is not there.
    package static let missing = "—"

    /// So many decimals, 0 to 12: `0.9132`; without the leading zero `.9132`.
    package static func decimals(
        _ value: Double,
        _ places: Int,
        isLeadingZeroShown: Bool = true
    ) -> String {
        guard value.isFinite else { return value.isNaN ? missing : value < 0 ? "-inf" : "inf" }
        let places = min(12, max(0, places))
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = Int64(scaled) / Int64(scale)
        let rest = Int64(scaled) % Int64(scale)
        var text = "\(whole)"
        if places > 0 {
            let digits = "\(rest)"
            text += "." + String(repeating: "0", count: places - digits.count) + digits
            if whole == 0, !isLeadingZeroShown { text.removeFirst() }
        }
        return value < 0 && scaled > 0 ? "-" + text : text
    }

    /// With its sign: `+0.0055`, `-0.0076`, and `0.0000` without one.
    package static func signed(
        _ value: Double,
        _ places: Int,
        isLeadingZeroShown: Bool = true
    ) -> String {
        let text = decimals(value, places, isLeadingZeroShown: isLeadingZeroShown)
        let isZero = !text.contains { ("1"..."9").contains($0) }
        return value > 0 && value.isFinite && !isZero ? "+" + text : text
    }

    /// A share from 0 to 1 in per cent: `47%`, `0.2%`.
    package static func percent(_ share: Double, _ places: Int = 0) -> String {
        share.isFinite ? decimals(share * 100, places) + "%" : missing
    }

    /// Groups of three digits: `48,210`.
    package static func thousands(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return value < 0 ? "-" + text : text
    }

    /// Three digits and a power of a thousand: `812`, `1.2k`, `48k`, `3.1M`.
    package static func compact(_ value: Double) -> String {
        scaled(value, step: 1000, units: ["", "k", "M", "G", "T"])
    }

    /// Bytes in powers of 1024: `812 B`, `1.2 kB`, `3.1 GB`.
    package static func bytes(_ count: Int) -> String {
        scaled(Double(count), step: 1024, units: [" B", " kB", " MB", " GB", " TB"])
    }

    /// The largest unit of a time: `0.4s`, `45s`, `18m`, `2h`, `5d`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return missing }
        let length = seconds.magnitude
        let sign = seconds < 0 ? "-" : ""
        if length < 0.0095 { return sign + decimals(length * 1000, length < 0.001 ? 1 : 0) + "ms" }
        if length < 9.5 { return sign + decimals(length, 1) + "s" }
        if length < 60 { return sign + decimals(length, 0) + "s" }
        if length < 3600 { return sign + "\(Int(length / 60))m" }
        if length < 86_400 { return sign + "\(Int(length / 3600))h" }
        guard length < 1e12 else { return missing }
        return sign + "\(Int(length / 86_400))d"
    }

    /// How long ago, in whole units: `2s`, `45s`, `18m`.
    package static func age(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds.magnitude < 60 else { return duration(seconds) }
        return "\(Int(seconds))s"
    }

    /// The two largest units of a time: `41m10s`, `5h42m`, `3d04h`.
    package static func longDuration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds.magnitude >= 60, seconds.magnitude < 1e12 else {
            return duration(seconds)
        }
        let whole = Int(seconds.magnitude)
        let sign = seconds < 0 ? "-" : ""
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        if whole < 3600 { return sign + "\(whole / 60)m\(padded(whole % 60))s" }
        if whole < 86_400 { return sign + "\(whole / 3600)h\(padded(whole / 60 % 60))m" }
        return sign + "\(whole / 86_400)d\(padded(whole / 3600 % 24))h"
    }

    /// Milliseconds with three digits: `0.31ms`, `9.4ms`, `31ms`, `1.2s`.
    package static func milliseconds(_ value: Double) -> String {
        guard value.isFinite else { return missing }
        switch value.magnitude {
        case ..<0.995: return decimals(value, 2) + "ms"
        case ..<9.95: return decimals(value, 1) + "ms"
        case ..<999.5: return decimals(value, 0) + "ms"
        default: return duration(value / 1000)
        }
    }

    /// Three digits at any size, for scales and lists: `0.0012`, `0.84`, `12.5`, `1.2k`.
    package static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : missing }
        let size = value.magnitude
        if size >= 9_999.5 { return compact(value) }
        if size >= 99.95 { return decimals(value, 0) }
        if size < 1e-6 { return "\(value)" }
        var places = size >= 9.995 ? 1 : 2
        var scale = 1.0
        while size * scale < 0.995 {
            scale *= 10
            places += scale > 10 ? 1 : 0
        }
        return decimals(value, places)
    }

    private static func scaled(_ value: Double, step: Double, units: [String]) -> String {
        guard value.isFinite else { return missing }
        var size = value.magnitude
        var unit = 0
        while size >= 999.5, unit < units.count - 1 {
            size /= step
            unit += 1
        }
        let places = unit > 0 && size < 9.95 ? 1 : 0
        return (value < 0 ? "-" : "") + decimals(size, places) + units[unit]
    }
}
