package import Domain

/// A registered model in one line.
package struct ModelSummary: Sendable, Equatable {
    package let name: String
    package let owner: String
    /// How many versions there are, tombstones not counted.
    package let versions: Int
    /// The newest version's number; nil where all versions were deleted.
    package let latest: Int?
    package let champion: Int?
    package let challenger: Int?
    /// The champion's (else the newest version's) primary metric and its value at validation.
    package let metric: MetricName?
    package let metricValue: Double?
    /// Whether windows of production rows were judged.
    package let isMonitored: Bool
}

extension Store {
    /// Models that fit, by name: those after `after`, at most `limit`.
    package func models(
        fitting query: RegistryQuery = RegistryQuery(),
        after: String? = nil,
        limit: Int = 10_000
    ) throws -> [ModelSummary] {
        var condition = SearchCondition()
        let clause = condition.clause(of: query)
        let values = condition.values + [.text(after ?? ""), .number(limit)]
        let rest = "AND m.name > $\(values.count - 1) ORDER BY m.name LIMIT $\(values.count)"
        return try connection.summaries("\(clause) \(rest)", values)
    }

    /// One model, archived or not; nil where there is none, or only a tombstone.
    package func modelSummary(of model: String) throws -> ModelSummary? {
        try connection.summaries("m.name = $1 AND m.state <> 'deleted'", [.text(model)]).first
    }

    /// How many models fit.
    package func modelCount(fitting query: RegistryQuery = RegistryQuery()) throws -> Int {
        var condition = SearchCondition()
        let clause = condition.clause(of: query)
        var count = 0
        try connection.forEachRow(
            "SELECT COUNT(*) FROM models m WHERE \(clause)",
            condition.values
        ) { count = $0.number(0) }
        return count
    }

    /// The owner that the registry names for a model; nil where there is no such model.
    package func owner(of model: String) throws -> String? {
        try connection.first(
            "SELECT owner FROM models WHERE name = $1",
            .text(model)
        ) { $0.text(0) }
    }
}

extension SQLiteConnection {
    /// Costs a few index steps a model, however many versions there are.
    fileprivate func summaries(_ rest: String, _ values: [SQLValue]) throws -> [ModelSummary] {
        var found: [ModelSummary] = []
        try forEachRow(
            """
            SELECT p.name, p.owner, p.versions, p.latest, p.champion, p.challenger,
                v.metric, v.metric_value, p.is_monitored
            FROM (
                SELECT m.name AS name, m.owner AS owner,
                    (SELECT COUNT(*) FROM model_versions c
                     WHERE c.model = m.name AND c.state <> 'deleted') AS versions,
                    (SELECT c.number FROM model_versions c
                     WHERE c.model = m.name AND c.state <> 'deleted'
                     ORDER BY c.number DESC LIMIT 1) AS latest,
                    (SELECT a.version FROM alias_moves a
                     WHERE a.model = m.name AND a.name = 'champion'
                     ORDER BY a.position DESC LIMIT 1) AS champion,
                    (SELECT a.version FROM alias_moves a
                     WHERE a.model = m.name AND a.name = 'challenger'
                     ORDER BY a.position DESC LIMIT 1) AS challenger,
                    EXISTS (SELECT 1 FROM drift_reports r WHERE r.model = m.name) AS is_monitored
                FROM models m WHERE \(rest)
            ) p LEFT JOIN model_versions v
                ON v.model = p.name AND v.number = COALESCE(p.champion, p.latest)
            ORDER BY p.name
            """,
            values
        ) { row in
            found.append(
                ModelSummary(
                    name: row.text(0),
                    owner: row.text(1),
                    versions: row.number(2),
                    latest: row.optionalNumber(3),
                    champion: row.optionalNumber(4),
                    challenger: row.optionalNumber(5),
                    metric: row.optionalText(6).flatMap { MetricName(rawValue: $0) },
                    metricValue: row.optionalReal(7),
                    isMonitored: row.number(8) == 1
                )
            )
        }
        return found
    }
}

/// Makes SQL of a query; every text of the user's is a bound value.
private struct SearchCondition {
    private(set) var values: [SQLValue] = []

    mutating func clause(of query: RegistryQuery) -> String {
        var parts = query.terms.map { part(of: $0) }
        if !query.namesState { parts.append("m.state = 'active'") }
        return parts.isEmpty ? "1 = 1" : parts.joined(separator: " AND ")
    }

    private mutating func bind(_ text: String) -> String {
        values.append(.text(text))
        return "$\(values.count)"
    }

    private mutating func part(of term: RegistryQuery.Term) -> String {
        switch term {
        case .word(let text):
            let bound = bind(text.lowercased())
            return """
                (instr(lower(m.name), \(bound)) > 0 OR instr(lower(m.description), \(bound)) > 0
                OR instr(lower(m.owner), \(bound)) > 0)
                """
        case .name(let text): return "instr(lower(m.name), \(bind(text.lowercased()))) > 0"
        case .owner(let text): return "lower(m.owner) = \(bind(text.lowercased()))"
        case .tag(let name, let value):
            let bound = bind(name)
            let rest = value.map { " AND t.value = \(bind($0))" } ?? ""
            // Found once for all models; asked of each it would take four times as long.
            return """
                m.name IN (SELECT t.model FROM registry_tags t WHERE t.name = \(bound)\(rest))
                """
        case .alias(let name):
            return """
                (SELECT a.version FROM alias_moves a WHERE a.model = m.name
                AND a.name = \(bind(name)) ORDER BY a.position DESC LIMIT 1) IS NOT NULL
                """
        case .environment(let name):
            return """
                EXISTS (SELECT 1 FROM deployments d
                WHERE d.model = m.name AND d.environment = \(bind(name)))
                """
        case .state(let state): return "m.state = \(bind(state.rawValue))"
        case .not(let inner): return "NOT \(part(of: inner))"
        }
    }
}
