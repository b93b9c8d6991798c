package import Domain

extension ID where Kind == ModelVersion {
    /// Such as `late-flights/v2`.
    package static func version(_ number: Int, of model: String) -> Self {
        ID("\(model)/v\(number)")
    }
}

extension Store {
    /// Newest first, without those of which only a tombstone is left.
    package func modelVersions(of model: String) throws -> [ModelVersion] {
        try connection.query(
            """
            SELECT body FROM model_versions WHERE model = $1 AND state <> 'deleted'
            ORDER BY number DESC
            """,
            .text(model)
        ) { try $0.body(ModelVersion.self) }
    }

    package func modelVersion(model: String, number: Int) throws -> ModelVersion {
        try connection.modelVersion(model: model, number: number)
    }

    /// The primary metric of a version and its value at validation, tombstones included; nil where
    /// there is no such version.
    package func validation(
        of model: String,
        version: Int
    ) throws -> (metric: MetricName?, value: Double?)? {
        try connection.first(
            "SELECT metric, metric_value FROM model_versions WHERE model = $1 AND number = $2",
            .text(model),
            .number(version)
        ) { ($0.optionalText(0).flatMap { MetricName(rawValue: $0) }, $0.optionalReal(1)) }
    }

    /// The number the model's next version gets; 1 for a model that has none.
    package func nextVersionNumber(of model: String) throws -> Int {
        try connection.nextVersionNumber(of: model)
    }

    /// Every move of an alias, oldest first.
    package func aliasHistory(of model: String) throws -> [Alias] {
        try connection.query(
            "SELECT body FROM alias_moves WHERE model = $1 ORDER BY position",
            .text(model)
        ) { try $0.body(Alias.self) }
    }

    /// The version the `champion` alias points at; nil before the first deployment.
    package func champion(of model: String) throws -> ModelVersion? {
        guard let number = try connection.target(of: Alias.champion, model: model) else {
            return nil
        }
        return try modelVersion(model: model, number: number)
    }
}

extension SQLiteConnection {
    func modelVersion(model: String, number: Int) throws -> ModelVersion {
        let found = try first(
            "SELECT body, state FROM model_versions WHERE model = $1 AND number = $2",
            .text(model),
            .number(number)
        ) { (try $0.body(ModelVersion.self), $0.text(1)) }
        guard let found else { throw missing(.modelVersion, "\(model)/v\(number)") }
        guard found.1 != RegistryState.deleted.rawValue else {
            throw Refusal(
                .notFound,
                """
                "\(model) v\(number)" was deleted; only its record is left. \
                "binnacle audit" says by whom and why.
                """
            )
        }
        return found.0
    }

    func nextVersionNumber(of model: String) throws -> Int {
        let newest = try first(
            "SELECT COALESCE(MAX(number), 0) FROM model_versions WHERE model = $1",
            .text(model)
        ) { $0.number(0) }
        return (newest ?? 0) + 1
    }

    func target(of alias: String, model: String) throws -> Int? {
        try first(
            """
            SELECT version FROM alias_moves WHERE model = $1 AND name = $2
            ORDER BY position DESC LIMIT 1
            """,
            .text(model),
            .text(alias)
        ) { $0.optionalNumber(0) } ?? nil
    }
}

extension Transaction {
    func nextVersionNumber(of model: String) throws -> Int {
        try connection.nextVersionNumber(of: model)
    }

    /// The owner is the one the newest pipeline names, unless a person has named one. A model that
    /// was deleted or archived begins anew; its version numbers go on.
    func addModel(_ name: String, owner: String) throws {
        try connection.execute(
            """
            INSERT INTO models (name, owner, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET state = 'active',
                owner = CASE WHEN models.is_owner_set = 1 THEN models.owner ELSE $2 END
            """,
            .text(name),
            .text(owner),
            .time(at)
        )
    }

    func insert(_ version: ModelVersion) throws {
        let primary = version.report.primary
        let metric = version.report.comparison(primary)?.candidate
        try connection.execute(
            """
            INSERT INTO model_versions
                (id, model, number, run, bundle_digest, created_at, body, metric, metric_value)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            .id(version.id),
            .text(version.model),
            .number(version.number),
            .id(version.run),
            .digest(version.bundleDigest),
            .time(version.createdAt),
            .text(try canonicalText(version)),
            .text(primary.rawValue),
            .real(metric.flatMap { $0.isFinite ? $0 : nil })
        )
    }

    /// Points an alias at a version, or (nil) takes it away; nothing happens where it is so already.
    @discardableResult
    mutating func move(_ alias: String, of model: String, to version: Int?) throws -> Bool {
        let before = try connection.target(of: alias, model: model)
        guard before != version else { return false }
        let moved = Alias(
            model: model,
            name: alias,
            version: version,
            movedAt: at,
            actor: actor
        )
        try connection.execute(
            """
            INSERT INTO alias_moves (position, model, name, version, moved_at, body)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            .number(try nextNumber(of: "alias")),
            .text(model),
            .text(alias),
            version.map { .number($0) } ?? .null,
            .time(at),
            .text(try canonicalText(moved))
        )
        let from = before.map { " from v\($0)" } ?? ""
        if let version {
            try record(
                "alias.moved",
                .modelVersion(.version(version, of: model)),
                "The \(alias) of \(model) moved\(from) to v\(version)."
            )
        } else {
            try record(
                "alias.removed",
                Subject(.model, model),
                "The \(alias) of \(model) was taken\(from.isEmpty ? " away" : from)."
            )
        }
        return true
    }
}
