import Domain
import EngineAPI
import FoundationEssentials
import Logging
import Monitoring
import Storage

/// Takes in production rows and labels, keeps the open windows, and judges each as it ends.
///
/// Work is done one piece after the other, whatever awaits in between, because a window is read,
/// added to and written back.
actor Monitor {
    /// Windows kept in memory; older ones are read back from the store when needed.
    static let windowLimit = 256

    /// What is known of a version that scores.
    struct VersionState {
        let version: ModelVersion
        let baseline: Baseline
        let policy: MonitorPolicy
        let owner: String
    }

    let store: Store
    let events: EventHub
    let settings: EngineSettings
    let log: Logger
    /// Rows that scoring processes dropped since the engine's start.
    private(set) var collectorDropped = 0
    /// Starts a retrain of a model for a cause; false when it has to wait for more labels.
    private(set) var startRetraining: (@Sendable (String, String) async -> Bool)?
    var versions: [String: VersionState] = [:]
    private var windows: [WindowKey: WindowSketch] = [:]
    /// The newest row time by model: the clock of monitoring.
    var newest: [String: Timestamp] = [:]
    /// The end of the last judged window by model.
    var judgedThrough: [String: Timestamp] = [:]
    /// Row time of the last retrain this engine started by policy, by model.
    var lastRetrain: [String: Timestamp] = [:]
    /// What the deployments last said of themselves.
    var traffic: [ID<Deployment>: Traffic] = [:]
    /// Alerts about services that are being opened: what is asked meanwhile opens no second.
    var opening: Set<[String]> = []
    /// Versions known to have scored for a whole rolling range.
    var settled: Set<String> = []
    private var last: Task<Void, Never>?

    init(store: Store, events: EventHub, settings: EngineSettings, log: Logger) {
        self.store = store
        self.events = events
        self.settings = settings
        self.log = log
    }

    func connect(startRetraining: @escaping @Sendable (String, String) async -> Bool) {
        self.startRetraining = startRetraining
    }

    /// Takes in a batch of scored rows; the same batch twice changes nothing.
    func record(_ rows: CollectedRows, batch: String, from deployment: Deployment, dropped: Int)
        async throws
    {
        try await inTurn { monitor in
            if try await monitor.take(rows, batch: batch, from: deployment) {
                monitor.collectorDropped += dropped
            }
        }
    }

    /// Joins labels to predictions, and their windows to what the labels say.
    func join(_ labels: [RowLabel], of model: String) async throws -> Int {
        try await inTurn { monitor in
            let pairs = labels.map { (row: $0.row, label: $0.label) }
            // Only this actor joins labels, one batch after the other: what is read here is what
            // the transaction joins.
            let changed = try await monitor.windows(
                with: monitor.store.predictionsAwaiting(model: model, pairs)
            )
            let joined = try await monitor.store.addLabels(
                model: model,
                pairs,
                windows: try changed.mapValues { Array(try $0.encoded()) },
                at: monitor.settings.now()
            )
            monitor.keep(changed)
            return joined.count
        }
    }

    func inTurn<Value: Sendable>(
        _ work: @escaping @Sendable (isolated Monitor) async throws -> Value
    ) async throws -> Value {
        let previous = last
        let task = Task {
            await previous?.value
            return try await work(self)
        }
        last = Task { _ = await task.result }
        return try await task.value
    }

    // MARK: - Rows

    /// False for a batch that was taken in before.
    private func take(
        _ rows: CollectedRows,
        batch: String,
        from deployment: Deployment
    ) async throws -> Bool {
        guard rows.count > 0 else { return true }
        let waiting = try await store.waitingLabels(
            model: deployment.model,
            rows: (0..<rows.count).compactMap { rows.name($0) }
        )
        let predictions = rows.predictions(of: deployment, labels: waiting)
        var changed: [WindowKey: WindowSketch] = [:]
        for (number, ofVersion) in Dictionary(
            grouping: 0..<rows.count,
            by: { rows.versions[$0] }
        ) {
            let state = try await versionState(deployment.model, number)
            let length = state.policy.windowSeconds
            let byWindow = Dictionary(grouping: ofVersion) {
                rows.times[$0].floored(toSeconds: length)
            }
            for (start, inWindow) in byWindow {
                let key = WindowKey(model: deployment.model, version: number, start: start)
                var window = try await self.window(key, state)
                let added = try rows.window(
                    of: inWindow,
                    labels: inWindow.map { predictions[$0].label },
                    signature: state.version.signature,
                    baseline: state.baseline
                )
                try window.merge(added)
                changed[key] = window
            }
        }
        let isNew = try await store.recordPredictions(
            batch: batch,
            predictions,
            windows: try changed.mapValues { Array(try $0.encoded()) }
        )
        guard isNew else { return false }
        keep(changed)
        let through = rows.times.max() ?? .init(microseconds: 0)
        newest[deployment.model] = max(newest[deployment.model] ?? through, through)
        events.publish(
            .collected(model: deployment.model, rows: rows.count, through: through)
        )
        try await judgeEndedWindows(of: deployment)
        return true
    }

    /// The windows these predictions fall in, with their labels added.
    private func windows(
        with joined: [LabelledPrediction]
    ) async throws -> [WindowKey: WindowSketch] {
        var changed: [WindowKey: WindowSketch] = [:]
        for row in joined {
            let state = try await versionState(row.model, row.version)
            let start = row.time.floored(toSeconds: state.policy.windowSeconds)
            let key = WindowKey(model: row.model, version: row.version, start: start)
            if changed[key] == nil { changed[key] = try await window(key, state) }
            changed[key]?.addLabel(row.label, score: row.score)
        }
        return changed
    }

    private func window(_ key: WindowKey, _ state: VersionState) async throws -> WindowSketch {
        if let known = windows[key] { return known }
        let stored = try await store.windowSketches(
            model: key.model,
            version: key.version,
            from: key.start,
            to: key.start.adding(seconds: 1)
        )
        if let bytes = stored.first?.1 { return try WindowSketch(encoded: Data(bytes)) }
        return try WindowSketch(baseline: state.baseline, task: state.version.signature.task)
    }

    private func keep(_ changed: [WindowKey: WindowSketch]) {
        windows.merge(changed) { _, new in new }
        let surplus = windows.count - Monitor.windowLimit
        guard surplus > 0 else { return }
        for key in windows.keys.sorted(by: { $0.start < $1.start }).prefix(surplus) {
            windows[key] = nil
        }
    }

    // MARK: - What is known

    func versionState(_ model: String, _ number: Int) async throws -> VersionState {
        let name = "\(model)/v\(number)"
        if let known = versions[name] { return known }
        let version = try await store.modelVersion(model: model, number: number)
        let run = try await store.run(version.run)
        guard let digest = version.artifacts[ArtifactName.baseline] else {
            throw Refusal(.corrupt, "\"\(name)\" has no baseline. Train the model again.")
        }
        let state = VersionState(
            version: version,
            baseline: try Baseline(encoded: Data(try store.blobs.read(digest))),
            policy: run.pipeline.monitoring,
            owner: run.pipeline.owner
        )
        versions[name] = state
        return state
    }

    /// The rows of a range of windows of one version, summed.
    func range(
        endingAt end: Timestamp,
        of key: (model: String, version: Int),
        policy: MonitorPolicy
    ) async throws -> RollingRange {
        let length = max(policy.windowSeconds, policy.rollingSeconds)
        let stored = try await store.windowSketches(
            model: key.model,
            version: key.version,
            from: end.adding(seconds: -length),
            to: end
        )
        var found: [Timestamp: WindowSketch] = [:]
        for (start, bytes) in stored {
            let known = windows[WindowKey(model: key.model, version: key.version, start: start)]
            found[start] = try known ?? WindowSketch(encoded: Data(bytes))
        }
        return try RollingRange(endingAt: end, policy: policy, windows: found)
    }
}
