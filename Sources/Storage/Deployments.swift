package import Domain

extension Store {
    /// Puts a version into an environment: a new deployment, or one more revision of it.
    ///
    /// The approval is read again in the same transaction and must permit exactly these bytes.
    package func deploy(
        version: ModelVersion,
        environment: String,
        approval id: ID<Approval>,
        reason: DeploymentRevision.Reason,
        note: String,
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<Deployment> {
        try change(by: actor, at: date) { transaction in
            let approval = try transaction.connection.approval(id)
            try transaction.requirePermission(
                of: approval,
                for: version,
                in: environment,
                reason: reason
            )
            let known = try transaction.connection.deployment(
                of: version.model,
                in: environment
            )
            let revision = DeploymentRevision(
                number: (known?.current.number ?? 0) + 1,
                version: version.number,
                bundleDigest: version.bundleDigest,
                approval: id,
                reason: reason,
                note: note,
                actor: actor,
                at: date
            )
            let deployment = try transaction.add(
                revision,
                to: known,
                model: version.model,
                environment: environment
            )
            try transaction.take(approval, inPlaceOf: known?.current.approval)
            if let before = known?.current, before.version != version.number {
                // It serves no more: what was wrong with its approvals is wrong with nothing.
                try transaction.resolveWarnings(
                    about: try transaction.connection.approval(before.approval),
                    kinds: ApprovalKind.allCases.filter { $0 != .policy }
                )
            }
            let served = Subject.deployment(deployment.id, serving: version.number)
            try transaction.link(.approval(id), to: served, as: "permitted")
            try transaction.link(.modelVersion(version.id), to: served, as: "served")
            let verb = reason == .rollback ? "rolled back" : "deployed"
            let tail = note.isEmpty ? "." : ": \(note)"
            try transaction.record(
                reason == .rollback ? "deployment.rolledBack" : "deployment.deployed",
                .deployment(deployment.id),
                """
                \(actor) \(verb) \(version.model) to \(version.label) in \(environment) \
                with \(id)\(tail)
                """,
                digests: ["bundle": version.bundleDigest, "evidence": approval.evidenceDigest]
            )
            try transaction.move(Alias.champion, of: version.model, to: version.number)
            return deployment
        }
    }

    /// Keeps the loopback port a deployment's process chose; 0...65535.
    package func setPort(_ port: Int, of id: ID<Deployment>) throws {
        guard (0...65_535).contains(port) else {
            throw Refusal(.invalid, "\(port) is no port. Use a number from 0 to 65535.")
        }
        let changed = try connection.execute(
            "UPDATE deployments SET port = $1 WHERE id = $2",
            .number(port),
            .id(id)
        )
        guard changed == 1 else { throw missing(.deployment, id.text) }
    }

    package func deployment(_ id: ID<Deployment>) throws -> Deployment {
        let found = try connection.deployments("WHERE d.id = $1", .id(id)).first
        guard let found else { throw missing(.deployment, id.text) }
        return found
    }

    /// Those of these models, oldest first.
    package func deployments(of models: [String]) throws -> [Deployment] {
        guard !models.isEmpty else { return [] }
        let places = models.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return try connection.deployments(
            "WHERE d.model IN (\(places))",
            values: models.map { .text($0) }
        )
    }

    /// Oldest first.
    package func deployments() throws -> [Deployment] {
        try connection.deployments("")
    }
}

extension SQLiteConnection {
    func deployment(of model: String, in environment: String) throws -> Deployment? {
        try deployments(
            "WHERE d.model = $1 AND d.environment = $2",
            .text(model),
            .text(environment)
        ).first
    }

    /// Puts deployments together from their revisions.
    func deployments(_ condition: String, _ values: SQLValue...) throws -> [Deployment] {
        try deployments(condition, values: values)
    }

