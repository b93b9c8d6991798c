import Dispatch
import Domain
import EngineAPI
import Glibc
import Logging
import Storage
import Subprocess
import SystemPackage

/// Keeps one scoring process alive for every deployment and knows what each last said of itself.
///
/// A scoring process outlives the engine and holds a file lock while it lives. The supervisor
/// waits for that lock before it starts a process, so an engine that was killed and started
/// again finds the old process still serving and starts no second one.
actor DeploymentSupervisor {
    /// Seconds before a process that ended is started again; the last repeats.
    private static let backOffSeconds: [Double] = [0.1, 0.3, 1, 2, 5]
    /// A process that lived this long starts again at the first back-off.
    private static let settledSeconds: Double = 30
    /// Seconds a process may take to answer what it has taken and to hand its last rows over.
    private static let endingSeconds: Double = 10

    private let store: Store
    private let events: EventHub
    private let settings: EngineSettings
    private let log: Logger
    private var health: [ID<Deployment>: DeploymentHealth] = [:]
    private var guards: [ID<Deployment>: Task<Void, Never>] = [:]
    /// Deployments whose process is this engine's child, not one an earlier engine left.
    private var children: Set<ID<Deployment>> = []
    private var waiters: [(ID<Deployment>, Digest, CheckedContinuation<Void, Never>)] = []
    private var isStopping = false
    /// Told when a process has ended, with what is then known of it.
    private var processEnded: (@Sendable (DeploymentHealth, ID<Deployment>) async -> Void)?

    init(store: Store, events: EventHub, settings: EngineSettings, log: Logger) {
        self.store = store
        self.events = events
        self.settings = settings
        self.log = log
    }

    func connect(
        processEnded: @escaping @Sendable (DeploymentHealth, ID<Deployment>) async -> Void
    ) {
        self.processEnded = processEnded
    }

    func start() async throws {
        for deployment in try await store.deployments() { keep(deployment.id) }
    }

    /// What the deployment's process last said; `starting` before it said anything.
    func health(of deployment: Deployment) -> DeploymentHealth {
        health[deployment.id] ?? DeploymentHealth(state: .starting, port: deployment.port)
    }

    /// Starts guarding a deployment's process; a second call changes nothing.
    func keep(_ deployment: ID<Deployment>) {
        guard settings.servesDeployments, !isStopping, guards[deployment] == nil else { return }
        guards[deployment] = Task { await guardProcess(of: deployment) }
    }

    /// Takes in what a process says of itself, and wakes who waits for that.
    func report(_ report: DeploymentHealth, of id: ID<Deployment>) async throws {
        let known = health[id]
        var report = report
        report.lastSeen = settings.now()
        health[id] = report
        if report.port > 0, known?.port != report.port {
            try await store.setPort(report.port, of: id)
        }
        if known.map({ report.isNews(since: $0) }) ?? true {
            events.publish(.health(deployment: id, health: report))
        }
        wakeWaiters()
    }

    /// Waits until the deployment answers with these bytes; false when the time is over.
    func waitUntilServing(
        _ digest: Digest,
        in id: ID<Deployment>,
        seconds: Double
    ) async -> Bool {
        if isServing(digest, in: id) { return true }
        let timeout = Task {
            try? await Task.sleep(for: .seconds(seconds))
            self.giveUp(id, digest)
        }
        await withCheckedContinuation { waiters.append((id, digest, $0)) }
        timeout.cancel()
        return isServing(digest, in: id)
    }

    /// Asks every process to end, waits until it has, and stops guarding.
    ///
    /// A process is asked once: a second signal would end it in the middle of an answer.
    func stop() async {
        isStopping = true
        let adopted = guards.keys.filter { !children.contains($0) }
        // Cancelled children are asked by their teardown sequence.
        for task in guards.values { task.cancel() }
        for id in adopted { signalHolder(of: id, SIGTERM) }
        let last = Task {
            try await Task.sleep(for: .seconds(Self.endingSeconds))
            for id in adopted { self.signalHolder(of: id, SIGKILL) }
        }
        for task in guards.values { await task.value }
        last.cancel()
    }

    /// Signals the process that holds a deployment's lock, if any does.
    private nonisolated func signalHolder(of id: ID<Deployment>, _ number: Int32) {
        let path = lockPath(of: id)
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return }
        let text = String(decoding: readBytes(at: path) ?? [], as: UTF8.self)
        if let process = pid_t(text.filter(\.isNumber)), process > 1 { kill(process, number) }
    }

    private func isServing(_ digest: Digest, in id: ID<Deployment>) -> Bool {
        health[id].map { $0.state == .ready && $0.servingDigest == digest } ?? false
    }

    private func wakeWaiters() {
        let ready = waiters.filter { isServing($0.1, in: $0.0) }
        waiters.removeAll { isServing($0.1, in: $0.0) }
        for waiter in ready { waiter.2.resume() }
    }

    /// Lets those go on who wait for these bytes, though they do not serve.
    func giveUp(_ id: ID<Deployment>, _ digest: Digest) {
        let late = waiters.filter { $0.0 == id && $0.1 == digest }
        waiters.removeAll { $0.0 == id && $0.1 == digest }
        for waiter in late { waiter.2.resume() }
    }

    // MARK: - One process

    private func guardProcess(of id: ID<Deployment>) async {
        var failures = 0
        while !Task.isCancelled, !isStopping {
            await waitForLock(of: id)
            if Task.isCancelled || isStopping { return }
            noteEndOfAdopted(id)
            let began = settings.now()
            children.insert(id)
            let ending = await runProcess(of: id)
            children.remove(id)
            if Task.isCancelled || isStopping { return }
            if settings.now().seconds(since: began) > Self.settledSeconds { failures = 0 }
            let pause = Self.backOffSeconds[min(failures, Self.backOffSeconds.count - 1)]
            failures += 1
            noteEnd(of: id, ending: ending, failures: failures)
            if let health = health[id] { await processEnded?(health, id) }
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    /// Says that a process an earlier engine had started is gone, if there was one.
    private func noteEndOfAdopted(_ id: ID<Deployment>) {
        guard health[id]?.processID != nil else { return }
        noteEnd(of: id, ending: "has ended", failures: 0)
    }

    private func noteEnd(of id: ID<Deployment>, ending: String, failures: Int) {
        var state = health[id] ?? DeploymentHealth(state: .restarting)
        state.state = failures > Self.backOffSeconds.count ? .failed : .restarting
        state.processID = nil
        state.servingVersion = nil
        state.servingDigest = nil
        state.problem = """
            The scoring process of "\(id)" \(ending). It is started again; its log is \
            "\(logPath(of: id))".
            """
        health[id] = state
        log.warning("\(state.problem ?? "")")
        events.publish(.health(deployment: id, health: state))
    }

    private func logPath(of id: ID<Deployment>) -> String {
        "\(settings.home)/deployments/\(id).log"
    }

    /// The lock a scoring process holds while it lives; the file names the process.
    private nonisolated func lockPath(of id: ID<Deployment>) -> String {
        "\(settings.home)/deployments/\(id).lock"
    }

    /// Returns once no process serves this deployment: blocks on its lock in a thread of its own.
    private func waitForLock(of id: ID<Deployment>) async {
        let path = lockPath(of: id)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue(label: "binnacle.deployment.lock").async {
                let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
                if descriptor >= 0 {
                    while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
                    _ = flock(descriptor, LOCK_UN)
                    Glibc.close(descriptor)
                }
                done.resume()
            }
        }
    }

    /// Runs one process to its end and says how it ended.
    private func runProcess(of id: ID<Deployment>) async -> String {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(allowedDurationToNextStep: .seconds(Self.endingSeconds))
        ]
        let log = Glibc.open(logPath(of: id), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { return "could not start: its log cannot be opened" }
        let output = FileDescriptor(rawValue: log)
        defer { Glibc.close(log) }
        do {
            let result = try await run(
                .path(FilePath(settings.executable)),
                arguments: ["score", "--deployment", id.text, "--home", settings.home],
                platformOptions: options,
                input: .none,
                output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                error: .fileDescriptor(output, closeAfterSpawningProcess: false)
            )
            switch result.terminationStatus {
            case .exited(let code): return "ended with exit code \(code)"
            case .signaled(let signal): return "was killed by signal \(signal)"
            }
        } catch {
            return "could not start: \(error)"
        }
    }
}
