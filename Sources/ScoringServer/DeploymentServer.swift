import Domain
import EngineAPI
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Keeps one deployment served: follows the engine's plan, swaps versions, hands rows over and
/// says how it is.
///
/// The engine may come and go; what is loaded goes on answering.
actor DeploymentServer {
    private let id: ID<Deployment>
    private let connect: @Sendable () async throws -> any EngineConnection
    private let options: ScoringOptions
    private let core: ScoringCore
    private let server: HTTPServer
    private let loader: ModelLoader
    private let loading: NIOThreadPool
    private let drain: CollectorDrain
    private let reports: Wakes
    private var connection: (any EngineConnection)?
    private var health = DeploymentHealth(state: .starting)
    private var reporting: HealthReporting
    private var lastComplaint = ""

    init(
        id: ID<Deployment>,
        connect: @escaping @Sendable () async throws -> any EngineConnection,
        options: ScoringOptions,
        group: MultiThreadedEventLoopGroup,
        loading: NIOThreadPool
    ) {
        self.id = id
        self.connect = connect
        self.options = options
        self.loading = loading
        drain = CollectorDrain(options: options, loop: group.next())
        reports = Wakes()
        let lanes = options.eventLoops + 1
        core = ScoringCore(options: options, collector: drain.collector)
        let largeBodies = LargeBodyScorer(pool: loading, lane: lanes - 1)
        server = HTTPServer(core: core, group: group, largeBodies: largeBodies)
        loader = ModelLoader(lanes: lanes)
        reporting = HealthReporting(
            intervalSeconds: options.reportIntervalSeconds,
            heartbeatSeconds: options.heartbeatSeconds
        )
        health.processID = getpid()
        health.startedAt = currentTime()
    }

    /// Serves until the stream of stops says so or the task is cancelled.
    func run(until stops: AsyncStream<Void>) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.follow()
                return false
            }
            group.addTask {
                await self.report()
                return false
            }
            group.addTask {
                await self.drain.run { try await self.record($0) }
                return false
            }
            group.addTask {
                for await _ in stops { break }
                return true
            }
            defer { group.cancelAll() }
            while let isStop = try await group.next() {
                if isStop { return }
            }
        }
    }

    /// Answers what was taken, hands the last rows over and says goodbye.
    func shutDown() async {
        await server.drain()
        let lost = await drain.flush { try await self.record($0) }
        if lost > 0 {
            options.log(
                "\(lost) collected rows of \"\(id)\" could not be handed to the engine and are lost."
            )
        }
        refreshNumbers()
        health.state = .stopped
        if let connection {
            _ = try? await connection.send(ReportHealth(deployment: id, health: health))
        }
    }

    // MARK: - The engine

    /// Calls the engine, follows its plan, and calls again whenever it went away.
    private func follow() async throws {
        var pause = options.reconnectSeconds.lowerBound
        let began = NIODeadline.now()
        while !Task.isCancelled {
            do {
                let connection = try await connect()
                let events = try await connection.events(after: nil)
                self.connection = connection
                try await obeyPlan()
                pause = options.reconnectSeconds.lowerBound
                lastComplaint = ""
                reporting.forget()
                reports.wake()
                drain.wakes.wake()
                for await event in events where concerns(event) { try await obeyPlan() }
                // The goodbye still needs the connection.
                if Task.isCancelled { return }
                options.log("The engine has gone; \"\(id)\" goes on serving.")
            } catch let refusal as Refusal where refusal.kind == .notFound && health.port == 0 {
                throw refusal
            } catch {
                if Task.isCancelled { return }
                let isPatient =
                    health.port != 0
                    || NIODeadline.now() - began
                        < .nanoseconds(Int64(options.startPatienceSeconds * 1e9))
                guard isPatient else { throw error }
                complain("The engine cannot be asked about \"\(id)\": \(error)")
            }
            connection = nil
            try? await Task.sleep(for: .seconds(pause))
            pause = min(pause * 2, options.reconnectSeconds.upperBound)
        }
    }

    /// Logs what may repeat with every attempt, once.
    private func complain(_ sentence: String) {
        if sentence != lastComplaint { options.log(sentence) }
        lastComplaint = sentence
    }

    private func concerns(_ event: EngineEvent) -> Bool {
        switch event {
        case .recorded(let event): event.content.subject == Subject(.deployment, id.text)
        case .missed: true
        default: false
        }
    }

    /// Asks for the plan and serves what it says; a version that cannot be served changes nothing.
    private func obeyPlan() async throws {
        guard let connection else { return }
        let plan = try await connection.send(GetDeploymentPlan(deployment: id))
        if health.port == 0 {
            health.port = try await server.start(port: plan.port)
            reports.wake()
        }
        if let serving = core.serving, serving.bundleDigest == plan.bundleDigest,
            serving.version == plan.version
        {
            clearProblem()
            return
        }
        do {
            core.serve(try await model(for: plan))
        } catch let refusal as Refusal {
            note(refusal)
            return
        }
        health.state = .ready
        health.servingVersion = plan.version
        health.servingDigest = plan.bundleDigest
        health.problem = nil
        reports.wake()
        options.log("\"\(id)\" answers with \"\(plan.label)\" on 127.0.0.1:\(health.port).")
    }

    private func model(for plan: DeploymentPlan) async throws -> ScoringModel {
        let warm = core.models.first {
            $0.bundleDigest == plan.bundleDigest && $0.version == plan.version
        }
        if let warm { return warm }
        return try await loading.runIfActive { [loader] in try loader.load(plan) }
    }

    private func clearProblem() {
        guard health.problem != nil else { return }
        health.problem = nil
        reports.wake()
    }

    private func note(_ refusal: Refusal) {
        options.log(refusal.message)
        health.problem = refusal.message
        if core.serving == nil {
            health.state = .failed
            core.explain("No model can be served. \(refusal.message)")
        }
        reports.wake()
    }

    private func record(_ batch: CollectedBatch) async throws {
        guard let connection else {
            throw Refusal(.unavailable, "The engine is away. Rows wait until it is back.")
        }
        _ = try await connection.send(
            RecordPredictions(
                deployment: id,
                batch: batch.id,
                rows: batch.rows,
                dropped: batch.dropped
            )
        )
    }

    // MARK: - Health

    private func report() async {
        let ticks = server.group.next().scheduleRepeatedTask(
            initialDelay: .nanoseconds(Int64(options.reportIntervalSeconds * 1e9)),
            delay: .nanoseconds(Int64(options.reportIntervalSeconds * 1e9))
        ) { [reports] _ in reports.wake() }
        defer { ticks.cancel() }
        for await _ in reports.stream {
            guard let connection else { continue }
            refreshNumbers()
            let now = Double(NIODeadline.now().uptimeNanoseconds) / 1e9
            guard reporting.shouldTell(health, atSeconds: now) else { continue }
            let told = health
            reporting.told(told, atSeconds: now)
            do {
                _ = try await connection.send(ReportHealth(deployment: id, health: told))
            } catch {
                reporting.forget()
            }
        }
    }

    private func refreshNumbers() {
        let now = Double(NIODeadline.now().uptimeNanoseconds) / 1e9
        let metrics = core.metrics.withLock { $0 }
        health.requests = metrics.scoredRequests
        health.rows = metrics.rows
        health.errors = metrics.errors
        health.refused = metrics.refused
        health.collectorDropped = core.collector.dropped
        health.residentBytes = residentBytes()
        let quantiles = metrics.latency.quantilesMilliseconds([0.5, 0.95, 0.99], atSeconds: now)
        health.latencyMedianMilliseconds = quantiles[0]
        health.latency95Milliseconds = quantiles[1]
        health.latency99Milliseconds = quantiles[2]
    }
}

/// A bell that many may ring and one answers; rings while it is busy become one.
final class Wakes: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func wake() {
        continuation.yield()
    }
}
