package import Domain

/// Something that waits for a person.
package struct Need: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
        case approval, alert
    }

    package var kind: Kind
    /// The approval's or alert's id.
    package var id: String
    /// Such as `late-flights v2 → production`.
    package var title: String
    /// Such as `auc +0.0412 [+0.019, +0.063]`.
    package var detail: String
    package var since: Timestamp

    package init(kind: Kind, id: String, title: String, detail: String, since: Timestamp) {
        self.kind = kind
        self.id = id
        self.title = title
        self.detail = detail
        self.since = since
    }
}

/// One model in a list.
package struct ModelRow: Codable, Sendable, Equatable {
    package var name: String
    package var owner: String
    package var versions: Int
    package var latest: Int?
    package var champion: Int?
    package var environment: String?
    package var metric: MetricName?
    /// The champion's value at validation.
    package var validationValue: Double?
    /// The newest true value, once labels came.
    package var currentValue: Double?
    /// True values of the last windows, oldest first, at most 30.
    package var history: [Double]
    package var drift: DriftVerdict?
    package var driftedShare: Double?
    /// PSI of the feature that drifted most, and its name.
    package var worstPSI: Double?
    package var worstFeature: String?
    package var health: DeploymentHealth?
    /// The version that waits for approval.
    package var waiting: Int?

    package init(name: String, owner: String, versions: Int) {
        self.name = name
        self.owner = owner
        self.versions = versions
        history = []
    }
}

/// The first screen in one answer.
package struct Overview: Codable, Sendable, Equatable {
    package var engine: EngineStatus
    package var needs: [Need]
    package var models: [ModelRow]
    /// Open jobs, then the newest ended ones; at most 20.
    package var jobs: [Job]
    /// Open alerts, newest first; at most 50.
    package var alerts: [Alert]
    /// The newest audit events, newest first; at most 20.
    package var recent: [AuditEvent]
    package var counters: Counters
    /// Who asked.
    package var principal: Principal?
    /// What serves behind a broken glass, a sentence each.
    package var emergencies: [String]?

    package init(
        engine: EngineStatus,
        needs: [Need],
        models: [ModelRow],
        jobs: [Job],
        alerts: [Alert],
        recent: [AuditEvent],
        counters: Counters
    ) {
        self.engine = engine
        self.needs = needs
        self.models = models
        self.jobs = jobs
        self.alerts = alerts
        self.recent = recent
        self.counters = counters
    }
}

/// The header's numbers.
package struct Counters: Codable, Sendable, Equatable {
    package var inbox: Int
    package var criticalAlerts: Int
    package var warningAlerts: Int
    package var runningJobs: Int
    package var drifting: Int

    package init(
        inbox: Int,
        criticalAlerts: Int,
        warningAlerts: Int,
        runningJobs: Int,
        drifting: Int
    ) {
        self.inbox = inbox
        self.criticalAlerts = criticalAlerts
        self.warningAlerts = warningAlerts
        self.runningJobs = runningJobs
        self.drifting = drifting
    }
}

/// One model with all its versions, newest first.
package struct ModelPage: Codable, Sendable, Equatable {
    package var row: ModelRow
    package var versions: [ModelVersion]
    /// Oldest first.
    package var aliases: [Alias]
    package var entry: ModelEntry

    package init(
        row: ModelRow,
        versions: [ModelVersion],
        aliases: [Alias],
        entry: ModelEntry = ModelEntry()
    ) {
        self.row = row
        self.versions = versions
        self.aliases = aliases
        self.entry = entry
    }
}

/// One line of "what differs": nil on the side that does not have it.
package struct Difference: Codable, Sendable, Equatable {
    package var name: String
    package var base: String?
    package var candidate: String?

    package init(name: String, base: String?, candidate: String?) {
        self.name = name
        self.base = base
        self.candidate = candidate
    }
}

