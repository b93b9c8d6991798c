import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Logging
import Monitoring
import Storage
import Training

/// Works through queued runs, one at a time: child process, judgement, registration.
actor TrainingRunner {
    private let store: Store
    private let events: EventHub
    private let settings: EngineSettings
    private let log: Logger
    private var afterRun: (@Sendable (Run) async -> Void)?
    private var approvalDraft:
        (
            @Sendable (ModelVersion, EnvironmentPolicy, Run, TrainingRecord) async throws ->
                ApprovalDraft?
        )?
    private var working: Task<Void, Never>?
    private var current: Work?
    /// Whether something may have been queued since the queue was last looked at.
    private var isKicked = false
    private var isStopping = false

    /// The job that is worked on, from before its start is recorded until its end is.
    private struct Work {
        let job: ID<Job>
        /// The child process; nil before it starts.
        var task: Task<TrainingResult, any Error>?
        /// Who asked for its end.
        var cancelledBy: Actor?
    }

    init(store: Store, events: EventHub, settings: EngineSettings, log: Logger) {
        self.store = store
        self.events = events
        self.settings = settings
        self.log = log
    }

    func connect(
        afterRun: @escaping @Sendable (Run) async -> Void,
        approvalDraft:
            @escaping @Sendable (
                ModelVersion, EnvironmentPolicy, Run, TrainingRecord
            ) async throws -> ApprovalDraft?
    ) {
        self.afterRun = afterRun
        self.approvalDraft = approvalDraft
    }

    nonisolated func logPath(of job: ID<Job>) -> String {
        "\(settings.home)/jobs/\(job).log"
    }

    /// Looks at the queue, unless it is being worked through already.
    func kick() {
        isKicked = true
        guard working == nil, !isStopping else { return }
        working = Task { await workThroughQueue() }
    }

    /// Cancels a queued or running job; a running one's whole process group is killed.
    func cancel(_ job: ID<Job>, by actor: Actor) async throws {
        if cancelWork(on: job, by: actor) { return }
        let run = try await store.run(of: job)
        // It may have been started while the run was read.
        if cancelWork(on: job, by: actor) { return }
        guard let run, run.status == .queued else { return }
        let committed = try await store.completeRun(
            run.id,
            .cancelled,
            by: actor,
            at: settings.now()
        )
        events.publish(committed.events)
        _ = cancelWork(on: job, by: actor)
    }

    /// Cancels the job if it is the one that is worked on.
    private func cancelWork(on job: ID<Job>, by actor: Actor) -> Bool {
        guard current?.job == job else { return false }
        current?.cancelledBy = actor
        current?.task?.cancel()
        return true
    }

    /// Kills the running child; its job is queued again when the next engine starts.
    func stop() async {
        isStopping = true
        current?.task?.cancel()
        await working?.value
    }

    private func workThroughQueue() async {
        var failed: ID<Run>?
        while !isStopping {
            isKicked = false
            var run: Run?
            do {
                run = try await store.nextQueuedRun()
                if let run { try await work(on: run) }
            } catch {
                log.error("Work on \(run?.id.text ?? "the queue of runs") stopped: \(error)")
                // Such as a run cancelled at its start: the next one is looked at, but the same one
                // does not fail twice in a row.
                guard let run, run.id != failed else { break }
                failed = run.id
                continue
            }
            if run == nil && !isKicked { break }
        }
        working = nil
    }

    private func work(on queued: Run) async throws {
        current = Work(job: queued.job)
        defer { current = nil }
        let started = try await store.startRun(queued.id, at: settings.now())
        events.publish(started.events)
        let run = started.value
        let folder = "\(settings.home)/staging/\(run.id)"
        removeTree(folder)
        defer { removeTree(folder) }
        do {
            let completion = try await train(run, in: folder)
            if isStopping { return }
            try await complete(run, current?.cancelledBy == nil ? completion : .cancelled)
        } catch is CancellationError {
            if isStopping { return }
            try await complete(run, .cancelled)
        } catch {
            if isStopping { return }
            let reason = (error as? Refusal)?.message ?? "\(error)"
            try await complete(run, .failed(reason: reason, alert: failureAlert(run, reason)))
        }
    }

    private func complete(_ run: Run, _ completion: RunCompletion) async throws {
        var actor = Actor.engine
        if case .cancelled = completion, let asker = current?.cancelledBy { actor = asker }
        let committed = try await store.completeRun(
            run.id,
            completion,
            by: actor,
            at: settings.now()
        )
        events.publish(committed.events)
        await afterRun?(committed.value)
    }

    // MARK: - One run

    private func train(_ run: Run, in folder: String) async throws -> RunCompletion {
        let data = try await store.datasetVersion(run.data)
        try store.blobs.verify(data.digest)
        try createFolder(folder)
        let champion = try await champion(of: run.model)
        let process = TrainingProcess(
            executable: settings.executable,
            plan: TrainingPlan(
                data: TrainingPlan.Data(
                    path: store.blobs.path(of: data.digest),
                    format: data.format,
                    schema: data.schema,
                    digest: data.digest
                ),
                pipeline: run.pipeline,
                champion: champion?.plan,
                outputFolder: folder,
                projectFolder: run.project
            ),
            logPath: logPath(of: run.job)
        )
        let job = run.job
        if isStopping || current?.cancelledBy != nil { throw CancellationError() }
        let task = Task { try await process.run { await self.note($0, of: job) } }
        current?.task = task
        return try await judge(run, try await result(of: task, for: run), in: folder)
    }

    /// What the child leaves, if it ends within the time its pipeline allows.
    private func result(
        of task: Task<TrainingResult, any Error>,
        for run: Run
    ) async throws -> TrainingResult {
        guard let limit = run.pipeline.training.timeLimitSeconds else {
            return try await task.value
        }
        let overdue = Task {
            guard (try? await Task.sleep(for: .seconds(limit))) != nil else { return false }
            task.cancel()
            return true
        }
        defer { overdue.cancel() }
        do {
            return try await task.value
        } catch let error as CancellationError {
            overdue.cancel()
            guard await overdue.value, current?.cancelledBy == nil else { throw error }
            throw Refusal(
                .unavailable,
                "The trainer was ended because it took longer than \(Int(limit)) seconds. "
                    + "\"train.time_limit\" in \"binnacle.yaml\" allows more."
            )
        }
    }

    /// The version a candidate must beat: the one that serves, else the newest registered one.
    private func champion(
        of model: String
    ) async throws -> (version: ModelVersion, plan: TrainingPlan.Champion)? {
        var found = try await store.champion(of: model)
        if found == nil {
            found = try await store.modelVersions(of: model).max { $0.number < $1.number }
        }
        guard let version = found, let digest = version.artifacts[ArtifactName.model] else {
            return nil
        }
        try store.blobs.verify(digest)
        let plan = TrainingPlan.Champion(
            version: version.number,
            modelPath: store.blobs.path(of: digest),
            signature: version.signature
        )
        return (version, plan)
    }

    private func note(_ progress: JobProgress, of job: ID<Job>) async {
        do {
            try await store.saveProgress(progress, of: job)
        } catch {
            log.debug("progress of \(job) not saved: \(error)")
        }
        events.publish(.progress(job: job, progress: progress))
        let lines = readLog(at: logPath(of: job), from: 0, limit: 0).totalLines
        events.publish(.logged(job: job, lines: lines))
    }

    /// Judges the candidate and says what becomes of the run.
    private func judge(
        _ run: Run,
        _ result: TrainingResult,
        in folder: String
    ) async throws -> RunCompletion {
        let scores = try HoldoutScores(fileAt: folder + "/" + result.holdoutFile)
        let policy = run.pipeline.validation
        let seed = run.pipeline.training.seed
        let report = try await onOwnThread {
            ValidationReport(judging: Holdout(scores), policy: policy, seed: seed)
        }
        var artifacts: [String: Digest] = [:]
        for (name, file) in result.artifacts {
            artifacts[name] = try store.blobs.put(fileAt: folder + "/" + file)
        }
        artifacts[ArtifactName.report] = try store.blobs.put(try canonicalJSON(report))
        artifacts[ArtifactName.pipeline] = run.pipelineDigest
        guard report.verdict == .better else {
            return .refused(
                record: result.record,
                report: report,
                artifacts: artifacts,
                alert: refusalAlert(run, report)
            )
        }
        return try await registration(run, result, report, artifacts)
    }

    private func registration(
        _ run: Run,
        _ result: TrainingResult,
        _ report: ValidationReport,
        _ artifacts: [String: Digest]
    ) async throws -> RunCompletion {
        let number = try await store.nextVersionNumber(of: run.model)
        let version = ModelVersion(
            id: ID("\(run.model)/v\(number)"),
            model: run.model,
            number: number,
            run: run.id,
            artifacts: artifacts,
            bundleDigest: sha256(ModelVersion.bundleText(of: artifacts)),
            signature: result.signature,
            report: report,
            createdAt: settings.now(),
            actor: run.actor
        )
        var draft: ApprovalDraft?
        if let environment = run.pipeline.environments.first {
            draft = try await approvalDraft?(version, environment, run, result.record)
        }
        return .registered(version: version, record: result.record, approval: draft)
    }

    // MARK: - Alerts

    /// Tells the owners of recovered jobs which of them were given up.
    func alertOwners(of jobs: [Job]) async throws {
        for job in jobs {
            guard case .failed(_, let reason) = job.status,
                let run = try await store.run(of: job.id)
            else { continue }
            let committed = try await store.openAlert(failureAlert(run, reason))
            events.publish(committed.events)
        }
    }

    private func refusalAlert(_ run: Run, _ report: ValidationReport) -> AlertDraft {
        let reason = report.reasons.first ?? "The gate refused it."
        return alert(
            .refusedCandidate,
            run,
            "The candidate of \(run.id) is \(report.verdict.words). \(reason)"
        )
    }

    private func failureAlert(_ run: Run, _ reason: String) -> AlertDraft {
        alert(.failure, run, "The run \(run.id) failed. \(reason)")
    }

    private func alert(_ rule: AlertRule, _ run: Run, _ message: String) -> AlertDraft {
        AlertDraft(
            rule: rule,
            severity: .warning,
            model: run.model,
            subject: run.id.text,
            owner: run.pipeline.owner,
            startedAt: settings.now(),
            dataTime: settings.now(),
            message: message,
            status: .firing
        )
    }
}

extension Holdout {
    /// What the training child left, as the gate reads it.
    init(_ scores: HoldoutScores) {
        var champion: Champion?
        if let version = scores.championVersion, let values = scores.champion {
            champion = Champion(version: version, scores: values)
        }
        self.init(
            labels: scores.labels,
            candidate: scores.candidate,
            champion: champion,
            training: Training(labels: scores.trainingLabels, scores: scores.trainingScores),
            start: scores.start,
            end: scores.end,
            slices: scores.slices.flatMap { column in
                column.values.indices.map { code in
                    Slice(
                        column: column.column,
                        value: column.values[code],
                        rows: column.codes.indices.filter { column.codes[$0] == code }
                    )
                }
            }
        )
    }
}

/// Removes a folder and what is in it; a folder that is not there is fine.
func removeTree(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
}
