import Domain
import Terminal

/// What lies over the screen: pickers, messages and the question before production changes.
extension RoomState {
    func drawOverlay(into grid: inout CellGrid, in whole: Rectangle, body: Rectangle) {
        switch overlay {
        case .picker(let picker): draw(picker, into: &grid, in: body)
        case .messages(let list): draw(list, into: &grid, in: body)
        case .version(let dialog): draw(dialog, into: &grid, in: body)
        case .columns(let picker): draw(picker, into: &grid, in: body)
        case .page(let page): page.draw(into: &grid, in: body)
        case .filter, .strip, .reason, .alias, .training, .export, nil: break
        }
    }

    private func draw(_ picker: Picker, into grid: inout CellGrid, in body: Rectangle) {
        let found = entries(of: picker)
        let size = Size(columns: min(body.columns, 100), rows: min(body.rows, found.count + 4))
        let wished = body.centred(Size(columns: size.columns, rows: max(size.rows, 8)))
        let box = wished.centred(Size(columns: wished.columns, rows: body.rows)).top(wished.rows)
        grid.fill(box)
        let title = pickerTitle(picker.kind)
        let inner = grid.box(
            box,
            title: StyledText(title),
            isFocused: true,
            footer: StyledText(
                found.isEmpty ? "" : localized("\(picker.cursor + 1) of \(found.count)")
            )
        )
        let prompt = picker.kind == .help ? "/ " : ": "
        grid.put(prompt, at: Point(column: inner.column + 1, row: inner.row), style: .accent)
        let body = inner.droppingTop(1)
        let glyphs = grid.glyphs
        var columns = [
            TableColumn("key", width: .fitted(minimum: 4, maximum: 14), priority: 20),
            TableColumn("command", width: .fitted(minimum: 8, maximum: 28), isPinned: true),
            TableColumn("what it does", width: .flexible(minimum: 20), priority: 40),
        ]
        if picker.kind == .help { columns[1].width = .fitted(minimum: 8, maximum: 16) }
        let table = TableWidget(
            columns: columns,
            rowCount: found.count,
            cursor: found.isEmpty ? nil : picker.cursor,
            isFocused: true,
            isHeaderShown: false,
            emptyText: StyledText(localized("nothing fits; Backspace widens the search"), .muted)
        ) { index in
            let entry = found[index]
            let isOff = entry.obstacle != nil
            let name = StyledText(entry.name, isOff ? .muted : .accent)
            let title = entry.obstacle.map { "\(glyphs.idle) \($0)" } ?? entry.title
            return TableRow([
                StyledText(entry.keyText, isOff ? .muted : .hintKey), name,
                StyledText(title, isOff ? .muted : .text),
            ])
        }
        table.draw(into: &grid, in: body)
        let place = inner.top(1).droppingLeft(3).droppingRight(1)
        picker.field.draw(into: &grid, in: place, placeholder: localized("type to search"))
    }

    private func pickerTitle(_ kind: Picker.Kind) -> String {
        switch kind {
        case .help: localized("Keys in \(view.title)")
        case .palette: localized("Command")
        case .choice(let title): title
        case .mute(let alert): localized("Mute \(alert.id) of \(alert.model) for")
        }
    }

    private func draw(_ picker: ColumnPicker, into grid: inout CellGrid, in body: Rectangle) {
        let size = Size(columns: min(body.columns, 46), rows: picker.names.count + 2)
        let box = body.centred(Size(columns: size.columns, rows: min(body.rows, size.rows)))
        grid.fill(box)
        let inner = grid.box(
            box,
            title: StyledText(localized("Columns")),
            isFocused: true,
            footer: StyledText(localized("\(picker.cursor + 1) of \(picker.names.count)"))
        )
        let sorting = screens[view]?.list?.sorting ?? Sorting()
        let glyphs = grid.glyphs
        TableWidget(
            columns: [
                TableColumn("", width: .fixed(3), isPinned: true),
                TableColumn("column", width: .flexible(minimum: 10), isPinned: true),
            ],
            rowCount: picker.names.count,
            cursor: picker.cursor,
            isFocused: true,
            isHeaderShown: false
        ) { index in
            let name = picker.names[index]
            let isShown = !picker.hidden.contains(name)
            var text = StyledText(name, isShown ? .text : .muted)
            if sorting.column == name {
                let mark = sorting.isDescending ? glyphs.descending : glyphs.ascending
                text += StyledText(" \(mark)", .accent)
            }
            return TableRow([StyledText(isShown ? "[\(glyphs.marked)]" : "[ ]", .accent), text])
        }.draw(into: &grid, in: inner)
    }

    private func draw(_ list: MessageList, into grid: inout CellGrid, in body: Rectangle) {
        grid.fill(body)
        let inner = grid.box(
            body,
            title: StyledText(localized("Messages, newest first")),
            isFocused: true,
            footer: StyledText("\(log.notices.count)")
        ).padded
        var lines = DetailLines(columns: inner.columns, labelColumns: 10)
        for notice in log.notices.reversed() {
            lines.add(notice.at.timeText, notice.text, Style(notice.role))
        }
        if log.notices.isEmpty { lines.sentence(localized("No messages yet.")) }
        lines.draw(into: &grid, in: inner, from: list.firstLine)
    }

    private func draw(_ dialog: VersionDialog, into grid: inout CellGrid, in body: Rectangle) {
        let rule =
            dialog.complaint.map { StyledText($0, .warning) }
            ?? StyledText(
                localized("Esc cancels · Enter does nothing until the version matches."),
                .muted
            )
        let modal = Modal(
            title: StyledText(" \(dialog.title) ", .title),
            lines: dialog.lines + [StyledText(), rule, StyledText()],
            freeRows: dialog.hasReason ? 2 : 1,
            columnsMaximum: min(92, max(76, body.columns - 30)),
            isProduction: true
        )
        let free = modal.draw(into: &grid, in: body)
        var row = free
        let label = localized("Type \(dialog.expected) to confirm: ")
        let width = grid.put(label, at: row.origin, style: Style(.title, .bold))
        dialog.version.draw(
            into: &grid,
            in: row.top(1).droppingLeft(width).left(12),
            isFocused: !dialog.isReasonFocused
        )
        row = row.droppingTop(1)
        if dialog.hasReason {
            let label =
                dialog.needsReason
                ? localized("Reason (Tab, three words or more): ")
                : localized("Reason (Tab, optional): ")
            let width = grid.put(label, at: row.origin)
            dialog.reason.draw(
                into: &grid,
                in: row.top(1).droppingLeft(width),
                isFocused: dialog.isReasonFocused
            )
        }
    }
}
