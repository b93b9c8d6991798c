import Domain
import Terminal

/// What a row has in a column, as sorting, filters and exports read it.
enum ListValue: Sendable, Equatable {
    case none
    case text(String)
    /// Sorted by the number at its end.
    case id(String)
    case number(Double)
    /// Sorted youngest first, and filtered by how long ago it is.
    case date(Timestamp)

    static func number(_ value: Int?) -> ListValue { number(value.map(Double.init)) }

    static func number(_ value: Double?) -> ListValue {
        guard let value, !value.isNaN else { return .none }
        return .number(value)
    }

    static func text(_ value: String?) -> ListValue {
        guard let value else { return .none }
        return .text(value)
    }

    var sortKey: SortKey? {
        switch self {
        case .none: nil
        case .text(let text): .text(text)
        case .id(let text): .id(text)
        case .number(let value): .number(value)
        case .date(let date): .number(-date.seconds)
        }
    }

    /// The value in full, as files hold it; empty where there is none.
    var exported: String {
        switch self {
        case .none: ""
        case .text(let text), .id(let text): text
        case .number(let value): Self.plain(value)
        case .date(let date): date.description
        }
    }

    /// Whole numbers without a decimal point, others with all their digits.
    static func plain(_ value: Double) -> String {
        guard value == value.rounded(), value.magnitude < 9e15 else { return "\(value)" }
        return "\(Int64(value))"
    }
}

/// What cells are drawn with.
struct ListLook: Sendable {
    let now: Timestamp
    let glyphs: GlyphSet

    /// `18m`, `2h`: how long ago.
    func age(_ date: Timestamp) -> String {
        let seconds = now.seconds(since: date)
        return seconds < 1 ? localized("now") : NumberText.age(seconds)
    }
}

/// One column of a list, said once: how it looks, what it is sorted, filtered and exported by.
struct ListColumn<Row>: Sendable {
    var column: TableColumn
    /// Nil for a column that only shows a sign.
    let value: (@Sendable (Row) -> ListValue)?
    let cell: @Sendable (Row, ListLook) -> StyledText

    init(
        _ column: TableColumn,
        value: (@Sendable (Row) -> ListValue)? = nil,
        cell: @escaping @Sendable (Row, ListLook) -> StyledText
    ) {
        self.column = column
        self.value = value
        self.cell = cell
    }

    /// How filters, files and the column picker call it.
    var name: String { column.title }
}

/// The columns of one list, and what follows from them for every list alike.
struct ListColumns<Row: Encodable & Sendable>: Sendable {
    let columns: [ListColumn<Row>]
    let id: @Sendable (Row) -> String
    /// What a filter finds beside the words of the columns.
    let words: @Sendable (Row) -> String

    init(
        _ columns: [ListColumn<Row>],
        id: @escaping @Sendable (Row) -> String,
        words: @escaping @Sendable (Row) -> String = { _ in "" }
    ) {
        self.columns = columns
        self.id = id
        self.words = words
    }

    var sortTitles: [String] { columns.filter { $0.value != nil }.map(\.name) }

    private var sortColumns: [SortColumn<Row>] {
        columns.compactMap { column in
            column.value.map { value in SortColumn(column.name) { value($0).sortKey } }
        }
    }

    /// The rows that fit the filter, in the order that was chosen.
    func shown(_ rows: [Row], _ list: ListState, now: Timestamp) -> [Row] {
        places(rows, list, now: now)?.map { rows[$0] } ?? rows
    }

    /// Where those rows stand among all, without a copy of any; nil where all are shown as they came.
    func places(_ rows: [Row], _ list: ListState, now: Timestamp) -> [Int]? {
        if list.filter.isEmpty, list.sorting.column == nil { return nil }
        let fitting = fitting(rows, list.filter, now: now)
        return list.sorting.order(fitting, of: rows, by: sortColumns)
    }

