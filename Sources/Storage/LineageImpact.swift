package import Domain

extension Store {
    /// Most steps away from the root that are followed.
    static let impactDepth = 32
    /// Most rows that are counted of one deployment and version.
    static let impactRows = 1_000_000

    /// Counts everything that was made from a thing, and the rows that were scored with it.
    ///
    /// - Parameters:
    ///   - since: Rows before it are not counted; nil takes the kept totals.
    ///   - date: What had been made by then, and rows of later times are not counted; nil is now.
    ///   - limit: Most things that are counted; the nearest are kept.
    package func impact(
        of root: Subject,
        since: Timestamp?,
        asOf date: Timestamp? = nil,
        limit: Int = 10_000
    ) throws -> LineageImpact {
        let root = try connection.served(root, asOf: date) ?? root
        let node = try connection.node(root, asOf: date)
        // One more for the root itself.
        let found = try connection.reach(
            from: root,
            .downstream,
            LineageBounds(depth: Store.impactDepth, limit: limit + 1, date: date)
        )
        let reached = found.steps.filter { $0.subject != root }
        if reached.isEmpty { try connection.requireThere(root, asOf: date) }
        let kept = reached.filter { $0.distance <= Store.impactDepth }.prefix(limit)
        let byKind = Dictionary(grouping: kept.map(\.subject), by: \.kind)
        var isTruncated = kept.count < reached.count || found.isCut
        var scored: [LineageImpact.Scored] = []
        for subject in byKind[.deployment] ?? [] {
            guard let found = try connection.scored(subject, since: since, until: date)
            else { continue }
            let isCounted = since != nil || date != nil
            if found.rows >= Store.impactRows, isCounted { isTruncated = true }
            scored.append(found)
        }
        return LineageImpact(
            root: root,
            title: node.title,
            since: since,
            groups: SubjectKind.allCases.compactMap { kind in
                byKind[kind].map { subjects in
                    LineageImpact.Group(
                        kind: kind,
                        count: subjects.count,
                        examples: Array(subjects.prefix(LineageImpact.exampleLimit))
                    )
                }
            },
            scored: scored,
            isTruncated: isTruncated
        )
    }
}

extension SQLiteConnection {
    /// What `deployment-1/v2` scored.
    fileprivate func scored(
        _ subject: Subject,
        since: Timestamp?,
        until date: Timestamp?
    ) throws -> LineageImpact.Scored? {
        guard let slash = subject.id.lastIndex(of: "/"),
            let version = Int(subject.id[slash...].dropFirst(2)),
            let deployment = try deployments(
                "WHERE d.id = $1",
                .text(String(subject.id[..<slash]))
            ).first
        else { return nil }
        let total = try first(
            """
            SELECT rows, first_time, last_time FROM prediction_totals
            WHERE deployment = $1 AND version = $2
            """,
            .id(deployment.id),
            .number(version)
        ) { ($0.number(0), $0.time(1), $0.time(2)) }
        var rows = total?.0 ?? 0
        if since != nil || date != nil {
            rows =
                try first(
                    """
                    SELECT COUNT(*) FROM (
                        SELECT 1 FROM predictions
                        WHERE model = $1 AND time >= $2 AND time <= $3
                            AND deployment = $4 AND version = $5
                        LIMIT $6)
                    """,
                    .text(deployment.model),
                    .time(since ?? .distantPast),
                    .time(date ?? .distantFuture),
                    .id(deployment.id),
                    .number(version),
                    .number(Store.impactRows)
                ) { $0.number(0) } ?? 0
        }
        return LineageImpact.Scored(
            deployment: deployment.id,
            model: deployment.model,
            environment: deployment.environment,
            version: version,
            rows: rows,
            first: total?.1,
            last: total?.2,
            isServing: deployment.revisions.last { $0.at <= date ?? .distantFuture }?.version
                == version
        )
    }
}
