/// What is odd about single values of a column in a range of windows, counted in rows.
package struct ColumnQuality: Codable, Sendable, Equatable {
    /// The longest run of at least two equal values in the order the rows came, but for values
    /// frequent in training.
    package struct Run: Codable, Sendable, Equatable {
        package let value: Double
        /// In rows that have a value.
        package let length: Int

        package init(value: Double, length: Int) {
            self.value = value
            self.length = length
        }
    }

    /// Rows without a value, whatever the reason.
    package let missing: Int
    /// Of the missing ones, those that were "not a number".
    package let notANumber: Int
    /// Of the missing ones, those that could not be read as a number.
    package let unreadable: Int
    package let infinite: Int
    /// Below the lowest and above the highest value of training.
    package let belowRange: Int
    package let aboveRange: Int
    /// With a category that training never had.
    package let unseen: Int
    /// How many different values came: of categories, an estimate where some are new (HyperLogLog,
    /// standard error 3.3 %); of numbers only where training had few, else nil.
    package let distinct: Double?
    package let longestRun: Run?

    package init(
        missing: Int,
        notANumber: Int = 0,
        unreadable: Int = 0,
        infinite: Int = 0,
        belowRange: Int = 0,
        aboveRange: Int = 0,
        unseen: Int = 0,
        distinct: Double? = nil,
        longestRun: Run? = nil
    ) {
        self.missing = missing
        self.notANumber = notANumber
        self.unreadable = unreadable
        self.infinite = infinite
        self.belowRange = belowRange
        self.aboveRange = aboveRange
        self.unseen = unseen
        self.distinct = distinct
        self.longestRun = longestRun
    }

    package enum Counter: String, Sendable {
        case unreadable
        case notANumber = "not a number"
        case null
        case infinite
        case belowRange = "below the range"
        case aboveRange = "above the range"
        case unseen = "new category"
    }

    /// The counters that are not zero, the most serious first.
    package var counters: [(counter: Counter, rows: Int)] {
        [
            (Counter.unreadable, unreadable), (.notANumber, notANumber),
            (.null, missing - notANumber - unreadable), (.infinite, infinite),
            (.belowRange, belowRange), (.aboveRange, aboveRange), (.unseen, unseen),
        ].filter { $0.1 > 0 }.map { (counter: $0.0, rows: $0.1) }
    }
}
