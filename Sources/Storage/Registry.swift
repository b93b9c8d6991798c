package import Domain

/// What people say of models: aliases, tags, owners, descriptions, and what is hidden or gone.
extension Store {
    /// Makes one change of the registry, or refuses it; a change that changes nothing has no event.
    package func changeRegistry(
        of model: String,
        _ registryChange: RegistryChange,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<ModelEntry> {
        try registryChange.check()
        return try change(by: actor, at: date) { transaction in
            let state = try transaction.connection.state(of: model)
            guard state != .deleted else { throw missing(.model, model) }
            switch registryChange {
            case .alias(let name, let version):
                try transaction.setAlias(name, of: model, to: version)
            case .protection(let name, let isProtected):
                try transaction.protect(name, of: model, isProtected)
            case .tag(let version, let name, let value):
                try transaction.tag(model, version, name, value)
            case .description(let text): try transaction.describe(model, text)
            case .owner(let name): try transaction.own(model, name)
            case .archive(let version, let isArchived):
                try transaction.archive(model, version, isArchived)
            case .delete(let version, let reason):
                try transaction.delete(model, version, reason)
            }
            return try transaction.connection.entry(of: model)
        }
    }

    /// What people have said of a model; a deleted one is not found.
    package func modelEntry(of model: String) throws -> ModelEntry {
        let entry = try connection.entry(of: model)
        guard entry.state != .deleted else { throw missing(.model, model) }
        return entry
    }
}

extension SQLiteConnection {
    fileprivate func state(of model: String) throws -> RegistryState {
        let found = try first(
            "SELECT state FROM models WHERE name = $1",
            .text(model)
        ) { $0.text(0) }
        guard let found else { throw missing(.model, model) }
        return RegistryState(rawValue: found) ?? .active
    }

    fileprivate func entry(of model: String) throws -> ModelEntry {
        let found = try first(
            "SELECT description, owner, state FROM models WHERE name = $1",
            .text(model)
        ) { row in
            ModelEntry(
                description: row.text(0),
                owner: row.text(1),
                state: RegistryState(rawValue: row.text(2)) ?? .active
            )
        }
        guard var entry = found else { throw missing(.model, model) }
        try forEachRow(
            "SELECT version, name, value FROM registry_tags WHERE model = $1",
            [.text(model)]
        ) { row in
            if row.number(0) == 0 {
                entry.tags[row.text(1)] = row.text(2)
            } else {
                entry.versionTags[row.number(0), default: [:]][row.text(1)] = row.text(2)
            }
        }
        try forEachRow(
            """
            SELECT number, state FROM model_versions WHERE model = $1 AND state <> 'active'
            ORDER BY number
            """,
            [.text(model)]
        ) { row in
            if row.text(1) == RegistryState.archived.rawValue {
                entry.archivedVersions.append(row.number(0))
            } else {
                entry.deletedVersions.append(row.number(0))
            }
        }
        entry.protectedAliases += try query(
            "SELECT name FROM protected_aliases WHERE model = $1 ORDER BY name",
            .text(model)
        ) { $0.text(0) }
        return entry
    }

    /// Where the version (nil: any version of the model) serves now, if anywhere.
    fileprivate func servingPlace(of model: String, _ version: Int?) throws -> String? {
        try first(
            """
            SELECT d.environment FROM deployments d JOIN deployment_revisions r
                ON r.deployment = d.id AND r.number = (
                    SELECT MAX(l.number) FROM deployment_revisions l WHERE l.deployment = d.id)
            WHERE d.model = $1 AND ($2 IS NULL OR r.version = $2)
            """,
            .text(model),
            version.map { .number($0) } ?? .null
        ) { $0.text(0) }
    }

    fileprivate func standingApproval(of model: String, _ version: Int?) throws -> Approval? {
        try first(
            """
            SELECT body FROM approvals
            WHERE model = $1 AND ($2 IS NULL OR version = $2)
                AND status IN ('checks', 'pending', 'approved', 'deploying', 'live')
            ORDER BY position DESC LIMIT 1
            """,
            .text(model),
            version.map { .number($0) } ?? .null
        ) { try $0.body(Approval.self) }
    }

