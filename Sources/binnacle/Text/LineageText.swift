import Domain
import Terminal

/// What lies up and down stream of one thing, as two indented trees.
struct LineageText {
    private enum Direction {
        case upstream, downstream
    }

    private let lineage: Lineage
    private let titles: [Subject: String]
    private var page: TextPage

    static func page(_ lineage: Lineage, columns: Int?) -> String {
        var text = LineageText(lineage: lineage, columns: columns)
        return text.build()
    }

    private init(lineage: Lineage, columns: Int?) {
        self.lineage = lineage
        titles = Dictionary(lineage.nodes.map { ($0.subject, $0.title) }) { first, _ in first }
        page = TextPage(columns: columns)
    }

    private mutating func build() -> String {
        page.line(label(of: lineage.root))
        let root = lineage.nodes.first { $0.subject == lineage.root }
        for detail in root?.details ?? [] { page.sentence(detail, mark: "  ") }
        page.heading("Made from")
        add(.upstream)
        page.heading("Led to")
        add(.downstream)
        if lineage.isTruncated {
            page.heading("There is more: \"--depth\" goes further.")
        }
        return page.text
    }

    private mutating func add(_ direction: Direction) {
        var expanded: Set<Subject> = [lineage.root]
        guard !steps(from: lineage.root, direction).isEmpty else { return page.line("(nothing)") }
        addSteps(from: lineage.root, direction, indent: "", &expanded)
    }

    /// Each thing is unfolded once, so that a much used data version does not repeat its past.
    private mutating func addSteps(
        from subject: Subject,
        _ direction: Direction,
        indent: String,
        _ expanded: inout Set<Subject>
    ) {
        let next = steps(from: subject, direction)
        for (index, step) in next.enumerated() {
            let isLast = index == next.count - 1
            let isNew = expanded.insert(step.subject).inserted
            let again = isNew || steps(from: step.subject, direction).isEmpty ? "" : " (see above)"
            page.line(
                indent + (isLast ? "└─ " : "├─ ") + label(of: step.subject)
                    + ", \(step.relation)\(again)"
            )
            if isNew {
                let deeper = indent + (isLast ? "   " : "│  ")
                addSteps(from: step.subject, direction, indent: deeper, &expanded)
            }
        }
    }

    private func steps(
        from subject: Subject,
        _ direction: Direction
    ) -> [(subject: Subject, relation: String)] {
        let found = lineage.edges.compactMap { edge -> (subject: Subject, relation: String)? in
            switch direction {
            case .upstream: edge.output == subject ? (edge.input, edge.relation) : nil
            case .downstream: edge.input == subject ? (edge.output, edge.relation) : nil
            }
        }
        return found.sorted { left, right in
            (left.subject.kind.word, ID<Subject>(left.subject.id))
                < (right.subject.kind.word, ID<Subject>(right.subject.id))
        }
    }

    private func label(of subject: Subject) -> String {
        let title = titles[subject] ?? subject.id
        if title == subject.id { return "\(subject.kind.word) \(title)" }
        return "\(subject.kind.word) \(title) [\(subject.id)]"
    }
}

extension SubjectKind {
    /// How people call it on the command line.
    var word: String {
        switch self {
        case .datasetVersion: "data"
        case .modelVersion: "version"
        case .driftReport: "report"
        default: rawValue
        }
    }
}

extension LineageText {
    /// How far a thing reached, in counts.
    static func impact(_ impact: LineageImpact, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        page.sentence(impact.summary)
        if !impact.groups.isEmpty { page.heading("What was made from it") }
        for group in impact.groups {
            let names = group.examples.map(\.id).joined(separator: ", ")
            let more = group.count > group.examples.count ? ", …" : ""
            page.field(group.kind.word, "\(group.count): \(names)\(more)")
        }
        if !impact.scored.isEmpty {
            page.heading(
                impact.since.map { "Rows that it scored since \($0)" } ?? "Rows that it scored"
            )
            var table = TextTable([
                .flexible("model"), .left("environment"), .left("version"), .right("rows"),
                .left("first row"), .left("last row"), .left("serves"),
            ])
            for one in impact.scored {
                table.add([
                    one.model, one.environment, "v\(one.version)",
                    NumberText.thousands(one.rows),
                    one.first.map { CellText.time($0) } ?? CellText.missing,
                    one.last.map { CellText.time($0) } ?? CellText.missing,
                    one.isServing ? "now" : "before",
                ])
            }
            page.table(table)
        }
        if impact.isTruncated { page.sentence("There is more than is counted here.") }
        return page.text
    }
}
