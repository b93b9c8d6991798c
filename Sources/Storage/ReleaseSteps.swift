package import Domain

extension Store {
    /// Opens the steps of a version that are not there yet; a failed or cancelled one gets a new job.
    ///
    /// Asking twice opens nothing twice, so it can be asked again after any crash.
    package func openReleaseSteps(
        _ stages: [ReleaseStage],
        of model: String,
        version: Int,
        place: String = "",
        by actor: Actor,
        at date: Timestamp
    ) throws -> Committed<[ReleaseStep]> {
        try change(by: actor, at: date) { transaction in
            let found = try transaction.connection.modelVersion(model: model, number: version)
            let known = try transaction.connection.releaseSteps(of: model, version: version)
                .filter { $0.place == place }
            var opened: [ReleaseStage] = []
            for stage in stages {
                let old = known.first { $0.stage == stage }
                if let old, old.status.isOpen || old.status.name == "succeeded" { continue }
                try transaction.openStep(stage, of: found, place: place)
                opened.append(stage)
            }
            if !opened.isEmpty {
                let names = opened.map(\.rawValue).joined(separator: ", ")
                let tail = place.isEmpty ? "" : " in \(place)"
                try transaction.record(
                    "release.queued",
                    .modelVersion(found.id),
                    "The steps \(names) of \(model) v\(version)\(tail) were queued."
                )
            }
            return try transaction.connection.releaseSteps(of: model, version: version)
        }
    }

    /// In the order they were queued.
    package func releaseSteps(of model: String, version: Int) throws -> [ReleaseStep] {
        try connection.releaseSteps(of: model, version: version)
    }

    /// The step that has waited longest.
    package func nextReleaseStep() throws -> ReleaseStep? {
        try connection.steps("WHERE j.status = 'queued' ORDER BY j.position LIMIT 1").first
    }

    package func startReleaseStep(_ id: ID<Job>, at date: Timestamp) throws -> Committed<Job> {
        try change(by: .engine, at: date) { transaction in
            var job = try transaction.job(id)
            let before = job.status
            try job.start(at: date)
            try transaction.update(job, from: before)
            try transaction.record(
                "release.started",
                Subject(.job, id.text),
                "\(id) (\(job.title)) started (attempt \(job.attempts))."
            )
            return job
        }
    }

    /// Ends a step; a failure cancels the steps that were to follow it.
    package func finishReleaseStep(
        _ step: ReleaseStep,
        _ outcome: Result<ReleaseOutcome, Refusal>,
        at date: Timestamp
    ) throws -> Committed<ReleaseStep> {
        try change(by: .engine, at: date) { transaction in
            switch outcome {
            case .success(let found):
                try transaction.endStep(step.job, as: .succeeded(at: date))
                try transaction.connection.execute(
                    "UPDATE release_steps SET outcome = $1 WHERE job = $2",
                    .text(try canonicalText(found)),
                    .id(step.job)
                )
                try transaction.record(
                    "release.done",
                    Subject(.job, step.job.text),
                    "\(step.job) (\(step.title)): \(found.sentence)",
                    digests: found.digest.map { ["package": $0] } ?? [:]
                )
            case .failure(let refusal):
                try transaction.endStep(
                    step.job,
                    as: .failed(at: date, reason: refusal.message)
                )
                let later = try transaction.connection.steps(
                    """
                    WHERE s.model = $1 AND s.version = $2 AND s.place = $3
                        AND j.status = 'queued' ORDER BY j.position
                    """,
                    .text(step.model),
                    .number(step.version),
                    .text(step.place)
                )
                for one in later { try transaction.endStep(one.job, as: .cancelled(at: date)) }
                try transaction.record(
                    "release.failed",
                    Subject(.job, step.job.text),
                    "\(step.job) (\(step.title)) failed: \(refusal.message)"
                )
            }
            return try transaction.connection.steps("WHERE s.job = $1", .id(step.job))[0]
        }
    }

    /// The newest version of each model, where no step of it was ever opened.
    package func versionsWithoutSteps(limit: Int) throws -> [ModelVersion] {
        try connection.query(
            """
            SELECT v.body FROM models m JOIN model_versions v ON v.model = m.name
                AND v.number = (SELECT MAX(n.number) FROM model_versions n
                    WHERE n.model = m.name AND n.state = 'active')
            WHERE m.state = 'active' AND NOT EXISTS (SELECT 1 FROM release_steps s
                WHERE s.model = v.model AND s.version = v.number AND s.place = '')
            ORDER BY m.name LIMIT $1
            """,
            .number(limit)
        ) { try $0.body(ModelVersion.self) }
    }

    /// The newest measurement of a version.
    package func profile(of model: String, version: Int) throws -> ModelProfile? {
        try connection.releaseSteps(of: model, version: version)
            .last { $0.stage == .profile }?.outcome?.profile
    }
}

extension SQLiteConnection {
    fileprivate func releaseSteps(of model: String, version: Int) throws -> [ReleaseStep] {
        try steps(
            "WHERE s.model = $1 AND s.version = $2 ORDER BY j.position",
            .text(model),
            .number(version)
        )
    }

    fileprivate func steps(_ rest: String, _ values: SQLValue...) throws -> [ReleaseStep] {
        var found: [ReleaseStep] = []
        try forEachRow(
            """
            SELECT j.body, s.model, s.version, s.stage, s.place, s.outcome
            FROM release_steps s JOIN jobs j ON j.id = s.job \(rest)
            """,
            values
        ) { row in
            let job = try row.body(Job.self)
            guard let stage = ReleaseStage(rawValue: row.text(3)) else { return }
            found.append(
                ReleaseStep(
                    job: job.id,
                    model: row.text(1),
                    version: row.number(2),
                    stage: stage,
                    place: row.text(4),
                    status: job.status,
                    outcome: row.optionalText(5).flatMap {
                        try? value(ReleaseOutcome.self, from: $0)
                    }
                )
            )
        }
        return found
    }
}

extension Transaction {
    fileprivate mutating func openStep(
        _ stage: ReleaseStage,
        of version: ModelVersion,
        place: String
    ) throws {
        let number = try nextNumber(of: "job")
        let job = Job(
            id: ID("job-\(number)"),
            kind: .deploy,
            title: "\(stage.rawValue) \(version.model) \(version.label)"
                + (place.isEmpty ? "" : " in \(place)"),
            model: version.model,
            createdAt: at,
            actor: actor
        )
        try insert(job, at: number)
        try connection.execute(
            """
            INSERT INTO release_steps (model, version, stage, place, job)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (model, version, stage, place) DO UPDATE SET job = $5, outcome = NULL
            """,
            .text(version.model),
            .number(version.number),
            .text(stage.rawValue),
            .text(place),
            .id(job.id)
        )
    }

    fileprivate func endStep(_ id: ID<Job>, as outcome: JobStatus) throws {
        var job = try job(id)
        let before = job.status
        try job.finish(outcome)
        try update(job, from: before)
    }
}
