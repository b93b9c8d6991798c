import Domain
import EngineAPI
import Terminal

/// Work in the background, its progress and its log.
struct JobsScreen: Screen {
    private var panes = ListDetail()
    private(set) var isFollowing = true
    private(set) var isWrapped = false
    private(set) var isErrorsOnly = false
    /// Whether lines are shown without the time they begin with.
    private(set) var areTimesHidden = false
    /// The number of the first line shown while the end is not followed, as the log counts them.
    private var firstLine = 0
    private var pannedColumns = 0
    private var search = ""

    var filterText: String {
        get { panes.isInDetail ? search : panes.list.filter.text }
        set {
            if panes.isInDetail {
                search = newValue
            } else {
                panes.list.filter.text = newValue
            }
        }
    }

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }
    var lists: [String: ListState] {
        get { ["jobs": panes.list] }
        set { panes.list = newValue["jobs"] ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        JobCells.columns.listing("jobs", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.id.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] {
        guard let job = current(world) else { return [.jobs] }
        var calls: [EngineCall] = [.jobs, .jobLog(job.id)]
        if let log = log(world), log.hasEarlier, needsEarlier(log) {
            calls.append(.jobLogBefore(job.id, line: log.firstLine))
        }
        return calls
    }

    /// Whether lines are wanted that are not here: near the top, or for a look through all of it.
    private func needsEarlier(_ log: ShownLog) -> Bool {
        if isErrorsOnly || !search.isEmpty { return true }
        return !isFollowing && firstLine < log.firstLine + Self.marginLines
    }

    /// Lines kept ready above the first one shown.
    private static let marginLines = 500

    mutating func show(_ destination: Destination) {
        guard case .job(let job) = destination else { return }
        panes.list.select(job.text)
        panes.isInDetail = true
        isFollowing = true
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let ids = shown(context.world).map(\.id.text)
        switch command {
        case .follow where isLogHidden(context), .wrap where isLogHidden(context),
            .times where isLogHidden(context), .errorsOnly where isLogHidden(context):
            return .say(localized("Enter opens the log first."))
        case .follow:
            isFollowing.toggle()
            if !isFollowing, let log = log(context.world) { stand(at: lastTop(context), in: log) }
            return .done
        case .wrap:
            isWrapped.toggle()
            return .done
        case .times:
            guard log(context.world)?.lines.contains(where: LogLine.beginsWithTime) == true else {
                return .say(localized("No line of this log begins with a time."))
            }
            areTimesHidden.toggle()
            return .done
        case .errorsOnly:
            // The error on top stays there among all the lines.
            if isErrorsOnly, !isFollowing, let log = log(context.world) {
                stand(at: top(log), in: log)
            }
            isErrorsOnly.toggle()
            return .done
        case .nextMatch, .previousMatch:
            guard panes.isInDetail else { break }
            return find(forward: command == .nextMatch, context)
        default: break
        }
        if panes.isInDetail, scroll(command, context) { return .done }
        let before = panes.list.current(in: ids)
        let step = panes.press(
            command,
            ids: ids,
            sortedBy: JobCells.columns.sortTitles,
            context: context
        )
        if panes.list.current(in: ids) != before { isFollowing = true }
        return step
    }

    private func isLogHidden(_ context: ScreenContext) -> Bool {
        context.isNarrow && !panes.isInDetail
    }

    private func lastTop(_ context: ScreenContext) -> Int {
        max(0, (log(context.world).map(lines)?.count ?? 0) - (context.size.rows - 2))
    }

    /// The place among the shown lines that stands on top while the end is not followed.
    private func top(_ log: ShownLog) -> Int {
        guard isErrorsOnly else { return max(0, firstLine - log.firstLine) }
        return log.errors.firstIndex { $0 >= firstLine } ?? max(0, log.errors.count - 1)
    }

    /// Puts one of the shown lines on top.
    private mutating func stand(at place: Int, in log: ShownLog) {
        isFollowing = false
        if isErrorsOnly {
            firstLine = log.errors.indices.contains(place) ? log.errors[place] : 0
        } else {
            firstLine = log.firstLine + place
        }
    }

    /// The lines of the log that are shown.
    private func lines(_ log: ShownLog) -> [String] {
        isErrorsOnly ? log.errorLines : log.lines
    }

    private mutating func scroll(_ command: Command, _ context: ScreenContext) -> Bool {
        let page = max(1, context.size.rows - 2)
        let log = log(context.world)
        let now = isFollowing ? lastTop(context) : log.map(top) ?? 0
        let target: Int
        switch command {
        case .moveDown: target = now + 1
        case .moveUp: target = now - 1
        case .halfPageDown: target = now + page / 2
        case .halfPageUp: target = now - page / 2
        case .pageDown: target = now + page
        case .pageUp: target = now - page
        case .moveFirst:
            // Lines that are not here yet are fetched, and then stand above.
            isFollowing = false
            firstLine = 0
            return true
        case .moveLast:
            isFollowing = true
            return true
        case .panLeft:
            pannedColumns = max(0, pannedColumns - 16)
            return true
        case .panRight:
            pannedColumns += 16
            return true
        default: return false
        }
        if let log { stand(at: min(lastTop(context), max(0, target)), in: log) }
        return true
    }

    private mutating func find(forward: Bool, _ context: ScreenContext) -> Step {
        guard !search.isEmpty else { return .say(localized("/ searches the log first.")) }
        guard let log = log(context.world) else { return .done }
        let lines = lines(log)
        let found = LogView.matches(of: search, count: lines.count) { lines[$0] }
        let now = isFollowing ? lastTop(context) : top(log)
        let next = forward ? found.first { $0 > now } : found.last { $0 < now }
        guard let target = next ?? (forward ? found.first : found.last) else {
            return .say(localized("\"\(search)\" does not occur in this log."))
        }
        stand(at: target, in: log)
        return .done
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let job = current(context.world) else { return focus }
        focus.job = job
        focus.model = job.model
        focus.subject = Subject(.job, job.id.text)
        focus.text = job.id.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        guard let job = current(context.world) else { return StyledText() }
        if panes.isInDetail, !search.isEmpty, let lines = log(context.world).map(lines) {
            let found = LogView.matches(of: search, count: lines.count) { lines[$0] }
            return StyledText(localized("/\(search) \(found.count) matches · n N"), .accent)
        }
        if !panes.isInDetail, !panes.list.filter.isEmpty {
            let count = context.world.jobs?.count ?? 0
            return panes.status(shown(context.world).count, of: count, "jobs")
        }
        switch job.status {
        case .failed(_, let reason): return StyledText("\(job.id): \(reason)", .bad)
        case .running:
            let step = job.progress.map { " · \($0.step)" } ?? ""
            let metric = job.progress?.metric.map { " · \($0)" } ?? ""
            let left = job.progress?.secondsLeft.map {
                localized(" · \(NumberText.longDuration($0)) left")
            }
            return StyledText("\(job.id)\(step)\(metric)\(left ?? "")")
        default:
            return StyledText(
                localized("\(job.id) \(localized(word: job.status.name)), started by \(job.actor)"),
                .muted
            )
        }
    }

    private func shown(_ world: World) -> [Job] {
        let all = JobCells.columns.shown(world.jobs ?? [], panes.list, now: world.now)
        guard panes.list.sorting.column == nil else { return all }
        return all.filter { $0.status.name == "running" } + all.filter { $0.status == .queued }
            + all.filter { !$0.status.isOpen }
    }

    private func current(_ world: World) -> Job? {
        let jobs = shown(world)
        let id = panes.list.current(in: jobs.map(\.id.text))
        return jobs.first { $0.id.text == id }
    }

    private func log(_ world: World) -> ShownLog? {
        world.log.flatMap { $0.job == current(world)?.id ? $0 : nil }
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        let jobs = shown(world)
        let glyphs = grid.glyphs
        let areas = panes.areas(of: area, context, listWeight: 2, detailWeight: 3)
        if let list = areas.list {
            let running = jobs.count { $0.status.name == "running" }
            let queued = jobs.count { $0.status == .queued }
            panes.draw(
                JobCells.columns.table(
                    jobs,
                    panes.list,
                    context.look(glyphs),
                    empty: empty(context.world)
                ),
                title: localized("Jobs (\(running) running, \(queued) queued)"),
                ids: jobs.map(\.id.text),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail { drawLog(into: &grid, in: detail, context) }
    }

    private func empty(_ world: World) -> String {
        world.jobs == nil
            ? world.refusals[.jobs] ?? localized("Asking the engine…")
            : world.empty(localized("No jobs yet; T trains."))
    }

    /// Which lines are here, where that is not the whole log.
    private func place(_ log: ShownLog) -> String {
        guard log.firstLine > 0 else { return "" }
        return localized("from line \(NumberText.thousands(log.firstLine + 1)) on")
            + (log.hasEarlier ? "" : localized(", all that is kept here"))
    }

    private func drawLog(
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        if !panes.isInDetail { grid.hold(area) }
        guard let job = current(context.world) else {
            grid.box(area, title: StyledText(localized("Log")), isFocused: panes.isInDetail)
            return
        }
        let log = log(context.world)
        let total = log.map { NumberText.thousands($0.totalLines) } ?? "…"
        let lines = log.map(lines) ?? []
        let errors = lines.count == 1 ? localized("1 error") : localized("\(lines.count) errors")
        let count =
            isErrorsOnly ? localized("\(errors) in \(total) lines") : localized("\(total) lines")
        // Lines bear no time: how far it had come is not told.
        let isOfNow = context.world.pastDate != nil && job.status.isOpen
        let following = isFollowing ? localized("following") : localized("standing")
        let inner = grid.box(
            area,
            title: StyledText(localized("\(job.id) log · \(following) · \(count)")),
            isFocused: panes.isInDetail,
            footer: StyledText(
                [
                    isOfNow ? localized("as it is now") : "",
                    isWrapped ? localized("wrapped") : "",
                    areTimesHidden ? localized("t shows times") : "",
                    log.map(place) ?? "",
                ].filter { !$0.isEmpty }.joined(separator: " · ")
            )
        ).padded
        guard !lines.isEmpty else {
            let none =
                log?.lines.isEmpty == false
                ? localized("No line tells of an error; E shows all lines.")
                : localized("The job has written nothing yet.")
            let text = log == nil ? localized("Asking the engine…") : none
            let shown = context.world.refusals[.jobLog] ?? text
            grid.put(StyledText(shown, .muted), in: inner.top(1))
            return
        }
        let areTimesHidden = areTimesHidden
        let view = LogView(
            lineCount: lines.count,
            firstLine: log.map(top) ?? 0,
            isFollowing: isFollowing,
            isWrapped: isWrapped,
            firstColumn: pannedColumns,
            search: search
        ) {
            var line = LogLine(reading: lines[$0])
            if areTimesHidden { line.text = LogLine.withoutTime(line.text) }
            return line
        }
        view.draw(into: &grid, in: inner)
        if panes.isInDetail { grid.cursor = inner.origin }
    }
}
