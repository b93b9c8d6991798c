/// Some rows of the training data as they were, one of each of 500 equal stretches of their order.
///
/// Bins cannot say whether a value was rounded, which features go together or what a unit was:
/// the search for a cause compares with these rows.
package struct RowSample: Codable, Sendable, Equatable {
    private let numbers: [String: [Double?]]
    private let categories: [String: [String?]]
    package let rows: Int

    package static let limit = 500

    package init(columns: [NamedColumn]) {
        let total = columns.first?.values.count ?? 0
        let step = max(1, (total + Self.limit - 1) / Self.limit)
        // Not the first of every stretch: rows that come in a fixed turn would be taken alike.
        let taken = stride(from: 0, to: total, by: step).map { start in
            let mixed = UInt64(start) &* 0x9e37_79b9_7f4a_7c15
            return start + Int((mixed >> 33) % UInt64(min(step, total - start)))
        }
        var numbers: [String: [Double?]] = [:]
        var categories: [String: [String?]] = [:]
        for column in columns where column.values.count == total {
            switch column.values.selecting(taken) {
            case .numbers(let values):
                // JSON has no NaN and no infinity: both are missing here.
                numbers[column.name] = values.map { $0.isFinite ? $0 : nil }
            case .categories(let values): categories[column.name] = values
            }
        }
        self.numbers = numbers
        self.categories = categories
        rows = taken.count
    }

    package func values(of feature: String) -> ColumnValues? {
        if let found = numbers[feature] { return .numbers(found.map { $0 ?? .nan }) }
        return categories[feature].map { .categories($0) }
    }

    package var columns: [NamedColumn] {
        (numbers.keys.sorted() + categories.keys.sorted()).compactMap { name in
            values(of: name).map { NamedColumn(name: name, values: $0) }
        }
    }
}
