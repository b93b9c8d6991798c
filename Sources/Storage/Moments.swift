package import Domain

extension Store {
    /// What was recorded of models until a moment, for `ModelFacts.moment(at:)` to fold.
    ///
    /// Tombstones are read too: they were something else before.
    ///
    /// - Parameter model: Only this one; nil is all, by name, those after `after`.
    /// - Parameter isServing: Only models of which something was deployed by then.
    package func facts(
        until date: Timestamp,
        model: String?,
        isServing: Bool,
        after: String?,
        limit: Int
    ) throws -> [ModelFacts] {
        let served = """
            AND EXISTS (SELECT 1 FROM deployments d JOIN deployment_revisions r
                ON r.deployment = d.id WHERE d.model = m.name AND r.at <= $1)
            """
        let names = try connection.query(
            """
            SELECT m.name FROM models m
            WHERE m.created_at <= $1 AND m.name > $2 AND ($3 IS NULL OR m.name = $3)
                \(isServing ? served : "")
            ORDER BY m.name LIMIT $4
            """,
            .time(date),
            .text(after ?? ""),
            model.map { .text($0) } ?? .null,
            .number(limit)
        ) { $0.text(0) }
        return try names.map { try connection.facts(of: $0, until: date) }
    }
}

extension SQLiteConnection {
    fileprivate func facts(of model: String, until date: Timestamp) throws -> ModelFacts {
        var facts = ModelFacts(name: model)
        facts.registrations = try query(
            """
            SELECT number, run, bundle_digest, created_at FROM model_versions
            WHERE model = $1 AND created_at <= $2 ORDER BY number
            """,
            .text(model),
            .time(date)
        ) { row in
            ModelFacts.Registration(
                number: row.number(0),
                run: row.id(1),
                bundleDigest: try row.digest(2),
                createdAt: row.time(3)
            )
        }
        facts.aliasMoves = try query(
            """
            SELECT body FROM alias_moves WHERE position IN (
                SELECT MAX(position) FROM alias_moves
                WHERE model = $1 AND moved_at <= $2 GROUP BY name)
            ORDER BY position
            """,
            .text(model),
            .time(date)
        ) { try $0.body(Alias.self) }
        facts.deployments = try deployments("WHERE d.model = $1", .text(model))
        facts.approvals = try query(
            """
            SELECT a.body FROM deployments d JOIN deployment_revisions r
                ON r.deployment = d.id AND r.number = (
                    SELECT MAX(l.number) FROM deployment_revisions l
                    WHERE l.deployment = d.id AND l.at <= $2)
            JOIN approvals a ON a.id = r.approval
            WHERE d.model = $1
            """,
            .text(model),
            .time(date)
        ) { try $0.body(Approval.self) }
        facts.events = try registryEvents(of: model, until: date)
        return facts
    }

    /// The ids of a model's versions lie between `model/v` and `model/w`.
    private func registryEvents(of model: String, until date: Timestamp) throws -> [AuditDraft] {
        let actions = ModelFacts.actions.map { "'\($0)'" }.joined(separator: ", ")
        return try query(
            """
            SELECT sequence, body FROM audit_events
            WHERE subject_kind = 'model' AND subject_id = $1 AND action IN (\(actions))
                AND at <= $2
            UNION ALL
            SELECT sequence, body FROM audit_events
            WHERE subject_kind = 'modelVersion' AND subject_id > $3 AND subject_id < $4
                AND action IN (\(actions)) AND at <= $2
            ORDER BY sequence
            """,
            .text(model),
            .time(date),
            .text("\(model)/v"),
            .text("\(model)/w")
        ) { try $0.body(AuditDraft.self, 1) }
    }
}
