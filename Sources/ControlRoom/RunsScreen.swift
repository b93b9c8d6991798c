import Domain
import EngineAPI
import Terminal

/// Every attempt to train: what it took, what it gave, why it was refused.
struct RunsScreen: Screen {
    private var panes = ListDetail()
    /// The runs beside each other, by id in the order of the list; empty compares none.
    private(set) var compared: [String] = []
    private var comparedLine = ListState()
    private(set) var isOnlyDifferences = false
    /// How many of the newest runs are asked for: more once the cursor comes near the last.
    private(set) var newest = Self.steps[0]

    private let rows = ShownRows<Run>()

    private static let steps = [250, 1_000, 4_000, 10_000]
    /// Rows kept ready below the cursor.
    private static let marginRows = 50

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }
    var lists: [String: ListState] {
        get { ["runs": panes.list] }
        set { panes.list = newValue["runs"] ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        comparison(context.world)?.listing(onlyDifferences: isOnlyDifferences)
            ?? Self.columns.listing("runs", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.id.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] {
        let runs = EngineCall.runs(newest: asked)
        guard let comparison = comparison(world) else { return [runs] }
        return [runs, .curves(comparison.runs.map(\.job))]
    }

    /// A filter or an order looks through more than a screen or two.
    private var asked: Int {
        let isPlain = panes.list.filter.isEmpty && panes.list.sorting.column == nil
        return isPlain ? newest : max(newest, Self.steps[1])
    }

    private mutating func askForMore(_ world: World) {
        let ids = shown(world).ids
        guard let all = world.runs?.count, all >= asked, let place = panes.list.position(in: ids),
            place + Self.marginRows >= ids.count
        else { return }
        newest = Self.steps.first { $0 > all } ?? newest
    }

    mutating func show(_ destination: Destination) {
        guard case .run(let run) = destination else { return }
        compared = []
        panes.list.select(run.text)
        panes.isInDetail = true
        panes.detailLine = 0
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let runs = shown(context.world)
        if comparison(context.world) != nil { return pressComparison(command, context) }
        if command == .compare { return compare(runs) }
        if command == .onlyDifferences {
            return .say(
                localized(
                    "x shows only the differences of runs that are compared: mark some, then c."
                )
            )
        }
        if command == .open, panes.isInDetail, let run = current(context.world) {
            if case .registered(_, let version) = run.status {
                return .go(.version(model: run.model, number: version))
            }
            return .go(.job(run.job))
        }
        let step = panes.press(
            command,
            ids: runs.ids,
            sortedBy: Self.columns.sortTitles,
            context: context
        )
        // In another order the cursor may stand at the end by itself: there G alone asks.
        let isPlain = panes.list.filter.isEmpty && panes.list.sorting.column == nil
        if isPlain || command == .moveLast { askForMore(context.world) }
        return step
    }

    // MARK: - Comparing

    private mutating func compare(_ runs: ListRows<Run>) -> Step {
        let marked = runs.ids.filter(panes.list.marks.contains)
        guard RunComparison.countRange.contains(marked.count) else {
            return .say(
                localized(
                    "Space marks runs: 2 to 8 of them are compared, \(marked.count) are marked."
                )
            )
        }
        compared = marked
        comparedLine = ListState()
        return .done
    }

    private func comparison(_ world: World) -> RunComparison? {
        guard !compared.isEmpty else { return nil }
        let runs = compared.compactMap { id in world.runs?.first { $0.id.text == id } }
        return runs.count > 1 ? RunComparison(runs: runs) : nil
    }

    private mutating func pressComparison(_ command: Command, _ context: ScreenContext) -> Step {
        switch command {
        case .back, .left, .compare: compared = []
        case .onlyDifferences: isOnlyDifferences.toggle()
        default:
            let lines = comparison(context.world)?.lines(onlyDifferences: isOnlyDifferences) ?? []
            let ids = lines.indices.map(String.init)
            let isMoved = comparedLine.move(command, ids: ids, height: context.listHeight / 2)
            return isMoved ? .done : .unhandled
        }
        return .done
    }

    private func drawComparison(
        _ comparison: RunComparison,
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        let glyphs = grid.glyphs
        let curves = context.world.curves
        let parts = area.splitRows([.fraction(2), .fraction(3)])
        let upper = grid.box(
            parts[0],
            title: StyledText(localized("Runs › learning curves over rounds")),
            footer: StyledText(localized("\(comparison.runs.count) runs"))
        )
        grid.put(comparison.legend(curves, glyphs), in: upper.top(1).inset(columns: 1, rows: 0))
        var chart = comparison.chart(curves)
        let isAsked = comparison.runs.allSatisfy { curves[$0.job] != nil }
        if !isAsked {
            let text = context.world.refusals[.curves] ?? localized("Asking the engine…")
            chart.emptyText = StyledText(text, .muted)
        }
        chart.draw(into: &grid, in: upper.droppingTop(1))
        var table = comparison.table(onlyDifferences: isOnlyDifferences, glyphs)
        let ids = (0..<table.rowCount).map(String.init)
        table = comparedLine.prepare(table, ids: ids)
        table.isFocused = true
        let inner = grid.box(
            parts[1],
            title: StyledText(
                isOnlyDifferences
                    ? localized("Only what differs") : localized("What differs is bright")
            ),
            isFocused: true,
            footer: StyledText(table.position)
        )
        table.draw(into: &grid, in: inner)
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let run = current(context.world) else { return focus }
        focus.model = run.model
        focus.subject = Subject(.run, run.id.text)
        focus.text = run.id.text
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        if comparison(context.world) != nil {
            let text = "x \(isOnlyDifferences ? "shows everything" : "shows only differences")"
            return StyledText(text + localized(" · H L pan · Esc goes back to the list"), .muted)
        }
        let all = context.world.runs?.count ?? 0
        var text = panes.status(shown(context.world).count, of: all, "runs")
        if all == asked {
            text.append(localized(" are here, the newest; G fetches more"), .muted)
        }
        let count = panes.list.marks.count
        guard RunComparison.countRange.contains(count) else { return text }
        return text + StyledText(localized(" · c compares"), .accent)
    }

    private func shown(_ world: World) -> ListRows<Run> {
        rows.rows(panes.list, of: world, world.runs ?? [], Self.columns)
    }

    private static let columns = ListColumns<Run>(
        [
            ListColumn(TableColumn("", width: .fixed(1), isPinned: true)) {
                $1.glyphs.mark($0.status)
            },
            ListColumn(
                TableColumn("run", width: .fitted(minimum: 6, maximum: 10), isPinned: true),
                value: { .id($0.id.text) }
            ) { run, _ in StyledText(run.id.text) },
            ListColumn(
                TableColumn("model", width: .flexible(minimum: 12), priority: 95),
                value: { .text($0.model) }
            ) { run, _ in StyledText(run.model) },
            ListColumn(
                TableColumn("outcome", width: .fitted(minimum: 10, maximum: 14), priority: 90),
                value: { .text(outcome($0.status)) }
            ) { run, _ in StyledText(outcome(run.status)) },
            ListColumn(
                TableColumn("trigger", width: .fixed(8), priority: 60),
                value: { .text($0.trigger.rawValue) }
            ) { run, _ in StyledText(localized(word: run.trigger.rawValue), .muted) },
            ListColumn(
                TableColumn("metric", width: .fitted(minimum: 10, maximum: 16), priority: 80),
                value: { .number(metric($0)) }
            ) { run, _ in
                let name = run.report?.primary.rawValue ?? ""
                return StyledText(metric(run).map { "\(name) \(ModelCells.number($0))" } ?? "—")
            },
            ListColumn(
                TableColumn("rows", width: .fixed(7), alignment: .right, priority: 50),
                value: { .number($0.record?.trainingRows) }
            ) { run, _ in
                let rows = run.record.map { Double($0.trainingRows) }
                return StyledText(rows.map(NumberText.compact) ?? "—")
            },
            ListColumn(
                TableColumn("took", width: .fixed(6), alignment: .right, priority: 45),
                value: { .number(seconds($0)) }
            ) { run, _ in StyledText(seconds(run).map(NumberText.longDuration) ?? "—", .muted) },
            ListColumn(
                TableColumn("age", width: .fixed(4), alignment: .right, priority: 70),
                value: { .date($0.createdAt) }
            ) { StyledText($1.age($0.createdAt), .muted) },
            ListColumn(
                TableColumn("by", width: .fitted(minimum: 4, maximum: 10), priority: 40),
                value: { .text($0.actor.name) }
            ) { run, _ in StyledText(run.actor.name, .muted) },
        ],
        id: { $0.id.text },
        words: { "\($0.status.name) \($0.cause) \($0.actor)" }
    )

    /// The value of the measure that decides, as the candidate had it.
    private static func metric(_ run: Run) -> Double? {
        run.report?.comparison(run.report?.primary ?? .auc)?.candidate
    }

    private static func seconds(_ run: Run) -> Double? {
        run.record.map { $0.prepareSeconds + $0.trainSeconds }
    }

    private func current(_ world: World) -> Run? {
        let runs = shown(world)
        return panes.list.position(in: runs.ids).map { runs[$0] }
    }

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        if let comparison = comparison(context.world) {
            drawComparison(comparison, into: &grid, in: area, context)
            return
        }
        let areas = panes.areas(of: area, context, listWeight: 3, detailWeight: 2)
        let runs = shown(context.world)
        let glyphs = grid.glyphs
        if let list = areas.list {
            panes.draw(
                Self.columns.table(
                    runs,
                    panes.list,
                    context.look(glyphs),
                    empty: empty(context.world)
                ),
                title: localized("Runs"),
                ids: runs.ids,
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let run = current(context.world)
            panes.draw(title: run?.id.text ?? localized("Run"), into: &grid, in: detail) {
                columns in
                Self.details(run, columns: columns, glyphs)
            }
        }
    }

    private func empty(_ world: World) -> String {
        world.runs == nil
            ? world.refusals[.runs] ?? localized("Asking the engine…")
            : world.empty(localized("No runs yet. Start one: binnacle train PROJECT, or T."))
    }

    static func outcome(_ status: RunStatus) -> String {
        if case .registered(_, let version) = status { return localized("registered v\(version)") }
        return localized(word: status.name)
    }

    private static func details(_ run: Run?, columns: Int, _ glyphs: GlyphSet) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 12)
        guard let run else {
            lines.sentence(localized("Put the cursor on a run."))
            return lines
        }
        lines.add("model", run.model)
        lines.add("outcome", glyphs.mark(run.status) + StyledText(" \(outcome(run.status))"))
        switch run.status {
        case .refused(_, let reasons):
            for reason in reasons { lines.add("", reason, .warning) }
        case .failed(_, let reason): lines.add("", reason, .bad)
        default: break
        }
        lines.add("trigger", localized(word: run.trigger.rawValue) + ": \(run.cause)")
        lines.add(
            "started",
            localized("\(run.createdAt.dateText) \(run.createdAt.timeText)Z by \(run.actor)")
        )
        lines.add("job", run.job.text)
        addReport(run.report, glyphs, to: &lines)
        lines.heading("Taken")
        lines.add("data", "\(run.data) \(run.dataDigest.short)")
        lines.add("pipeline", run.pipelineDigest.short)
        if let commit = run.code.commit {
            let dirty = run.code.dirtyDiff.map { localized(" with local changes \($0.short)") }
            lines.add("code", "\(commit.prefix(12))\(dirty ?? "")")
        } else {
            lines.add("code", localized("no git repository: recorded by digest only"), .warning)
        }
        lines.add("trainer", run.pipeline.training.trainer.rawValue)
        let parameters = run.pipeline.training.parameters.sorted { $0.key < $1.key }
        for (name, value) in parameters { lines.add("  \(name)", "\(value)") }
        lines.add("  seed", "\(run.pipeline.training.seed)")
        addRecord(run.record, to: &lines)
        if !run.artifacts.isEmpty { lines.heading("Given") }
        for (name, digest) in run.artifacts.sorted(by: { $0.key < $1.key }) {
            lines.add(name, digest.short)
        }
        return lines
    }

    private static func addReport(
        _ report: ValidationReport?,
        _ glyphs: GlyphSet,
        to lines: inout DetailLines
    ) {
        guard let report else { return }
        lines.heading("Validation")
        lines.add(
            "verdict",
            glyphs.mark(report.verdict) + StyledText(" " + localized(word: report.verdict.words))
        )
        for reason in report.reasons { lines.add("", reason) }
        for metric in report.comparisons {
            var text = StyledText(ModelCells.number(metric.candidate))
            if let difference = metric.difference {
                text.append(" \(ModelCells.signed(difference))", Style(metric.role))
                text.append(
                    " " + ModelCells.interval(metric.differenceInterval, isSigned: true),
                    .muted
                )
            } else {
                text.append(
                    " " + ModelCells.interval(metric.candidateInterval, isSigned: false),
                    .muted
                )
            }
            lines.add(metric.metric.rawValue, text)
        }
        lines.add("holdout", localized("\(NumberText.thousands(report.holdoutRows)) rows"))
    }

    private static func addRecord(_ record: TrainingRecord?, to lines: inout DetailLines) {
        guard let record else { return }
        let best = record.bestRound.map { localized(", best \($0)") } ?? ""
        lines.add("rows", localized("\(NumberText.thousands(record.rowsRead)) read"))
        for count in record.cleaning {
            lines.add("", "\(NumberText.thousands(count.rows)) \(count.step)")
        }
        lines.add("", localized("\(NumberText.thousands(record.trainingRows)) trained on"))
        lines.add("rounds", "\(record.rounds)\(best)")
        lines.add("took", NumberText.longDuration(record.trainSeconds))
        lines.add("memory", NumberText.bytes(record.peakMemoryBytes))
        lines.add("made by", localized("\(record.trainerVersion) on \(record.host)"))
    }
}
