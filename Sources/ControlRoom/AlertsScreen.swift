import Domain
import EngineAPI
import Terminal

/// What an owner must know, newest first; Enter leads to the window that set it off.
struct AlertsScreen: Screen {
    private var list = ListState()

    var filterText: String {
        get { list.filter.text }
        set { list.filter.text = newValue }
    }

    func calls(in world: World) -> [EngineCall] { [.alerts] }

    mutating func show(_ destination: Destination) {
        guard case .alert(let id) = destination else { return }
        list.select(id.text)
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let ids = shown(context.world).map(\.id.text)
        switch command {
        case .open, .right: return open(context.world)
        case .nextMatch, .previousMatch:
            let unread = Set(
                shown(context.world).filter { $0.isOpen && $0.acknowledgedBy == nil }.map(\.id.text)
            )
            let isFound = list.find(
                ids,
                forward: command == .nextMatch,
                height: context.listHeight
            ) { unread.contains($0) }
            return isFound ? .done : .say("Every open alert is acknowledged.")
        default:
            return list.move(command, ids: ids, height: context.listHeight - 6) ? .done : .unhandled
        }
    }

    private func open(_ world: World) -> Step {
        guard let alert = current(world) else { return .done }
        switch alert.rule {
        case .drift, .performance:
            let features = world.series.flatMap { $0.model == alert.model ? $0.latest : nil }?
                .features
            let feature = features?.first { alert.message.contains($0.feature) }?.feature
            return .go(.drift(model: alert.model, feature: feature, at: alert.dataTime))
        case .refusedCandidate, .failure:
            if alert.subject.hasPrefix("run-") { return .go(.run(ID(alert.subject))) }
            if alert.subject.hasPrefix("job-") { return .go(.job(ID(alert.subject))) }
            return .go(.model(alert.model))
        }
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let alert = current(context.world) else { return focus }
        focus.alert = alert
        focus.model = alert.model
        focus.subject = Subject(.alert, alert.id.text)
        focus.text = alert.id.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        let all = context.world.alerts ?? []
        let shown = shown(context.world)
        if !list.filter.isEmpty {
            return StyledText(
                "\(shown.count) of \(all.count) alerts fit \"\(list.filter.text)\"",
                .accent
            )
        }
        return StyledText("Enter opens the chart at the window that set it off", .muted)
    }

    /// Open ones first, then the resolved; each newest first.
    private func shown(_ world: World) -> [Alert] {
        let all = (world.alerts ?? []).filter {
            list.filter.accepts(
                "\($0.id) \($0.model) \($0.rule.title) \($0.message) \($0.status.rawValue) \($0.owner)"
            )
        }
        return all.filter(\.isOpen) + all.filter { !$0.isOpen }
    }

    private func current(_ world: World) -> Alert? {
        let alerts = shown(world)
        let id = list.current(in: alerts.map(\.id.text))
        return alerts.first { $0.id.text == id }
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        let alerts = shown(world)
        let glyphs = grid.glyphs
        let parts = area.splitRows([
            .fraction(1), .fixed(alerts.isEmpty ? 0 : min(8, area.rows / 2)),
        ])
        let all = world.alerts ?? []
        let firing = all.count { $0.status == .firing }
        let acknowledged = all.count { $0.isOpen && $0.acknowledgedBy != nil }
        var table = table(alerts, context, glyphs)
        table.cursor = list.position(in: alerts.map(\.id.text))
        table.firstRow = list.firstRow
        table.pannedColumns = list.pannedColumns
        table.isHeaderShown = !alerts.isEmpty
        let filter = list.filter.isEmpty ? "" : " /\(list.filter.text)"
        let inner = grid.box(
            parts[0],
            title: StyledText("Alerts · \(firing) firing · \(acknowledged) acknowledged\(filter)"),
            isFocused: true,
            footer: StyledText(table.position)
        )
        table.draw(into: &grid, in: inner)
        if let alert = current(world) {
            let detail = grid.box(parts[1], title: StyledText("\(alert.id)")).padded
            Self.details(alert, columns: detail.columns).draw(into: &grid, in: detail)
        }
    }

    private func table(
        _ alerts: [Alert],
        _ context: ScreenContext,
        _ glyphs: GlyphSet
    ) -> TableWidget {
        let empty =
            context.world.alerts == nil
            ? context.world.refusals[.alerts] ?? "Asking the engine…"
            : "No alerts. They come from drift, lost accuracy, refused candidates and failures."
        return TableWidget(
            columns: [
                TableColumn("", width: .fixed(1), isPinned: true),
                TableColumn("since", width: .fixed(5), alignment: .right, priority: 90),
                TableColumn("rule", width: .fitted(minimum: 8, maximum: 18), priority: 80),
                TableColumn("model", width: .fitted(minimum: 8, maximum: 20), isPinned: true),
                TableColumn("message", width: .flexible(minimum: 16), priority: 70),
                TableColumn("state", width: .fixed(8), priority: 85),
                TableColumn("acknowledged", width: .fitted(minimum: 5, maximum: 12), priority: 60),
                TableColumn("owner", width: .fitted(minimum: 5, maximum: 12), priority: 50),
            ],
            rowCount: alerts.count,
            emptyText: StyledText(empty, .muted)
        ) { index in
            let alert = alerts[index]
            let style: Style = alert.isOpen ? .text : .muted
            return TableRow([
                glyphs.mark(alert), StyledText(context.age(alert.startedAt), .muted),
                StyledText(alert.rule.title, style), StyledText(alert.model, style),
                StyledText(alert.message, style),
                StyledText(alert.status.rawValue, alert.status == .firing ? .bad : .muted),
                StyledText(alert.acknowledgedBy?.name ?? "—", .muted),
                StyledText(alert.owner, .muted),
            ])
        }
    }

    private static func details(_ alert: Alert, columns: Int) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 14)
        lines.sentence(alert.message)
        lines.add("about", "\(alert.rule.title) of \(alert.model), \(alert.subject)")
        if alert.dataTime != alert.startedAt {
            lines.add("rows of", "\(alert.dataTime.dateText) \(alert.dataTime.timeText)Z")
        }
        let end = alert.resolvedAt.map { ", resolved \($0.dateText) \($0.timeText)Z" } ?? ""
        lines.add(
            "began",
            "\(alert.startedAt.dateText) \(alert.startedAt.timeText)Z\(end)"
        )
        if let actor = alert.acknowledgedBy, let date = alert.acknowledgedAt {
            lines.add("acknowledged", "by \(actor), \(date.dateText) \(date.timeText)Z")
        } else if alert.isOpen {
            lines.add("acknowledged", "by nobody; the owner is \(alert.owner)", .warning)
        }
        return lines
    }
}
