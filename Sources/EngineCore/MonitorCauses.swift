import Domain
import EngineAPI
import FoundationEssentials
import Monitoring
import Storage

extension Monitor {
    /// Rows that are read to look for a cause; more show nothing that these do not.
    private static let rowLimit = 5_000
    /// Earlier reports that are looked at.
    private static let reportLimit = 60

    /// Windows of the same weeks of earlier years, where this version answered then and did not
    /// drift: beside those of the training rows they say what is usual.
    func seasons(
        before start: Timestamp,
        of state: VersionState
    ) async throws -> [SeasonHistory.Window] {
        // Shorter windows would be too many to read back for one verdict.
        guard state.baseline.history != nil, state.policy.windowSeconds >= Timestamp.hour else {
            return []
        }
        var windows: [SeasonHistory.Window] = []
        for year in 1...3 {
            let middle = start.adding(seconds: -365 * Timestamp.day * Double(year))
            let from = middle.adding(seconds: -20 * Timestamp.day)
            let to = middle.adding(seconds: 20 * Timestamp.day)
            let stored = try await store.windowSketches(
                model: state.version.model,
                version: state.version.number,
                from: from,
                to: to
            )
            guard !stored.isEmpty else { break }
            let drifted = try await driftedFeatures(of: state.version, from: from, to: to)
            for (time, bytes) in stored {
                guard let sums = try WindowSketch(encoded: Data(bytes)).sums else { continue }
                let bad = drifted[time] ?? []
                windows.append(
                    SeasonHistory.Window(
                        start: Int(time.seconds),
                        columns: sums.filter { !bad.contains($0.key) }
                    )
                )
            }
        }
        return windows
    }

    private func driftedFeatures(
        of version: ModelVersion,
        from: Timestamp,
        to: Timestamp
    ) async throws -> [Timestamp: Set<String>] {
        let reports = try await store.driftReports(
            model: version.model,
            version: version.number,
            from: from,
            to: to,
            limit: 2_000
        )
        var found: [Timestamp: Set<String>] = [:]
        for report in reports {
            found[report.windowStart] = Set(
                report.features.filter { $0.verdict == .drift }.map(\.feature)
            )
        }
        return found
    }

    /// Why the report is as it is, from its rows, the reports before it and the service's health.
    func causes(
        of report: DriftReport,
        state: VersionState,
        service: ServiceFacts?,
        history: SeasonHistory?
    ) async throws -> [DriftCause] {
        let version = state.version
        let predictions = try await store.recentPredictions(
            model: version.model,
            version: version.number,
            from: report.rollingStart,
            to: report.windowEnd,
            limit: Monitor.rowLimit
        )
        let earlier = try await store.driftReports(
            model: version.model,
            version: version.number,
            from: nil,
            to: report.windowStart,
            limit: Monitor.reportLimit
        )
        return CauseSearch(
            report: report,
            baseline: state.baseline,
            policy: state.policy,
            rows: RecentRows(predictions: predictions, signature: version.signature),
            earlier: earlier.sorted { $0.windowStart < $1.windowStart },
            service: service,
            history: history
        ).causes()
    }
}