    private func fitting(_ rows: [Row], _ filter: Filter, now: Timestamp) -> [Int] {
        guard !filter.isEmpty else { return Array(rows.indices) }
        let terms = filter.terms(fields: sortTitles)
        return rows.indices.filter { index in
            let row = rows[index]
            var text: String?
            return terms.allSatisfy { term in
                if let field = term.field {
                    let column = columns.first { $0.name == field }
                    return term.accepts(column?.value?(row) ?? .none, now: now)
                }
                let all = text ?? fullText(row)
                text = all
                return term.accepts(all)
            }
        }
    }

    private func fullText(_ row: Row) -> String {
        let values = columns.map { $0.value?(row).exported ?? "" }
        return (values + [words(row)]).joined(separator: " ").lowercased()
    }

    func table(
        _ rows: some RandomAccessCollection<Row> & Sendable,
        _ list: ListState,
        _ look: ListLook,
        empty: String
    ) -> TableWidget {
        TableWidget(
            columns: columns.map(\.column),
            rowCount: rows.count,
            emptyText: StyledText(empty, .muted)
        ) { index in
            let row = rows[rows.index(rows.startIndex, offsetBy: index)]
            return TableRow(
                columns.map { $0.cell(row, look) },
                isMarked: list.marks.contains(id(row))
            )
        }
    }

    /// The list as files and the clipboard get it: marked rows only where some are marked.
    func listing(
        _ name: String,
        _ rows: some RandomAccessCollection<Row> & Sendable,
        _ list: ListState
    ) -> Listing {
        let marked = list.marks.isEmpty ? [] : rows.filter { list.marks.contains(id($0)) }
        let chosen = marked.isEmpty ? Array(rows) : marked
        let named = columns.filter { $0.value != nil }
        let order = list.columns.applied(to: named.map(\.name))
        let shown = order.compactMap { index in named.indices.contains(index) ? named[index] : nil }
        return Listing(
            name: name,
            columns: shown.map(\.name),
            allColumns: named.map(\.name),
            rows: { chosen.map { row in shown.map { $0.value?(row) ?? .none } } },
            ids: chosen.map(id),
            isMarkedOnly: !marked.isEmpty,
            records: { chosen.compactMap { compactJSON($0) } }
        )
    }
}

/// A list in words and numbers, for a file, the clipboard or a picker of its columns.
struct Listing: Sendable {
    /// Such as `runs`; the beginning of the file's name.
    let name: String
    /// Those shown, in the order chosen.
    let columns: [String]
    let allColumns: [String]
    let rows: @Sendable () -> [[ListValue]]
    let ids: [String]
    /// Whether only the marked rows are in it.
    let isMarkedOnly: Bool
    /// Each row as the engine sent it, one line of JSON.
    let records: @Sendable () -> [String]

    var count: Int { ids.count }
}

/// Which columns of a list are shown, and in which order; empty is as the view was made.
struct ColumnChoice: Sendable, Equatable, Codable {
    var hidden: Set<String> = []
    /// Names in the order chosen; a column that is not in it comes after those that are.
    var order: [String] = []

    var isEmpty: Bool { hidden.isEmpty && order.isEmpty }

    /// The places of the shown columns in the order chosen; columns without a title stay in front.
    func applied(to names: [String]) -> [Int] {
        let shown = names.indices.filter { !hidden.contains(names[$0]) || names[$0].isEmpty }
        guard !order.isEmpty else { return Array(shown) }
        func rank(_ index: Int) -> Int {
            if names[index].isEmpty { return -1 }
            return order.firstIndex(of: names[index]) ?? order.count + index
        }
        return shown.sorted { (rank($0), $0) < (rank($1), $1) }
    }
}

extension TableWidget {
    /// The same table with the columns chosen, its cells in their order.
    func showing(_ choice: ColumnChoice) -> TableWidget {
        guard !choice.isEmpty else { return self }
        let places = choice.applied(to: columns.map(\.title))
        guard places.contains(where: { !columns[$0].title.isEmpty }) else { return self }
        var table = self
        table.columns = places.map { columns[$0] }
        let whole = row
        table.row = { index in
            var row = whole(index)
            row.cells = places.compactMap { row.cells.indices.contains($0) ? row.cells[$0] : nil }
            return row
        }
        return table
    }
}
