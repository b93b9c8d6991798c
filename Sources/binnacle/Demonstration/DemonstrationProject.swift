import Domain
import EngineAPI
import FoundationEssentials

/// The demonstration's project folder, and how its first model comes about.
struct DemonstrationProject: Sendable {
    static let model = "late-flights"
    static let environment = "production"

    let folder: String

    static let pipeline = """
        # Will a flight from New York arrive more than 30 minutes late?
        # Flights and weather of 2013: public CC0 data set nycflights13
        # (U.S. Bureau of Transportation Statistics, NOAA).
        model: late-flights
        owner: ops
        task: classification
        data:
          target: late
          time: scheduled_departure
          id: flight_id
          exclude: [arr_delay]
          categorical: [carrier, origin, dest, weekday]
        clean:
          duplicates: drop
          outliers: { wind_speed: { max: 120, action: drop } }
        train:
          trainer: xgboost
          parameters: { max_depth: 2, eta: 0.05, rounds: 200, min_child_weight: 100 }
          seed: 7
        validate:
          holdout: { last: 20% }
          metrics: [auc, accuracy, log_loss, f1]
          primary: auc
          must_improve_by: 0.0
          max_overfit_gap: 0.12
        environments:
          production: { approvals: 1 }
        monitor:
          window: 1d
          rolling: 7d
          features: all
          retrain: { on: any, cooldown: 30d, window: 90d, rows: 5000, approve: required }
        card:
          purpose: Tell passengers at booking whether a flight from New York is likely to be late.
          intended_use: A hint beside the fare, and how many seats to hold back for missed connections.
          out_of_scope: Compensation, and ratings of airlines or crews.
          data: A fifth of the flights that left New York in 2013, with the hour's weather.
          limits:
            - Knows one year and three airports; a winter like no other is new to it.
            - Gusts are missing in four rows of five.
          contact: ops@example.org

        """

    /// Writes the pipeline and reads the flights.
    init(home: Home) throws {
        folder = home.path + "/project"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let path = folder + "/binnacle.yaml"
        if !FileManager.default.fileExists(atPath: path) {
            try Data(DemonstrationProject.pipeline.utf8)
                .write(to: URL(filePath: path), options: .atomic)
        }
    }

    /// Adds January and February and queues the first run, unless an earlier start did.
    func begin(_ data: FlightData, over connection: any EngineConnection) async throws -> Run {
        let runs = try await connection.send(ListRuns(model: DemonstrationProject.model))
        if let first = runs.last { return first }
        let path = folder + "/january-february.csv"
        try data.writeTrainingRows(to: path)
        _ = try await connection.send(
            AddDataset(path: path, dataset: DemonstrationProject.model, badRowLimit: 0)
        )
        return try await connection.send(
            StartTraining(project: folder, cause: "the demonstration's first model")
        )
    }

    /// Waits, by events, until a run has ended.
    func ending(of run: ID<Run>, over connection: any EngineConnection) async throws -> Run {
        let events = try await connection.events(after: nil)
        var found = try await connection.send(GetRun(run: run))
        if !found.status.isOpen { return found }
        for await event in events {
            guard case .recorded(let recorded) = event,
                recorded.content.subject == Subject(.run, run.text)
            else { continue }
            found = try await connection.send(GetRun(run: run))
            if !found.status.isOpen { return found }
        }
        throw Refusal(.unavailable, "The engine stopped while \"\(run)\" was training.")
    }

    /// The port of the deployment, once it answers.
    func servingPort(over connection: any EngineConnection) async throws -> Int {
        let events = try await connection.events(after: nil)
        if let port = try await readyPort(over: connection) { return port }
        for await _ in events {
            if let port = try await readyPort(over: connection) { return port }
        }
        throw Refusal(.unavailable, "The engine stopped before the deployment was ready.")
    }

    private func readyPort(over connection: any EngineConnection) async throws -> Int? {
        try await connection.send(ListDeployments())
            .first {
                $0.deployment.model == DemonstrationProject.model && $0.health.state == .ready
            }?.health.port
    }
}
