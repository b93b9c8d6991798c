import Domain
import EngineAPI
import Terminal

/// Releases that wait for a person, and the evidence that has to be read before a yes.
struct InboxScreen: Screen {
    /// Which pieces were opened, and of exactly which evidence.
    private struct Reading: Sendable {
        let digest: Digest
        var items: Set<Int> = []
        var current = 0
        /// Seconds that a piece was open, as far as it was closed again.
        var seconds: [Int: Double] = [:]
        var openedAt: Timestamp?

        /// Whoever leaves the screen alone for longer does not read it any more.
        static let longestSeconds: Double = 600

        func secondsOpen(at now: Timestamp) -> Double {
            openedAt.map { max(0, min(Self.longestSeconds, now.seconds(since: $0))) } ?? 0
        }
    }

    private var panes = ListDetail()
    private var readings: [ID<Approval>: Reading] = [:]

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }
    var lists: [String: ListState] {
        get { ["inbox": panes.list] }
        set { panes.list = newValue["inbox"] ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        Self.columns.listing("inbox", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.id.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] {
        guard let approval = current(world), approval.status.isOpen else { return [.approvals] }
        let titles = reading(approval).items.sorted().map { approval.evidence[$0].title }
        guard !titles.isEmpty else { return [.approvals] }
        let evidence = approval.evidenceDigest
        return [.approvals, .opened(approval.id, evidence: evidence, titles: titles)]
    }

    mutating func show(_ destination: Destination) {
        guard case .approval(let id) = destination else { return }
        panes.list.select(id.text)
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let shown = shown(context.world)
        let ids = shown.map(\.id.text)
        guard let approval = current(context.world) else {
            return panes.press(command, ids: ids, context: context)
        }
        switch command {
        case .nextEvidence: return step(approval, context.now)
        case .nextMatch, .previousMatch:
            let waiting = Set(shown.filter(\.status.isOpen).map(\.id.text))
            panes.isInDetail = false
            let isFound = panes.list.find(
                ids,
                forward: command == .nextMatch,
                height: context.listHeight
            ) { waiting.contains($0) }
            return isFound ? .done : .say(localized("Nothing waits for a decision."))
        case .open, .right, .nextPane, .previousPane:
            let step = panes.press(command, ids: ids, context: context)
            if panes.isInDetail { read(approval, reading(approval).current, context.now) }
            return step == .unhandled && command == .open
                ? self.step(approval, context.now) : step
        case .moveDown, .moveUp, .moveFirst, .moveLast:
            guard panes.isInDetail else { break }
            let now = reading(approval).current
            let last = approval.evidence.count - 1
            let target =
                switch command {
                case .moveDown: min(last, now + 1)
                case .moveUp: max(0, now - 1)
                case .moveFirst: 0
                default: last
                }
            read(approval, target, context.now)
            return .done
        default: break
        }
        return panes.press(
            command,
            ids: ids,
            sortedBy: Self.columns.sortTitles,
            context: context
        )
    }

    /// Opens the next piece that was not read, or says that all were.
    private mutating func step(_ approval: Approval, _ now: Timestamp) -> Step {
        let count = approval.evidence.count
        guard count > 0 else { return .say(localized("This request came without evidence.")) }
        let reading = reading(approval)
        panes.isInDetail = true
        let unread = (0..<count).filter { !reading.items.contains($0) }
        let after = reading.items.isEmpty ? -1 : reading.current
        guard let first = unread.first(where: { $0 > after }) ?? unread.first else {
            read(approval, (reading.current + 1) % count, now)
            return approval.status.isOpen
                ? .say(localized("All \(count) pieces are read: A approves, X rejects.")) : .done
        }
        read(approval, first, now)
        return .done
    }

    private mutating func read(_ approval: Approval, _ item: Int, _ now: Timestamp) {
        guard approval.evidence.indices.contains(item) else { return }
        var reading = reading(approval)
        reading.seconds[reading.current, default: 0] += reading.secondsOpen(at: now)
        reading.openedAt = now
        reading.current = item
        reading.items.insert(item)
        readings[approval.id] = reading
    }

    /// What was read of other evidence does not count.
    private func reading(_ approval: Approval) -> Reading {
        if let found = readings[approval.id], found.digest == approval.evidenceDigest {
            return found
        }
        return Reading(digest: approval.evidenceDigest)
    }

    func focus(in context: ScreenContext) -> Focus {
        guard let approval = current(context.world) else { return Focus() }
        var focus = focus(on: approval, context)
        let marks = panes.list.marks
        focus.marked = shown(context.world).filter { marks.contains($0.id.text) }
            .map { self.focus(on: $0, context) }
        return focus
    }

    private func focus(on approval: Approval, _ context: ScreenContext) -> Focus {
        var focus = Focus()
        focus.model = approval.model
        focus.version = approval.version
        focus.approval = approval
        focus.approvalID = approval.id
        let reading = reading(approval)
        focus.unreadEvidence = approval.evidence.count - reading.items.count
        focus.reading = reading.items.sorted().map { item in
            let open = item == reading.current ? reading.secondsOpen(at: context.now) : 0
            return EvidenceReading(
                title: approval.evidence[item].title,
                seconds: (reading.seconds[item] ?? 0) + open
            )
        }
        focus.subject = Subject(.approval, approval.id.text)
        focus.text = approval.evidenceDigest.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        if !panes.list.filter.isEmpty || panes.list.markedText != nil {
            let all = context.world.approvals?.count ?? 0
            return panes.status(shown(context.world).count, of: all, "requests")
        }
        guard let approval = current(context.world) else { return StyledText() }
        guard approval.status.isOpen else {
            return StyledText(
                "\(localized(word: approval.status.words)): \(approval.title)",
                .muted
            )
        }
        let count = approval.evidence.count
        let read = reading(approval).items.count
        if read == count { return StyledText(localized("evidence \(read)/\(count) read"), .ok) }
        return StyledText(
            localized("evidence \(read)/\(count) read · e opens the next piece"),
            .warning
        )
    }

    // MARK: - Rows

    /// Those that wait first, then the decided ones; each newest first, unless sorted.
    private func shown(_ world: World) -> [Approval] {
        let all = Self.columns.shown(world.approvals ?? [], panes.list, now: world.now)
        guard panes.list.sorting.column == nil else { return all }
        return all.filter(\.status.isOpen) + all.filter { !$0.status.isOpen }
    }

    private static let columns = ListColumns<Approval>(
        [
            ListColumn(TableColumn("", width: .fixed(1), isPinned: true)) {
                $1.glyphs.mark($0.status)
            },
            ListColumn(
                TableColumn("age", width: .fixed(4), alignment: .right, priority: 80),
                value: { .date($0.createdAt) }
            ) { StyledText($1.age($0.createdAt), .muted) },
            ListColumn(
                TableColumn("release", width: .flexible(minimum: 28), isPinned: true),
                value: { .text($0.title) }
            ) { one, _ in StyledText(one.title, one.status.isOpen ? .text : .muted) },
            ListColumn(
                TableColumn("asked by", width: .fitted(minimum: 6, maximum: 10), priority: 50),
                value: { .text($0.requester.name) }
            ) { one, _ in StyledText(one.requester.name, .muted) },
            ListColumn(
                TableColumn("votes", width: .fixed(5), priority: 60),
                value: { .number($0.approvals) }
            ) { one, _ in StyledText("\(one.approvals)/\(one.approvalsNeeded)", .muted) },
            ListColumn(
                TableColumn("state", width: .fitted(minimum: 7, maximum: 18), priority: 70),
                value: { .text(state($0)) }
            ) { one, _ in StyledText(state(one), one.status.isOpen ? .pending : .muted) },
        ],
        id: { $0.id.text },
        words: { "\($0.id) \($0.status.rawValue) \($0.requester)" }
    )

    private static func state(_ approval: Approval) -> String {
        if approval.status == .checks { return localized("checks red") }
        guard approval.status != .pending else { return localized("waiting") }
        let decider = approval.decisions.last.map { " \($0.actor)" } ?? ""
        return localized(word: approval.status.words) + decider
    }

    private func current(_ world: World) -> Approval? {
        let shown = shown(world)
        let id = panes.list.current(in: shown.map(\.id.text))
        return shown.first { $0.id.text == id }
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        let shown = shown(world)
        let areas = panes.areas(of: area, context, listWeight: 2, detailWeight: 3)
        if let list = areas.list {
            let waiting = shown.count(where: \.status.isOpen)
            panes.draw(
                Self.columns.table(
                    shown,
                    panes.list,
                    context.look(grid.glyphs),
                    empty: empty(world)
                ),
                title: localized("Inbox · \(waiting) waiting"),
                ids: shown.map(\.id.text),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            if !panes.isInDetail { grid.hold(detail) }
            guard let approval = current(world) else {
                grid.box(detail, title: StyledText(localized("Evidence")))
                return
            }
            drawEvidence(approval, into: &grid, in: detail, context)
        }
    }

    private func empty(_ world: World) -> String {
        world.approvals == nil
            ? world.refusals[.approvals] ?? localized("Asking the engine…")
            : localized("Nothing waits for you. A new version asks here for its release.")
    }

    private func drawEvidence(
        _ approval: Approval,
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        let reading = reading(approval)
        let count = approval.evidence.count
        let inner = grid.box(
            area,
            title: StyledText(approval.title),
            isFocused: panes.isInDetail,
            footer: StyledText(localized("read \(reading.items.count)/\(count)"))
        ).padded
        var lines = DetailLines(columns: inner.columns, labelColumns: 13)
        lines.addRequest(approval, context, grid.glyphs)
        var opened = 0...0
        for (index, item) in approval.evidence.enumerated() {
            let isOpen = panes.isInDetail && index == reading.current
            let from = lines.lines.count
            add(item, isOpen, reading.items.contains(index), grid.glyphs, to: &lines)
            if isOpen { opened = from...lines.lines.count }
        }
        let first = max(0, min(opened.lowerBound, opened.upperBound - inner.rows))
        lines.draw(into: &grid, in: inner, from: first)
        if panes.isInDetail {
            let row = inner.row + max(0, opened.lowerBound - first)
            grid.cursor = Point(column: inner.column, row: min(row, inner.rowAfter - 1))
        }
    }

    private func add(
        _ item: EvidenceItem,
        _ isOpen: Bool,
        _ isRead: Bool,
        _ glyphs: GlyphSet,
        to lines: inout DetailLines
    ) {
        let sign = isOpen ? glyphs.rowMark : isRead ? glyphs.marked : " "
        var title = StyledText("\(sign) ", .accent) + glyphs.mark(item.state)
        title.append(" ")
        title.append(
            TextFit.fit(localized(word: item.title), to: 11),
            isOpen ? .title : isRead ? .text : .muted
        )
        guard isOpen else {
            let rest = max(0, lines.columns - title.columns)
            let first = StyledText(item.lines.first ?? "", .muted).cut(to: rest, glyphs: glyphs)
            lines.add(title + first)
            return
        }
        lines.add(title)
        for line in item.lines {
            for (index, part) in StyledText(line).wrapped(to: max(8, lines.columns - 4))
                .enumerated()
            {
                lines.add(StyledText(index == 0 ? "  · " : "    ", .muted) + part)
            }
        }
    }
}
