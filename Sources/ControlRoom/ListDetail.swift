import Terminal

/// A list and the details of what its cursor is on: beside each other, or in turns.
struct ListDetail: Sendable, Equatable {
    var list = ListState()
    /// Whether the keys go to the details.
    var isInDetail = false
    var detailLine = 0

    mutating func press(
        _ command: Command,
        ids: [String],
        sortedBy titles: [String] = [],
        context: ScreenContext
    ) -> Step {
        switch command {
        case .nextPane, .previousPane: isInDetail.toggle()
        case .right: isInDetail = true
        case .open:
            guard !ids.isEmpty else { return .unhandled }
            if isInDetail { return .say(localized("It is open: j k scroll it, Esc closes it.")) }
            isInDetail = true
        case .left, .back:
            if command == .back, !isInDetail, list.clearMarks() { return .done }
            guard isInDetail else { return .unhandled }
            isInDetail = false
        case .mark, .markRange, .clear:
            let step = list.mark(command, ids: ids)
            return step == .done && command == .mark ? move(.moveDown, ids, context) : step
        case .sortNext, .sortPrevious, .invertSort:
            if isInDetail, context.isNarrow {
                return .say(localized("Esc goes back to the list, which this sorts."))
            }
            return list.sort(command, by: titles, ids: ids)
        case .nextMatch, .previousMatch:
            return move(command == .nextMatch ? .moveDown : .moveUp, ids, context)
        default:
            return isInDetail ? scroll(command, context) : move(command, ids, context)
        }
        return .done
    }

    private mutating func move(
        _ command: Command,
        _ ids: [String],
        _ context: ScreenContext
    ) -> Step {
        let before = list.current(in: ids)
        guard list.move(command, ids: ids, height: context.listHeight) else { return .unhandled }
        if list.current(in: ids) != before { detailLine = 0 }
        return .done
    }

    private mutating func scroll(_ command: Command, _ context: ScreenContext) -> Step {
        switch command {
        case .moveDown: detailLine += 1
        case .moveUp: detailLine -= 1
        case .halfPageDown: detailLine += context.listHeight / 2
        case .halfPageUp: detailLine -= context.listHeight / 2
        case .pageDown: detailLine += context.listHeight
        case .pageUp: detailLine -= context.listHeight
        case .moveFirst: detailLine = 0
        case .moveLast: detailLine = 1_000
        default: return .unhandled
        }
        detailLine = min(1_000, max(0, detailLine))
        return .done
    }

    /// Where list and details are drawn; nil is not shown now.
    func areas(
        of area: Rectangle,
        _ context: ScreenContext,
        listWeight: Double = 1,
        detailWeight: Double = 1
    ) -> (list: Rectangle?, detail: Rectangle?) {
        if context.isNarrow { return isInDetail ? (nil, area) : (area, nil) }
        let parts = area.splitColumns([.fraction(listWeight), .fraction(detailWeight)])
        return (parts[0], parts[1])
    }

    /// A table of the list with its cursor, in a box.
    func draw(
        _ table: TableWidget,
        title: String,
        ids: [String],
        into grid: inout CellGrid,
        in area: Rectangle
    ) {
        var table = list.prepare(table, ids: ids)
        table.isFocused = !isInDetail
        let filter = list.filter.isEmpty ? "" : " /\(list.filter.text)"
        let inner = grid.box(
            area,
            title: StyledText(title + filter),
            isFocused: !isInDetail,
            footer: StyledText(table.position)
        )
        table.draw(into: &grid, in: inner)
    }

    /// Lines of details in a box, scrolled.
    func draw(
        title: String,
        into grid: inout CellGrid,
        in area: Rectangle,
        lines make: (Int) -> DetailLines
    ) {
        if !isInDetail { grid.hold(area) }
        let lines = make(max(1, area.columns - 4))
        let room = max(0, area.rows - 2)
        let isLonger = lines.lines.count > room
        let first = min(detailLine, max(0, lines.lines.count - room))
        let place =
            isLonger ? localized("\(first + 1)–\(first + room) of \(lines.lines.count)") : ""
        let inner = grid.box(
            area,
            title: StyledText(title),
            isFocused: isInDetail,
            footer: StyledText(place)
        ).padded
        lines.draw(into: &grid, in: inner, from: detailLine)
        if isInDetail { grid.cursor = inner.origin }
    }

    /// `12 of 60 runs`, with the filter where there is one.
    ///
    /// - Parameter word: A plural with an s, such as `runs`; one thing drops the s.
    func status(_ shown: Int, of all: Int, _ word: String) -> StyledText {
        list.status(shown, of: all, word)
    }
}

extension ListState {
    /// The table with what belongs to the list: cursor, order, chosen columns, words when empty.
    func prepare(_ table: TableWidget, ids: [String]) -> TableWidget {
        var table = table.showing(columns)
        table.cursor = position(in: ids)
        table.firstRow = firstRow
        table.pannedColumns = pannedColumns
        if let sorted = table.columns.firstIndex(where: { $0.title == sorting.column }) {
            table.sortedColumn = sorted
            table.isDescending = sorting.isDescending
            // Else the order of the rows could not be understood where there is little room.
            table.columns[sorted].isPinned = true
        }
        if ids.isEmpty, !filter.isEmpty {
            table.emptyText = StyledText(
                localized("Nothing fits the filter; / then Esc clears it."),
                .muted
            )
        }
        if ids.isEmpty { table.isHeaderShown = false }
        return table.localizedHeader
    }

    /// `12 of 60 runs`, with the filter where there is one and the marks where there are some.
    ///
    /// - Parameter word: A plural with an s, such as `runs`; one thing drops the s.
    func status(_ shown: Int, of all: Int, _ word: String) -> StyledText {
        let word = localized(word: all == 1 ? String(word.dropLast()) : word)
        var text =
            filter.isEmpty
            ? StyledText("\(NumberText.thousands(all)) \(word)", .muted)
            : StyledText(
                localized(
                    "\(NumberText.thousands(shown)) of \(NumberText.thousands(all)) \(word) fit "
                        + "\"\(filter.text)\""
                ),
                .accent
            )
        if let marked = markedText { text += StyledText(" · ") + marked }
        return text
    }

    /// `3 marked`, or where a range begins; nil without either.
    var markedText: StyledText? {
        if let anchor { return StyledText(localized("range from \(anchor): V ends it"), .accent) }
        guard !marks.isEmpty else { return nil }
        return StyledText(
            localized("\(NumberText.thousands(marks.count)) marked, Esc clears"),
            .accent
        )
    }
}
