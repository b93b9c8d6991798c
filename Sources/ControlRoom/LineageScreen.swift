import Domain
import EngineAPI
import Terminal

/// What a thing was made of and what was made of it, from the file to the prediction.
struct LineageScreen: Screen {
    /// Nil is the newest version of the model that was looked at last.
    private var root: Subject?
    private var selected: Subject?
    private var search = ""
    /// Whether the detail pane says how far the thing under the cursor reached.
    private var isImpactShown = false

    var filterText: String {
        get { search }
        set { search = newValue }
    }

    func listing(in context: ScreenContext) -> Listing? {
        guard let lineage = lineage(context.world) else { return nil }
        return Self.columns.listing("lineage", lineage.nodes, ListState())
    }

    func record(in context: ScreenContext) -> Record? {
        guard let lineage = lineage(context.world) else { return nil }
        let node = lineage.nodes[index(lineage)]
        return Record(node.title, node)
    }

    private static let columns = ListColumns<LineageNode>(
        [
            ListColumn(
                TableColumn("kind", width: .fixed(10)),
                value: { .text($0.subject.kind.rawValue) }
            ) { node, _ in StyledText(node.subject.kind.word) },
            ListColumn(
                TableColumn("id", width: .fixed(20)),
                value: { .id($0.subject.id) }
            ) { node, _ in StyledText(node.subject.id) },
            ListColumn(
                TableColumn("title", width: .flexible(minimum: 12)),
                value: { .text($0.title) }
            ) { node, _ in StyledText(node.title) },
            ListColumn(
                TableColumn("details", width: .flexible(minimum: 12)),
                value: { .text($0.details.joined(separator: "; ")) }
            ) { node, _ in StyledText(node.details.joined(separator: "; ")) },
        ],
        id: { $0.subject.description }
    )

    func calls(in world: World) -> [EngineCall] {
        if let root { return [.lineage(root)] + detailCalls(in: world) }
        guard let model = world.page?.row.name ?? world.knownModels.first?.name else {
            return [.models]
        }
        let date = world.pastDate ?? .distantFuture
        guard let page = world.page, page.row.name == model,
            let version = page.versions.first(where: { $0.createdAt <= date })
        else { return [.models, .model(model)] }
        return [.model(model), .lineage(Subject(.modelVersion, version.id.text))]
            + detailCalls(in: world)
    }

    /// What the detail pane needs beside the lineage itself.
    private func detailCalls(in world: World) -> [EngineCall] {
        guard let lineage = lineage(world) else { return [] }
        let subject = lineage.nodes[index(lineage)].subject
        if isImpactShown { return [.impact(subject)] }
        return Self.comparisonWithPrevious(subject).map { [$0] } ?? []
    }

    /// The comparison of a version with the one before it; nil of the first, and of other things.
    private static func comparisonWithPrevious(_ subject: Subject) -> EngineCall? {
        guard subject.kind == .modelVersion,
            let slash = subject.id.lastIndex(of: "/"),
            let number = Int(subject.id[slash...].dropFirst(2)), number > 1
        else { return nil }
        return .comparison(
            model: String(subject.id[..<slash]),
            base: number - 1,
            candidate: number
        )
    }

    mutating func show(_ destination: Destination) {
        guard case .lineage(let subject) = destination else { return }
        root = subject
        selected = subject
    }

    mutating func press(_ command: Command, in context: ScreenContext) -> Step {
        guard let lineage = lineage(context.world) else { return .unhandled }
        let graph = Self.graph(lineage)
        let now = index(lineage)
        switch command {
        case .open:
            let subject = lineage.nodes[now].subject
            guard subject != lineage.root else { return Self.destination(of: subject, context) }
            show(.lineage(subject))
            return .done
        case .impact:
            isImpactShown.toggle()
            return .done
        case .nextMatch, .previousMatch: return find(lineage, command == .nextMatch ? 1 : -1)
        default: break
        }
        guard let step = Self.step(command) else { return .unhandled }
        let lanes = GraphLanes(graph, root: Self.rootIndex(lineage))
        if let target = lanes.node(step, of: now, in: graph) {
            selected = lineage.nodes[target].subject
        }
        return .done
    }

    private mutating func find(_ lineage: Lineage, _ step: Int) -> Step {
        let filter = Filter(text: search)
        guard !filter.isEmpty else { return .say(localized("/ finds a node by its name first.")) }
        let count = lineage.nodes.count
        let now = index(lineage)
        for offset in 1...count {
            let node = lineage.nodes[(now + offset * step + count * count) % count]
            if filter.accepts("\(node.title) \(node.subject)") {
                selected = node.subject
                return .done
            }
        }
        return .say(localized("No node is called \"\(search)\"."))
    }

    private static func step(_ command: Command) -> GraphLanes.Step? {
        switch command {
        case .moveUp: .up
        case .moveDown: .down
        case .left: .left
        case .right: .right
        default: nil
        }
    }

