package import Domain

/// A run and its job are made and moved together: neither is ever open without the other.
extension Store {
    /// Queues a run with its job, unless the model has an open one.
    ///
    /// - Parameter make: Makes both from the ids they get; may refuse, and then nothing is kept.
    package func enqueueTraining(
        at date: Timestamp,
        _ make: @Sendable (ID<Run>, ID<Job>) throws -> (Run, Job)
    ) throws -> Committed<Run> {
        try connection.transaction {
            let counters = Transaction(
                connection: connection,
                blobs: blobs,
                actor: .engine,
                at: date
            )
            let runNumber = try counters.nextNumber(of: "run")
            let jobNumber = try counters.nextNumber(of: "job")
            let (run, job) = try make(ID("run-\(runNumber)"), ID("job-\(jobNumber)"))
            var transaction = Transaction(
                connection: connection,
                blobs: blobs,
                actor: run.actor,
                at: date
            )
            try transaction.refuseOpenRun(of: run.model)
            try transaction.requireData(of: run)
            try transaction.insert(job, at: jobNumber)
            try transaction.insert(run, at: runNumber)
            if run.pipeline.cleaning == Cleaning() {
                try transaction.link(.datasetVersion(run.data), to: .run(run.id), as: "trained")
            } else {
                let cleaning = Subject.cleaning(of: run.id)
                try transaction.link(.datasetVersion(run.data), to: cleaning, as: "cleaned")
                try transaction.link(cleaning, to: .run(run.id), as: "trained")
            }
            if run.trigger == .alert, try transaction.hasAlert(run.cause) {
                try transaction.link(Subject(.alert, run.cause), to: .run(run.id), as: "caused")
            }
            try transaction.record(
                "run.queued",
                .run(run.id),
                "\(run.actor) queued a run of \(run.model) on \(run.data): \(run.cause)",
                digests: ["data": run.dataDigest, "pipeline": run.pipelineDigest]
            )
            return Committed(value: run, events: transaction.events)
        }
    }

    /// Marks a queued run and its job as running.
    package func startRun(_ id: ID<Run>, at date: Timestamp) throws -> Committed<Run> {
        try change(by: .engine, at: date) { transaction in
            var run = try transaction.run(id)
            var job = try transaction.job(run.job)
            let before = (run.status, job.status)
            try run.start(at: date)
            try job.start(at: date)
            try transaction.update(job, from: before.1)
            try transaction.update(run, from: before.0)
            try transaction.record(
                "run.started",
                .run(id),
                "\(id) of \(run.model) started (attempt \(job.attempts))."
            )
            return run
        }
    }

    /// The run that has waited longest; nil when none waits.
    package func nextQueuedRun() throws -> Run? {
        try connection.first(
            "SELECT body FROM runs WHERE status = 'queued' ORDER BY position LIMIT 1"
        ) { try $0.body(Run.self) }
    }

    /// Keeps what a running job last said of itself; it is no state change and leaves no event.
    package func saveProgress(_ progress: JobProgress, of id: ID<Job>) throws {
        try connection.transaction {
            var job = try job(id)
            guard case .running = job.status else {
                throw Refusal(
                    .conflict,
                    "The job \"\(id)\" is \(job.status.name), so it has no progress to keep."
                )
            }
            job.progress = progress
            try connection.execute(
                "UPDATE jobs SET body = $1 WHERE id = $2 AND status = 'running'",
                .text(try canonicalText(job)),
                .id(id)
            )
        }
    }

    /// Takes up jobs that ran when their engine died: queued again, or failed after three times.
    package func recoverInterrupted(at date: Timestamp) throws -> Committed<[Job]> {
        try change(by: .engine, at: date) { transaction in
            let interrupted = try transaction.connection.query(
                "SELECT body FROM jobs WHERE status = 'running' ORDER BY position"
            ) { try $0.body(Job.self) }
            var recovered: [Job] = []
            for var job in interrupted {
                let before = job.status
                try job.recover(at: date)
                try transaction.update(job, from: before)
                try transaction.recoverRun(of: job)
                recovered.append(job)
            }
            return recovered
        }
    }

    package func run(_ id: ID<Run>) throws -> Run {
        let found = try connection.first(
            "SELECT body FROM runs WHERE id = $1",
            .id(id)
        ) { try $0.body(Run.self) }
        guard let found else { throw missing(.run, id.text) }
        return found
    }

    /// The run that a job trains; nil for a job that trains none.
    package func run(of job: ID<Job>) throws -> Run? {
        try connection.first("SELECT body FROM runs WHERE job = $1", .id(job)) {
            try $0.body(Run.self)
        }
    }

    /// Runs of a model, or of all models; newest first.
    ///
    /// - Parameter before: only those queued before this run, for the next part of a long list.
    package func runs(
        of model: String?,
        before: ID<Run>? = nil,
        asOf date: Timestamp? = nil,
        limit: Int
    ) throws -> [Run] {
        let end = try before.map { id in
            try connection.first("SELECT position FROM runs WHERE id = $1", .id(id)) {
                $0.number(0)
            } ?? 0
        }
        return try connection.query(
            """
            SELECT body FROM runs
            WHERE \(model == nil ? "$1 IS NULL" : "model = $1") AND position < $2
                AND created_at <= $3
            ORDER BY position DESC LIMIT $4
            """,
            .text(model),
            .number(end ?? .max),
            .time(date ?? .distantFuture),
            .number(limit)
        ) { row in
            let run = try row.body(Run.self)
            return date.map { run.past(at: $0) } ?? run
        }.compactMap(\.self)
    }

