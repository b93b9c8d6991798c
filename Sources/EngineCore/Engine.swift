import Attestation
package import Domain
package import EngineAPI
import FoundationEssentials
import Glibc
package import Logging
import Storage
import Synchronization

/// Where an engine lives and what it calls.
package struct EngineSettings: Sendable {
    /// The home folder: store, blobs, logs, socket.
    package var home: String
    /// The program that has the `train-worker` and `score` subcommands.
    package var executable: String
    /// The clock; tests bring their own.
    package var now: @Sendable () -> Timestamp
    /// Whether deployments get a scoring process; tests of other things say no.
    package var servesDeployments: Bool
    package var access: AccessRules
    /// Whether versions go through the steps of a release by themselves.
    package var runsReleaseSteps = false
    /// Who can be told of alerts.
    package var receivers: [Receiver] = []

    package init(
        home: String,
        executable: String,
        now: @escaping @Sendable () -> Timestamp,
        servesDeployments: Bool = true,
        access: AccessRules = .singleUser(owner: getuid())
    ) {
        self.home = home
        self.executable = executable
        self.now = now
        self.servesDeployments = servesDeployments
        self.access = access
    }
}

/// The one owner of state: everything that changes it passes here.
///
/// The engine itself holds no mutable state. The store has what is recorded; the three actors
/// have what runs: the trainer its queue, the supervisor its processes, the monitor its windows.
package final class Engine: Sendable {
    package static let version = "0.1.0"

    let settings: EngineSettings
    let store: Store
    let events: EventHub
    let trainer: TrainingRunner
    let supervisor: DeploymentSupervisor
    let monitor: Monitor
    let notifier: Notifier
    let releases: ReleaseRunner
    let logWatch: LogWatch
    /// Signs what the engine says of versions and runs.
    let statementSigner: StatementSigner
    let log: Logger
    let startedAt: Timestamp
    /// What happens by the clock alone: holds that end, hours that open, what is to be recertified.
    private let clockwork = Mutex<Task<Void, Never>?>(nil)
    /// The newest look at what is due: the next one waits for it.
    let dueWork = Mutex<Task<Void, Never>?>(nil)
    private let stopRequests: AsyncStream<Void>
    private let stopRequest: AsyncStream<Void>.Continuation

    /// Opens the home's store, or creates it; `start()` then takes up what was left open.
    package init(settings: EngineSettings, log: Logger) throws {
        self.settings = settings
        self.log = log
        startedAt = settings.now()
        // What trainings of an engine that was killed have left; none of them goes on.
        removeTree(settings.home + "/staging")
        for folder in ["jobs", "deployments", "staging"] {
            try createFolder(settings.home + "/" + folder)
        }
        let keyFiles = KeyFiles(home: settings.home)
        let keys = try keyFiles.logKeys(host: hostName())
        statementSigner = try keyFiles.statementSigner()
        store = try Store(folder: settings.home, now: startedAt, keys: keys)
        events = EventHub()
        logWatch = LogWatch(
            store: store,
            events: events,
            settings: settings,
            keys: keys,
            log: log
        )
        trainer = TrainingRunner(store: store, events: events, settings: settings, log: log)
        supervisor = DeploymentSupervisor(
            store: store,
            events: events,
            settings: settings,
            log: log
        )
        monitor = Monitor(store: store, events: events, settings: settings, log: log)
        notifier = Notifier(store: store, events: events, settings: settings, log: log)
        releases = ReleaseRunner(
            store: store,
            events: events,
            settings: settings,
            supervisor: supervisor,
            log: log
        )
        (stopRequests, stopRequest) = AsyncStream.makeStream(of: Void.self)
    }

    /// Takes up what an engine before this one left: jobs, approved releases, deployments.
    package func start() async throws {
        // Before this engine's first event, which would be signed over what is found.
        try await logWatch.start()
        try await notifier.start()
        let recovered = try await store.recoverInterrupted(at: settings.now())
        events.publish(recovered.events)
        try await trainer.alertOwners(of: recovered.value)
        try await expireRequests()
        await monitor.connect(startRetraining: { [weak self] model, cause in
            await self?.retrain(model, cause: cause) ?? false
        })
        await supervisor.connect(processEnded: { [weak self] health, id in
            guard let self, let found = try? await store.deployment(id) else { return }
            await monitor.watch(health, of: found)
        })
        await trainer.connect(
            afterRun: { [weak self] run in await self?.release(after: run) },
            approvalDraft: { [weak self] version, environment, run, record in
                guard let self else { throw Refusal(.unavailable, "The engine has stopped.") }
                // Else the last of its steps asks, with what the others found.
                guard !settings.runsReleaseSteps else { return nil }
                var run = run
                run.record = record
                return try await self.approvalDraft(
                    for: version,
                    of: run,
                    environment: environment,
                    requester: run.actor
                )
            }
        )
        await releases.connect(requestApproval: { [weak self] version in
            guard let self else { throw Refusal(.unavailable, "The engine has stopped.") }
            return try await self.requestApproval(of: version)
        })
        try await supervisor.start()
        await deployWhatIsApproved()
        try await releases.start()
        await trainer.kick()
        clockwork.withLock { $0 = Task { await keepTime() } }
    }

    /// Ends the requests whose time is over; done wherever requests are read or decided.
    func expireRequests() async throws {
        let expired = try await store.expireApprovals(at: settings.now())
        events.publish(expired.events)
    }

    /// Waits until a caller or a signal asks the engine to stop.
    package func waitForStop() async {
        for await _ in stopRequests { return }
    }

    package func requestStop() {
        stopRequest.yield()
    }

    /// Stops jobs and scoring processes and closes the store.
    package func stop() async {
        clockwork.withLock { $0 }?.cancel()
        await notifier.stop()
        await trainer.stop()
        await releases.stop()
        await supervisor.stop()
        await logWatch.stop()
        events.close()
        await store.close()
    }

    /// A connection whose requests are recorded as this caller's, with the roles they have now.
    package func connection(for caller: Caller) -> any EngineConnection {
        let groups = caller.actor.uid.map { groupNames(of: $0) } ?? []
        let principal = Principal(
            actor: caller.actor,
            groups: groups,
            roles: settings.access.roles(of: caller.actor, groups: groups),
            isSingleUserHome: settings.access.isSingleUser
        )
        return InProcessConnection(
            engine: self,
            caller: Caller(
                actor: caller.actor,
                client: caller.client,
                roles: Set(principal.roles)
            ),
            principal: principal
        )
    }
}

