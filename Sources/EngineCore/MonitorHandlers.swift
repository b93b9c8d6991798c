package import Domain
package import EngineAPI
import Monitoring
import Storage

extension RecordPredictions: EngineHandled {
    /// The years 1 to 9998: windows around such a time can still be written with four digits.
    private static let times =
        Timestamp(
            microseconds: -62_135_596_800_000_000
        )...Timestamp(
            microseconds: 253_370_764_799_999_999
        )

    package func answer(in engine: Engine, for caller: Caller) async throws -> Done {
        let found = try await engine.store.deployment(deployment)
        let rows = try CollectedRows(rows)
        let bad = (0..<rows.count).first { row in
            !Self.times.contains(rows.times[row]) || !rows.scores[row].isFinite
        }
        if let bad {
            throw Refusal(
                .invalid,
                """
                The row "\(rows.id(bad))" has a time beyond the years 1 to 9998, or a score that is no \
                number. The batch "\(batch)" was not recorded.
                """
            )
        }
        try await engine.monitor.record(
            rows,
            batch: batch,
            from: found,
            dropped: dropped
        )
        return Done()
    }
}

extension AddLabels: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> LabelsAdded {
        guard labels.count <= 10_000 else {
            throw Refusal(
                .invalid,
                "\(labels.count) labels came at once; send at most 10,000 in one request."
            )
        }
        if let bad = labels.first(where: { !$0.label.isFinite }) {
            throw Refusal(.invalid, "The label of row \"\(bad.row)\" is no finite number.")
        }
        guard try await engine.store.owner(of: model) != nil else {
            throw Refusal(
                .notFound,
                "There is no model \"\(model)\". \"binnacle models\" lists the models there are."
            )
        }
        let joined = try await engine.monitor.join(labels, of: model)
        return LabelsAdded(received: labels.count, joined: joined)
    }
}

extension ListDriftReports: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> [DriftReport] {
        try await engine.store.driftReports(
            model: model,
            version: nil,
            from: from,
            to: to,
            limit: max(0, min(limit, 5_000))
        ).sorted { $0.windowStart > $1.windowStart }
    }
}

extension GetDrift: EngineHandled {
    /// More points than this are not sent; the oldest fall away.
    private static let pointLimit = 2_000

    package func answer(in engine: Engine, for caller: Caller) async throws -> DriftSeries {
        let points = try await engine.store.driftCourse(
            model: model,
            version: version,
            feature: feature,
            metric: metric,
            from: from,
            to: to,
            asOf: asOf,
            limit: GetDrift.pointLimit
        ).sorted { $0.time < $1.time }
        let latest = try await engine.store.newestReport(
            of: model,
            version: version,
            from: from,
            to: to,
            asOf: asOf
        )
        let policy = try await engine.monitor.policy(of: model)
        return DriftSeries(
            model: model,
            feature: feature,
            metric: metric,
            windowSeconds: policy.windowSeconds,
            rollingSeconds: policy.rollingSeconds,
            threshold: threshold(policy),
            points: points,
            markers: markers(points),
            latest: latest
        )
    }

    private func threshold(_ policy: MonitorPolicy) -> Double? {
        if feature == nil { return policy.drift.share }
        return metric == .psi ? policy.drift.psi : nil
    }

    /// The first window of each version: when its deployment began, in the time of the rows.
    private func markers(_ points: [DriftPoint]) -> [DriftMarker] {
        var markers: [DriftMarker] = []
        var serving: Int?
        for point in points where point.version != serving {
            markers.append(DriftMarker(time: point.time, label: "v\(point.version)"))
            serving = point.version
        }
        return markers
    }
}

extension GetHistogram: EngineHandled {
    package func answer(in engine: Engine, for caller: Caller) async throws -> FeatureHistogram {
        try await engine.monitor.histogram(
            of: feature,
            model: model,
            windowStart: windowStart,
            asOf: asOf
        )
    }
}

extension Monitor {
    /// The monitoring rules of the version that serves, or else of the newest.
    func policy(of model: String) async throws -> MonitorPolicy {
        let number = try await servingVersion(of: model)
        return try await versionState(model, number).policy
    }

    private func servingVersion(of model: String) async throws -> Int {
        if let champion = try await store.champion(of: model) { return champion.number }
        let versions = try await store.modelVersions(of: model)
        guard let newest = versions.map(\.number).max() else {
            throw Refusal(
                .notFound,
                "There is no model \"\(model)\". \"binnacle models\" lists the models there are."
            )
        }
        return newest
    }

    /// Baseline and rolling range of one feature at a report, bar by bar.
    func histogram(
        of feature: String,
        model: String,
        windowStart: Timestamp?,
        asOf date: Timestamp?
    ) async throws -> FeatureHistogram {
        let found =
            if let windowStart {
                try await store.driftReports(
                    model: model,
                    version: nil,
                    from: windowStart,
                    to: windowStart.adding(seconds: 1),
                    limit: 1
                ).first
            } else { try await store.newestReport(of: model, asOf: date) }
        guard let report = found else {
            throw Refusal(
                .notFound,
                "\"\(model)\" has no judged window yet. Rows come in when its deployment scores."
            )
        }
        let state = try await versionState(model, report.version)
        let rolling = try await range(
            endingAt: report.windowEnd,
            of: (model, report.version),
            policy: state.policy
        )
        guard let sketch = rolling.sketch,
            let bars = BinShare.bars(of: feature, baseline: state.baseline, window: sketch)
        else {
            let known = state.baseline.columns.map(\.name).joined(separator: ", ")
            throw Refusal(
                .notFound,
                "\"\(model)\" watches no feature \"\(feature)\". It watches \(known)."
            )
        }
        let drift =
            feature == Baseline.scoreColumn
            ? report.prediction : report.features.first { $0.feature == feature }
        return FeatureHistogram(
            model: model,
            version: report.version,
            feature: feature,
            from: rolling.start,
            to: report.windowEnd,
            baselineRows: state.baseline.rows,
            windowRows: sketch.rows,
            bins: bars.map {
                HistogramBin(
                    label: $0.label,
                    baselineShare: $0.baselineShare,
                    windowShare: $0.windowShare
                )
            },
            drift: drift
        )
    }
}
