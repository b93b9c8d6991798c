import Domain
import EngineAPI
import Terminal

/// The catalogue: every snapshot of every dataset with the profile of its columns.
struct DataScreen: Screen {
    private var panes = ListDetail()

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }
    var lists: [String: ListState] {
        get { ["data": panes.list] }
        set { panes.list = newValue["data"] ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        Self.columns.listing("data", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.id.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] { [.datasets] }

    mutating func show(_ destination: Destination) {
        guard case .dataset(let id) = destination else { return }
        panes.list.select(id.text)
        panes.isInDetail = true
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        panes.press(
            command,
            ids: shown(context.world).map(\.id.text),
            sortedBy: Self.columns.sortTitles,
            context: context
        )
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let data = current(context.world) else { return focus }
        focus.subject = Subject(.datasetVersion, data.id.text)
        focus.text = data.digest.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        let all = context.world.datasets?.count ?? 0
        return panes.status(shown(context.world).count, of: all, "snapshots")
    }

    private func shown(_ world: World) -> [DatasetVersion] {
        Self.columns.shown(world.datasets ?? [], panes.list, now: world.now)
    }

    private static let columns = ListColumns<DatasetVersion>(
        [
            ListColumn(
                TableColumn("dataset", width: .flexible(minimum: 12), isPinned: true),
                value: { .text($0.dataset) }
            ) { data, _ in StyledText(data.dataset) },
            ListColumn(
                TableColumn("ver", width: .fixed(4), priority: 95),
                value: { .number($0.number) }
            ) { data, _ in StyledText("v\(data.number)") },
            ListColumn(
                TableColumn(
                    "rows",
                    width: .fitted(minimum: 6, maximum: 12),
                    alignment: .right,
                    priority: 90
                ),
                value: { .number($0.rows) }
            ) { data, _ in StyledText(NumberText.thousands(data.rows)) },
            ListColumn(
                TableColumn("bad", width: .fixed(4), alignment: .right, priority: 40),
                value: { .number($0.badRows) }
            ) { data, _ in StyledText("\(data.badRows)", data.badRows > 0 ? .warning : .muted) },
            ListColumn(
                TableColumn("columns", width: .fixed(7), alignment: .right, priority: 45),
                value: { .number($0.columns.count) }
            ) { data, _ in StyledText("\(data.columns.count)", .muted) },
            ListColumn(
                TableColumn("size", width: .fixed(7), alignment: .right, priority: 60),
                value: { .number($0.bytes) }
            ) { data, _ in StyledText(NumberText.bytes(data.bytes), .muted) },
            ListColumn(
                TableColumn("age", width: .fixed(4), alignment: .right, priority: 70),
                value: { .date($0.createdAt) }
            ) { StyledText($1.age($0.createdAt), .muted) },
            ListColumn(
                TableColumn("by", width: .fitted(minimum: 4, maximum: 10), priority: 30),
                value: { .text($0.actor.name) }
            ) { data, _ in StyledText(data.actor.name, .muted) },
        ],
        id: { $0.id.text },
        words: { data in
            "\(data.id) \(data.source) " + data.columns.map(\.name).joined(separator: " ")
        }
    )

    private func current(_ world: World) -> DatasetVersion? {
        let versions = shown(world)
        let id = panes.list.current(in: versions.map(\.id.text))
        return versions.first { $0.id.text == id }
    }

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let versions = shown(context.world)
        let areas = panes.areas(of: area, context, listWeight: 2, detailWeight: 3)
        if let list = areas.list {
            let empty =
                context.world.datasets == nil
                ? context.world.refusals[.datasets] ?? localized("Asking the engine…")
                : context.world.empty(localized("No data yet. Add some: binnacle data add FILE."))
            let table = Self.columns.table(
                versions,
                panes.list,
                context.look(grid.glyphs),
                empty: empty
            )
            panes.draw(
                table,
                title: localized("Data"),
                ids: versions.map(\.id.text),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let data = current(context.world)
            let title = data.map { "\($0.dataset) v\($0.number)" } ?? localized("Columns")
            let glyphs = grid.glyphs
            panes.draw(title: title, into: &grid, in: detail) { columns in
                Self.details(data, columns: columns, glyphs)
            }
        }
    }

    private static func details(
        _ data: DatasetVersion?,
        columns: Int,
        _ glyphs: GlyphSet
    ) -> DetailLines {
        var lines = DetailLines(columns: columns)
        guard let data else {
            lines.sentence(localized("Put the cursor on a snapshot."))
            return lines
        }
        lines.add("id", "\(data.id), \(data.format.words), \(NumberText.bytes(data.bytes))")
        lines.add("digest", data.digest.short)
        lines.add("from", TextFit.cutMiddle(data.source, to: columns - 10, glyphs: glyphs))
        lines.heading("Columns")
        let nameColumns = min(24, max(8, columns / 3))
        let header =
            TextFit.fit(localized("column"), to: nameColumns) + " "
            + TextFit.fit(localized("type"), to: 9)
            + TextFit.fit(localized("missing"), to: 8, alignment: .right)
            + TextFit.fit(localized("distinct"), to: 9, alignment: .right) + localized("  values")
        lines.add(StyledText(header, Style(.muted, .bold)))
        for column in data.columns {
            let share = column.rows > 0 ? Double(column.missing) / Double(column.rows) : 0
            let about = column.isDistinctEstimated ? "~" : ""
            let distinct = about + NumberText.compact(Double(column.distinct))
            var text = StyledText(TextFit.fit(column.name, to: nameColumns, glyphs: glyphs) + " ")
            text.append(TextFit.fit(localized(word: column.type.rawValue), to: 9), .muted)
            text.append(
                TextFit.fit(NumberText.percent(share, 1), to: 8, alignment: .right),
                share > 0.05 ? .warning : .text
            )
            text.append(TextFit.fit(distinct, to: 9, alignment: .right) + "  ")
            text.append(values(column), .muted)
            lines.add(text.cut(to: columns, glyphs: glyphs))
        }
        return lines
    }

    /// The range and the median of numbers, or the most frequent values.
    private static func values(_ column: ColumnProfile) -> String {
        if column.type == .timestamp, let low = column.minimum, let high = column.maximum {
            return localized(
                "\(Timestamp(seconds: low).dateText) to \(Timestamp(seconds: high).dateText)"
            )
        }
        if let low = column.minimum, let high = column.maximum, column.type.isNumeric {
            let middle =
                column.quantiles.count == 7
                ? localized(", median \(NumberText.short(column.quantiles[3]))") : ""
            return localized("\(NumberText.short(low)) to \(NumberText.short(high))\(middle)")
        }
        return column.top.prefix(3).map { value in
            let share = column.rows > 0 ? Double(value.count) / Double(column.rows) : 0
            return "\(value.value) \(NumberText.percent(share))"
        }.joined(separator: ", ")
    }
}

extension DataFormat {
    var words: String {
        switch self {
        case .csv: localized("CSV")
        case .csvGzip: localized("CSV, gzip")
        case .jsonLines: localized("JSON Lines")
        case .jsonLinesGzip: localized("JSON Lines, gzip")
        }
    }
}
