/// How wide a column of a table is.
package enum ColumnWidth: Hashable, Sendable {
    case fixed(Int)
    /// As wide as its title and the visible cells need, within limits.
    case fitted(minimum: Int, maximum: Int)
    /// At least so wide, and a part of what the other columns leave.
    case flexible(minimum: Int, weight: Double = 1)
}

/// One column of a table.
package struct TableColumn: Hashable, Sendable {
    package var title: String
    package var width: ColumnWidth
    package var alignment: Alignment
    /// Where there is no room the column with the lowest priority goes first.
    package var priority: Int
    /// Stays when others are dropped or panned away.
    package var isPinned: Bool

    package init(
        _ title: String,
        width: ColumnWidth,
        alignment: Alignment = .left,
        priority: Int = 50,
        isPinned: Bool = false
    ) {
        self.title = title
        self.width = width
        self.alignment = alignment
        self.priority = priority
        self.isPinned = isPinned
    }
}

/// One row of a table: a cell for each column.
package struct TableRow: Hashable, Sendable {
    package var cells: [StyledText]
    /// Whether the user marked it, for acts on several rows.
    package var isMarked: Bool

    package init(_ cells: [StyledText], isMarked: Bool = false) {
        self.cells = cells
        self.isMarked = isMarked
    }
}

/// Rows under column titles, with a cursor, panning and columns that go where there is no room.
///
/// Rows are asked for one by one, so that ten thousand cost no more than the visible ones.
package struct TableWidget {
    package var columns: [TableColumn]
    package var rowCount: Int
    package var row: (Int) -> TableRow
    /// The row under the cursor; nil shows none.
    package var cursor: Int?
    /// The first visible row.
    package var firstRow: Int
    /// How many columns that are not pinned are panned away to the left.
    package var pannedColumns: Int
    /// Whether the keys go here: only then the row is highlighted and the terminal's cursor set.
    package var isFocused: Bool
    package var sortedColumn: Int?
    package var isDescending: Bool
    package var isHeaderShown: Bool
    /// Blank columns between two columns.
    package var gap: Int
    /// Stands where the rows would be when there are none.
    package var emptyText: StyledText

    package init(
        columns: [TableColumn],
        rowCount: Int,
        cursor: Int? = nil,
        firstRow: Int = 0,
        pannedColumns: Int = 0,
        isFocused: Bool = false,
        sortedColumn: Int? = nil,
        isDescending: Bool = false,
        isHeaderShown: Bool = true,
        gap: Int = 2,
        emptyText: StyledText = StyledText(),
        row: @escaping (Int) -> TableRow
    ) {
        self.columns = columns
        self.rowCount = rowCount
        self.row = row
        self.cursor = cursor
        self.firstRow = firstRow
        self.pannedColumns = pannedColumns
        self.isFocused = isFocused
        self.sortedColumn = sortedColumn
        self.isDescending = isDescending
        self.isHeaderShown = isHeaderShown
        self.gap = gap
        self.emptyText = emptyText
    }

    package init(columns: [TableColumn], rows: [TableRow], cursor: Int? = nil) {
        self.init(columns: columns, rowCount: rows.count, cursor: cursor) { rows[$0] }
    }

    /// Rows that a table of this height shows at a time.
    package func visibleRows(height: Int) -> Int { max(0, height - (isHeaderShown ? 1 : 0)) }

    /// `3 of 60`, for a border; empty without a cursor or rows.
    package var position: String {
        guard let cursor, rowCount > 0 else { return "" }
        return "\(min(cursor, rowCount - 1) + 1) of \(rowCount)"
    }

    /// The first row that keeps the cursor visible and moves the view as little as possible.
    package static func firstRow(
        showing cursor: Int,
        from firstRow: Int,
        height: Int,
        count: Int
    ) -> Int {
        guard height > 0, count > height else { return 0 }
        var first = min(max(0, firstRow), count - height)
        if cursor < first { first = max(0, cursor) }
        if cursor >= first + height { first = min(cursor, count - 1) - height + 1 }
        return first
    }

    package func draw(into grid: inout CellGrid, in rectangle: Rectangle) {
        grid.reading?.add(self)
        guard rectangle.columns > 1, rectangle.rows > 0 else { return }
        let height = visibleRows(height: rectangle.rows)
        let first =
            cursor.map {
                Self.firstRow(showing: $0, from: firstRow, height: height, count: rowCount)
            } ?? min(max(0, firstRow), max(0, rowCount - height))
        let shown = (first..<max(first, min(rowCount, first + height))).map { row($0) }
        let layout = TableLayout(self, rows: shown, room: rectangle.columns - 1)
        if isHeaderShown { drawHeader(layout, into: &grid, in: rectangle.top(1)) }
        let body = rectangle.droppingTop(isHeaderShown ? 1 : 0)
        if rowCount == 0, body.rows > 0 {
            grid.put(emptyText, in: body.top(1).droppingLeft(1))
        }
        for (offset, row) in shown.enumerated() {
            let line = body.droppingTop(offset).top(1)
            drawRow(row, isUnderCursor: cursor == first + offset, layout, into: &grid, in: line)
        }
    }

    private func drawHeader(_ layout: TableLayout, into grid: inout CellGrid, in line: Rectangle) {
        for place in layout.places {
            let column = columns[place.column]
            var title = StyledText(column.title, Style(.muted, .bold))
            if sortedColumn == place.column {
                let mark = isDescending ? grid.glyphs.descending : grid.glyphs.ascending
                title = title + StyledText(mark, .accent)
            }
            let room = line.droppingLeft(1 + place.start).left(place.width)
            grid.put(title, in: room, alignment: column.alignment)
        }
    }

    private func drawRow(
        _ row: TableRow,
        isUnderCursor: Bool,
        _ layout: TableLayout,
        into grid: inout CellGrid,
        in line: Rectangle
    ) {
        if row.isMarked {
            grid.put(String(grid.glyphs.marked), at: line.origin, style: .accent, limit: 1)
        }
        for place in layout.places where place.column < row.cells.count {
            let room = line.droppingLeft(1 + place.start).left(place.width)
            // That there is nothing stands back, and colours change less often.
            let cell = row.cells[place.column]
            grid.put(
                cell == "—" ? StyledText("—", .muted) : cell,
                in: room,
                alignment: columns[place.column].alignment
            )
        }
        guard isUnderCursor else { return }
        if !row.isMarked {
            grid.put(String(grid.glyphs.rowMark), at: line.origin, style: .accent, limit: 1)
        }
        if isFocused {
            grid.lay(line, on: .selection)
            grid.cursor = line.origin
        }
    }
}

