import Domain
import EngineAPI
import Terminal

/// What served, who had put it there and what had allowed it.
struct PastDeploymentsScreen: Screen {
    private var panes = ListDetail()
    let date: Timestamp

    init(date: Timestamp) {
        self.date = date
    }

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        Self.columns.listing("deployments-then", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.deployment.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] { [.past(date, isServing: true)] }

    mutating func show(_ destination: Destination) {
        guard case .deployment(let id) = destination else { return }
        panes.list.select(id.text)
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        panes.press(
            command,
            ids: shown(context.world).map(\.deployment.text),
            sortedBy: Self.columns.sortTitles,
            context: context
        )
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let row = current(context.world) else { return focus }
        focus.model = row.model
        focus.subject = Subject(.deployment, "\(row.deployment)/v\(row.revision.version)")
        focus.text = row.deployment.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        panes.status(shown(context.world).count, of: rows(context.world).count, "deployments")
    }

    private func rows(_ world: World) -> [ServingMoment] {
        guard let past = world.pastServing, past.at == date else { return [] }
        return past.serving
    }

    private func shown(_ world: World) -> [ServingMoment] {
        Self.columns.shown(rows(world), panes.list, now: world.now)
    }

    private func current(_ world: World) -> ServingMoment? {
        let shown = shown(world)
        let id = panes.list.current(in: shown.map(\.deployment.text))
        return shown.first { $0.deployment.text == id }
    }

    private static let columns = ListColumns<ServingMoment>(
        [
            ListColumn(
                TableColumn("model", width: .flexible(minimum: 12), isPinned: true),
                value: { .text($0.model) }
            ) { row, _ in StyledText(row.model) },
            ListColumn(
                TableColumn("environment", width: .fitted(minimum: 8, maximum: 12), priority: 70),
                value: { .text($0.environment) }
            ) { row, _ in
                let isProduction = EnvironmentPolicy.isProduction(row.environment)
                return StyledText(row.environment, isProduction ? .title : .muted)
            },
            ListColumn(
                TableColumn("live", width: .fixed(4), priority: 95),
                value: { .number($0.revision.version) }
            ) { row, _ in StyledText("v\(row.revision.version)") },
            ListColumn(
                TableColumn("since", width: .fixed(16), priority: 80),
                value: { .date($0.revision.at) }
            ) { row, _ in StyledText(row.revision.at.shortText, .muted) },
            ListColumn(
                TableColumn("by", width: .fitted(minimum: 5, maximum: 12), priority: 90),
                value: { .text($0.revision.actor.name) }
            ) { row, _ in StyledText(row.revision.actor.name) },
            ListColumn(
                TableColumn("approved by", width: .fitted(minimum: 8, maximum: 14), priority: 60),
                value: { .text($0.approvers.map(\.actor.name).joined(separator: ", ")) }
            ) { row, _ in
                StyledText(row.approvers.map(\.actor.name).joined(separator: ", "), .muted)
            },
        ],
        id: { $0.deployment.text },
        words: { "\($0.deployment) \($0.revision.approval)" }
    )

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        let rows = shown(world)
        let areas = panes.areas(of: area, context, listWeight: 1, detailWeight: 1)
        if let list = areas.list {
            let empty =
                world.pastServing?.at == date
                ? localized("Nothing was deployed then.")
                : world.refusals[.past] ?? localized("Asking the engine…")
            panes.draw(
                Self.columns.table(rows, panes.list, context.look(grid.glyphs), empty: empty),
                title: localized("Deployments as of \(date.shortText)"),
                ids: rows.map(\.deployment.text),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let row = current(world)
            let glyphs = grid.glyphs
            let title = row.map { localized("\($0.model) in \($0.environment)") }
            panes.draw(title: title ?? localized("Deployment"), into: &grid, in: detail) {
                columns in
                var lines = DetailLines(columns: columns, labelColumns: 11)
                if let row {
                    lines.add(row, glyphs)
                } else {
                    lines.sentence(localized("Put the cursor on a deployment."))
                }
                return lines
            }
        }
    }
}

extension DetailLines {
    /// What served: who put it there, who approved it, and the evidence they had.
    mutating func add(_ one: ServingMoment, _ glyphs: GlyphSet) {
        let revision = one.revision
        heading("v\(revision.version) in \(one.environment)")
        add("since", revision.at.shortText)
        add("until", one.until?.shortText ?? localized("now"))
        add("put there", localized("\(revision.reason.rawValue) by \(revision.actor)"))
        if !revision.note.isEmpty { add("note", revision.note) }
        add("bundle", revision.bundleDigest.short)
        guard let approval = one.approval else {
            return add(
                "approval",
                localized("\(revision.approval), not asked for by then"),
                .warning
            )
        }
        add(
            "approval",
            glyphs.mark(approval.status)
                + StyledText(
                    localized(" \(approval.id), \(localized(word: approval.status.words)) then")
                )
        )
        add("asked by", "\(approval.requester), \(approval.createdAt.shortText)")
        if approval.hasBrokenGlass { add("note", localized("behind a broken glass"), .bad) }
        for decision in approval.decisions {
            let own = decision.isSelfApproval ? localized(", their own request") : ""
            let reason = decision.reason.isEmpty ? "" : ": \(decision.reason)"
            add(
                decision.answer.rawValue,
                "\(decision.actor), \(decision.decidedAt.shortText)\(own)\(reason)"
            )
        }
        if approval.decisions.isEmpty {
            add("approve", localized("its policy asked nobody"), .muted)
        }
        heading("Evidence \(approval.evidenceDigest.short)")
        for item in approval.evidence {
            let first = item.lines.first.map { ": \($0)" } ?? ""
            sentence(item.title + first, mark: glyphs.mark(item.state))
        }
    }
}

extension Timestamp {
    /// `2013-07-01 12:00`
    var shortText: String { "\(dateText) \(timeText.prefix(5))" }
}