    package func job(_ id: ID<Job>) throws -> Job {
        let found = try connection.first(
            "SELECT body FROM jobs WHERE id = $1",
            .id(id)
        ) { try $0.body(Job.self) }
        guard let found else { throw missing(.job, id.text) }
        return found
    }

    /// Newest first.
    package func jobs(asOf date: Timestamp? = nil, limit: Int) throws -> [Job] {
        guard let date else {
            return try connection.query(
                "SELECT body FROM jobs ORDER BY position DESC LIMIT $1",
                .number(limit)
            ) { try $0.body(Job.self) }
        }
        return try connection.bodies(Job.self, of: "jobs", by: date, limit: limit)
            .compactMap { $0.past(at: date) }
    }
}

extension Transaction {
    func run(_ id: ID<Run>) throws -> Run {
        let found = try connection.first(
            "SELECT body FROM runs WHERE id = $1",
            .id(id)
        ) { try $0.body(Run.self) }
        guard let found else { throw missing(.run, id.text) }
        return found
    }

    func job(_ id: ID<Job>) throws -> Job {
        let found = try connection.first(
            "SELECT body FROM jobs WHERE id = $1",
            .id(id)
        ) { try $0.body(Job.self) }
        guard let found else { throw missing(.job, id.text) }
        return found
    }

    func update(_ run: Run, from before: RunStatus) throws {
        let changed = try connection.execute(
            "UPDATE runs SET status = $1, body = $2 WHERE id = $3 AND status = $4",
            .text(run.status.name),
            .text(try canonicalText(run)),
            .id(run.id),
            .text(before.name)
        )
        guard changed == 1 else { throw movedMeanwhile("run", run.id.text, before.name) }
    }

    func update(_ job: Job, from before: JobStatus) throws {
        let changed = try connection.execute(
            "UPDATE jobs SET status = $1, body = $2 WHERE id = $3 AND status = $4",
            .text(job.status.name),
            .text(try canonicalText(job)),
            .id(job.id),
            .text(before.name)
        )
        guard changed == 1 else { throw movedMeanwhile("job", job.id.text, before.name) }
    }

    fileprivate func insert(_ run: Run, at position: Int) throws {
        try connection.execute(
            """
            INSERT INTO runs (id, position, model, data, job, status, created_at, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            .id(run.id),
            .number(position),
            .text(run.model),
            .id(run.data),
            .id(run.job),
            .text(run.status.name),
            .time(run.createdAt),
            .text(try canonicalText(run))
        )
    }

    func insert(_ job: Job, at position: Int) throws {
        try connection.execute(
            """
            INSERT INTO jobs (id, position, kind, model, status, created_at, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            .id(job.id),
            .number(position),
            .text(job.kind.rawValue),
            .text(job.model),
            .text(job.status.name),
            .time(job.createdAt),
            .text(try canonicalText(job))
        )
    }

    fileprivate func refuseOpenRun(of model: String) throws {
        let open = try connection.first(
            "SELECT id, status FROM runs WHERE model = $1 AND status IN ('queued', 'running')",
            .text(model)
        ) { ($0.text(0), $0.text(1)) }
        if let (id, status) = open {
            throw Refusal(
                .conflict,
                """
                "\(model)" has the run "\(id)", which is \(status). \
                Wait until it ends, or cancel its job.
                """
            )
        }
    }

    fileprivate func requireData(of run: Run) throws {
        let digest = try connection.first(
            "SELECT digest FROM dataset_versions WHERE id = $1",
            .id(run.data)
        ) { try $0.digest(0) }
        guard let digest else { throw missing(.datasetVersion, run.data.text) }
        guard digest == run.dataDigest else {
            throw Refusal(
                .conflict,
                """
                The run names \(run.dataDigest.short) as the bytes of "\(run.data)", \
                which are \(digest.short). Start it again.
                """
            )
        }
    }

    fileprivate func hasAlert(_ id: String) throws -> Bool {
        try connection.first("SELECT 1 FROM alerts WHERE id = $1", .text(id)) { _ in true }
            ?? false
    }

    /// Moves the run of a recovered job along with it.
    fileprivate mutating func recoverRun(of job: Job) throws {
        let found = try connection.first(
            "SELECT body FROM runs WHERE job = $1 AND status = 'running'",
            .id(job.id)
        ) { try $0.body(Run.self) }
        guard var run = found else { return }
        let before = run.status
        guard case .failed(_, let reason) = job.status else {
            try run.requeue()
            try update(run, from: before)
            try record(
                "run.requeued",
                .run(run.id),
                "\(run.id) of \(run.model) was queued again: its engine stopped while it ran."
            )
            return
        }
        try run.finish(
            .failed(at: at, reason: reason),
            record: nil,
            report: nil,
            artifacts: [:]
        )
        try update(run, from: before)
        try record("run.failed", .run(run.id), "\(run.id) of \(run.model) failed: \(reason)")
    }
}

/// A conditional update found the thing in another state than it was read in.
func movedMeanwhile(_ noun: String, _ id: String, _ state: String) -> Refusal {
    Refusal(
        .conflict,
        "The \(noun) \"\(id)\" was \(state) and has moved on meanwhile. Look again and retry."
    )
}
