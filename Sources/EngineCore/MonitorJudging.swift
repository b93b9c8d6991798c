import Domain
import EngineAPI
import FoundationEssentials
import Logging
import Monitoring
import Storage

extension DriftReport {
    /// The same figures, over a range that is too short to say drift or no drift.
    func withoutVerdict() -> DriftReport {
        DriftReport(
            model: model,
            version: version,
            deployment: deployment,
            windowStart: windowStart,
            windowEnd: windowEnd,
            rollingStart: rollingStart,
            rows: rows,
            features: features,
            prediction: prediction,
            driftedShare: driftedShare,
            verdict: .tooFewRows,
            performance: performance
        ).with(scoreShift, estimate)
    }

    private func with(_ shift: ScoreShift?, _ estimate: EstimatedPerformance?) -> DriftReport {
        var report = self
        report.scoreShift = shift
        report.estimate = estimate
        return report
    }
}

extension Monitor {
    /// Judges, in order, every window that ended at or before the newest row.
    func judgeEndedWindows(of deployment: Deployment) async throws {
        let model = deployment.model
        guard let through = newest[model] else { return }
        let current = try await store.deployment(deployment.id).current.version
        let state = try await versionState(model, current)
        let length = state.policy.windowSeconds
        if judgedThrough[model] == nil {
            judgedThrough[model] = try await lastJudged(of: model)
        }
        let stored = try await store.windowSketches(
            model: model,
            version: current,
            from: judgedThrough[model] ?? Timestamp(microseconds: 0),
            to: through
        )
        for start in stored.map(\.0) {
            let end = start.adding(seconds: length)
            guard end <= through else { break }
            try await judge(start, end, of: state, deployment: deployment)
            judgedThrough[model] = end
        }
    }

    private func lastJudged(of model: String) async throws -> Timestamp? {
        try await store.driftReports(model: model, version: nil, from: nil, to: nil, limit: 1)
            .last?.windowEnd
    }

    private func judge(
        _ start: Timestamp,
        _ end: Timestamp,
        of state: VersionState,
        deployment: Deployment
    ) async throws {
        let version = state.version
        let rolling = try await range(
            endingAt: end,
            of: (version.model, version.number),
            policy: state.policy
        )
        guard let sketch = rolling.sketch else { return }
        let isWhole = try await isWhole(rolling, of: version)
        // Made from the kept bytes themselves, so that they give the same report again.
        let evidence = try canonicalJSON(
            ReportEvidence(
                subject: DriftSubject(
                    model: version.model,
                    version: version.number,
                    deployment: deployment.id,
                    windowStart: start,
                    windowEnd: end,
                    rollingStart: rolling.start
                ),
                window: sketch,
                isWhole: isWhole,
                seasons: try await seasons(before: rolling.start, of: state),
                service: service(of: deployment.id)
            )
        )
        let report = try await verdict(
            from: evidence,
            digest: try store.blobs.put(evidence),
            state: state
        )
        let open = try await openAlerts(about: version.id.text)
        var rules = try await ruleState(of: version, open: open)
        let findings = rules.observe(report, isWhole: isWhole, policy: state.policy)
        let committed = try await store.recordReport(
            report,
            state: Array(try JSONEncoder().encode(rules)),
            alerts: changes(for: findings, report: report, owner: state.owner, open: open),
            at: settings.now()
        )
        events.publish(committed.events)
        await retrainIfAsked(findings, report: report, policy: state.policy.retrain)
    }

    /// Whether the version scored through the whole range: part of a week differs from a season's
    /// baseline by its weekdays and its one spell of weather alone.
    private func isWhole(_ range: RollingRange, of version: ModelVersion) async throws -> Bool {
        let name = version.id.text
        if settled.contains(name) { return true }
        let before = try await store.windowSketches(
            model: version.model,
            version: version.number,
            from: Timestamp(microseconds: 0),
            to: range.start.adding(seconds: 1)
        )
        if !before.isEmpty { settled.insert(name) }
        return !before.isEmpty
    }

    /// Resolves what was open about versions that no longer serve.
    func versionChanged(of model: String, to number: Int) async throws {
        let serving = "\(model)/v\(number)"
        for alert in try await store.alerts(openOnly: true, limit: 1_000)
        where alert.model == model && alert.subject != serving
            && alert.isAboutRows
        {
            let committed = try await store.resolveAlert(alert.id, by: .engine, at: settings.now())
            events.publish(committed.events)
        }
    }

    // MARK: - Retraining

    private func retrainIfAsked(
        _ findings: [JudgedFinding],
        report: DriftReport,
        policy: RetrainPolicy
    ) async {
        for finding in findings {
            switch finding.change {
            case .fired, .stillFiring: break
            default: continue
            }
            do {
                let decision = RetrainDecision(
                    rule: finding.rule.kind,
                    policy: policy,
                    history: try await retrainHistory(of: report.model),
                    now: report.windowEnd,
                    cause: report.causes?.first
                )
                switch decision {
                case .start(let reason):
                    // The alert's id alone: by it the run hangs below the alert in the lineage.
                    let open = try await openAlerts(
                        about: "\(report.model)/v\(report.version)"
                    )
                    let alert = open.first { $0.identity == finding.identity }
                    let cause = alert?.id.text ?? "\(finding.rule.kind.title): \(reason)"
                    if await startRetraining?(report.model, cause) == true {
                        lastRetrain[report.model] = report.windowEnd
                        log.info("retraining \(report.model): \(reason)")
                    }
                    return
                case .wait(let reason):
                    log.debug("no retrain of \(report.model): \(reason)")
                }
            } catch {
                log.error("Whether to retrain \(report.model) could not be decided: \(error)")
            }
        }
    }

    private func retrainHistory(of model: String) async throws -> RetrainHistory {
        let runs = try await store.runs(of: model, limit: 100)
        let waiting = try await store.approvals(openOnly: true, limit: 1_000)
            .first { $0.model == model }
        let lastEnd = runs.first { $0.trigger == .alert && $0.report != nil }?.report?.holdoutEnd
        return RetrainHistory(
            lastStartedAt: [lastRetrain[model], lastEnd].compactMap { $0 }.max(),
            open: runs.first { $0.status.isOpen }?.id.text ?? waiting?.id.text
        )
    }
}
