/// What a version goes through by itself: before its approval, and once it is deployed.
package enum ReleaseStage: String, Codable, Sendable, CaseIterable {
    /// Reads every byte back and looks at the gate and at the checks of its policies.
    case check
    /// Puts all its artifacts into one file.
    case package
    /// Loads it in a process of its own and measures it.
    case profile
    /// Asks for the approval, with all that was found before as evidence.
    case request
    /// Waits until the deployment answers with it.
    case deploy
    /// Compares what answers with what was approved.
    case verify

    /// What follows a registration; people approve after it.
    package static let afterRegistration: [ReleaseStage] = [.check, .package, .profile, .request]
    /// What follows an order to deploy or to roll back.
    package static let afterDeployment: [ReleaseStage] = [.deploy, .verify]
}

/// How a version answers on the engine's machine, one row at a time and without HTTP.
package struct ModelProfile: Codable, Sendable, Equatable {
    package let rounds: Int
    package let latencyMedianMilliseconds: Double
    package let latency95Milliseconds: Double
    /// From the first byte read until it had scored the rows kept at training.
    package let loadMilliseconds: Double
    /// The largest resident size of the process that measured.
    package let peakMemoryBytes: Int
    /// Of all its artifacts.
    package let artifactBytes: Int

    package init(
        rounds: Int,
        latencyMedianMilliseconds: Double,
        latency95Milliseconds: Double,
        loadMilliseconds: Double,
        peakMemoryBytes: Int,
        artifactBytes: Int
    ) {
        self.rounds = rounds
        self.latencyMedianMilliseconds = latencyMedianMilliseconds
        self.latency95Milliseconds = latency95Milliseconds
        self.loadMilliseconds = loadMilliseconds
        self.peakMemoryBytes = peakMemoryBytes
        self.artifactBytes = artifactBytes
    }
}

/// What a step found or made.
package struct ReleaseOutcome: Codable, Sendable, Equatable {
    package let sentence: String
    /// Of the package.
    package var digest: Digest?
    package var bytes: Int?
    package var profile: ModelProfile?

    package init(
        _ sentence: String,
        digest: Digest? = nil,
        bytes: Int? = nil,
        profile: ModelProfile? = nil
    ) {
        self.sentence = sentence
        self.digest = digest
        self.bytes = bytes
        self.profile = profile
    }
}

/// One step of a release; its job has the log.
package struct ReleaseStep: Codable, Sendable, Equatable {
    package let job: ID<Job>
    package let model: String
    package let version: Int
    package let stage: ReleaseStage
    /// Such as `deployment-1 #3`; empty before it is deployed.
    package let place: String
    package let status: JobStatus
    package let outcome: ReleaseOutcome?

    package init(
        job: ID<Job>,
        model: String,
        version: Int,
        stage: ReleaseStage,
        place: String,
        status: JobStatus,
        outcome: ReleaseOutcome?
    ) {
        self.job = job
        self.model = model
        self.version = version
        self.stage = stage
        self.place = place
        self.status = status
        self.outcome = outcome
    }

    package var title: String {
        "\(stage.rawValue) \(model) v\(version)" + (place.isEmpty ? "" : " in \(place)")
    }
}
