import Domain
import EngineAPI
import Terminal

/// Every attempt to train: what it took, what it gave, why it was refused.
struct RunsScreen: Screen {
    private var panes = ListDetail()

    var list: ListState? {
        get { panes.list }
        set { panes.list = newValue ?? panes.list }
    }
    var lists: [String: ListState] {
        get { ["runs": panes.list] }
        set { panes.list = newValue["runs"] ?? panes.list }
    }

    func listing(in context: ScreenContext) -> Listing? {
        Self.columns.listing("runs", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.id.text, $0) }
    }

    func calls(in world: World) -> [EngineCall] { [.runs] }

    mutating func show(_ destination: Destination) {
        guard case .run(let run) = destination else { return }
        panes.list.select(run.text)
        panes.isInDetail = true
        panes.detailLine = 0
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let runs = shown(context.world)
        if command == .open, panes.isInDetail, let run = current(context.world) {
            if case .registered(_, let version) = run.status {
                return .go(.version(model: run.model, number: version))
            }
            return .go(.job(run.job))
        }
        return panes.press(
            command,
            ids: runs.map(\.id.text),
            sortedBy: Self.columns.sortTitles,
            context: context
        )
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
        panes.status(shown(context.world).count, of: context.world.runs?.count ?? 0, "runs")
    }

    private func shown(_ world: World) -> [Run] {
        Self.columns.shown(world.runs ?? [], panes.list, now: world.now)
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
            ) { run, _ in StyledText(run.trigger.rawValue, .muted) },
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
        let id = panes.list.current(in: runs.map(\.id.text))
        return runs.first { $0.id.text == id }
    }

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
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
                title: "Runs",
                ids: runs.map(\.id.text),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let run = current(context.world)
            panes.draw(title: run?.id.text ?? "Run", into: &grid, in: detail) { columns in
                Self.details(run, columns: columns, glyphs)
            }
        }
    }

    private func empty(_ world: World) -> String {
        world.runs == nil
            ? world.refusals[.runs] ?? "Asking the engine…"
            : "No runs yet. Start one: binnacle train PROJECT, or T."
    }

    private static func outcome(_ status: RunStatus) -> String {
        if case .registered(_, let version) = status { return "registered v\(version)" }
        return status.name
    }

    private static func details(_ run: Run?, columns: Int, _ glyphs: GlyphSet) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 12)
        guard let run else {
            lines.sentence("Put the cursor on a run.")
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
        lines.add("trigger", "\(run.trigger.rawValue): \(run.cause)")
        lines.add("started", "\(run.createdAt.dateText) \(run.createdAt.timeText)Z by \(run.actor)")
        lines.add("job", run.job.text)
        addReport(run.report, glyphs, to: &lines)
        lines.heading("Taken")
        lines.add("data", "\(run.data) \(run.dataDigest.short)")
        lines.add("pipeline", run.pipelineDigest.short)
        if let commit = run.code.commit {
            let dirty = run.code.dirtyDiff.map { " with local changes \($0.short)" }
            lines.add("code", "\(commit.prefix(12))\(dirty ?? "")")
        } else {
            lines.add("code", "no git repository: recorded by digest only", .warning)
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
        lines.add("verdict", glyphs.mark(report.verdict) + StyledText(" \(report.verdict.words)"))
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
        lines.add("holdout", "\(NumberText.thousands(report.holdoutRows)) rows")
    }

    private static func addRecord(_ record: TrainingRecord?, to lines: inout DetailLines) {
        guard let record else { return }
        let best = record.bestRound.map { ", best \($0)" } ?? ""
        lines.add("rows", "\(NumberText.thousands(record.rowsRead)) read")
        for count in record.cleaning {
            lines.add("", "\(NumberText.thousands(count.rows)) \(count.step)")
        }
        lines.add("", "\(NumberText.thousands(record.trainingRows)) trained on")
        lines.add("rounds", "\(record.rounds)\(best)")
        lines.add("took", NumberText.longDuration(record.trainSeconds))
        lines.add("memory", NumberText.bytes(record.peakMemoryBytes))
        lines.add("made by", "\(record.trainerVersion) on \(record.host)")
    }
}