    /// The names of the aliases that point at a version now.
    fileprivate func aliases(of model: String, at version: Int?) throws -> [String] {
        try query(
            """
            SELECT DISTINCT a.name FROM alias_moves a
            WHERE a.model = $1 AND a.version IS NOT NULL AND ($2 IS NULL OR a.version = $2)
                AND a.position = (
                    SELECT MAX(l.position) FROM alias_moves l
                    WHERE l.model = a.model AND l.name = a.name)
            ORDER BY a.name
            """,
            .text(model),
            version.map { .number($0) } ?? .null
        ) { $0.text(0) }
    }
}

extension Transaction {
    private func isProtected(_ alias: String, of model: String) throws -> Bool {
        if alias == Alias.champion { return true }
        return try connection.first(
            "SELECT 1 FROM protected_aliases WHERE model = $1 AND name = $2",
            .text(model),
            .text(alias)
        ) { _ in true } ?? false
    }

    fileprivate mutating func setAlias(
        _ name: String,
        of model: String,
        to version: Int?
    ) throws {
        guard try !isProtected(name, of: model) else {
            let way =
                name == Alias.champion
                ? "The deployer moves it: \"binnacle deploy \(model) VERSION\"."
                : "Take the protection away first: \"binnacle models unprotect \(model) \(name)\"."
            throw Refusal(
                .forbidden,
                "The alias \"\(name)\" of \"\(model)\" is protected: nobody sets it by hand. \(way)"
            )
        }
        if let version { _ = try connection.modelVersion(model: model, number: version) }
        if version == nil, try connection.target(of: name, model: model) == nil {
            throw Refusal(
                .notFound,
                "\"\(model)\" has no alias \"\(name)\". \"binnacle models show \(model)\" lists them."
            )
        }
        try move(name, of: model, to: version)
    }

    fileprivate mutating func protect(
        _ name: String,
        of model: String,
        _ isProtected: Bool
    ) throws {
        guard name != Alias.champion else { return }
        let changed = try connection.execute(
            isProtected
                ? """
                INSERT INTO protected_aliases (model, name) VALUES ($1, $2)
                ON CONFLICT (model, name) DO NOTHING
                """ : "DELETE FROM protected_aliases WHERE model = $1 AND name = $2",
            .text(model),
            .text(name)
        )
        guard changed == 1 else { return }
        try record(
            isProtected ? "alias.protected" : "alias.unprotected",
            .model(model),
            "\(actor) \(isProtected ? "protected" : "unprotected") the alias \(name) of \(model)."
        )
    }

    fileprivate mutating func tag(
        _ model: String,
        _ version: Int?,
        _ name: String,
        _ value: String?
    ) throws {
        if let version { _ = try connection.modelVersion(model: model, number: version) }
        let place: [SQLValue] = [.text(model), .number(version ?? 0), .text(name)]
        let before = try connection.first(
            "SELECT value FROM registry_tags WHERE model = $1 AND version = $2 AND name = $3",
            place[0],
            place[1],
            place[2]
        ) { $0.text(0) }
        guard before != value else { return }
        let what = version.map { "\(model) v\($0)" } ?? model
        let subject =
            version.map { Subject.modelVersion(.version($0, of: model)) } ?? .model(model)
        guard let value else {
            try connection.execute(
                "DELETE FROM registry_tags WHERE model = $1 AND version = $2 AND name = $3",
                values: place
            )
            return try record(
                "registry.untagged",
                subject,
                "\(actor) took the tag \(name) from \(what)."
            )
        }
        try connection.execute(
            """
            INSERT INTO registry_tags (model, version, name, value) VALUES ($1, $2, $3, $4)
            ON CONFLICT (model, version, name) DO UPDATE SET value = $4
            """,
            values: place + [.text(value)]
        )
        try record("registry.tagged", subject, "\(actor) tagged \(what) with \(name)=\(value).")
    }

