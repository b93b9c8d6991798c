import Domain
import EngineAPI
import Terminal

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
