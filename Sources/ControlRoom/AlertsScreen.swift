import Domain
import EngineAPI
import Terminal

/// What an owner must know, newest first; Enter leads to the window that set it off.
struct AlertsScreen: Screen {
    private var alerts = ListState()

    var list: ListState? {
        get { alerts }
        set { alerts = newValue ?? alerts }
    }
    var lists: [String: ListState] {
        get { ["alerts": alerts] }
        set { alerts = newValue["alerts"] ?? alerts }
    }

    func listing(in context: ScreenContext) -> Listing? {
        AlertCells.columns.listing("alerts", shown(context.world), alerts)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.id.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] {
        [.alerts, .receivers] + (current(world).map { [.deliveries($0.id)] } ?? [])
    }

    mutating func show(_ destination: Destination) {
        guard case .alert(let id) = destination else { return }
        alerts.select(id.text)
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let ids = shown(context.world).map(\.id.text)
        switch command {
        case .open, .right: return open(context.world)
        case .nextMatch, .previousMatch:
            let unread = Set(
                shown(context.world).filter { $0.isOpen && $0.acknowledgedBy == nil }.map(\.id.text)
            )
            let isFound = alerts.find(
                ids,
                forward: command == .nextMatch,
                height: context.listHeight
            ) { unread.contains($0) }
            return isFound ? .done : .say(localized("Every open alert is acknowledged."))
        case .sortNext, .sortPrevious, .invertSort:
            return alerts.sort(command, by: AlertCells.columns.sortTitles, ids: ids)
        case .mark, .markRange, .clear:
            let step = alerts.mark(command, ids: ids)
            if command == .mark { _ = alerts.move(.moveDown, ids: ids, height: height(context)) }
            return step
        case .back where alerts.clearMarks(): return .done
        default:
            return alerts.move(command, ids: ids, height: height(context)) ? .done : .unhandled
        }
    }

    private func height(_ context: ScreenContext) -> Int {
        max(1, context.isNarrow ? context.listHeight - 6 : context.listHeight)
    }

