/// Why something started.
package enum Trigger: String, Codable, Sendable, CaseIterable {
    case manual, schedule, data, alert, api
}

package enum RunStatus: Codable, Sendable, Equatable {
    case queued
    case running(since: Timestamp)
    /// Trained and judged better: a model version was made.
    case registered(at: Timestamp, version: Int)
    /// Trained and judged not better, or refused by the gate: kept for investigation.
    case refused(at: Timestamp, reasons: [String])
    case failed(at: Timestamp, reason: String)
    case cancelled(at: Timestamp)

    /// One word for tables and filters.
    package var name: String {
        switch self {
        case .queued: "queued"
        case .running: "running"
        case .registered: "registered"
        case .refused: "refused"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }

    package var isOpen: Bool { name == "queued" || name == "running" }

    package var endedAt: Timestamp? {
        switch self {
        case .queued, .running: nil
        case .registered(let at, _), .refused(let at, _), .failed(let at, _), .cancelled(let at): at
        }
    }
}

/// Which code a run used: the project folder's git commit and whether it had local changes.
package struct CodeVersion: Codable, Sendable, Equatable {
    package let commit: String?
    /// SHA-256 of the stored diff; nil when the folder had no local changes.
    package let dirtyDiff: Digest?

    package init(commit: String?, dirtyDiff: Digest?) {
        self.commit = commit
        self.dirtyDiff = dirtyDiff
    }
}

/// How training was done: enough to run it again.
package struct TrainingRecord: Codable, Sendable, Equatable {
    package var trainerVersion: String
    package var host: String
    package var rowsRead: Int
    package var trainingRows: Int
    package var holdoutRows: Int
    package var rounds: Int
    package var bestRound: Int?
    package var cleaning: [CleaningCount]
    package var prepareSeconds: Double
    package var trainSeconds: Double
    package var peakMemoryBytes: Int

    package init(
        trainerVersion: String,
        host: String,
        rowsRead: Int,
        trainingRows: Int,
        holdoutRows: Int,
        rounds: Int,
        bestRound: Int?,
        cleaning: [CleaningCount],
        prepareSeconds: Double,
        trainSeconds: Double,
        peakMemoryBytes: Int
    ) {
        self.trainerVersion = trainerVersion
        self.host = host
        self.rowsRead = rowsRead
        self.trainingRows = trainingRows
        self.holdoutRows = holdoutRows
        self.rounds = rounds
        self.bestRound = bestRound
        self.cleaning = cleaning
        self.prepareSeconds = prepareSeconds
        self.trainSeconds = trainSeconds
        self.peakMemoryBytes = peakMemoryBytes
    }
}

/// One attempt to train a model: everything it took and everything it gave.
package struct Run: Codable, Sendable, Equatable, Identifiable {
    package let id: ID<Run>
    package let model: String
    /// The largest part by far.
    @Boxed package var pipeline: Pipeline
    /// SHA-256 of the pipeline file's bytes.
    package let pipelineDigest: Digest
    package let project: String?
    package let code: CodeVersion
    package let data: ID<DatasetVersion>
    package let dataDigest: Digest
    package let trigger: Trigger
    /// What set it off, such as the alert's id or the user's words.
    package let cause: String
    package let job: ID<Job>
    package let createdAt: Timestamp
    package let actor: Actor
    package var status: RunStatus
    package var record: TrainingRecord?
    package var report: ValidationReport?
    /// Digests of what the run produced, by artifact name.
    package var artifacts: [String: Digest]

    package init(
        id: ID<Run>,
        model: String,
        pipeline: Pipeline,
        pipelineDigest: Digest,
        project: String?,
        code: CodeVersion,
        data: ID<DatasetVersion>,
        dataDigest: Digest,
        trigger: Trigger,
        cause: String,
        job: ID<Job>,
        createdAt: Timestamp,
        actor: Actor
    ) {
        self.id = id
        self.model = model
        _pipeline = Boxed(wrappedValue: pipeline)
        self.pipelineDigest = pipelineDigest
        self.project = project
        self.code = code
        self.data = data
        self.dataDigest = dataDigest
        self.trigger = trigger
        self.cause = cause
        self.job = job
        self.createdAt = createdAt
        self.actor = actor
        status = .queued
        artifacts = [:]
    }

    package mutating func start(at date: Timestamp) throws(Refusal) {
        guard status == .queued else { throw refusal("start") }
        status = .running(since: date)
    }

    /// Puts a run that lost its engine back in the queue.
    package mutating func requeue() throws(Refusal) {
        guard case .running = status else { throw refusal("be queued again") }
        status = .queued
    }

    package mutating func finish(
        _ outcome: RunStatus,
        record: TrainingRecord?,
        report: ValidationReport?,
        artifacts: [String: Digest]
    ) throws(Refusal) {
        guard status.isOpen, !outcome.isOpen else { throw refusal("finish as \(outcome.name)") }
        status = outcome
        self.record = record
        self.report = report
        self.artifacts = artifacts
    }

    private func refusal(_ verb: String) -> Refusal {
        Refusal(.conflict, "The run \"\(id)\" is \(status.name), so it cannot \(verb).")
    }
}

extension Run {
    /// The run as a list shows it.
    package var withoutSlices: Run {
        var run = self
        run.report?.slices = nil
        return run
    }

    /// The same runs; those of one pipeline share its one copy.
    package static func sharingPipelines(_ runs: [Run]) -> [Run] {
        var known: [Digest: Boxed<Pipeline>] = [:]
        return runs.map { run in
            var run = run
            if let pipeline = known[run.pipelineDigest] {
                run._pipeline = pipeline
            } else {
                known[run.pipelineDigest] = run._pipeline
            }
            return run
        }
    }
}
