/// What a frame says, in reading order, for those who do not see the grid.
///
/// A grid with a reading is filled by the same drawing as any other: the widgets that know what
/// they show add it here as well, so there is one description of every screen.
package struct Reading: Hashable, Sendable {
    /// One row of a table, each cell under its heading.
    package struct Row: Hashable, Sendable {
        package struct Cell: Hashable, Sendable {
            package let heading: String
            package let text: String
        }

        /// From 1.
        package let number: Int
        package let cells: [Cell]
        package let isMarked: Bool
    }

    /// What stands in one border.
    package struct Pane: Hashable, Sendable {
        package let title: String
        package let isFocused: Bool
        /// Rows of the table, those around its cursor where there are many.
        package fileprivate(set) var rows: [Row] = []
        package fileprivate(set) var rowCount = 0
        /// The number of the row under the cursor.
        package fileprivate(set) var cursor: Int?
        package fileprivate(set) var lines: [String] = []
    }

    /// Rows of a table that are read at once.
    package static let rowsMaximum = 20

    package private(set) var panes: [Pane] = []

    package init() {}

    mutating func open(_ title: String, isFocused: Bool) {
        panes.append(Pane(title: title, isFocused: isFocused))
    }

    package mutating func add(_ line: String) {
        if panes.isEmpty { open("", isFocused: false) }
        panes[panes.count - 1].lines.append(line)
    }

    mutating func add(_ table: TableWidget) {
        if panes.isEmpty { open("", isFocused: false) }
        let place = panes.count - 1
        panes[place].rowCount = table.rowCount
        panes[place].cursor = table.cursor.map { $0 + 1 }
        if table.rowCount == 0 {
            if !table.emptyText.isEmpty { add(table.emptyText.plain) }
            return
        }
        let page = (table.cursor ?? table.firstRow) / Self.rowsMaximum * Self.rowsMaximum
        for index in page..<min(table.rowCount, page + Self.rowsMaximum) {
            let row = table.row(index)
            let cells = zip(table.columns, row.cells).map {
                Row.Cell(heading: $0.title, text: $1.plain)
            }
            panes[place].rows.append(Row(number: index + 1, cells: cells, isMarked: row.isMarked))
        }
    }
}

extension Reading {
    /// A chart in numbers: the ends and the extremes of every line, and the limits.
    mutating func add(_ chart: LineChart) {
        for series in chart.series {
            let values = series.values.filter(\.isFinite)
            guard let first = values.first, let last = values.last, let low = values.min(),
                let high = values.max()
            else { continue }
            let numbers = [first, last, low, high].map(NumberText.short)
            add("\(series.name): \(numbers[0]) → \(numbers[1]) [\(numbers[2]), \(numbers[3])]")
        }
        for threshold in chart.thresholds {
            add("\(threshold.label): \(NumberText.short(threshold.value))")
        }
        if !chart.readoutTitle.isEmpty { add(chart.readoutTitle) }
        for line in chart.readout { add(line.plain) }
    }

}
