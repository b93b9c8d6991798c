import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials

/// The steps of a model's life, taken over one connection; every wait is for an event.
struct Story {
    let home: JourneyHome
    let connection: SocketConnection

    /// Starts the engine and writes a project whose first version has these rows to learn from.
    static func begin(
        in home: JourneyHome,
        pipeline: String = Market.pipeline(),
        rows: [Market.Row]
    ) async throws -> Story {
        try writeProject(pipeline, in: home)
        let story = Story(home: home, connection: try await home.connect())
        _ = try await story.add(rows)
        return story
    }

    static func writeProject(_ pipeline: String, in home: JourneyHome) throws {
        try Data(pipeline.utf8).write(to: URL(filePath: home.project + "/binnacle.yaml"))
    }

    /// The same steps with another engine.
    func goingOn() async throws -> Story {
        Story(home: home, connection: try await home.connect())
    }

    func add(_ rows: [Market.Row]) async throws -> DatasetVersion {
        let path = home.root + "/rows.csv"
        try Data(Market.csv(rows).utf8).write(to: URL(filePath: path))
        return try await connection.send(AddDataset(path: path, dataset: Market.model))
    }

    /// Trains from the project's folder and waits until the run has ended, and where it made a
    /// version until that waits for its approval.
    func train() async throws -> Run {
        let run = try await ended(
            try await connection.send(StartTraining(project: home.project)).id
        )
        guard case .registered(_, let version) = run.status else { return run }
        return try await wait { connection in
            let asked = try await connection.send(ListApprovals(openOnly: false))
            return asked.contains { $0.model == run.model && $0.version == version } ? run : nil
        }
    }

    func ended(_ run: ID<Run>) async throws -> Run {
        try await wait { connection in
            let found = try await connection.send(GetRun(run: run))
            return found.status.isOpen ? nil : found
        }
    }

    /// Approves the request that waits, on exactly what it shows.
    func approve() async throws -> Approval {
        let open = try await wait { try await $0.send(ListApprovals()).first }
        return try await connection.send(Decide(approving: open))
    }

    /// Trains, approves and waits until the version answers.
    func serveFirstVersion() async throws -> DeploymentRow {
        let run = try await train()
        guard case .registered = run.status else {
            throw Refusal(.fault, "The first run was not registered: \(run.status).")
        }
        _ = try await approve()
        return try await serving { _ in true }
    }

    /// The deployment, once its process is ready and is as asked.
    func serving(
        _ isRight: @escaping @Sendable (DeploymentHealth) -> Bool
    ) async throws -> DeploymentRow {
        try await wait { connection in
            try await connection.send(ListDeployments())
                .first { $0.health.state == .ready && isRight($0.health) }
        }
    }

    /// Looks, and looks again after every event, until there is what is asked for.
    func wait<Value>(
        until look: (SocketConnection) async throws -> Value?
    ) async throws -> Value {
        let events = try await connection.events(after: nil)
        if let found = try await look(connection) { return found }
        for await _ in events {
            if let found = try await look(connection) { return found }
        }
        throw Refusal(.unavailable, "The engine went away before it came to that.")
    }

    /// Waits until so many of the model's rows were taken in since the events began.
    static func collected(_ rows: Int, in events: AsyncStream<EngineEvent>) async -> Int {
        var count = 0
        for await event in events {
            guard case .collected(Market.model, let some, _) = event else { continue }
            count += some
            if count >= rows { break }
        }
        return count
    }
}

extension Decide {
    /// Yes to a request, on the digests it shows.
    init(approving request: Approval) {
        self.init(
            approval: request.id,
            answer: .approve,
            reason: "a test says so",
            bundleDigest: request.bundleDigest,
            evidenceDigest: request.evidenceDigest
        )
    }
}
