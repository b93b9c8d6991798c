import Domain
import EngineAPI
import Terminal

/// How the command is written.
var lookBackUsage: String {
    localized("as-of TIME: 2013-07-01T12:00, or 3d for three days ago; :now comes back")
}

/// Reads `as-of TIME` typed after `:`; nil where it is something else.
func lookBackEntry(reading text: String, now: Timestamp) -> PickerEntry? {
    guard text.hasPrefix("as-of ") else { return nil }
    let typed = text.dropFirst(6).split(separator: " ").joined(separator: " ")
    func complaint(_ sentence: String) -> PickerEntry {
        PickerEntry(text, lookBackUsage, obstacle: sentence, action: .complain(sentence))
    }
    guard let date = moment(typed, now: now) else {
        return complaint(localized("\(quoted(typed)) is no time: \(lookBackUsage)"))
    }
    guard date <= now else {
        return complaint(localized("\(date) has not come yet: \(lookBackUsage)"))
    }
    return PickerEntry(
        text,
        localized("every view as it was at \(date)"),
        action: .lookBack(date)
    )
}

/// An ISO 8601 time, or how long ago, such as `90m`.
private func moment(_ typed: String, now: Timestamp) -> Timestamp? {
    if let date = Timestamp(typed) { return date }
    guard let unit = typed.last, "smhdw".contains(unit), let seconds = FilterTerm.number(typed),
        (0...Timestamp.day * 36_525).contains(seconds)
    else { return nil }
    return now.adding(seconds: -seconds)
}

extension RoomState {
    /// Shows every view as it was. Models and Deployments have views of their own for that, and keep
    /// how they were left.
    mutating func lookBack(to date: Timestamp) -> [Effect] {
        if presentScreens.isEmpty {
            presentScreens = screens.filter { $0.key == .models || $0.key == .deployments }
        }
        screens[.models] = PastModelsScreen(date: date)
        screens[.deployments] = PastDeploymentsScreen(date: date)
        return turn(to: date)
    }

    mutating func lookAtPresent() -> [Effect] {
        guard world.pastDate != nil else {
            say(localized("This is now already; as-of TIME looks back."))
            return []
        }
        for (view, screen) in presentScreens { screens[view] = screen }
        presentScreens = [:]
        say(localized("This is now again."), .ok)
        return turn(to: nil)
    }

    /// Asks everything anew: what is here is of another moment.
    private mutating func turn(to date: Timestamp?) -> [Effect] {
        world.turn(to: date)
        feed.reset()
        return feed.refresh(watched)
    }
}

/// The registry as it was.
struct PastModelsScreen: Screen {
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
        Self.columns.listing("models-then", shown(context.world), panes.list)
    }

    func record(in context: ScreenContext) -> Record? {
        current(context.world).flatMap { Record($0.name, $0) }
    }

    func calls(in world: World) -> [EngineCall] { [.past(date, isServing: false)] }

    mutating func show(_ destination: Destination) {
        switch destination {
        case .model(let name), .version(let name, _): panes.list.select(name)
        default: break
        }
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        panes.press(
            command,
            ids: shown(context.world).map(\.name),
            sortedBy: Self.columns.sortTitles,
            context: context
        )
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let model = current(context.world) else { return focus }
        focus.model = model.name
        focus.text = model.name
        if let version = model.champion ?? model.standingVersions.last?.number {
            focus.subject = Subject(.modelVersion, "\(model.name)/v\(version)")
        }
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        let all = rows(context.world).count
        if all >= EngineCall.modelRows {
            return StyledText(
                localized(
                    "the first \(all) models by name; binnacle models --as-of lists them all"
                ),
                .muted
            )
        }
        return panes.status(shown(context.world).count, of: all, "models")
    }

    private func rows(_ world: World) -> [ModelMoment] {
        guard let past = world.pastModels, past.at == date else { return [] }
        return past.models
    }

    private func shown(_ world: World) -> [ModelMoment] {
        Self.columns.shown(rows(world), panes.list, now: world.now)
    }

    private func current(_ world: World) -> ModelMoment? {
        let shown = shown(world)
        let id = panes.list.current(in: shown.map(\.name))
        return shown.first { $0.name == id }
    }

    private static let columns = ListColumns<ModelMoment>(
        [
            ListColumn(
                TableColumn("model", width: .flexible(minimum: 12), isPinned: true),
                value: { .text($0.name) }
            ) { row, _ in StyledText(row.name) },
            ListColumn(
                TableColumn("state", width: .fixed(8), priority: 70),
                value: { .text($0.state.rawValue) }
            ) { row, _ in StyledText(row.state.rawValue, row.state == .active ? .ok : .warning) },
            ListColumn(
                TableColumn("vers", width: .fixed(4), alignment: .right, priority: 80),
                value: { .number($0.standingVersions.count) }
            ) { row, _ in StyledText("\(row.standingVersions.count)") },
            ListColumn(
                TableColumn("champ", width: .fixed(5), alignment: .right, priority: 95),
                value: { .number($0.champion) }
            ) { row, _ in StyledText(row.champion.map { "v\($0)" } ?? "—") },
            ListColumn(
                TableColumn("serves in", width: .fitted(minimum: 9, maximum: 14), priority: 85),
                value: { .text($0.serving.map(\.environment).joined(separator: ", ")) }
            ) { row, _ in
                StyledText(row.serving.map(\.environment).joined(separator: ", "))
            },
        ],
        id: { $0.name }
    )

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        let world = context.world
        let rows = shown(world)
        let areas = panes.areas(of: area, context, listWeight: 1, detailWeight: 1)
        if let list = areas.list {
            let empty =
                world.pastModels?.at == date
                ? localized("There were no models then.")
                : world.refusals[.past] ?? localized("Asking the engine…")
            panes.draw(
                Self.columns.table(rows, panes.list, context.look(grid.glyphs), empty: empty),
                title: localized("Models as of \(date.shortText)"),
                ids: rows.map(\.name),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let model = current(world)
            let glyphs = grid.glyphs
            panes.draw(title: model?.name ?? localized("Model"), into: &grid, in: detail) {
                columns in
                Self.details(model, columns: columns, glyphs)
            }
        }
    }

    private static func details(
        _ model: ModelMoment?,
        columns: Int,
        _ glyphs: GlyphSet
    ) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 11)
        guard let model else {
            lines.sentence(localized("Put the cursor on a model."))
            return lines
        }
        lines.heading("Aliases")
        for alias in model.aliases {
            lines.add(
                alias.name,
                localized(
                    "\(alias.version.map { "v\($0)" } ?? "—") since \(alias.movedAt.shortText), "
                        + "\(alias.actor)"
                )
            )
        }
        if model.aliases.isEmpty { lines.sentence(localized("none")) }
        lines.heading("Versions")
        for version in model.versions.suffix(20).reversed() {
            let state = version.state == .active ? "" : ", \(version.state.rawValue)"
            lines.add(
                "v\(version.number)",
                StyledText("\(version.createdAt.shortText) \(version.run)")
                    + StyledText(" \(version.bundleDigest.short)\(state)", .muted)
            )
        }
        for one in model.serving { lines.add(one, glyphs) }
        return lines
    }
}

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
    fileprivate mutating func add(_ one: ServingMoment, _ glyphs: GlyphSet) {
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
    fileprivate var shortText: String { "\(dateText) \(timeText.prefix(5))" }
}
