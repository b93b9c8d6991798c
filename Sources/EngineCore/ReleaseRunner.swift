import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Logging
import Storage
import Subprocess
import SystemPackage

/// Works through the steps of releases, one at a time; every step is a job with a log.
///
/// A step can be done again at any time: what it makes depends only on the version.
actor ReleaseRunner {
    private let store: Store
    private let events: EventHub
    private let settings: EngineSettings
    private let supervisor: DeploymentSupervisor
    private let log: Logger
    private var requestApproval: (@Sendable (ModelVersion) async throws -> ReleaseOutcome)?
    private var working: Task<Void, Never>?
    private var isKicked = false
    private var isStopping = false

    /// How long a deployment may take to answer with a new version, in seconds.
    private static let servingSeconds: Double = 60
    /// How long a measurement may take, in seconds.
    private static let profileSeconds: Double = 120
    /// Most models that are taken up at the start.
    private static let startLimit = 100

    init(
        store: Store,
        events: EventHub,
        settings: EngineSettings,
        supervisor: DeploymentSupervisor,
        log: Logger
    ) {
        self.store = store
        self.events = events
        self.settings = settings
        self.supervisor = supervisor
        self.log = log
    }

    func connect(
        requestApproval: @escaping @Sendable (ModelVersion) async throws -> ReleaseOutcome
    ) {
        self.requestApproval = requestApproval
    }

    /// Takes up what was left, and versions that were registered when their engine died.
    func start() async throws {
        guard settings.runsReleaseSteps else { return }
        for version in try await store.versionsWithoutSteps(limit: Self.startLimit) {
            try await open(ReleaseStage.afterRegistration, of: version.model, version.number)
        }
        kick()
    }

    func stop() async {
        isStopping = true
        working?.cancel()
        await working?.value
    }

    @discardableResult
    func open(
        _ stages: [ReleaseStage],
        of model: String,
        _ version: Int,
        place: String = "",
        by actor: Actor = .engine
    ) async throws -> [ReleaseStep] {
        guard settings.runsReleaseSteps else { return [] }
        let committed = try await store.openReleaseSteps(
            stages,
            of: model,
            version: version,
            place: place,
            by: actor,
            at: settings.now()
        )
        events.publish(committed.events)
        kick()
        return committed.value
    }

    private func kick() {
        isKicked = true
        guard working == nil, !isStopping else { return }
        working = Task { await workThroughQueue() }
    }

    private func workThroughQueue() async {
        while !isStopping {
            isKicked = false
            do {
                if let step = try await store.nextReleaseStep() {
                    try await work(on: step)
                } else if !isKicked {
                    break
                }
            } catch {
                log.error("A step of a release stopped: \(error)")
                break
            }
        }
        working = nil
    }

    private func work(on step: ReleaseStep) async throws {
        let started = try await store.startReleaseStep(step.job, at: settings.now())
        events.publish(started.events)
        note("\(settings.now()) \(step.title), attempt \(started.value.attempts)", step)
        let outcome: Result<ReleaseOutcome, Refusal>
        do {
            outcome = .success(try await perform(step))
        } catch {
            // The next engine does it again.
            if isStopping { return }
            outcome = .failure(error as? Refusal ?? Refusal(.fault, "\(error)"))
        }
        switch outcome {
        case .success(let found): note("done: \(found.sentence)", step)
        case .failure(let refusal): note("failed: \(refusal.message)", step)
        }
        let committed = try await store.finishReleaseStep(step, outcome, at: settings.now())
        events.publish(committed.events)
        if case .failure(let refusal) = outcome { try await alert(step, refusal) }
    }

    private func note(_ line: String, _ step: ReleaseStep) {
        let path = "\(settings.home)/jobs/\(step.job).log"
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        let bytes = Array((line + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
        let lines = readLog(at: path, from: 0, limit: 0).totalLines
        events.publish(.logged(job: step.job, lines: lines))
    }

    private func alert(_ step: ReleaseStep, _ refusal: Refusal) async throws {
        let now = settings.now()
        let committed = try await store.openAlert(
            AlertDraft(
                rule: .failure,
                severity: .warning,
                model: step.model,
                subject: step.job.text,
                owner: try await store.owner(of: step.model) ?? "",
                startedAt: now,
                dataTime: now,
                message: "The step \(step.title) failed. \(refusal.message)",
                status: .firing
            )
        )
        events.publish(committed.events)
    }

    // MARK: - Steps

    private func perform(_ step: ReleaseStep) async throws -> ReleaseOutcome {
        let version = try await store.modelVersion(model: step.model, number: step.version)
        switch step.stage {
        case .check: return try await check(version, step)
        case .package:
            let bytes = try packageBytes(of: version, from: store.blobs)
            let digest = try store.blobs.put(bytes)
            return ReleaseOutcome(
                "packed \(version.artifacts.count) artifacts, \(bytes.count) bytes, \(digest.text)",
                digest: digest,
                bytes: bytes.count
            )
        case .profile: return try await profile(version, step)
        case .request:
            guard let requestApproval else {
                throw Refusal(.unavailable, "The engine has not started yet.")
            }
            return try await requestApproval(version)
        case .deploy: return try await awaitServing(version, step)
        case .verify: return try await verify(version, step)
        }
    }

    private func check(
        _ version: ModelVersion,
        _ step: ReleaseStep
    ) async throws -> ReleaseOutcome {
        for (name, digest) in version.artifacts.sorted(by: { $0.key < $1.key }) {
            try store.blobs.verify(digest)
            note("\(name) \(digest.text): read back and verified", step)
        }
        note("gate: \(version.report.verdict.words)", step)
        let run = try await store.run(version.run)
        var red = 0
        for environment in run.pipeline.environments {
            let policy =
                try await store.policy(of: version.model, in: environment.name)?.policy
                ?? environment
            let now = settings.now()
            for result in try await store.releaseChecks(policy, for: version, at: now) {
                let words = result.problem ?? "green"
                note("\(environment.name), \(result.check.rawValue): \(words)", step)
                if result.problem != nil { red += 1 }
            }
        }
        let checks = red == 0 ? "no check of a policy is red" : "\(red) checks of policies are red"
        return ReleaseOutcome("\(version.artifacts.count) artifacts verified, \(checks)")
    }

    private func profile(
        _ version: ModelVersion,
        _ step: ReleaseStep
    ) async throws -> ReleaseOutcome {
        let folder = "\(settings.home)/staging/\(step.job)"
        removeTree(folder)
        try createFolder(folder)
        defer { removeTree(folder) }
        let plan = DeploymentPlan(
            deployment: ID("profile"),
            model: version.model,
            environment: "",
            revision: 0,
            version: version.number,
            bundleDigest: version.bundleDigest,
            artifacts: version.artifacts.mapValues {
                DeploymentPlan.File(path: store.blobs.path(of: $0), digest: $0)
            },
            port: 0
        )
        let planPath = folder + "/plan.json"
        try Data(try canonicalJSON(plan)).write(to: URL(filePath: planPath))
        try await measure(planPath, into: folder + "/profile.json", step)
        guard let bytes = readBytes(at: folder + "/profile.json"),
            let found = try? JSONDecoder().decode(ModelProfile.self, from: Data(bytes))
        else {
            throw Refusal(
                .fault,
                "The measurement of \"\(version.id)\" gave no answer. Its log is that of \(step.job)."
            )
        }
        return ReleaseOutcome(found.sentence, profile: found)
    }

    /// Runs the measurement in a process of its own: what crashes there leaves the engine alone.
    private func measure(_ plan: String, into result: String, _ step: ReleaseStep) async throws {
        let logPath = "\(settings.home)/jobs/\(step.job).log"
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        let output = Glibc.open(result, flags | O_TRUNC, 0o600)
        let errors = Glibc.open(logPath, flags, 0o600)
        defer { for one in [output, errors] where one >= 0 { Glibc.close(one) } }
        guard output >= 0, errors >= 0 else {
            throw Refusal(.unavailable, "\"\(logPath)\" cannot be opened. Check the folder.")
        }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let executable = settings.executable
        let running = Task {
            try await run(
                .path(FilePath(executable)),
                arguments: ["profile-worker", plan],
                platformOptions: options,
                input: .none,
                output: .fileDescriptor(
                    FileDescriptor(rawValue: output),
                    closeAfterSpawningProcess: false
                ),
                error: .fileDescriptor(
                    FileDescriptor(rawValue: errors),
                    closeAfterSpawningProcess: false
                )
            ).terminationStatus
        }
        let limit = Task {
            try await Task.sleep(for: .seconds(Self.profileSeconds))
            running.cancel()
        }
        defer { limit.cancel() }
        let status = try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            running.cancel()
        }
        guard status == .exited(0) else {
            throw Refusal(.fault, "The measurement ended with \(status). Look at the step's log.")
        }
    }

    /// The deployment and the revision that a step's place names; nil once another order replaced it.
    private func current(_ step: ReleaseStep) async throws -> Deployment? {
        let parts = step.place.components(separatedBy: " #")
        let deployment = try await store.deployment(ID(parts[0]))
        return parts.count == 2 && Int(parts[1]) == deployment.current.number ? deployment : nil
    }

    private func awaitServing(
        _ version: ModelVersion,
        _ step: ReleaseStep
    ) async throws -> ReleaseOutcome {
        guard let deployment = try await current(step) else {
            return ReleaseOutcome("another order replaced it")
        }
        guard settings.servesDeployments else { return ReleaseOutcome("recorded; nothing serves") }
        let (supervisor, digest, id) = (supervisor, version.bundleDigest, deployment.id)
        let isServing = await withTaskCancellationHandler {
            await supervisor.waitUntilServing(digest, in: id, seconds: Self.servingSeconds)
        } onCancel: {
            Task { await supervisor.giveUp(id, digest) }
        }
        try Task.checkCancellation()
        if isServing { return ReleaseOutcome("\(deployment.id) answers with \(version.label)") }
        guard try await current(step) != nil else {
            return ReleaseOutcome("another order replaced it")
        }
        let problem = await supervisor.health(of: deployment).problem
        throw Refusal(
            .unavailable,
            "\(deployment.id) does not answer with \(version.label). \(problem ?? "")"
        )
    }

    private func verify(
        _ version: ModelVersion,
        _ step: ReleaseStep
    ) async throws -> ReleaseOutcome {
        guard let deployment = try await current(step) else {
            return ReleaseOutcome("another order replaced it")
        }
        let approval = try await store.approval(deployment.current.approval)
        guard approval.hasDeployed(bundle: version.bundleDigest, in: deployment.environment) else {
            throw Refusal(
                .forbidden,
                "The approval \"\(approval.id)\" does not name the bytes of \"\(version.id)\"."
            )
        }
        note("\(approval.id) names \(version.bundleDigest.text)", step)
        for digest in version.artifacts.values { try store.blobs.verify(digest) }
        guard settings.servesDeployments else {
            return ReleaseOutcome("recorded and approved; nothing serves")
        }
        let health = await supervisor.health(of: deployment)
        guard health.servingDigest == version.bundleDigest else {
            throw Refusal(
                .corrupt,
                "\(deployment.id) answers with other bytes than were approved. Roll it back."
            )
        }
        return ReleaseOutcome("what answers on port \(health.port) is what was approved")
    }
}

extension ModelProfile {
    /// Such as `p50 0.012 ms, p95 0.020 ms a row; 14 MB; 61 kB of artifacts`.
    var sentence: String {
        """
        p50 \(decimals(latencyMedianMilliseconds, 3)) ms, p95 \
        \(decimals(latency95Milliseconds, 3)) ms a row over \(rounds) rows; loaded in \
        \(decimals(loadMilliseconds, 0)) ms; \(decimals(Double(peakMemoryBytes) / 1e6, 1)) MB of \
        memory; \(decimals(Double(artifactBytes) / 1e3, 1)) kB of artifacts
        """
    }
}
