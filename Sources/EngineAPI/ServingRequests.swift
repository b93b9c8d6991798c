package import Domain

// MARK: - Scoring processes

/// What a scoring process must serve now.
package struct GetDeploymentPlan: EngineRequest {
    package static let name = "deployments.plan"
    package static let permission = Permission.serve
    package typealias Answer = DeploymentPlan
    package var deployment: ID<Deployment>

    package init(deployment: ID<Deployment>) {
        self.deployment = deployment
    }
}

package struct DeploymentPlan: Codable, Sendable, Equatable {
    package struct File: Codable, Sendable, Equatable {
        package var path: String
        package var digest: Digest

        package init(path: String, digest: Digest) {
            self.path = path
            self.digest = digest
        }
    }

    package var deployment: ID<Deployment>
    package var model: String
    package var environment: String
    package var revision: Int
    package var version: Int
    package var bundleDigest: Digest
    /// By artifact name (`ArtifactName`); the process checks every digest itself.
    package var artifacts: [String: File]
    /// The port to bind on loopback; 0 lets the kernel choose.
    package var port: Int

    package init(
        deployment: ID<Deployment>,
        model: String,
        environment: String,
        revision: Int,
        version: Int,
        bundleDigest: Digest,
        artifacts: [String: File],
        port: Int
    ) {
        self.deployment = deployment
        self.model = model
        self.environment = environment
        self.revision = revision
        self.version = version
        self.bundleDigest = bundleDigest
        self.artifacts = artifacts
        self.port = port
    }
}

package struct ReportHealth: EngineRequest {
    package static let name = "deployments.health"
    package static let permission = Permission.serve
    package typealias Answer = Done
    package var deployment: ID<Deployment>
    package var health: DeploymentHealth

    package init(deployment: ID<Deployment>, health: DeploymentHealth) {
        self.deployment = deployment
        self.health = health
    }
}

/// Hands collected rows to the engine; the same batch id twice is recorded once.
package struct RecordPredictions: EngineRequest {
    package static let name = "predictions.record"
    package static let permission = Permission.serve
    package typealias Answer = Done
    package var deployment: ID<Deployment>
    package var batch: String
    /// Rows as `CollectedRows` writes them.
    package var rows: String
    /// Rows the collector dropped since its last batch.
    package var dropped: Int

    package init(deployment: ID<Deployment>, batch: String, rows: String, dropped: Int) {
        self.deployment = deployment
        self.batch = batch
        self.rows = rows
        self.dropped = dropped
    }
}

package struct RowLabel: Codable, Sendable, Equatable {
    package var row: String
    package var label: Double

    package init(row: String, label: Double) {
        self.row = row
        self.label = label
    }
}

/// Joins true values to predictions by row id, now or when the prediction arrives.
package struct AddLabels: EngineRequest {
    package static let name = "labels.add"
    package static let permission = Permission.addLabels
    package typealias Answer = LabelsAdded
    package var model: String
    /// At most 10,000 a request.
    package var labels: [RowLabel]

    package init(model: String, labels: [RowLabel]) {
        self.model = model
        self.labels = labels
    }
}

package struct LabelsAdded: Codable, Sendable, Equatable {
    package var received: Int
    package var joined: Int

    package init(received: Int, joined: Int) {
        self.received = received
        self.joined = joined
    }
}

// MARK: - Monitoring

/// One value over time for a chart; feature nil is the share of drifted features.
package struct GetDrift: LookingBack {
    package static let name = "drift.series"
    package static let permission = Permission.view
    package typealias Answer = DriftSeries
    package var model: String
    /// nil: every version that served, in turn.
    package var version: Int?
    package var feature: String?
    package var metric: DriftMetric
    package var from: Timestamp?
    package var to: Timestamp?
    package var asOf: Timestamp?

    package init(
        model: String,
        version: Int? = nil,
        feature: String? = nil,
        metric: DriftMetric = .psi,
        from: Timestamp? = nil,
        to: Timestamp? = nil
    ) {
        self.model = model
        self.version = version
        self.feature = feature
        self.metric = metric
        self.from = from
        self.to = to
    }
}

/// Baseline and window of one feature, bin by bin; window nil is the newest.
package struct GetHistogram: LookingBack {
    package static let name = "drift.histogram"
    package static let permission = Permission.view
    package typealias Answer = FeatureHistogram
    package var model: String
    package var feature: String
    package var windowStart: Timestamp?
    package var asOf: Timestamp?

    package init(model: String, feature: String, windowStart: Timestamp? = nil) {
        self.model = model
        self.feature = feature
        self.windowStart = windowStart
    }
}

/// Whole reports, newest first.
package struct ListDriftReports: EngineRequest {
    package static let name = "drift.reports"
    package static let permission = Permission.view
    package typealias Answer = [DriftReport]
    package var model: String
    package var limit: Int
    /// The first window's earliest start; nil is from the first on.
    package var from: Timestamp?
    /// Exclusive; nil is up to the newest.
    package var to: Timestamp?

    package init(
        model: String,
        limit: Int = 30,
        from: Timestamp? = nil,
        to: Timestamp? = nil
    ) {
        self.model = model
        self.limit = limit
        self.from = from
        self.to = to
    }
}

/// Makes a stored verdict again from what it was made of, and compares.
package struct ReplayDriftReport: EngineRequest {
    package static let name = "drift.replay"
    package static let permission = Permission.view
    package typealias Answer = ReplayedReport
    package var model: String
    /// nil is the newest version that was judged for that window.
    package var version: Int?
    package var windowStart: Timestamp

    package init(model: String, version: Int? = nil, windowStart: Timestamp) {
        self.model = model
        self.version = version
        self.windowStart = windowStart
    }
}

package struct ReplayedReport: Codable, Sendable, Equatable {
    package var stored: DriftReport
    /// Of the canonical JSON of the stored report, and of the one that was made again.
    package var storedDigest: Digest
    package var replayedDigest: Digest
    /// The first part that is not the same; nil where every bit is.
    package var firstDifference: String?

    package init(
        stored: DriftReport,
        storedDigest: Digest,
        replayedDigest: Digest,
        firstDifference: String?
    ) {
        self.stored = stored
        self.storedDigest = storedDigest
        self.replayedDigest = replayedDigest
        self.firstDifference = firstDifference
    }

    package var isIdentical: Bool { storedDigest == replayedDigest }
}

/// Newest first.
package struct ListAlerts: LookingBack {
    package static let name = "alerts.list"
    package static let permission = Permission.view
    package typealias Answer = [Alert]
    package var openOnly: Bool
    package var asOf: Timestamp?

    package init(openOnly: Bool = false) {
        self.openOnly = openOnly
    }
}

package struct AcknowledgeAlert: EngineRequest {
    package static let name = "alerts.acknowledge"
    package static let permission = Permission.handleAlerts
    package typealias Answer = Alert
    package var alert: ID<Alert>

    package init(alert: ID<Alert>) {
        self.alert = alert
    }
}

/// Keeps an alert quiet for a while: it stays open, but nobody is bothered and it is not counted.
package struct MuteAlert: EngineRequest {
    package static let name = "alerts.mute"
    package static let permission = Permission.handleAlerts
    package typealias Answer = Alert
    package var alert: ID<Alert>
    /// For how long, a second up to 30 days; nil ends the muting.
    package var seconds: Double?
    package var reason: String

    package init(alert: ID<Alert>, seconds: Double?, reason: String = "") {
        self.alert = alert
        self.seconds = seconds
        self.reason = reason
    }
}