    /// Where Enter on the root leads: to the view that shows the thing itself.
    private static func destination(of subject: Subject, _ context: ScreenContext) -> Step {
        switch subject.kind {
        case .run: .go(.run(ID(subject.id)))
        case .job: .go(.job(ID(subject.id)))
        case .approval: .go(.approval(ID(subject.id)))
        case .deployment: .go(.deployment(ID(subject.id)))
        case .alert: .go(.alert(ID(subject.id)))
        case .datasetVersion: .go(.dataset(ID(subject.id)))
        default: .say(localized("\(subject.id) is the root already; h and l walk from it."))
        }
    }

    func focus(in context: ScreenContext) -> Focus {
        var focus = Focus()
        guard let lineage = lineage(context.world) else { return focus }
        let node = lineage.nodes[index(lineage)]
        focus.subject = node.subject
        focus.text = node.subject.id
        return focus
    }

    func status(in context: ScreenContext) -> StyledText {
        guard let lineage = lineage(context.world) else { return StyledText() }
        let graph = Self.graph(lineage)
        let now = index(lineage)
        let cut = lineage.isTruncated ? localized(" · cut off: Enter re-roots") : ""
        func count(_ number: Int, _ word: String) -> String {
            "\(number) \(localized(word: number == 1 ? word : word + "s"))"
        }
        let parts = [
            count(graph.inputs[now].count, "input"), count(graph.outputs[now].count, "output"),
            count(lineage.nodes.count, "node"),
        ]
        return StyledText(parts.joined(separator: " · ") + cut, .muted)
    }

    // MARK: - The graph

    private func lineage(_ world: World) -> Lineage? {
        guard let lineage = world.lineage, !lineage.nodes.isEmpty else { return nil }
        if let root, lineage.root != root { return nil }
        return lineage
    }

    private func index(_ lineage: Lineage) -> Int {
        if let selected,
            let found = lineage.nodes.firstIndex(where: { $0.subject == selected })
        {
            return found
        }
        return Self.rootIndex(lineage)
    }

    private static func rootIndex(_ lineage: Lineage) -> Int {
        lineage.nodes.firstIndex { $0.subject == lineage.root } ?? 0
    }

    private static func graph(_ lineage: Lineage) -> Graph {
        var places: [Subject: Int] = [:]
        for (index, node) in lineage.nodes.enumerated() { places[node.subject] = index }
        return Graph(
            labels: lineage.nodes.map { node in
                let word = node.subject.kind.word
                // "run-12" and "alert-5: accuracy loss" say it themselves.
                let isNamed = [.run, .job, .alert, .cleaning, .predictions].contains(
                    node.subject.kind
                )
                let kind = isNamed && node.title.hasPrefix(word) ? "" : word + " "
                return StyledText(kind, .muted) + StyledText(node.title)
            },
            edges: lineage.edges.compactMap { edge in
                guard let from = places[edge.input], let to = places[edge.output] else {
                    return nil
                }
                return Graph.Edge(from: from, to: to)
            }
        )
    }

    // MARK: - Drawing

    func draw(into grid: inout CellGrid, in area: Rectangle, context: ScreenContext) {
        guard let lineage = lineage(context.world) else {
            let inner = grid.box(area, title: StyledText(localized("Lineage")), isFocused: true)
                .padded
            let world = context.world
            let text: String =
                if let refusal = world.refusals[.lineage] {
                    refusal
                } else if world.models?.isEmpty == true {
                    world.empty(
                        localized("No models yet. Train one: binnacle train PROJECT, or T.")
                    )
                } else {
                    localized("Asking the engine…")
                }
            var lines = DetailLines(columns: inner.columns)
            lines.sentence(text)
            lines.draw(into: &grid, in: inner)
            return
        }
        let columns = context.isNarrow ? area.columns - 4 : 36
        let detail =
            isImpactShown
            ? impactLines(lineage, context.world, columns: columns)
            : detailLines(lineage, context, columns: columns)
        let title = StyledText(
            localized("Lineage › \(lineage.nodes[Self.rootIndex(lineage)].title)")
        )
        if context.isNarrow {
            let rows = min(area.rows / 2, max(4, detail.lines.count + 2))
            let parts = area.splitRows([.fraction(1), .fixed(rows)])
            drawGraph(lineage, title, into: &grid, in: parts[0])
            drawDetail(lineage, detail, into: &grid, in: parts[1])
            return
        }
        let parts = area.splitColumns([.fraction(1), .fixed(40)])
        drawGraph(lineage, title, into: &grid, in: parts[0])
        drawDetail(lineage, detail, into: &grid, in: parts[1])
    }

