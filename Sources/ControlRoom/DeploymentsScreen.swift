import Domain
import EngineAPI
import Terminal

/// What serves where, how well, and what served before.
struct DeploymentsScreen: Screen {
    private var panes = ListDetail()

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }
    var lists: [String: ListState] {
        get { ["deployments": panes.list] }
        set { panes.list = newValue["deployments"] ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        Self.columns.listing("deployments", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.deployment.id.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] { [.deployments, .approvals] }

    mutating func show(_ destination: Destination) {
        guard case .deployment(let id) = destination else { return }
        panes.list.select(id.text)
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let ids = shown(context.world).map(\.deployment.id.text)
        if command == .open, panes.isInDetail, let row = current(context.world) {
            return .go(.drift(model: row.deployment.model, feature: nil, at: nil))
        }
        return panes.press(
            command,
            ids: ids,
            sortedBy: Self.columns.sortTitles,
            context: context
        )
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let row = current(context.world) else { return focus }
        focus.model = row.deployment.model
        focus.deployment = row
        focus.subject = Subject(.deployment, row.deployment.id.text)
        focus.text = row.deployment.id.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        guard let row = current(context.world) else { return StyledText() }
        if let problem = row.health.problem { return StyledText(problem, .bad) }
        if !panes.list.filter.isEmpty || panes.list.markedText != nil {
            let all = context.world.deployments?.count ?? 0
            return panes.status(shown(context.world).count, of: all, "deployments")
        }
        guard let target = row.deployment.rollbackTarget else {
            return StyledText(localized("the first version: nothing to roll back to"), .muted)
        }
        return StyledText(localized("B goes back to v\(target.version)"), .muted)
    }

    private func shown(_ world: World) -> [DeploymentRow] {
        Self.columns.shown(world.deployments ?? [], panes.list, now: world.now)
    }

    private static let columns = ListColumns<DeploymentRow>(
        [
            ListColumn(TableColumn("", width: .fixed(1), isPinned: true)) {
                $1.glyphs.mark($0.health.state)
            },
            ListColumn(
                TableColumn("model", width: .flexible(minimum: 12), isPinned: true),
                value: { .text($0.deployment.model) }
            ) { row, _ in StyledText(row.deployment.model) },
            ListColumn(
                TableColumn("environment", width: .fitted(minimum: 8, maximum: 12), priority: 70),
                value: { .text($0.deployment.environment) }
            ) { row, _ in
                let name = row.deployment.environment
                return StyledText(name, EnvironmentPolicy.isProduction(name) ? .title : .muted)
            },
            ListColumn(
                TableColumn("live", width: .fixed(4), priority: 95),
                value: { .number(live($0)) }
            ) { row, _ in StyledText("v\(live(row))") },
            ListColumn(
                TableColumn("next", width: .fixed(4), priority: 75),
                value: { .number($0.waiting) }
            ) { row, look in
                row.waiting.map { StyledText("v\($0)\(look.glyphs.pending)", .pending) }
                    ?? StyledText("—", .muted)
            },
            ListColumn(
                TableColumn("health", width: .fitted(minimum: 7, maximum: 10), priority: 90),
                value: { .text($0.health.state.rawValue) }
            ) { row, _ in StyledText(localized(word: row.health.state.rawValue)) },
            ListColumn(
                TableColumn("p95", width: .fixed(6), alignment: .right, priority: 85),
                value: { .number($0.health.latency95Milliseconds) }
            ) { row, _ in ModelCells.latency(row.health) },
            ListColumn(
                TableColumn("err", width: .fixed(5), alignment: .right, priority: 60),
                value: { .number(ModelCells.errorShare($0.health)) }
            ) { row, _ in ModelCells.errors(row.health) },
            ListColumn(
                TableColumn("rows", width: .fixed(5), alignment: .right, priority: 65),
                value: { .number($0.health.rows) }
            ) { row, _ in StyledText(NumberText.compact(Double(row.health.rows))) },
            ListColumn(
                TableColumn("since", width: .fixed(5), alignment: .right, priority: 50),
                value: { .date($0.deployment.current.at) }
            ) { StyledText($1.age($0.deployment.current.at), .muted) },
            ListColumn(
                TableColumn("owner", width: .fitted(minimum: 5, maximum: 10), priority: 40),
                value: { .text($0.owner) }
            ) { row, _ in StyledText(row.owner, .muted) },
        ],
        id: { $0.deployment.id.text },
        words: { $0.deployment.id.text }
    )

    private static func live(_ row: DeploymentRow) -> Int {
        row.health.servingVersion ?? row.deployment.current.version
    }

    private func current(_ world: World) -> DeploymentRow? {
        let rows = shown(world)
        let id = panes.list.current(in: rows.map(\.deployment.id.text))
        return rows.first { $0.deployment.id.text == id }
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let rows = shown(context.world)
        let glyphs = grid.glyphs
        let areas = panes.areas(of: area, context, listWeight: 3, detailWeight: 2)
        if let list = areas.list {
            panes.draw(
                Self.columns.table(
                    rows,
                    panes.list,
                    context.look(glyphs),
                    empty: empty(context.world)
                ),
                title: localized("Deployments"),
                ids: rows.map(\.deployment.id.text),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let row = current(context.world)
            let title = row.map {
                localized("\($0.deployment.model) in \($0.deployment.environment)")
            }
            panes.draw(title: title ?? localized("Deployment"), into: &grid, in: detail) {
                columns in
                Self.details(row, context, columns: columns, glyphs)
            }
        }
    }

    private func empty(_ world: World) -> String {
        world.deployments == nil
            ? world.refusals[.deployments] ?? localized("Asking the engine…")
            : localized("Nothing is deployed yet: an approved version deploys by itself, or D.")
    }

    private static func details(
        _ row: DeploymentRow?,
        _ context: ScreenContext,
        columns: Int,
        _ glyphs: GlyphSet
    ) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 11)
        guard let row else {
            lines.sentence(localized("Put the cursor on a deployment."))
            return lines
        }
        let health = row.health
        lines.add(
            "health",
            glyphs.mark(health.state) + StyledText(" " + localized(word: health.state.rawValue))
        )
        if let problem = health.problem { lines.add("", problem, .bad) }
        let serving = health.servingVersion.map { "v\($0)" } ?? localized("nothing yet")
        lines.add("serves", serving)
        if let digest = health.servingDigest {
            let isRight = digest == row.deployment.current.bundleDigest
            lines.add(
                "bundle",
                StyledText("\(digest.short) ")
                    + (isRight
                        ? StyledText(localized("= approved \(glyphs.done)"), .ok)
                        : StyledText(localized("NOT what was approved"), .bad))
            )
        }
        lines.add("port", health.port == 0 ? "—" : "127.0.0.1:\(health.port)")
        lines.add("owner", row.owner)
        lines.heading("Traffic")
        let share = health.requests > 0 ? Double(health.errors) / Double(health.requests) : 0
        lines.add("requests", NumberText.thousands(health.requests))
        if let rate = row.requestsPerMinute {
            lines.add("rate", localized("\(NumberText.thousands(Int(rate.rounded()))) a minute"))
        }
        if let last = row.lastRequestAt { lines.add("last request", context.age(last)) }
        lines.add("rows", NumberText.thousands(health.rows))
        lines.add(
            "errors",
            "\(NumberText.thousands(health.errors)) (\(NumberText.percent(share, 2)))",
            share > 0.01 ? .bad : .text
        )
        if let refused = health.refused, refused > 0 {
            lines.add(
                "refused",
                localized("\(NumberText.thousands(refused)) requests were the callers' errors"),
                .muted
            )
        }
        if health.collectorDropped > 0 {
            lines.add(
                "dropped",
                localized("\(health.collectorDropped) rows were not collected"),
                .warning
            )
        }
        let times: [(String, Double?)] = [
            ("median", health.latencyMedianMilliseconds), ("p95", health.latency95Milliseconds),
            ("p99", health.latency99Milliseconds),
        ]
        for (name, value) in times {
            lines.add(name, value.map(NumberText.milliseconds) ?? "—")
        }
        if let bytes = health.residentBytes { lines.add("memory", NumberText.bytes(bytes)) }
        if let started = health.startedAt { lines.add("up for", context.age(started)) }
        addHistory(of: row, to: &lines)
        return lines
    }

    private static func addHistory(of row: DeploymentRow, to lines: inout DetailLines) {
        lines.heading("History")
        for revision in row.deployment.revisions.reversed() {
            let note = revision.note.isEmpty ? "" : ": \(revision.note)"
            lines.add(
                "#\(revision.number) v\(revision.version)",
                StyledText(
                    localized(word: revision.reason.rawValue) + " ",
                    revision.reason == .rollback ? .warning : .text
                )
                    + StyledText(
                        "\(revision.at.dateText) \(revision.at.timeText.prefix(5)) \(revision.actor)\(note)",
                        .muted
                    )
            )
        }
    }
}
