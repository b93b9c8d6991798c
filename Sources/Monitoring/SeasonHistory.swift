import Domain
import Statistics

/// Earlier windows of rows that are known to be good, coarse enough to keep for years.
///
/// What is usual for a window is learned from others of its kind: the same hour, weekday or month
/// where there are enough of them, else any stretch of the same length.
package struct SeasonHistory: Codable, Sendable, Equatable {
    package struct Window: Codable, Sendable, Equatable {
        /// Seconds since 1970 in UTC.
        package let start: Int
        package let columns: [String: GroupSums]

        package init(start: Int, columns: [String: GroupSums]) {
            self.start = start
            self.columns = columns
        }
    }

    package let windowSeconds: Double
    /// Ascending and disjoint.
    package private(set) var windows: [Window]

    /// More windows than this are not kept; the oldest fall away.
    package static let limit = 2_000
    /// A block with fewer rows is no measure of what is usual.
    private static let leastRows = 20

    package init(windowSeconds: Double, windows: [Window] = []) {
        self.windowSeconds = windowSeconds
        self.windows = Array(windows.sorted { $0.start < $1.start }.suffix(Self.limit))
    }

    /// Cuts rows with times into windows; rows without a time are left out.
    package init(
        columns: [NamedColumn],
        layouts: [String: GroupLayout],
        unixSeconds: [Int?],
        windowSeconds: Double
    ) {
        let length = max(1, Int(windowSeconds))
        var rowsOf: [Int: [Int]] = [:]
        for (row, time) in unixSeconds.enumerated() {
            guard let time else { continue }
            let start = (time - (time % length + length) % length)
            rowsOf[start, default: []].append(row)
        }
        let kept = rowsOf.keys.sorted().suffix(Self.limit)
        let windows = kept.map { start in
            var sums: [String: GroupSums] = [:]
            for column in columns {
                guard let layout = layouts[column.name] else { continue }
                let values = column.values.selecting(rowsOf[start] ?? [])
                sums[column.name] = GroupSums(layout, values: values, scores: [])
            }
            return Window(start: start, columns: sums)
        }
        self.init(windowSeconds: windowSeconds, windows: windows)
    }

    /// With more windows, such as those of the same weeks of earlier years.
    package func adding(_ more: [Window]) -> SeasonHistory {
        let known = Set(windows.map(\.start))
        return SeasonHistory(
            windowSeconds: windowSeconds,
            windows: windows + more.filter { !known.contains($0.start) }
        )
    }

    /// How far a range of rows of one feature is from its own kind, and what is usual there.
    ///
    /// - Parameters:
    ///   - start: of the range, in seconds since 1970; windows that overlap it do not count.
    ///   - scale: the standard deviation to measure numbers in; nil for categories.
    /// nil where fewer than three windows of any kind came before.
    func usual(
        _ feature: String,
        _ sums: GroupSums,
        start: Int,
        seconds: Double,
        scale: Double?
    ) -> UsualDistance? {
        let blocks = blocks(of: feature, start: start, seconds: seconds)
        for kind in Self.kinds(seconds: seconds) {
            let same = blocks.filter { kind.isAlike($0.start, start) }
            guard same.count >= kind.leastWindows,
                let found = Self.usual(same.map(\.sums), sums, scale: scale)
            else { continue }
            return UsualDistance(
                kind: kind.words(start, seconds),
                distance: found.distance,
                limit: found.limit,
                windows: found.windows,
                isSeason: kind.isSeason
            )
        }
        return nil
    }

    /// The mean of a numeric feature in windows of the same season; nil without enough of them.
    func usualMean(of feature: String, start: Int, seconds: Double) -> Double? {
        let blocks = blocks(of: feature, start: start, seconds: seconds)
        for kind in Self.kinds(seconds: seconds) where kind.isSeason {
            let same = blocks.filter { kind.isAlike($0.start, start) }
            guard same.count >= kind.leastWindows, var total = same.first?.sums else { continue }
            for block in same.dropFirst() { total.merge(block.sums) }
            return total.values.reduce(0, +) / Double(max(1, total.present))
        }
        return nil
    }

    /// The share of missing values that windows of the same length do not exceed: mean and three
    /// standard deviations; nil where fewer than three came before.
    func usualMissingShare(_ feature: String, start: Int, seconds: Double) -> Double? {
        var moments = Moments()
        for block in blocks(of: feature, start: start, seconds: seconds, isPresenceNeeded: false) {
            moments.add(1 - Double(block.sums.present) / Double(max(1, block.sums.rows)))
        }
        guard moments.count >= SeasonalCalibration.leastWindowCount else { return nil }
        let spread = (max(0, moments.squares) / Double(moments.count - 1)).squareRoot()
        return min(1, moments.mean + 3 * spread)
    }

    private static func usual(
        _ blocks: [GroupSums],
        _ current: GroupSums,
        scale: Double?
    ) -> (distance: Double, limit: Double, windows: Int)? {
        guard let first = blocks.first else { return nil }
        var total = first
        for block in blocks.dropFirst() { total.merge(block) }
        // Distances are folded: three and a half standard deviations above their mean are what 2.9
        // are of the values themselves. A spread known from few windows is itself uncertain: the
        // second factor is about Student's for as many.
        let deviations = 3.5 * (1 + 3 / Double(max(1, blocks.count - 1)))
        let calibration = SeasonalCalibration(windows: blocks, deviations: deviations) {
            _,
            block -> Double? in
            var others = total
            others.subtract(block)
            return block.distance(from: others, scale: scale)
        }
        guard let calibration, let distance = current.distance(from: total, scale: scale) else {
            return nil
        }
        return (distance, calibration.limit, calibration.windowCount)
    }

    /// Disjoint stretches of the range's length that end before or begin after it.
    private func blocks(
        of feature: String,
        start: Int,
        seconds: Double,
        isPresenceNeeded: Bool = true
    ) -> [(start: Int, sums: GroupSums)] {
        let length = max(1, Int(max(seconds, windowSeconds)))
        var found: [(start: Int, sums: GroupSums)] = []
        for window in windows {
            guard let sums = window.columns[feature] else { continue }
            if window.start < start + length && window.start + Int(windowSeconds) > start {
                continue
            }
            if let last = found.last, window.start < last.start + length,
                (last.start < start) == (window.start < start)
            {
                found[found.count - 1].sums.merge(sums)
            } else {
                found.append((window.start, sums))
            }
        }
        return found.filter {
            (isPresenceNeeded ? $0.sums.present : $0.sums.rows) >= Self.leastRows
        }
    }

    /// The kinds that tell windows of this length apart, the narrowest first.
    private static func kinds(seconds: Double) -> [Kind] {
        switch seconds {
        case ..<(12 * 3_600): [.season(.hourOfWeek), .season(.hourOfDay)]
        case ..<(5 * Timestamp.day): [.season(.dayOfWeek), .any]
        default: [.timeOfYear, .season(.monthOfYear), .any]
        }
    }
}

