import Domain
import EngineAPI
import Storage

/// What an approver is shown, built once when the request opens and never changed.
extension Engine {
    func evidence(
        for version: ModelVersion,
        run: Run,
        environment: EnvironmentPolicy
    ) async throws -> [EvidenceItem] {
        var items = [
            metricsItem(version.report),
            gateItem(version.report),
            digestItem(version),
        ]
        items.append(try await dataItem(run))
        items.append(trainingItem(run))
        if let found = try await store.profile(of: version.model, version: version.number) {
            items.append(
                EvidenceItem(title: "profile", lines: [found.sentence], state: .fine)
            )
        }
        items.append(try await monitoringItem(version.model))
        items.append(try await rollbackItem(version, environment: environment))
        return items
    }

    private func metricsItem(_ report: ValidationReport) -> EvidenceItem {
        var lines = report.comparisons.map { comparison in
            let value = decimals(comparison.candidate, 4)
            guard let champion = comparison.champion, let difference = comparison.difference
            else {
                let interval = comparison.candidateInterval
                return "\(comparison.metric.rawValue) \(value)"
                    + " [\(decimals(interval.low, 4)), \(decimals(interval.high, 4))]"
            }
            let interval = comparison.differenceInterval.map {
                " [\(signed($0.low, 4)), \(signed($0.high, 4))]"
            }
            return "\(comparison.metric.rawValue) \(decimals(champion, 4)) → \(value)"
                + "  \(signed(difference, 4))\(interval ?? "")"
        }
        let start = report.holdoutStart?.dateText ?? "?"
        let end = report.holdoutEnd?.dateText ?? "?"
        let against = report.championVersion.map { "against v\($0) on the same rows" }
        lines.append(
            "\(report.holdoutRows) holdout rows, \(start) to \(end), "
                + (against ?? "no older model")
        )
        if let slice = report.slices?.first {
            let value = decimals(slice.candidate, 4)
            let before = slice.champion.map { "\(decimals($0, 4)) → " } ?? ""
            lines.append(
                "worst slice \(slice.title), \(slice.rows) rows: \(report.primary.rawValue) "
                    + before + value
            )
        }
        let worse = report.comparisons.contains { comparison in
            guard let interval = comparison.differenceInterval else { return false }
            return comparison.metric.isHigherBetter ? interval.high < 0 : interval.low > 0
        }
        return EvidenceItem(title: "metrics", lines: lines, state: worse ? .warning : .fine)
    }

    private func gateItem(_ report: ValidationReport) -> EvidenceItem {
        var lines = ["verdict: \(report.verdict.words)"] + report.reasons
        if let gap = report.overfitGap {
            lines.append("over-fitting gap \(signed(gap, 4)) on \(report.primary.rawValue)")
        }
        let state: EvidenceItem.State =
            switch report.verdict {
            case .better: .fine
            case .notBetter: .warning
            case .failed: .bad
            }
        return EvidenceItem(title: "gate", lines: lines, state: state)
    }

