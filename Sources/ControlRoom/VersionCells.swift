import Domain
import EngineAPI
import Terminal

/// How a version of a model looks in a row of a table.
enum VersionCells {
    /// `champion`, `challenger`, or what the gate said.
    static func stage(of version: ModelVersion, _ page: ModelPage) -> String {
        let newest = Dictionary(page.aliases.map { ($0.name, $0) }) {
            $0.movedAt < $1.movedAt ? $1 : $0
        }
        let names = newest.values.filter { $0.version == version.number }.map(\.name).sorted()
        if names.contains(Alias.champion) { return Alias.champion }
        if let name = names.first { return name }
        if page.row.waiting == version.number { return localized("waiting") }
        return localized(word: version.report.verdict.words)
    }

    /// - Parameter base: The version that all are compared with; nil is the one each was judged
    ///   against.
    static func columns(_ page: ModelPage, base: Int?) -> ListColumns<ModelVersion> {
        ListColumns(
            [
                ListColumn(
                    TableColumn("ver", width: .fixed(4), isPinned: true),
                    value: { .number($0.number) }
                ) { version, _ in
                    let isChampion = stage(of: version, page) == Alias.champion
                    return StyledText(version.label, isChampion ? .title : .text)
                },
                ListColumn(
                    TableColumn("stage", width: .fitted(minimum: 8, maximum: 12), priority: 80),
                    value: { .text(stage(of: $0, page)) }
                ) { version, _ in
                    let name = stage(of: version, page)
                    let isBase = base == version.number
                    return StyledText(
                        isBase ? localized("base") : localized(word: name),
                        name == Alias.champion ? .ok : .muted
                    )
                },
                ListColumn(
                    TableColumn(
                        page.row.metric?.rawValue ?? localized("value"),
                        width: .fixed(7),
                        alignment: .right,
                        priority: 90
                    ),
                    value: { .number(primary($0)?.candidate) }
                ) { version, _ in
                    StyledText(primary(version).map { ModelCells.number($0.candidate) } ?? "—")
                },
                ListColumn(
                    TableColumn("Δ", width: .fixed(6), alignment: .right, priority: 70),
                    value: { .number(primary($0)?.difference) }
                ) { version, _ in
                    let comparison = primary(version)
                    return comparison?.difference.map {
                        StyledText(ModelCells.signed($0), Style(comparison?.role ?? .text))
                    } ?? StyledText("—", .muted)
                },
                ListColumn(
                    TableColumn("age", width: .fixed(4), alignment: .right, priority: 60),
                    value: { .date($0.createdAt) }
                ) { StyledText($1.age($0.createdAt), .muted) },
                ListColumn(
                    TableColumn("by", width: .fitted(minimum: 4, maximum: 10), priority: 40),
                    value: { .text($0.actor.name) }
                ) { version, _ in StyledText(version.actor.name, .muted) },
            ],
            id: { String($0.number) },
            words: { $0.label }
        )
    }

    private static func primary(_ version: ModelVersion) -> MetricComparison? {
        version.report.comparison(version.report.primary)
    }
}
