/// What a row is sorted by in one column; numbers come before words.
enum SortKey: Sendable, Comparable {
    case number(Double)
    case words(String)

    /// Without regard to case.
    static func text(_ text: String) -> SortKey { .words(text.lowercased()) }

    /// By the number at the end, so that `run-9` comes before `run-12`.
    static func id(_ text: String) -> SortKey {
        let digits = text.utf8.reversed().prefix { 48...57 ~= $0 }
        guard !digits.isEmpty else { return .text(text) }
        return .number(digits.reversed().reduce(0) { $0 * 10 + Double($1 - 48) })
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
    func sorted<Row>(_ rows: [Row], by columns: [SortColumn<Row>]) -> [Row] {
        order(Array(rows.indices), of: rows, by: columns).map { rows[$0] }
    }

    /// The places of rows in order; equal ones stay as they were, whatever the direction.
    ///
    /// The key of each row is made once and each different word is compared once, so that ten
    /// thousand rows cost one pass and one sort of numbers.
    func order<Row>(_ places: [Int], of rows: [Row], by columns: [SortColumn<Row>]) -> [Int] {
        guard let column = columns.first(where: { $0.title == column }) else { return places }
        var keys: [SortKey?] = []
        keys.reserveCapacity(places.count)
        // Through a span, which lends a row where the array would copy it.
        let all = rows.span
        for place in places { keys.append(column.key(all[place])) }
        var ranks: [String: Double] = [:]
        for case .words(let words)? in keys { ranks[words] = 0 }
        for (rank, words) in ranks.keys.sorted().enumerated() { ranks[words] = Double(rank) }
        var ordered: [Place] = []
        ordered.reserveCapacity(places.count)
        var missing: [Int] = []
        for (index, key) in keys.enumerated() {
            switch key {
            case .number(let value)?:
                ordered.append(Place(isWord: false, order: value, index: index))
            case .words(let words)?:
                ordered.append(Place(isWord: true, order: ranks[words] ?? 0, index: index))
            case nil: missing.append(places[index])
            }
        }
        ordered.sort { left, right in
            if left.isWord != right.isWord { return left.isWord == isDescending }
            if left.order == right.order { return left.index < right.index }
            return isDescending ? right.order < left.order : left.order < right.order
        }
        return ordered.map { places[$0.index] } + missing
    }

    /// Where a row goes: nothing in it is counted when two of them change places.
    private struct Place {
        let isWord: Bool
        /// The number, or the word's place among all words.
        let order: Double
        let index: Int
    }
}
