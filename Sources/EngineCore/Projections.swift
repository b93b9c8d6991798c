import Domain
import EngineAPI
import Glibc
import Storage

/// What screens show, put together from what is stored and what runs.
extension Engine {
    func status() async throws -> EngineStatus {
        let (count, head) = try await store.auditHead()
        return EngineStatus(
            version: Engine.version,
            home: settings.home,
            host: hostName(),
            user: userName(of: getuid()),
            processID: getpid(),
            startedAt: startedAt,
            residentBytes: residentBytes(),
            auditEvents: count,
            auditHead: head,
            dropped: [
                "events": events.dropped,
                "collector": await monitor.collectorDropped,
            ]
        )
    }

    func overview() async throws -> Overview {
        let now = settings.now()
        let approvals = try await store.approvals(openOnly: true, limit: 200)
        let alerts = try await store.alerts(openOnly: true, limit: 200)
            .filter { $0.status == .firing && !$0.isMuted(at: now) }
        let jobs = try await store.jobs(limit: 200)
        let models = try await modelRows()
        let running = jobs.filter { $0.status.isOpen }
        let counters = Counters(
            inbox: approvals.count,
            criticalAlerts: alerts.count { $0.severity == .critical },
            warningAlerts: alerts.count { $0.severity == .warning },
            runningJobs: running.count,
            drifting: models.count { $0.drift == .drift }
        )
        let ended = jobs.filter { !$0.status.isOpen }
        return Overview(
            engine: try await status(),
            needs: approvals.map(need) + alerts.filter { $0.acknowledgedBy == nil }.map(need),
            models: models,
            jobs: Array((running + ended).prefix(20)),
            alerts: Array(alerts.prefix(50)),
            recent: try await store.auditEvents(newest: 20),
            counters: counters
        )
    }

    private func need(_ approval: Approval) -> Need {
        Need(
            kind: .approval,
            id: approval.id.text,
            title: approval.title,
            detail: approval.evidence.first { $0.title == "metrics" }?.lines.first ?? "",
            since: approval.createdAt
        )
    }

    private func need(_ alert: Alert) -> Need {
        Need(
            kind: .alert,
            id: alert.id.text,
            title: "\(alert.model): \(alert.rule.title)",
            detail: alert.message,
            since: alert.startedAt
        )
    }

    func modelRows() async throws -> [ModelRow] {
        var rows: [ModelRow] = []
        let deployments = try await store.deployments()
        let waiting = try await store.approvals(openOnly: true, limit: 200)
        for summary in try await store.models() {
            var row = ModelRow(
                name: summary.name,
                owner: summary.owner,
                versions: summary.versions
            )
            row.latest = summary.latest
            row.champion = summary.champion
            row.waiting =
                waiting.first { $0.kind == .release && $0.model == summary.name }?.version
            if let deployment = deployments.first(where: { $0.model == summary.name }) {
                row.environment = deployment.environment
                row.health = await supervisor.health(of: deployment)
            }
            try await addMetrics(to: &row)
            rows.append(row)
        }
        return rows
    }

    private func addMetrics(to row: inout ModelRow) async throws {
        if let number = row.champion ?? row.latest {
            let version = try await store.modelVersion(model: row.name, number: number)
            row.metric = version.report.primary
            row.validationValue = version.report.comparison(version.report.primary)?.candidate
        }
        let reports = try await store.driftReports(
            model: row.name,
            version: nil,
            from: nil,
            to: nil,
            limit: 30
        ).sorted { $0.windowStart < $1.windowStart }
        row.history = reports.compactMap { $0.performance?.value }
        row.currentValue = row.history.last
        if let latest = reports.last {
            row.drift = latest.verdict
            row.driftedShare = latest.driftedShare
            row.worstPSI = latest.features.first?.psi
            row.worstFeature = latest.features.first?.feature
        }
    }

    func comparison(
        of model: String,
        base: Int?,
        candidate: Int
    ) async throws -> VersionComparison {
        let new = try await store.modelVersion(model: model, number: candidate)
        let baseNumber = base ?? new.report.championVersion
        let newRun = try await store.run(new.run)
        guard let baseNumber else {
            return VersionComparison(
                model: model,
                base: nil,
                candidate: candidate,
                metrics: new.report.comparisons,
                isPaired: false,
                report: new.report,
                parameters: parameterDifferences(nil, newRun),
                data: dataDifferences(nil, newRun)
            )
        }
        let old = try await store.modelVersion(model: model, number: baseNumber)
        let oldRun = try await store.run(old.run)
        let isPaired = new.report.championVersion == baseNumber
        return VersionComparison(
            model: model,
            base: baseNumber,
            candidate: candidate,
            metrics: isPaired ? new.report.comparisons : unpaired(old.report, new.report),
            isPaired: isPaired,
            report: new.report,
            parameters: parameterDifferences(oldRun, newRun),
            data: dataDifferences(oldRun, newRun)
        )
    }

    /// Values of two reports made on different rows: a difference, but no interval of it.
    private func unpaired(
        _ old: ValidationReport,
        _ new: ValidationReport
    ) -> [MetricComparison] {
        new.comparisons.map { comparison in
            let base = old.comparison(comparison.metric)?.candidate
            return MetricComparison(
                metric: comparison.metric,
                candidate: comparison.candidate,
                candidateInterval: comparison.candidateInterval,
                champion: base,
                difference: base.map { comparison.candidate - $0 },
                differenceInterval: nil
            )
        }
    }

    private func parameterDifferences(_ old: Run?, _ new: Run) -> [Difference] {
        differences(old.map(parameterLines), parameterLines(new))
    }

    private func parameterLines(_ run: Run) -> [String: String] {
        var lines = run.pipeline.training.parameters.mapValues(\.description)
        lines["seed"] = String(run.pipeline.training.seed)
        lines["trainer"] = run.pipeline.training.trainer.rawValue
        if let record = run.record { lines["best round"] = record.bestRound.map(String.init) }
        return lines
    }

    private func dataDifferences(_ old: Run?, _ new: Run) -> [Difference] {
        differences(old.map(dataLines), dataLines(new))
    }

    private func dataLines(_ run: Run) -> [String: String] {
        var lines = ["data": run.data.text, "digest": run.dataDigest.short]
        if let record = run.record {
            lines["training rows"] = String(record.trainingRows)
            lines["holdout rows"] = String(record.holdoutRows)
        }
        lines["code"] = run.code.commit.map { String($0.prefix(12)) }
        return lines
    }

    private func differences(
        _ old: [String: String]?,
        _ new: [String: String]
    ) -> [Difference] {
        Set(new.keys).union(old?.keys ?? [:].keys).sorted().map {
            Difference(name: $0, base: old?[$0], candidate: new[$0])
        }
    }
}

package func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The login name of a user id, or `uid 1001` where the system has none.
package func userName(of uid: UInt32) -> String {
    guard let entry = getpwuid(uid) else { return "uid \(uid)" }
    return String(cString: entry.pointee.pw_name)
}

/// Memory of this process that is in RAM, in bytes; 0 where /proc does not say.
package func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
        as: UTF8.self
    )
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
}