    private func open(_ world: World) -> Step {
        guard let alert = current(world) else { return .done }
        switch alert.rule {
        case .drift, .performance, .feature, .quality:
            let features = world.series.flatMap { $0.model == alert.model ? $0.latest : nil }?
                .features
            let feature =
                alert.feature
                ?? features?.first { alert.message.contains($0.feature) }?.feature
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
        if !alerts.filter.isEmpty || alerts.markedText != nil {
            return alerts.status(shown(context.world).count, of: all.count, "alerts")
        }
        guard let alert = current(context.world) else { return StyledText() }
        return StyledText(localized("Enter \(Self.leadsTo(alert))"), .muted)
    }

    /// Where Enter leads, said before it is pressed.
    private static func leadsTo(_ alert: Alert) -> String {
        switch alert.rule {
        case .drift, .performance, .feature, .quality:
            localized("opens the chart at the window that set it off")
        case .refusedCandidate, .failure:
            if alert.subject.hasPrefix("run-") {
                localized("opens \(alert.subject): what it took and why it ended so")
            } else if alert.subject.hasPrefix("job-") {
                localized("opens the log of \(alert.subject)")
            } else {
                localized("opens \(alert.model)")
            }
        }
    }

    /// Open ones first, then the resolved; each newest first, unless sorted.
    private func shown(_ world: World) -> [Alert] {
        let all = AlertCells.columns.shown(world.alerts ?? [], alerts, now: world.now)
        guard alerts.sorting.column == nil else { return all }
        return all.filter(\.isOpen) + all.filter { !$0.isOpen }
    }

    private func current(_ world: World) -> Alert? {
        let rows = shown(world)
        let id = alerts.current(in: rows.map(\.id.text))
        return rows.first { $0.id.text == id }
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        let rows = shown(world)
        let ids = rows.map(\.id.text)
        // Beside the list there is room for whom an alert was told; below it on narrow screens.
        let parts =
            context.isNarrow || rows.isEmpty
            ? area.splitRows([.fraction(1), .fixed(rows.isEmpty ? 0 : min(8, area.rows / 2))])
            : area.splitColumns([.fraction(3), .fraction(2)])
        let table = alerts.prepare(
            AlertCells.columns.table(rows, alerts, context.look(grid.glyphs), empty: empty(world)),
            ids: ids
        )
        let filter = alerts.filter.isEmpty ? "" : " /\(alerts.filter.text)"
        let inner = grid.box(
            parts[0],
            title: StyledText(localized("Alerts · \(counts(world))\(filter)")),
            isFocused: true,
            footer: StyledText(table.position)
        )
        var shown = table
        shown.isFocused = true
        shown.draw(into: &grid, in: inner)
        if let alert = current(world) {
            grid.hold(parts[1])
            let detail = grid.box(parts[1], title: StyledText("\(alert.id)")).padded
            Self.details(alert, context, columns: detail.columns).draw(into: &grid, in: detail)
        }
    }

    /// How many fire, how many somebody has seen, how many are muted; muted ones do not count.
    private func counts(_ world: World) -> String {
        let all = world.alerts ?? []
        let muted = all.count { $0.isMuted(at: world.now) }
        let firing = all.count { $0.status == .firing && !$0.isMuted(at: world.now) }
        let acknowledged = all.count { $0.isOpen && $0.acknowledgedBy != nil }
        return localized("\(firing) firing · \(acknowledged) acknowledged")
            + (muted > 0 ? localized(" · \(muted) muted") : "")
    }

    private func empty(_ world: World) -> String {
        world.alerts == nil
            ? world.refusals[.alerts] ?? localized("Asking the engine…")
            : localized(
                "No alerts. They come from drift, lost accuracy, refused candidates and failures."
            )
    }

    /// The newest delivery of the alert to each receiver.
    private static func told(_ alert: Alert, _ world: World) -> [Delivery] {
        var seen: Set<String> = []
        return (world.deliveries ?? []).filter { delivery in
            delivery.createdAt <= world.pastDate ?? .distantFuture
                && delivery.notification.alerts.contains { $0.id == alert.id }
                && seen.insert(delivery.receiver).inserted
        }
    }

    private static func details(
        _ alert: Alert,
        _ context: ScreenContext,
        columns: Int
    ) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 14)
        lines.sentence(alert.message)
        if alert.isMuted(at: context.now), let until = alert.mutedUntil, let who = alert.mutedBy {
            let left = NumberText.longDuration(until.seconds(since: context.now))
            let end = "\(until.dateText) \(until.timeText.prefix(5))Z"
            lines.add(
                "muted",
                localized("by \(who) for \(left) more, until \(end); M ends it"),
                .warning
            )
        }
        if alert.isFlapping == true {
            lines.add(
                "flapping",
                localized("it comes and goes, and is told once until quiet"),
                .warning
            )
        }
        if let cause = alert.cause { lines.add("cause", cause, .warning) }
        lines.add(
            "about",
            localized("\(localized(word: alert.title)) of \(alert.model), \(alert.subject)")
        )
        if alert.dataTime != alert.startedAt {
            lines.add("rows of", "\(alert.dataTime.dateText) \(alert.dataTime.timeText)Z")
        }
        let end =
            alert.resolvedAt.map { localized(", resolved \($0.dateText) \($0.timeText)Z") } ?? ""
        lines.add(
            "began",
            "\(alert.startedAt.dateText) \(alert.startedAt.timeText)Z\(end)"
        )
        if let actor = alert.acknowledgedBy, let date = alert.acknowledgedAt {
            lines.add("acknowledged", localized("by \(actor), \(date.dateText) \(date.timeText)Z"))
        } else if alert.isOpen {
            lines.add("acknowledged", localized("by nobody; the owner is \(alert.owner)"), .warning)
        }
        for delivery in told(alert, context.world) {
            lines.add("told", "\(delivery.receiver): \(deliveryWords(delivery))")
        }
        return lines
    }
}
