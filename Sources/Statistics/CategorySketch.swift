/// The categories of a baseline column, frozen: what later rows are counted against.
package struct CategoryLayout: Codable, Sendable, Equatable {
    /// Most frequent first, then by name; at most `limit`.
    package let categories: [String]
    /// Whether the baseline had more categories; then a value not listed is "rest", never unseen.
    package let hasRest: Bool
    private let positions: [String: Int]

    package static let limit = 1_000

    /// Freezes the categories of a column; nil is missing.
    package init(baseline: [String?], limit: Int = Self.limit) {
        var counts: [String: Int] = [:]
        for case let category? in baseline { counts[category, default: 0] += 1 }
        self.init(counts: counts, limit: limit)
    }

    /// Freezes the categories of a column whose rows are counted.
    package init(counts: [String: Int], limit: Int = Self.limit) {
        let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        self.init(categories: Array(ordered.prefix(limit)), hasRest: ordered.count > limit)
    }

    private init(categories: [String], hasRest: Bool) {
        self.categories = categories
        self.hasRest = hasRest
        var positions: [String: Int] = [:]
        for (position, category) in categories.enumerated() { positions[category] = position }
        self.positions = positions
    }

    private enum CodingKeys: String, CodingKey { case categories, hasRest }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            categories: try container.decode([String].self, forKey: .categories),
            hasRest: try container.decode(Bool.self, forKey: .hasRest)
        )
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(categories, forKey: .categories)
        try container.encode(hasRest, forKey: .hasRest)
    }

    package func position(of category: String) -> Int? { positions[category] }
}

/// What is kept of a category column: counts of the baseline's categories and of new values.
package struct CategorySketch: Sendable, Equatable {
    /// In the order of the layout's categories.
    package private(set) var counts: [Int]
    /// Rows with a category the baseline had but does not list.
    package private(set) var restCount: Int
    package private(set) var missingCount: Int
    /// Rows with a category the baseline never had, the frequent ones by name.
    package private(set) var newValues: FrequentValues
    /// How many different values are in the rest or new; nil before the first, and in sketches of
    /// earlier versions.
    package private(set) var unlisted: DistinctSketch?

    /// Longer new categories are cut to this many characters before they are kept.
    package static let unseenLength = 80

    package init(layout: CategoryLayout) {
        counts = Array(repeating: 0, count: layout.categories.count)
        restCount = 0
        newValues = FrequentValues()
        missingCount = 0
    }

    /// A sketch put together again from its parts.
    init(
        counts: [Int],
        rest: Int,
        missing: Int,
        newValues: FrequentValues,
        unlisted: DistinctSketch?
    ) {
        self.counts = counts
        restCount = rest
        missingCount = missing
        self.newValues = newValues
        self.unlisted = unlisted
    }

    package init(layout: CategoryLayout, values: [String?]) throws(SketchMismatch) {
        self.init(layout: layout)
        for value in values { try add(value, layout: layout) }
    }

    /// The sketch of a column whose rows are counted.
    package init(layout: CategoryLayout, counts: [String: Int], missing: Int) {
        self.init(layout: layout)
        missingCount = missing
        // In an order of its own, so that the same counts make the same sketch.
        for (category, rows) in counts.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            add(category, rows: rows, layout: layout)
        }
    }

    /// Rows that have a category.
    package var count: Int { counts.reduce(0, +) + restCount + unseenCount }
    package var rowCount: Int { count + missingCount }
    package var unseenCount: Int { newValues.totalCount }
    /// New categories with at least so many rows; frequent ones are never left out.
    package var unseen: [String: Int] { newValues.counts }

    package var missingShare: Double {
        rowCount == 0 ? 0 : Double(missingCount) / Double(rowCount)
    }

    /// Rows with a new category as a share of the rows that have one; 0 without rows.
    package var unseenShare: Double {
        count == 0 ? 0 : Double(unseenCount) / Double(count)
    }

    /// How many different categories came; an estimate where some are not the baseline's.
    package var distinctCount: Double {
        Double(counts.count { $0 > 0 }) + (unlisted?.estimate ?? Double(unseen.count))
    }

    /// Counts to compare: the listed categories, the rest, and all unseen ones together.
    package var comparedCounts: [Int] { counts + [restCount, unseenCount] }

    /// Adds one value; nil is missing.
    package mutating func add(_ value: String?, layout: CategoryLayout) throws(SketchMismatch) {
        guard layout.categories.count == counts.count else { throw SketchMismatch() }
        guard let value else {
            missingCount += 1
            return
        }
        add(value, rows: 1, layout: layout)
    }

    private mutating func add(_ value: String, rows: Int, layout: CategoryLayout) {
        if let position = layout.position(of: value) {
            counts[position] += rows
            return
        }
        if layout.hasRest {
            restCount += rows
        } else {
            newValues.observe(String(value.prefix(Self.unseenLength)), count: rows)
        }
        if unlisted == nil { unlisted = DistinctSketch() }
        unlisted?.observe(value)
    }

    package mutating func merge(_ other: CategorySketch) throws(SketchMismatch) {
        guard counts.count == other.counts.count else { throw SketchMismatch() }
        try newValues.merge(other.newValues)
        if let others = other.unlisted {
            var both = others
            if let unlisted { try both.merge(unlisted) }
            unlisted = both
        }
        for position in counts.indices { counts[position] += other.counts[position] }
        restCount += other.restCount
        missingCount += other.missingCount
    }
}

extension CategorySketch: Codable {
    private enum CodingKeys: String, CodingKey {
        case counts, restCount, unseenCount, unseen, unseenError, missingCount, unlisted
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        counts = try container.decode([Int].self, forKey: .counts)
        restCount = try container.decode(Int.self, forKey: .restCount)
        missingCount = try container.decode(Int.self, forKey: .missingCount)
        newValues = FrequentValues(
            counts: try container.decode([String: Int].self, forKey: .unseen),
            totalCount: try container.decode(Int.self, forKey: .unseenCount),
            largestError: try container.decodeIfPresent(Int.self, forKey: .unseenError) ?? 0
        )
        unlisted = try container.decodeIfPresent(
            PackedValue<DistinctSketch>.self,
            forKey: .unlisted
        )?.value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(counts, forKey: .counts)
        try container.encode(restCount, forKey: .restCount)
        try container.encode(missingCount, forKey: .missingCount)
        try container.encode(unseen, forKey: .unseen)
        try container.encode(unseenCount, forKey: .unseenCount)
        if newValues.largestError > 0 {
            try container.encode(newValues.largestError, forKey: .unseenError)
        }
        try container.encodeIfPresent(unlisted.map { PackedValue($0) }, forKey: .unlisted)
    }
}