/// Which columns of a table are shown, and where.
struct TableLayout: Equatable {
    struct Place: Equatable {
        let column: Int
        /// Counted from the first column after the row mark.
        let start: Int
        let width: Int
    }

    let places: [Place]

    init(_ table: TableWidget, rows: [TableRow], room: Int) {
        let columns = table.columns
        var panned = table.pannedColumns
        var kept = columns.indices.filter { index in
            guard panned > 0, !columns[index].isPinned else { return true }
            panned -= 1
            return false
        }
        let needed = columns.indices.map { index in
            Self.width(of: columns[index], at: index, isSorted: table.sortedColumn == index, rows)
        }
        func total() -> Int {
            kept.reduce(0) { $0 + needed[$1] } + table.gap * max(0, kept.count - 1)
        }
        while total() > room, kept.count > 1 {
            let droppable = kept.filter { !columns[$0].isPinned }
            // Of equal priorities the last goes first.
            guard
                let dropped = droppable.reversed().min(by: {
                    columns[$0].priority < columns[$1].priority
                })
            else { break }
            kept.removeAll { $0 == dropped }
        }
        var left = max(0, room - total())
        var weight = kept.reduce(0.0) { $0 + Self.weight(of: columns[$1]) }
        var places: [Place] = []
        var start = 0
        for index in kept {
            var width = needed[index]
            let own = Self.weight(of: columns[index])
            if own > 0 {
                let extra = Int((Double(left) * own / weight).rounded())
                width += extra
                left -= extra
                weight -= own
            }
            width = min(width, room - start)
            if width > 0 { places.append(Place(column: index, start: start, width: width)) }
            start += width + table.gap
        }
        self.places = places
    }

    private static func weight(of column: TableColumn) -> Double {
        guard case .flexible(_, let weight) = column.width else { return 0 }
        return weight
    }

    private static func width(
        of column: TableColumn,
        at index: Int,
        isSorted: Bool,
        _ rows: [TableRow]
    ) -> Int {
        let title = CharacterWidth.columns(of: column.title) + (isSorted ? 1 : 0)
        // The mark in the header has to fit: it is all that tells the order.
        switch column.width {
        case .fixed(let width): return isSorted ? max(width, title) : width
        case .flexible(let minimum, _): return isSorted ? max(minimum, title) : minimum
        case .fitted(let minimum, let maximum):
            let widest = rows.reduce(title) { widest, row in
                index < row.cells.count ? max(widest, row.cells[index].columns) : widest
            }
            return min(max(minimum, widest), max(minimum, maximum, isSorted ? title : 0))
        }
    }
}
