import Domain
import EngineAPI
import Terminal

/// What needs you, the models in production, jobs and alerts: one look for the morning.
struct OverviewScreen: Screen {
    enum Pane: Int, CaseIterable {
        case needs, models, jobs, alerts

        func next(by step: Int) -> Pane {
            let count = Pane.allCases.count
            return Pane(rawValue: (rawValue + step + count) % count) ?? .needs
        }
    }

    private var pane = Pane.needs
    private var paneLists: [Pane: ListState] = [:]

    var list: ListState? {
        get { paneLists[pane] ?? ListState() }
        set { paneLists[pane] = newValue }
    }

    func listing(in context: ScreenContext) -> Listing? {
        guard let overview = context.world.overview else { return nil }
        let list = paneLists[pane] ?? ListState()
        return switch pane {
        case .needs: Self.needColumns.listing("needs", needs(overview), list)
        case .models: ModelCells.columns.listing("models", models(overview), list)
        case .jobs: JobCells.columns.listing("jobs", jobs(overview), list)
        case .alerts: AlertCells.columns.listing("alerts", alerts(overview), list)
        }
    }

    func record(in context: ScreenContext) -> Record? {
        guard let overview = context.world.overview else { return nil }
        switch pane {
        case .needs:
            let need = current(needs(overview), .needs, overview, id: \.id)
            return need.flatMap { Record($0.id, $0) }
        case .models:
            let model = current(models(overview), .models, overview, id: \.name)
            return model.flatMap { Record($0.name, $0) }
        case .jobs:
            let job = current(jobs(overview), .jobs, overview, id: \.id.text)
            return job.flatMap { Record($0.id.text, $0) }
        case .alerts:
            let alert = current(alerts(overview), .alerts, overview, id: \.id.text)
            return alert.flatMap { Record($0.id.text, $0) }
        }
    }

    private static let needColumns = ListColumns<Need>(
        [
            ListColumn(TableColumn("id", width: .fixed(12)), value: { .id($0.id) }) { need, _ in
                StyledText(need.id)
            },
            ListColumn(
                TableColumn("kind", width: .fixed(8)),
                value: { .text($0.kind.rawValue) }
            ) { need, _ in StyledText(localized(word: need.kind.rawValue)) },
            ListColumn(
                TableColumn("what", width: .flexible(minimum: 12)),
                value: { .text($0.title) }
            ) { need, _ in StyledText(need.title) },
            ListColumn(
                TableColumn("evidence", width: .flexible(minimum: 12)),
                value: { .text($0.detail) }
            ) { need, _ in StyledText(need.detail) },
            ListColumn(TableColumn("since", width: .fixed(5)), value: { .date($0.since) }) {
                StyledText($1.age($0.since))
            },
        ],
        id: { $0.id }
    )

    func calls(in world: World) -> [EngineCall] {
        guard let overview = world.overview else { return [.overview] }
        guard let model = chartModel(overview) else { return [.overview, .deployments] }
        // With the deployments at hand their health changes in place.
        return [
            .overview, .deployments,
            .drift(model: model.name, feature: model.worstFeature, metric: .psi),
        ]
    }

