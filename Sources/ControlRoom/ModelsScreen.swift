import Domain
import EngineAPI
import Terminal

/// The registry: models, then the versions of one beside a comparison with another.
struct ModelsScreen: Screen {
    private var models = ListDetail()
    private var versions = ListDetail()
    /// The model whose versions are shown; nil shows all models.
    private(set) var openModel: String?
    /// The version to compare with; nil is the one that each was judged against.
    private(set) var base: Int?
    private(set) var isOnlyDifferences = false
    /// Whether the model card is shown in place of the comparison.
    private(set) var isCardShown = false

    var list: ListState? {
        get { openModel == nil ? models.list : versions.list }
        set {
            guard let newValue else { return }
            if openModel == nil { models.list = newValue } else { versions.list = newValue }
        }
    }
    var lists: [String: ListState] {
        get { ["models": models.list, localized("versions"): versions.list] }
        set {
            models.list = newValue["models"] ?? models.list
            versions.list = newValue["versions"] ?? versions.list
        }
    }

    func listing(in context: ScreenContext) -> Listing? {
        let world = context.world
        guard let openModel else {
            return ModelCells.columns.listing("models", rows(world), models.list)
        }
        return page(world).map {
            VersionCells.columns($0, base: base)
                .listing("\(openModel)-versions", shownVersions(world), versions.list)
        }
    }

    func record(in context: ScreenContext) -> Record? {
        let world = context.world
        guard let openModel else {
            return rows(world).first { $0.name == currentModel(world) }
                .flatMap { Record($0.name, $0) }
        }
        return currentVersion(world).flatMap { Record("\(openModel) \($0.label)", $0) }
    }

    func calls(in world: World) -> [EngineCall] {
        var calls: [EngineCall] = [.models, .deployments, .approvals]
        if openModel == nil, searchesEngine(world) { calls.append(.found(filterText)) }
        guard let name = openModel ?? currentModel(world) else { return calls }
        calls.append(.model(name))
        if openModel != nil, let version = currentVersion(world) {
            calls.append(
                isCardShown
                    ? .card(model: name, version: version.number)
                    : .comparison(
                        model: name,
                        base: base(for: version),
                        candidate: version.number
                    )
            )
        }
        return calls
    }

    mutating func show(_ destination: Destination) {
        switch destination {
        case .model(let name): open(name)
        case .version(let model, let number):
            open(model)
            versions.list.select(String(number))
        default: break
        }
    }

    private mutating func open(_ name: String) {
        models.list.select(name)
        if openModel != name {
            versions = ListDetail(list: versions.list.forAnotherList)
            base = nil
        }
        openModel = name
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        let world = context.world
        guard openModel != nil else {
            switch command {
            case .open, .right:
                guard let name = currentModel(world) else { break }
                open(name)
                return .done
            case .setBase, .compare, .card, .onlyDifferences:
                return .say(localized("Enter opens the model's versions first."))
            default: break
            }
            return models.press(
                command,
                ids: rows(world).map(\.name),
                sortedBy: ModelCells.columns.sortTitles,
                context: context
            )
        }
        let ids = shownVersions(world).map { String($0.number) }
        switch command {
        case .back, .left:
            if versions.press(command, ids: ids, context: context) == .done { return .done }
            openModel = nil
            return .done
        case .setBase:
            guard let version = currentVersion(world) else { return .done }
            base = base == version.number ? nil : version.number
            return .say(
                base.map { localized("Every version is compared with v\($0) now.") }
                    ?? localized("Every version is compared with the one it was judged against.")
            )
        case .compare: return compare()
        case .card:
            isCardShown.toggle()
            versions.detailLine = 0
            if context.isNarrow { versions.isInDetail = isCardShown }
            return .done
        case .onlyDifferences where context.isNarrow && !versions.isInDetail:
            return .say(localized("c opens the comparison first."))
        case .onlyDifferences:
            isOnlyDifferences.toggle()
            return .done
        default:
            return versions.press(
                command,
                ids: ids,
                sortedBy: page(world).map { VersionCells.columns($0, base: base).sortTitles } ?? [],
                context: context
            )
        }
    }