    fileprivate mutating func describe(_ model: String, _ text: String) throws {
        let changed = try connection.execute(
            "UPDATE models SET description = $1 WHERE name = $2 AND description <> $1",
            .text(text),
            .text(model)
        )
        guard changed == 1 else { return }
        try record("registry.described", .model(model), "\(actor) described \(model): \(text)")
    }

    fileprivate mutating func own(_ model: String, _ name: String) throws {
        let changed = try connection.execute(
            """
            UPDATE models SET owner = $1, is_owner_set = 1
            WHERE name = $2 AND (owner <> $1 OR is_owner_set = 0)
            """,
            .text(name),
            .text(model)
        )
        guard changed == 1 else { return }
        try record("registry.owned", .model(model), "\(actor) made \(name) the owner of \(model).")
    }

    // MARK: - Hidden and gone

    fileprivate mutating func archive(
        _ model: String,
        _ version: Int?,
        _ isArchived: Bool
    ) throws {
        if let version { _ = try connection.modelVersion(model: model, number: version) }
        let what = version.map { "\(model) v\($0)" } ?? model
        if isArchived, let place = try connection.servingPlace(of: model, version) {
            throw Refusal(
                .conflict,
                "\"\(what)\" serves in \"\(place)\", so it is not hidden. Roll it back first."
            )
        }
        let (from, to): (RegistryState, RegistryState) =
            isArchived ? (.active, .archived) : (.archived, .active)
        guard try setState(of: model, version, from: [from], to: to) else { return }
        let subject =
            version.map { Subject.modelVersion(.version($0, of: model)) } ?? .model(model)
        try record(
            isArchived ? "registry.archived" : "registry.restored",
            subject,
            "\(actor) \(isArchived ? "archived" : "restored") \(what)."
        )
    }

    fileprivate mutating func delete(
        _ model: String,
        _ version: Int?,
        _ reason: String
    ) throws {
        let what = version.map { "\(model) v\($0)" } ?? model
        if let version { _ = try connection.modelVersion(model: model, number: version) }
        if let place = try connection.servingPlace(of: model, version) {
            throw Refusal(
                .conflict,
                "\"\(what)\" serves in \"\(place)\", so it is not deleted. Roll it back first."
            )
        }
        if let approval = try connection.standingApproval(of: model, version) {
            throw Refusal(
                .conflict,
                """
                "\(what)" is not deleted: the approval "\(approval.id)" of it is \
                \(approval.status.rawValue). Reject it, or archive the version instead.
                """
            )
        }
        let aliases = try connection.aliases(of: model, at: version)
        if let version, let alias = aliases.first {
            throw Refusal(
                .conflict,
                """
                "\(model) v\(version)" is not deleted: the alias "\(alias)" points at it. \
                Point it elsewhere, or take it away with "binnacle models alias \(model) \(alias) \
                --remove".
                """
            )
        }
        for alias in aliases { try move(alias, of: model, to: nil) }
        _ = try setState(of: model, version, from: [.active, .archived], to: .deleted)
        if version == nil {
            try connection.execute(
                "UPDATE model_versions SET state = 'deleted' WHERE model = $1",
                .text(model)
            )
        }
        try connection.execute(
            "DELETE FROM registry_tags WHERE model = $1 AND ($2 IS NULL OR version = $2)",
            .text(model),
            version.map { .number($0) } ?? .null
        )
        let subject =
            version.map { Subject.modelVersion(.version($0, of: model)) } ?? .model(model)
        try record("registry.deleted", subject, "\(actor) deleted \(what): \(reason)")
    }

    private func setState(
        of model: String,
        _ version: Int?,
        from before: [RegistryState],
        to state: RegistryState
    ) throws -> Bool {
        let words = before.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        guard let version else {
            return try connection.execute(
                "UPDATE models SET state = $1 WHERE name = $2 AND state IN (\(words))",
                .text(state.rawValue),
                .text(model)
            ) == 1
        }
        return try connection.execute(
            """
            UPDATE model_versions SET state = $1
            WHERE model = $2 AND number = $3 AND state IN (\(words))
            """,
            .text(state.rawValue),
            .text(model),
            .number(version)
        ) == 1
    }
}
