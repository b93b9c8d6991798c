package import Domain

extension Store {
    /// Most steps away from the root that are followed.
    static let impactDepth = 32
    /// Most rows that are counted of one deployment and version.
    static let impactRows = 1_000_000

    /// Counts everything that was made from a thing, and the rows that were scored with it.
    ///
    /// - Parameter since: Rows before it are not counted; nil takes the kept totals.
    /// - Parameter limit: Most things that are counted; the nearest are kept.
    package func impact(
        of root: Subject,
        since: Timestamp?,
        limit: Int = 10_000
    ) throws -> LineageImpact {
        let root = try connection.servedNow(root) ?? root
        let node = try connection.node(root)
        // One more for the root itself.
        let found = try connection.reach(
            from: root,
            .downstream,
            depth: Store.impactDepth,
            limit: limit + 1
        )
        let reached = found.steps.filter { $0.subject != root }
        guard try !reached.isEmpty || connection.exists(root) else {
            throw missing(root.kind, root.id)
        }
        let kept = reached.filter { $0.distance <= Store.impactDepth }.prefix(limit)
        let byKind = Dictionary(grouping: kept.map(\.subject), by: \.kind)
        var isTruncated = kept.count < reached.count || found.isCut
        var scored: [LineageImpact.Scored] = []
        for subject in byKind[.deployment] ?? [] {
            guard let found = try connection.scored(subject, since: since) else { continue }
            if found.rows >= Store.impactRows, since != nil { isTruncated = true }
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
        since: Timestamp?
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
        if let since {
            rows =
                try first(
                    """
                    SELECT COUNT(*) FROM (
                        SELECT 1 FROM predictions
                        WHERE model = $1 AND time >= $2 AND deployment = $3 AND version = $4
                        LIMIT $5)
                    """,
                    .text(deployment.model),
                    .time(since),
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
            isServing: deployment.current.version == version
        )
    }
}
