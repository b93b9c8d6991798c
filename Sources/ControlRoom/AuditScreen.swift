import Domain
import EngineAPI
import Terminal

/// Everything that was ever changed, by whom, chained by hashes.
struct AuditScreen: Screen {
    private var panes = ListDetail()

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }
    var lists: [String: ListState] {
        get { ["audit": panes.list] }
        set { panes.list = newValue["audit"] ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        Self.columns.listing("audit", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record("event \($0.sequence)", $0) }
    }

    func calls(in world: World) -> [EngineCall] { [.audit] }

    mutating func show(_ destination: Destination) {}

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        if command == .open, panes.isInDetail, let event = current(context.world) {
            return .go(.lineage(event.content.subject))
        }
        let ids = shown(context.world).map { String($0.sequence) }
        return panes.press(
            command,
            ids: ids,
            sortedBy: Self.columns.sortTitles,
            context: context
        )
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let event = current(context.world) else { return focus }
        focus.subject = event.content.subject
        focus.text = event.hash.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        if let found = context.world.verification {
            if let problem = found.problem {
                guard let bad = found.firstBad else { return StyledText(problem, .bad) }
                return StyledText(localized("Event \(bad) does not verify: \(problem)"), .bad)
            }
            let count = NumberText.thousands(Int(found.events))
            return StyledText(localized("\(count) events verified, head \(found.head.short)"), .ok)
        }
        let count = context.world.audit?.count ?? 0
        if panes.list.filter.isEmpty, panes.list.markedText == nil {
            return StyledText(
                localized("the newest \(count) events · c checks the whole chain"),
                .muted
            )
        }
        return panes.status(shown(context.world).count, of: count, "events")
    }

    private func shown(_ world: World) -> [AuditEvent] {
        Self.columns.shown(world.audit ?? [], panes.list, now: world.now)
    }

    private static let columns = ListColumns<AuditEvent>(
        [
            ListColumn(
                TableColumn(
                    "#",
                    width: .fitted(minimum: 3, maximum: 8),
                    alignment: .right,
                    priority: 60
                ),
                value: { .number(Double($0.sequence)) }
            ) { event, _ in StyledText(String(event.sequence), .muted) },
            ListColumn(
                TableColumn("time", width: .fixed(16), priority: 90),
                value: { .date($0.content.at) }
            ) { event, _ in
                let at = event.content.at
                return StyledText("\(at.dateText) \(at.timeText.prefix(5))", .muted)
            },
            ListColumn(
                TableColumn("who", width: .fitted(minimum: 4, maximum: 10), priority: 80),
                value: { .text($0.content.actor.name) }
            ) { event, _ in StyledText(event.content.actor.name) },
            ListColumn(
                TableColumn("action", width: .fitted(minimum: 8, maximum: 22), priority: 50),
                value: { .text($0.content.action) }
            ) { event, _ in StyledText(event.content.action, .accent) },
            ListColumn(
                TableColumn("what happened", width: .flexible(minimum: 20), isPinned: true),
                value: { .text($0.content.summary) }
            ) { event, _ in StyledText(event.content.summary) },
        ],
        id: { String($0.sequence) },
        words: { "\($0.content.subject) \($0.content.actor)" }
    )

    private func current(_ world: World) -> AuditEvent? {
        let events = shown(world)
        let id = panes.list.current(in: events.map { String($0.sequence) })
        return events.first { String($0.sequence) == id }
    }

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let events = shown(context.world)
        let areas = panes.areas(of: area, context, listWeight: 3, detailWeight: 2)
        if let list = areas.list {
            let empty =
                context.world.audit == nil
                ? context.world.refusals[.audit] ?? localized("Asking the engine…")
                : context.world.empty(localized("No events yet."))
            let table = Self.columns.table(
                events,
                panes.list,
                context.look(grid.glyphs),
                empty: empty
            )
            panes.draw(
                table,
                title: localized("Audit"),
                ids: events.map { String($0.sequence) },
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let event = current(context.world)
            let title = event.map { localized("Event \($0.sequence)") } ?? localized("Event")
            panes.draw(title: title, into: &grid, in: detail) { columns in
                Self.details(event, columns: columns)
            }
        }
    }

    private static func details(_ event: AuditEvent?, columns: Int) -> DetailLines {
        var lines = DetailLines(columns: columns)
        guard let event else { return lines }
        let content = event.content
        lines.sentence(content.summary)
        lines.add(StyledText())
        lines.add("time", content.at.description)
        lines.add(
            "who",
            content.actor.uid.map { localized("\(content.actor) (uid \($0))") }
                ?? localized("the engine")
        )
        lines.add("action", content.action)
        lines.add("subject", content.subject.description)
        for (name, digest) in content.digests.sorted(by: { $0.key < $1.key }) {
            lines.add(name, digest.text)
        }
        lines.add("hash", event.hash.text)
        lines.add("before", event.previousHash.text)
        return lines
    }
}
