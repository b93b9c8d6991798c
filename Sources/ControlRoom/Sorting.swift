/// What a row is sorted by in one column; numbers come before words.
enum SortKey: Sendable, Comparable {
    case number(Double)
    case words(String)

    /// Without regard to case.
    static func text(_ text: String) -> SortKey { .words(text.lowercased()) }

    /// By the number at the end, so that `run-9` comes before `run-12`.
    static func id(_ text: String) -> SortKey {
        let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }
        return Double(String(digits.reversed())).map(SortKey.number) ?? .text(text)
    }

    /// Nil where there is no value, or none that has a place in an order.
    static func number(_ value: Double?) -> SortKey? {
        guard let value, !value.isNaN else { return nil }
        return .number(value)
    }

    static func number(_ value: Int?) -> SortKey? { number(value.map(Double.init)) }
}

/// A column of a list that it can be sorted by.
struct SortColumn<Row>: Sendable {
    /// As it stands in the header.
    let title: String
    /// Nil where the row has no value: such rows come last in both directions.
    let key: @Sendable (Row) -> SortKey?

    init(_ title: String, key: @escaping @Sendable (Row) -> SortKey?) {
        self.title = title
        self.key = key
    }
}

/// Which column a list is sorted by; none leaves the order that the engine gave.
struct Sorting: Sendable, Equatable, Codable {
    private(set) var column: String?
    private(set) var isDescending = false

    /// Goes through the columns and, after the last one, back to the order of the engine.
    mutating func press(_ command: Command, titles: [String]) -> Step {
        guard !titles.isEmpty else { return .unhandled }
        if command == .invertSort {
            guard column != nil else {
                return .say(localized("> picks the column to sort by first."))
            }
            isDescending.toggle()
            return .done
        }
        let places = titles.count + 1
        let now = column.flatMap(titles.firstIndex).map { $0 + 1 } ?? 0
        let next = (now + (command == .sortNext ? 1 : places - 1)) % places
        isDescending = false
        column = next == 0 ? nil : titles[next - 1]
        return column == nil ? .say(localized("The list is in its own order again.")) : .done
    }

    /// Sorts by a column, the other way round where it is sorted by that one already.
    mutating func sort(by title: String?) {
        isDescending = column != nil && column == title && !isDescending
        column = title
    }

    /// The rows in order; equal ones stay as they were, whatever the direction.
    ///
    /// The key of each row is made once, so ten thousand rows cost one pass and one sort.
    func sorted<Row>(_ rows: [Row], by columns: [SortColumn<Row>]) -> [Row] {
        guard let column = columns.first(where: { $0.title == column }) else { return rows }
        var keyed: [(index: Int, key: SortKey)] = []
        keyed.reserveCapacity(rows.count)
        var missing: [Row] = []
        for (index, row) in rows.enumerated() {
            if let key = column.key(row) {
                keyed.append((index, key))
            } else {
                missing.append(row)
            }
        }
        keyed.sort { left, right in
            if left.key == right.key { return left.index < right.index }
            return isDescending ? right.key < left.key : left.key < right.key
        }
        return keyed.map { rows[$0.index] } + missing
    }
}