    private func drawGraph(
        _ lineage: Lineage,
        _ title: StyledText,
        into grid: inout CellGrid,
        in area: Rectangle
    ) {
        let graph = Self.graph(lineage)
        let (now, root) = (index(lineage), Self.rootIndex(lineage))
        let path = graph.reach(from: now, along: .inputs).union(
            graph.reach(from: now, along: .outputs)
        )
        let inner = grid.box(area, title: title, isFocused: true)
        GraphWidget(
            graph: graph,
            lanes: GraphLanes(graph, root: root, emphasised: path),
            selected: now,
            root: root,
            isFocused: true
        ).draw(into: &grid, in: inner)
    }

    private func drawDetail(
        _ lineage: Lineage,
        _ detail: DetailLines,
        into grid: inout CellGrid,
        in area: Rectangle
    ) {
        let node = lineage.nodes[index(lineage)]
        let title = isImpactShown ? localized("Impact of \(node.title)") : node.title
        let inner = grid.box(area, title: StyledText(title)).padded
        detail.draw(into: &grid, in: inner)
    }

    private func impactLines(
        _ lineage: Lineage,
        _ world: World,
        columns: Int
    ) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 11)
        let node = lineage.nodes[index(lineage)]
        guard let impact = world.impact, impact.title == node.title,
            impact.root.kind == node.subject.kind
        else {
            lines.sentence(world.refusals[.impact] ?? localized("Asking the engine…"))
            return lines
        }
        let least = impact.isTruncated ? "≥ " : ""
        for group in impact.groups {
            lines.add(group.kind.word, least + NumberText.thousands(group.count))
        }
        if impact.groups.isEmpty { lines.sentence(localized("Nothing was made from it.")) }
        lines.add(
            "scored",
            "\(least)" + localized("\(NumberText.thousands(impact.rows)) predictions")
        )
        for one in impact.scored {
            lines.add(
                "v\(one.version)",
                StyledText(localized("\(one.model) in \(one.environment): "))
                    + StyledText(localized("\(NumberText.thousands(one.rows)) rows"))
                    + StyledText(one.isServing ? localized(", serves now") : "", .warning)
            )
        }
        return lines
    }

    private func detailLines(
        _ lineage: Lineage,
        _ context: ScreenContext,
        columns: Int
    ) -> DetailLines {
        var lines = DetailLines(columns: columns, labelColumns: 9)
        let now = index(lineage)
        let node = lineage.nodes[now]
        lines.add("kind", node.subject.kind.word)
        lines.add("id", node.subject.id)
        for detail in node.details { lines.sentence(detail) }
        if context.isNarrow { addDifferences(of: node.subject, context, to: &lines) }
        for edge in lineage.edges where edge.output == node.subject {
            let from = lineage.nodes.first { $0.subject == edge.input }?.title ?? edge.input.id
            lines.add("from", "\(from) (\(localized(word: edge.relation)))")
        }
        for edge in lineage.edges where edge.input == node.subject {
            let to = lineage.nodes.first { $0.subject == edge.output }?.title ?? edge.output.id
            lines.add("to", "\(to) (\(localized(word: edge.relation)))")
        }
        if !context.isNarrow { addDifferences(of: node.subject, context, to: &lines) }
        return lines
    }

    /// What a version has otherwise than the one before it; names only where rows are few.
    private func addDifferences(
        of subject: Subject,
        _ context: ScreenContext,
        to lines: inout DetailLines
    ) {
        guard
            case .comparison(let model, let base?, let number) =
                Self.comparisonWithPrevious(subject)
        else { return }
        let world = context.world
        let title = localized("Otherwise than v\(base)")
        guard let comparison = world.comparison, comparison.model == model,
            comparison.base == base, comparison.candidate == number
        else {
            let state = world.refusals[.comparison] ?? localized("asking the engine…")
            lines.sentence("\(title): \(state)")
            return
        }
        let all =
            comparison.parameters + comparison.data + comparison.columns + comparison.cleaning
        let differences = all.filter { $0.base != $0.candidate }
        if differences.isEmpty {
            lines.sentence(
                localized("Same data, parameters, columns and cleaning as v\(base).")
            )
        } else if context.isNarrow {
            lines.sentence("\(title): \(differences.map(\.name).joined(separator: ", ")).")
        } else {
            lines.heading(title)
            for one in differences {
                lines.sentence("\(one.name): \(one.base ?? "—") → \(one.candidate ?? "—")")
            }
        }
    }
}

extension SubjectKind {
    /// One word for people.
    var word: String {
        switch self {
        case .file: localized("file")
        case .datasetVersion: localized("data")
        case .run: localized("run")
        case .job: localized("job")
        case .modelVersion: localized("model")
        case .approval: localized("approval")
        case .deployment: localized("deployment")
        case .predictions: localized("rows")
        case .alert: localized("alert")
        case .driftReport: localized("drift")
        case .auditEvent: localized("event")
        case .signingKey: localized("key")
        case .engine: localized("engine")
        case .silence: localized("silence")
        case .delivery: localized("delivery")
        case .model: localized("model")
        case .cleaning: localized("cleaning")
        case .evidence: localized("evidence")
        }
    }
}