    private mutating func compare() -> Step {
        let marked = versions.list.marks.compactMap { Int($0) }.sorted()
        if marked.count > 2 {
            return .say(
                localized("Two versions are compared side by side; \(marked.count) are marked.")
            )
        }
        if marked.count == 2 {
            base = marked[0]
            versions.list.select(String(marked[1]))
        } else if marked.count == 1 {
            base = marked[0]
        }
        versions.isInDetail = true
        versions.detailLine = 0
        return .done
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        focus.model = openModel ?? currentModel(context.world)
        focus.text = focus.model
        if openModel != nil, let version = currentVersion(context.world) {
            focus.version = version.number
            focus.subject = Subject(.modelVersion, version.id.text)
            focus.text = version.bundleDigest.text
        }
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        let world = context.world
        guard openModel != nil else {
            if let refusal = searchRefusal(world) { return StyledText(refusal, .warning) }
            if world.knownModels.count >= EngineCall.modelRows {
                let shown = rows(world).count
                return StyledText(
                    localized("\(shown) models are here; / searches all of them"),
                    .muted
                )
            }
            return models.status(rows(world).count, of: world.knownModels.count, "models")
        }
        if !versions.list.marks.isEmpty {
            let marked = versions.list.marks.compactMap { Int($0) }.sorted()
            let names = marked.map { "v\($0)" }.joined(separator: ", ")
            return StyledText(localized("marked \(names) · c compares"), .accent)
        }
        if !versions.list.filter.isEmpty {
            let all = page(world)?.versions.count ?? 0
            return versions.status(shownVersions(world).count, of: all, "versions")
        }
        let with = base.map { "v\($0)" } ?? localized("the version each was judged against")
        return StyledText(localized("compared with \(with) · b sets the base"), .muted)
    }

    // MARK: - Rows

    private func rows(_ world: World) -> [ModelRow] {
        if searchesEngine(world), let found = world.found, found.query == filterText {
            var list = models.list
            list.filter.text = ""
            return ModelCells.columns.shown(found.rows, list, now: world.now)
        }
        return ModelCells.columns.shown(world.knownModels, models.list, now: world.now)
    }

    /// Fields that only the engine can search by; the others are columns of the list.
    private static let engineFields = ["alias:", "env:", "tag:"]

    /// Whether the search is more than the rows here can answer.
    private func searchesEngine(_ world: World) -> Bool {
        let filter = models.list.filter
        if filter.isEmpty { return false }
        if world.knownModels.count >= EngineCall.modelRows { return true }
        return filter.text.split(separator: " ").contains { word in
            let word = word.first == "!" ? word.dropFirst() : word
            return Self.engineFields.contains { word.hasPrefix($0) }
        }
    }

    private func searchRefusal(_ world: World) -> String? {
        searchesEngine(world) ? world.refusals[.found] : nil
    }

    private func currentModel(_ world: World) -> String? {
        models.list.current(in: rows(world).map(\.name))
    }

    private func page(_ world: World) -> ModelPage? {
        guard let page = world.page, page.row.name == openModel ?? currentModel(world) else {
            return nil
        }
        return page
    }

    private func shownVersions(_ world: World) -> [ModelVersion] {
        guard let page = page(world) else { return [] }
        return VersionCells.columns(page, base: base)
            .shown(page.versions, versions.list, now: world.now)
    }

    private func currentVersion(_ world: World) -> ModelVersion? {
        let shown = shownVersions(world)
        let id = versions.list.current(in: shown.map { String($0.number) })
        return shown.first { String($0.number) == id }
    }