/// A connection to an engine in the same process.
struct InProcessConnection: EngineConnection {
    let engine: Engine
    let caller: Caller
    let principal: Principal

    /// The one place where permissions are checked: every request of every client passes here.
    func send<Request: EngineRequest>(_ request: Request) async throws -> Request.Answer {
        if let refusal = principal.obstacle(to: Request.name, Request.permission) {
            throw refusal
        }
        guard let handled = request as? any EngineHandled else {
            throw Refusal(.invalid, "The engine does not know the request \"\(Request.name)\".")
        }
        let answer = try await open(handled)
        guard let typed = answer as? Request.Answer else {
            throw Refusal(.fault, "The request \"\(Request.name)\" got an answer of another kind.")
        }
        return typed
    }

    private func open<Handled: EngineHandled>(_ request: Handled) async throws -> any Sendable {
        do {
            if let date = (request as? any LookingBack)?.asOf {
                try requirePassed(date, by: engine.settings.now())
            }
            return try await request.answer(in: engine, for: caller)
        } catch let refusal as Refusal {
            engine.log.log(
                level: level(of: refusal),
                "\(Handled.name) of \(caller.actor) refused: \(refusal.message)"
            )
            throw refusal
        } catch {
            engine.log.error("\(Handled.name): \(error)")
            throw Refusal(.fault, "\(Handled.name) failed: \(error)")
        }
    }

    /// What the operator must mend is an error, what a caller asked for wrongly is for the record.
    private func level(of refusal: Refusal) -> Logger.Level {
        switch refusal.kind {
        case .fault, .corrupt, .unavailable: .error
        case .forbidden: .warning
        case .invalid, .notFound, .conflict: .info
        }
    }

    func events(after sequence: Int64?) async throws -> AsyncStream<EngineEvent> {
        if let refusal = principal.obstacle(to: "events", .view) { throw refusal }
        return try await engine.events.watch(after: sequence, in: engine.store)
    }
}

/// A request this engine answers; each request's handler is one extension.
package protocol EngineHandled: EngineRequest {
    func answer(in engine: Engine, for caller: Caller) async throws -> Answer
}

/// Refuses to look at a moment that nobody has seen.
func requirePassed(_ date: Timestamp, by now: Timestamp) throws(Refusal) {
    guard date > now else { return }
    throw Refusal(
        .invalid,
        "\(date) has not come yet. Name a moment that has passed, such as yesterday's noon."
    )
}

/// Creates a folder only its owner can enter, with its parents.
func createFolder(_ path: String) throws {
    do {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    } catch {
        throw Refusal(
            .unavailable,
            "The folder \"\(path)\" cannot be made: \(error). Choose another with BINNACLE_HOME."
        )
    }
}