    fileprivate func deployments(
        _ condition: String,
        values: [SQLValue]
    ) throws -> [Deployment] {
        var found: [Deployment] = []
        try forEachRow(
            """
            SELECT r.body, d.id, d.model, d.environment, d.port
            FROM deployments d JOIN deployment_revisions r ON r.deployment = d.id
            \(condition) ORDER BY d.position, r.number
            """,
            values
        ) { row in
            let revision = try row.body(DeploymentRevision.self)
            let id: ID<Deployment> = row.id(1)
            if found.last?.id == id {
                try found[found.count - 1].add(revision)
            } else {
                found.append(
                    Deployment(
                        id: id,
                        model: row.text(2),
                        environment: row.text(3),
                        port: row.number(4),
                        first: revision
                    )
                )
            }
        }
        return found
    }
}

extension Transaction {
    fileprivate func requirePermission(
        of approval: Approval,
        for version: ModelVersion,
        in environment: String,
        reason: DeploymentRevision.Reason
    ) throws {
        let stored = try connection.modelVersion(model: version.model, number: version.number)
        guard stored.bundleDigest == version.bundleDigest else {
            throw Refusal(
                .corrupt,
                """
                "\(version.id)" was registered with the bundle \(stored.bundleDigest.short), \
                not \(version.bundleDigest.short). It is not deployed.
                """
            )
        }
        guard approval.model == version.model, approval.version == version.number,
            approval.permits(bundle: version.bundleDigest, in: environment)
        else {
            throw Refusal(
                .forbidden,
                """
                The approval "\(approval.id)" (\(approval.title), \(approval.status.rawValue)) \
                does not permit "\(version.model) \(version.label)" with the bundle \
                \(version.bundleDigest.short) in "\(environment)". Ask for an approval of it.
                """
            )
        }
        try requireDecisions(of: approval)
        // To go back to what was approved once is one person's order: no hold, no new quorum.
        if reason == .rollback {
            // Records from before policies were kept do not say that they were deployed.
            guard approval.wasDeployed || approval.policyDigest == nil else {
                throw Refusal(
                    .forbidden,
                    "\(approval.title) never served: it can be deployed, but not gone back to."
                )
            }
            return
        }
        let obstacle = approval.obstacleToDeploy(
            at: at,
            policy: try connection.policy(of: version.model, in: environment)?.digest,
            checks: try checks(approval.policy, stored)
        )
        if let obstacle { throw obstacle }
    }

    /// Says in the same transaction as the revision which approval is being deployed, and which
    /// one's version makes room for it.
    fileprivate mutating func take(
        _ approval: Approval,
        inPlaceOf earlier: ID<Approval>?
    ) throws {
        if approval.status != .deploying {
            var taken = approval
            try taken.apply(.deploying(at: at))
            try update(taken, from: approval)
            try record(
                action(.deploying),
                .approval(approval.id),
                "\(approval.title) is being deployed."
            )
        }
        guard let earlier, earlier != approval.id else { return }
        let old = try connection.approval(earlier)
        guard old.status == .live || old.status == .deploying else { return }
        var replaced = old
        try replaced.apply(.replaced(at: at))
        try update(replaced, from: old)
        try record(
            action(.superseded),
            .approval(old.id),
            "\(old.title) made room for v\(approval.version)."
        )
    }

    fileprivate func add(
        _ revision: DeploymentRevision,
        to known: Deployment?,
        model: String,
        environment: String
    ) throws -> Deployment {
        let deployment: Deployment
        if var existing = known {
            try existing.add(revision)
            deployment = existing
        } else {
            let position = try nextNumber(of: "deployment")
            deployment = Deployment(
                id: ID("deployment-\(position)"),
                model: model,
                environment: environment,
                port: 0,
                first: revision
            )
            try connection.execute(
                """
                INSERT INTO deployments (id, position, model, environment, port)
                VALUES ($1, $2, $3, $4, 0)
                """,
                .id(deployment.id),
                .number(position),
                .text(model),
                .text(environment)
            )
        }
        try connection.execute(
            """
            INSERT INTO deployment_revisions
                (deployment, number, version, bundle_digest, approval, reason, at, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            .id(deployment.id),
            .number(revision.number),
            .number(revision.version),
            .digest(revision.bundleDigest),
            .id(revision.approval),
            .text(revision.reason.rawValue),
            .time(revision.at),
            .text(try canonicalText(revision))
        )
        return deployment
    }
}