package struct VersionComparison: Codable, Sendable, Equatable {
    package var model: String
    package var base: Int?
    package var candidate: Int
    /// With intervals where candidate and base were judged on the same rows; else values only.
    package var metrics: [MetricComparison]
    /// Whether `metrics` were measured on the same rows.
    package var isPaired: Bool
    package var report: ValidationReport
    package var parameters: [Difference]
    package var data: [Difference]
    /// Which columns each reads, and as what.
    package var columns: [Difference] = []
    package var cleaning: [Difference] = []
    /// The digests of the artifacts, and what trained them.
    package var bytes: [Difference] = []

    package init(
        model: String,
        base: Int?,
        candidate: Int,
        metrics: [MetricComparison],
        isPaired: Bool,
        report: ValidationReport,
        parameters: [Difference],
        data: [Difference]
    ) {
        self.model = model
        self.base = base
        self.candidate = candidate
        self.metrics = metrics
        self.isPaired = isPaired
        self.report = report
        self.parameters = parameters
        self.data = data
    }
}

package struct DeploymentRow: Codable, Sendable, Equatable {
    package var deployment: Deployment
    package var health: DeploymentHealth
    package var owner: String
    /// The version that waits for approval for this environment.
    package var waiting: Int?
    /// When a request was last seen; nil where none was since the engine started.
    package var lastRequestAt: Timestamp?
    /// Between the last two reports of its process; nil after one.
    package var requestsPerMinute: Double?

    package init(deployment: Deployment, health: DeploymentHealth, owner: String, waiting: Int?) {
        self.deployment = deployment
        self.health = health
        self.owner = owner
        self.waiting = waiting
    }
}

package struct DriftMarker: Codable, Sendable, Equatable {
    package var time: Timestamp
    /// Such as `v2 deployed`.
    package var label: String

    package init(time: Timestamp, label: String) {
        self.time = time
        self.label = label
    }
}

package struct DriftSeries: Codable, Sendable, Equatable {
    package var model: String
    package var feature: String?
    package var metric: DriftMetric
    package var windowSeconds: Double
    package var rollingSeconds: Double
    /// The value above which the feature counts as drifted (for PSI), or the alert's share.
    package var threshold: Double?
    /// Oldest first; at most 2,000.
    package var points: [DriftPoint]
    /// Deployments in the time of the rows.
    package var markers: [DriftMarker]
    /// The newest report, which ranks the features.
    package var latest: DriftReport?

    package init(
        model: String,
        feature: String?,
        metric: DriftMetric,
        windowSeconds: Double,
        rollingSeconds: Double,
        threshold: Double?,
        points: [DriftPoint],
        markers: [DriftMarker],
        latest: DriftReport?
    ) {
        self.model = model
        self.feature = feature
        self.metric = metric
        self.windowSeconds = windowSeconds
        self.rollingSeconds = rollingSeconds
        self.threshold = threshold
        self.points = points
        self.markers = markers
        self.latest = latest
    }
}

package struct HistogramBin: Codable, Sendable, Equatable {
    /// Such as `< 10`, `10–25` or a category.
    package var label: String
    /// 0...1
    package var baselineShare: Double
    package var windowShare: Double

    package init(label: String, baselineShare: Double, windowShare: Double) {
        self.label = label
        self.baselineShare = baselineShare
        self.windowShare = windowShare
    }
}

package struct FeatureHistogram: Codable, Sendable, Equatable {
    package var model: String
    package var version: Int
    package var feature: String
    package var from: Timestamp
    package var to: Timestamp
    package var baselineRows: Int
    package var windowRows: Int
    package var bins: [HistogramBin]
    package var drift: FeatureDrift?

    package init(
        model: String,
        version: Int,
        feature: String,
        from: Timestamp,
        to: Timestamp,
        baselineRows: Int,
        windowRows: Int,
        bins: [HistogramBin],
        drift: FeatureDrift?
    ) {
        self.model = model
        self.version = version
        self.feature = feature
        self.from = from
        self.to = to
        self.baselineRows = baselineRows
        self.windowRows = windowRows
        self.bins = bins
        self.drift = drift
    }
}