    private func digestItem(_ version: ModelVersion) -> EvidenceItem {
        var lines = ["bundle \(version.bundleDigest.text)"]
        for (name, digest) in version.artifacts.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name) \(digest.short)")
        }
        let isWhole = version.artifacts.values.allSatisfy { (try? store.blobs.verify($0)) != nil }
        lines.append(isWhole ? "all bytes read back and verified" : "SOME BYTES DO NOT VERIFY")
        return EvidenceItem(title: "digests", lines: lines, state: isWhole ? .fine : .bad)
    }

    private func dataItem(_ run: Run) async throws -> EvidenceItem {
        let data = try await store.datasetVersion(run.data)
        var lines = [
            "\(data.id): \(data.dataset) v\(data.number), \(data.rows) rows, \(data.digest.short)",
            "from \(data.source)",
        ]
        for count in run.record?.cleaning ?? [] {
            lines.append("\(count.step): \(count.rows) rows")
        }
        if data.badRows > 0 { lines.append("\(data.badRows) bad rows left out") }
        return EvidenceItem(
            title: "data",
            lines: lines,
            state: data.badRows > 0 ? .warning : .fine
        )
    }

    private func trainingItem(_ run: Run) -> EvidenceItem {
        var lines = ["run \(run.id), triggered by \(run.trigger.rawValue): \(run.cause)"]
        if let commit = run.code.commit {
            let dirty = run.code.dirtyDiff == nil ? "" : " with local changes"
            lines.append("code \(commit.prefix(12))\(dirty)")
        } else {
            lines.append("the project is no git repository: the code is recorded by digest only")
        }
        if let record = run.record {
            lines.append(
                "\(record.trainerVersion), \(record.rounds) rounds, \(record.trainingRows) rows, "
                    + "\(decimals(record.trainSeconds, 1)) s on \(record.host)"
            )
        }
        let parameters = run.pipeline.training.parameters.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value)" }
        lines.append("seed \(run.pipeline.training.seed); " + parameters.joined(separator: ", "))
        return EvidenceItem(
            title: "training",
            lines: lines,
            state: run.code.dirtyDiff == nil ? .fine : .warning
        )
    }

    private func monitoringItem(_ model: String) async throws -> EvidenceItem {
        let reports = try await store.driftReports(
            model: model,
            version: nil,
            from: nil,
            to: nil,
            limit: 1
        )
        let alerts = try await store.alerts(openOnly: true, limit: 100).filter { $0.model == model }
        var lines: [String] = []
        if let report = reports.last {
            let share = decimals(report.driftedShare * 100, 0)
            lines.append("\(share) % of features drifted at \(report.windowStart.dateText)")
            for feature in report.features.prefix(3) {
                lines.append("\(feature.feature): PSI \(decimals(feature.psi, 2))")
            }
            if let performance = report.performance {
                lines.append(
                    "\(performance.metric.rawValue) in production "
                        + "\(decimals(performance.value, 4)), at validation "
                        + decimals(performance.expected, 4)
                )
            }
        } else {
            lines.append("no production rows yet")
        }
        for alert in alerts.prefix(3) { lines.append("alert \(alert.id): \(alert.message)") }
        return EvidenceItem(
            title: "monitoring",
            lines: lines,
            state: alerts.isEmpty ? .fine : .warning
        )
    }

    private func rollbackItem(
        _ version: ModelVersion,
        environment: EnvironmentPolicy
    ) async throws -> EvidenceItem {
        let deployment = try await store.deployments()
            .first { $0.model == version.model && $0.environment == environment.name }
        guard let deployment else {
            return EvidenceItem(
                title: "rollback",
                lines: ["first deployment to \(environment.name): nothing to roll back to"],
                state: .fine
            )
        }
        let health = await supervisor.health(of: deployment)
        var lines = [rollbackWords(version, deployment)]
        if let median = health.latencyMedianMilliseconds, let tail = health.latency99Milliseconds {
            lines.append(
                "now answering in \(decimals(median, 2)) ms, 99 % in \(decimals(tail, 2)) ms"
            )
        }
        lines.append("\(health.rows) rows scored since the process started")
        return EvidenceItem(title: "rollback", lines: lines, state: .fine)
    }
}

/// What a yes to a version means for what serves: it is replaced, or goes on and can be left.
private func rollbackWords(_ version: ModelVersion, _ deployment: Deployment) -> String {
    guard deployment.current.version == version.number else {
        return "replaces v\(deployment.current.version), which stays ready for a rollback"
    }
    let target = deployment.rollbackTarget.map { "a rollback goes to v\($0.version)" }
    return "\(version.label) serves already; \(target ?? "there is nothing to roll back to")"
}

/// A number with so many decimals, without a locale.
func decimals(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return String(value) }
    let digits = String(Int64(scaled))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if places == 0 { return sign + padded }
    return sign + padded.dropLast(places) + "." + padded.suffix(places)
}

/// The same with its sign always written.
func signed(_ value: Double, _ places: Int) -> String {
    let text = decimals(value, places)
    return value > 0 && !text.hasPrefix("-") ? "+" + text : text
}