    mutating func show(_ destination: Destination) {}

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        guard let overview = context.world.overview else { return .unhandled }
        switch command {
        case .nextPane: pane = pane.next(by: 1)
        case .previousPane: pane = pane.next(by: -1)
        case .open, .right: return open(overview)
        default:
            let ids = ids(pane, overview)
            var list = paneLists[pane] ?? ListState()
            let isMoved = list.move(command, ids: ids, height: context.listHeight / 3)
            paneLists[pane] = list
            return isMoved ? .done : .unhandled
        }
        return .done
    }

    private func open(_ overview: Overview) -> Step {
        switch pane {
        case .needs:
            guard let need = current(overview.needs, .needs, overview, id: \.id) else { break }
            return need.kind == .approval
                ? .go(.approval(ID(need.id))) : .go(.alert(ID(need.id)))
        case .models:
            guard let model = current(overview.models, .models, overview, id: \.name) else { break }
            return .go(.model(model.name))
        case .jobs:
            guard let job = current(overview.jobs, .jobs, overview, id: \.id.text) else { break }
            return .go(.job(job.id))
        case .alerts:
            guard let alert = current(overview.alerts, .alerts, overview, id: \.id.text) else {
                break
            }
            return .go(.alert(alert.id))
        }
        return .say(localized("Nothing to open here yet."))
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let overview = context.world.overview else { return focus }
        switch pane {
        case .needs:
            let need = current(overview.needs, .needs, overview, id: \.id)
            if let need, need.kind == .approval { focus.approvalID = ID(need.id) }
            focus.text = need?.id
        case .models:
            focus.model = current(overview.models, .models, overview, id: \.name)?.name
            focus.text = focus.model
        case .jobs:
            focus.job = current(overview.jobs, .jobs, overview, id: \.id.text)
            focus.model = focus.job?.model
            focus.text = focus.job?.id.text
        case .alerts:
            focus.alert = current(overview.alerts, .alerts, overview, id: \.id.text)
            focus.model = focus.alert?.model
            focus.text = focus.alert?.id.text
        }
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        if !filterText.isEmpty { return StyledText(localized("filter \(filterText)"), .muted) }
        guard let event = context.world.overview?.recent.first else { return StyledText() }
        let content = event.content
        return StyledText("\(content.at.timeText.prefix(5)) ", .muted)
            + StyledText(content.summary) + StyledText(" (\(content.actor))", .muted)
    }

    // MARK: - Rows

    private func filter(_ pane: Pane) -> Filter { paneLists[pane]?.filter ?? Filter() }

    private func shown<Item>(_ items: [Item], _ pane: Pane, text: (Item) -> String) -> [Item] {
        let filter = filter(pane)
        return filter.isEmpty ? items : items.filter { filter.accepts(text($0)) }
    }

    private func needs(_ overview: Overview) -> [Need] {
        shown(overview.needs, .needs) { "\($0.title) \($0.detail)" }
    }

    private func models(_ overview: Overview) -> [ModelRow] {
        shown(overview.models, .models) { "\($0.name) \($0.owner) \($0.environment ?? "")" }
    }

    private func jobs(_ overview: Overview) -> [Job] {
        shown(overview.jobs, .jobs) { "\($0.id) \($0.title) \($0.status.name)" }
    }

    private func alerts(_ overview: Overview) -> [Alert] {
        shown(overview.alerts, .alerts) { "\($0.id) \($0.model) \($0.message)" }
    }

    private func ids(_ pane: Pane, _ overview: Overview) -> [String] {
        switch pane {
        case .needs: needs(overview).map(\.id)
        case .models: models(overview).map(\.name)
        case .jobs: jobs(overview).map(\.id.text)
        case .alerts: alerts(overview).map(\.id.text)
        }
    }

    private func current<Item>(
        _ items: [Item],
        _ pane: Pane,
        _ overview: Overview,
        id: (Item) -> String
    ) -> Item? {
        let wanted = (paneLists[pane] ?? ListState()).current(in: ids(pane, overview))
        return items.first { id($0) == wanted }
    }

    private func cursor(_ pane: Pane, _ overview: Overview) -> Int? {
        (paneLists[pane] ?? ListState()).position(in: ids(pane, overview))
    }

    /// The model under the cursor, else the one that drifted most.
    private func chartModel(_ overview: Overview) -> ModelRow? {
        let measured = overview.models.filter { $0.worstFeature != nil }
        if pane == .models, let model = current(measured, .models, overview, id: \.name) {
            return model
        }
        return measured.max { ($0.worstPSI ?? 0) < ($1.worstPSI ?? 0) }
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        guard let overview = context.world.overview else {
            let box = grid.box(area, title: StyledText(localized("Overview")), isFocused: true)
            let text = context.world.refusals[.overview] ?? localized("Asking the engine…")
            grid.put(StyledText(text, .muted), in: box.padded.top(1))
            return
        }
        if context.isNarrow {
            let needsRows = min(max(4, needs(overview).count + 2), max(4, area.rows / 3))
            let parts = area.splitRows([.fixed(needsRows), .fraction(3), .fraction(2)])
            drawNeeds(overview, into: &grid, in: parts[0], context)
            drawModels(overview, into: &grid, in: parts[1], context)
            let halves = parts[2].splitColumns([.fraction(1), .fraction(1)])
            drawJobs(overview, into: &grid, in: halves[0], context)
            drawAlerts(overview, into: &grid, in: halves[1], context)
            return
        }
        let needsRows = min(
            max(8, max(needs(overview).count, models(overview).count) + 3),
            area.rows / 2
        )
        let rows = area.splitRows([.fixed(needsRows), .fraction(1)])
        let top = rows[0].splitColumns([.fraction(2), .fraction(3)])
        drawNeeds(overview, into: &grid, in: top[0], context)
        drawModels(overview, into: &grid, in: top[1], context)
        let low = rows[1].splitColumns([.fraction(1), .fraction(1)])
        drawChart(overview, into: &grid, in: low[0], context)
        let right = low[1].splitRows([.fraction(1), .fraction(1)])
        drawJobs(overview, into: &grid, in: right[0], context)
        drawAlerts(overview, into: &grid, in: right[1], context)
    }

    private func drawNeeds(
        _ overview: Overview,
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        let glyphs = grid.glyphs
        let rows = needs(overview)
        draw(
            .needs,
            localized("5 Needs you (\(overview.needs.count))"),
            overview,
            into: &grid,
            in: area
        ) {
            TableWidget(
                columns: [
                    TableColumn("", width: .fixed(1), isPinned: true),
                    TableColumn("what", width: .fitted(minimum: 18, maximum: 40), isPinned: true),
                    TableColumn("age", width: .fixed(4), alignment: .right, priority: 60),
                    TableColumn("evidence", width: .flexible(minimum: 12), priority: 40),
                ],
                rowCount: rows.count,
                isHeaderShown: false,
                emptyText: StyledText(localized("Nothing waits for you."), .muted)
            ) { index in
                let need = rows[index]
                return TableRow([
                    mark(need, overview, glyphs), StyledText(need.title),
                    StyledText(context.age(need.since), .muted),
                    StyledText(need.detail),
                ])
            }
        }
    }

    private func mark(_ need: Need, _ overview: Overview, _ glyphs: GlyphSet) -> StyledText {
        guard need.kind == .alert else { return StyledText(glyphs.pending, .pending) }
        let alert = overview.alerts.first { $0.id.text == need.id }
        return alert.map { glyphs.mark($0) } ?? StyledText(glyphs.warning, .warning)
    }

    private func drawModels(
        _ overview: Overview,
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        let rows = models(overview)
        let glyphs = grid.glyphs
        let title = localized("2 Models (\(overview.models.count))")
        draw(.models, title, overview, into: &grid, in: area) {
            ModelCells.columns.table(
                rows,
                paneLists[.models] ?? ListState(),
                context.look(glyphs),
                empty: context.world.empty(
                    localized("No models yet. Train one: binnacle train PROJECT, or T.")
                )
            )
        }
    }

    private func drawJobs(
        _ overview: Overview,
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        let rows = jobs(overview)
        let glyphs = grid.glyphs
        let open = overview.jobs.count { $0.status.isOpen }
        let bar = context.isNarrow ? 5 : 8
        draw(.jobs, localized("7 Jobs (\(open) open)"), overview, into: &grid, in: area) {
            TableWidget(
                columns: [
                    TableColumn("", width: .fixed(1), isPinned: true),
                    TableColumn("job", width: .flexible(minimum: 12), isPinned: true),
                    TableColumn("", width: .fitted(minimum: 10, maximum: 20), priority: 50),
                ],
                rowCount: rows.count,
                isHeaderShown: false,
                emptyText: StyledText(
                    context.world.empty(localized("No jobs yet; T trains.")),
                    .muted
                )
            ) { index in
                let job = rows[index]
                return TableRow([
                    glyphs.mark(job.status), StyledText(job.title),
                    JobCells.progress(job, now: context.now, bar: bar, glyphs),
                ])
            }
        }
    }

    private func drawAlerts(
        _ overview: Overview,
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        let rows = alerts(overview)
        let glyphs = grid.glyphs
        let title = localized("9 Alerts (\(overview.alerts.count))")
        draw(.alerts, title, overview, into: &grid, in: area) {
            TableWidget(
                columns: [
                    TableColumn("", width: .fixed(1), isPinned: true),
                    TableColumn("alert", width: .flexible(minimum: 12), isPinned: true),
                    TableColumn("age", width: .fixed(4), alignment: .right, priority: 60),
                ],
                rowCount: rows.count,
                isHeaderShown: false,
                emptyText: StyledText(localized("No open alerts."), .muted)
            ) { index in
                let alert = rows[index]
                return TableRow([
                    glyphs.mark(alert), StyledText("\(alert.model): \(alert.message)"),
                    StyledText(context.age(alert.startedAt), .muted),
                ])
            }
        }
    }

    private func draw(
        _ one: Pane,
        _ title: String,
        _ overview: Overview,
        into grid: inout CellGrid,
        in area: Rectangle,
        table make: () -> TableWidget
    ) {
        var table = make()
        let isFocused = pane == one
        table.isFocused = isFocused
        if table.rowCount == 0 { table.isHeaderShown = false }
        if isFocused { table.cursor = cursor(one, overview) }
        table.firstRow = (paneLists[one] ?? ListState()).firstRow
        let inner = grid.box(
            area,
            title: StyledText(title),
            isFocused: isFocused,
            footer: StyledText(isFocused && table.rowCount > area.rows - 3 ? table.position : "")
        )
        table.localizedHeader.draw(into: &grid, in: inner)
    }

    private func drawChart(
        _ overview: Overview,
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        guard let model = chartModel(overview) else {
            let inner = grid.box(area, title: StyledText(localized("4 Drift"))).padded
            let text =
                localized(
                    "No production rows yet: drift is measured once a deployment has scored some."
                )
            var lines = DetailLines(columns: inner.columns)
            lines.sentence(text)
            lines.draw(into: &grid, in: inner)
            return
        }
        let title = localized("4 Drift › \(model.name) › \(model.worstFeature ?? "") · PSI")
        let inner = grid.box(area, title: StyledText(title))
        guard let series = context.world.series, series.model == model.name else { return }
        DriftCharts.distance(series, cursor: nil, readout: []).draw(into: &grid, in: inner)
    }
}