    private func base(for version: ModelVersion) -> Int? { base == version.number ? nil : base }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        if openModel != nil {
            drawVersions(into: &grid, in: area, context)
            return
        }
        let world = context.world
        let rows = rows(world)
        let glyphs = grid.glyphs
        let areas = models.areas(of: area, context, listWeight: 3, detailWeight: 2)
        if let list = areas.list {
            let empty =
                world.models == nil
                ? world.refusals[.models] ?? localized("Asking the engine…")
                : localized("No models yet. Train one: binnacle train PROJECT, or T.")
            let table = ModelCells.columns.table(
                rows,
                models.list,
                context.look(glyphs),
                empty: empty
            )
            models.draw(
                table,
                title: localized("Models"),
                ids: rows.map(\.name),
                into: &grid,
                in: list
            )
        }
        if let detail = areas.detail {
            let page = page(world)
            models.draw(title: page?.row.name ?? localized("Model"), into: &grid, in: detail) {
                columns in
                Self.summary(page, columns: columns, context, glyphs)
            }
        }
    }

    private static func summary(
        _ page: ModelPage?,
        columns: Int,
        _ context: ScreenContext,
        _ glyphs: GlyphSet
    ) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 12)
        guard let page else {
            lines.sentence(localized("Put the cursor on a model; Enter opens its versions."))
            return lines
        }
        let row = page.row
        lines.add("owner", row.owner)
        if page.entry.state != .active { lines.add("state", page.entry.state.rawValue, .warning) }
        if !page.entry.description.isEmpty { lines.add("about", page.entry.description) }
        if !page.entry.tags.isEmpty {
            let tags = page.entry.tags.sorted { $0.key < $1.key }
            lines.add("tags", tags.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
        }
        lines.add("versions", "\(row.versions)")
        lines.add("serves", row.environment ?? localized("nowhere"))
        if let metric = row.metric {
            let now = row.currentValue.map(ModelCells.number) ?? localized("no labels yet")
            lines.add("metric", metric.rawValue)
            lines.add("validation", row.validationValue.map(ModelCells.number) ?? "—")
            lines.add("production", now)
        }
        if let feature = row.worstFeature, let psi = row.worstPSI {
            let share = row.driftedShare.map { NumberText.percent($0) } ?? "—"
            lines.add(
                "drift",
                glyphs.mark(row.drift)
                    + StyledText(
                        localized(
                            " \(share) of features, \(feature) PSI \(NumberText.decimals(psi, 2))"
                        )
                    )
            )
        }
        lines.heading("Versions")
        for version in page.versions.prefix(8) {
            let age = context.age(version.createdAt)
            let value = version.report.comparison(version.report.primary)?.candidate
            lines.add(
                version.label,
                glyphs.mark(version.report.verdict)
                    + StyledText(" \(value.map(ModelCells.number) ?? "—")")
                    + StyledText(
                        localized("  \(VersionCells.stage(of: version, page)), \(age) ago"),
                        .muted
                    )
            )
        }
        lines.heading("Aliases")
        var moved: [String: Timestamp] = [:]
        for alias in page.aliases.suffix(6).reversed() {
            let version = alias.version.map { "v\($0)" } ?? localized("taken away")
            let words: String
            if let until = moved[alias.name] {
                words = localized("\(version) until \(until.dateText)")
            } else {
                words = localized("\(version) since \(alias.movedAt.dateText), \(alias.actor)")
            }
            lines.add(alias.name, StyledText(words, moved[alias.name] == nil ? .text : .muted))
            moved[alias.name] = alias.movedAt
        }
        return lines
    }

    private func drawVersions(
        into grid: inout CellGrid,
        in area: Rectangle,
        _ context: ScreenContext
    ) {
        let world = context.world
        let shown = shownVersions(world)
        let ids = shown.map { String($0.number) }
        let name = openModel ?? ""
        let areas = versions.areas(of: area, context, listWeight: 2, detailWeight: 3)
        if let list = areas.list, let page = page(world) {
            let table = VersionCells.columns(page, base: base).table(
                shown,
                versions.list,
                context.look(grid.glyphs),
                empty: localized("No version was registered yet: T trains.")
            )
            let title = localized("Models › \(name) (\(page.versions.count))")
            versions.draw(table, title: title, ids: ids, into: &grid, in: list)
        } else if let list = areas.list {
            let inner = grid.box(
                list,
                title: StyledText(localized("Models › \(name)")),
                isFocused: true
            )
            let text = world.refusals[.model] ?? localized("Asking the engine…")
            grid.put(StyledText(text, .muted), in: inner.padded.top(1))
        }
        guard let detail = areas.detail else { return }
        let version = currentVersion(world)
        if isCardShown {
            let card = world.card.flatMap {
                $0.model == name && $0.version == version?.number ? $0 : nil
            }
            let title =
                version.map { localized("Card of \(name) \($0.label)") } ?? localized("Card")
            versions.draw(title: title, into: &grid, in: detail) { columns in
                CardLines.lines(card, refusal: world.refusals[.card], columns: columns)
            }
            return
        }
        let comparison = world.comparison.flatMap {
            $0.model == name && $0.candidate == version?.number ? $0 : nil
        }
        let title =
            comparison.map { found in
                found.base.map { "\(name) v\($0) ↔ v\(found.candidate)" }
                    ?? localized("\(name) v\(found.candidate), no older one")
            } ?? localized("Comparison")
        let glyphs = grid.glyphs
        let isOnlyDifferences = isOnlyDifferences
        versions.draw(title: title, into: &grid, in: detail) { columns in
            ComparisonLines.lines(
                comparison,
                version: version,
                refusal: world.refusals[.comparison],
                isOnlyDifferences: isOnlyDifferences,
                columns: columns,
                glyphs
            )
        }
    }
}