/// Which windows are alike.
private enum Kind {
    case season(SeasonPeriod)
    /// Within three weeks of the same day in other years: a month has edges, where the year moves
    /// most, and its own weeks would call usual what crept in with them.
    case timeOfYear
    case any

    var isSeason: Bool {
        if case .any = self { false } else { true }
    }

    /// Fewer windows of other years say less than the month.
    var leastWindows: Int {
        if case .timeOfYear = self { 6 } else { SeasonalCalibration.leastWindowCount }
    }

    func isAlike(_ one: Int, _ other: Int) -> Bool {
        switch self {
        case .season(let period):
            return period.index(unixSeconds: one) == period.index(unixSeconds: other)
        case .timeOfYear:
            let (day, year) = (86_400, 31_556_952)
            let apart = abs(one - other)
            let rest = apart % year
            return apart > year / 2 && min(rest, year - rest) <= 22 * day
        case .any: return true
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]

    /// As it stands behind "usual for".
    func words(_ unixSeconds: Int, _ seconds: Double) -> String {
        switch self {
        case .any: return "any \(Wording.duration(seconds)) of the earlier rows"
        case .timeOfYear: return "this time of the year"
        case .season(let period):
            let index = period.index(unixSeconds: unixSeconds)
            switch period {
            case .hourOfDay: return "\(index):00"
            case .dayOfWeek: return "a \(Self.weekdays[index])"
            case .hourOfWeek: return "a \(Self.weekdays[index / 24]) at \(index % 24):00"
            case .monthOfYear:
                return "\(index == 3 || index == 7 ? "an" : "a") \(Self.months[index])"
            }
        }
    }
}

extension ColumnValues {
    /// The values of these rows.
    func selecting(_ rows: [Int]) -> ColumnValues {
        switch self {
        case .numbers(let values): .numbers(rows.map { values[$0] })
        case .categories(let values): .categories(rows.map { values[$0] })
        }
    }
}
