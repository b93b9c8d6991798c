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
package struct CategorySketch: Codable, Sendable, Equatable {
    /// In the order of the layout's categories.
    package private(set) var counts: [Int]
    /// Rows with a category the baseline had but does not list.
    package private(set) var restCount: Int
    /// Rows with a category the baseline never had.
    package private(set) var unseenCount: Int
    /// The new categories, at most `unseenLimit`; the rows of others are in `unseenUnlistedCount`.
    package private(set) var unseen: [String: Int]
    package private(set) var unseenUnlistedCount: Int
    package private(set) var missingCount: Int

    package static let unseenLimit = 64
    /// Longer new categories are cut to this many characters before they are kept.
    package static let unseenLength = 80

    package init(layout: CategoryLayout) {
        counts = Array(repeating: 0, count: layout.categories.count)
        restCount = 0
        unseenCount = 0
        unseen = [:]
        unseenUnlistedCount = 0
        missingCount = 0
    }

    /// A sketch put together again from its parts.
    init(counts: [Int], rest: Int, unseenCount: Int, missing: Int, unseen: [String: Int]) {
        self.counts = counts
        restCount = rest
        self.unseenCount = unseenCount
        self.unseen = unseen
        missingCount = missing
        unseenUnlistedCount = 0
        keepMostFrequentUnseen()
        unseenUnlistedCount = max(0, unseenCount - self.unseen.values.reduce(0, +))
    }

    package init(layout: CategoryLayout, values: [String?]) throws(SketchMismatch) {
        self.init(layout: layout)
        for value in values { try add(value, layout: layout) }
    }

    /// The sketch of a column whose rows are counted.
    package init(layout: CategoryLayout, counts: [String: Int], missing: Int) {
        self.init(layout: layout)
        missingCount = missing
        // The most frequent first, which are those that are listed.
        for (category, rows) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            add(category, rows: rows, layout: layout)
        }
    }

    /// Rows that have a category.
    package var count: Int { counts.reduce(0, +) + restCount + unseenCount }
    package var rowCount: Int { count + missingCount }

    package var missingShare: Double {
        rowCount == 0 ? 0 : Double(missingCount) / Double(rowCount)
    }

    /// Rows with a new category as a share of the rows that have one; 0 without rows.
    package var unseenShare: Double {
        count == 0 ? 0 : Double(unseenCount) / Double(count)
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
        } else if layout.hasRest {
            restCount += rows
        } else {
            unseenCount += rows
            noteUnseen(String(value.prefix(Self.unseenLength)), rows: rows)
        }
    }

    package mutating func merge(_ other: CategorySketch) throws(SketchMismatch) {
        guard counts.count == other.counts.count else { throw SketchMismatch() }
        for position in counts.indices { counts[position] += other.counts[position] }
        restCount += other.restCount
        unseenCount += other.unseenCount
        missingCount += other.missingCount
        unseenUnlistedCount += other.unseenUnlistedCount
        for (value, rows) in other.unseen { unseen[value, default: 0] += rows }
        keepMostFrequentUnseen()
    }

    /// Takes out a part that was merged in before; rows of new values no longer listed stay.
    package mutating func subtract(_ part: CategorySketch) throws(SketchMismatch) {
        guard counts.count == part.counts.count else { throw SketchMismatch() }
        for position in counts.indices { counts[position] -= part.counts[position] }
        restCount -= part.restCount
        unseenCount -= part.unseenCount
        missingCount -= part.missingCount
        for (value, rows) in part.unseen {
            guard let listed = unseen[value] else { continue }
            unseen[value] = listed > rows ? listed - rows : nil
        }
        unseenUnlistedCount = max(0, unseenCount - unseen.values.reduce(0, +))
    }

    private mutating func noteUnseen(_ value: String, rows: Int) {
        if unseen[value] != nil || unseen.count < Self.unseenLimit {
            unseen[value, default: 0] += rows
        } else {
            unseenUnlistedCount += rows
        }
    }

    private mutating func keepMostFrequentUnseen() {
        guard unseen.count > Self.unseenLimit else { return }
        let ordered = unseen.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (value, rows) in ordered.dropFirst(Self.unseenLimit) {
            unseen[value] = nil
            unseenUnlistedCount += rows
        }
    }
}
