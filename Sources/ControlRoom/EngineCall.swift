package import Domain
package import EngineAPI

/// What the screens ask the engine, one case a request; equal calls ask the same.
package enum EngineCall: Hashable, Sendable {
    case overview
    case models
    /// Models that fit a search, where the list is too long to be here whole.
    case found(String)
    case model(String)
    case card(model: String, version: Int)
    case comparison(model: String, base: Int?, candidate: Int)
    /// So many of the newest runs.
    case runs(newest: Int)
    case drift(model: String, feature: String?, metric: DriftMetric)
    case histogram(model: String, feature: String, window: Timestamp?)
    /// The rows of a range, nil the newest verdict's, against a reference.
    case driftComparison(
        model: String,
        feature: String?,
        range: Range<Timestamp>?,
        reference: DriftReference
    )
    case approvals
    case lineage(Subject)
    case impact(Subject)
    case jobs
    /// The end of a job's log.
    case jobLog(ID<Job>)
    /// What a job's log gained after the lines that are here.
    case jobLogAfter(ID<Job>, line: Int)
    /// What stands in a job's log before the lines that are here.
    case jobLogBefore(ID<Job>, line: Int)
    /// How the runs of these jobs learnt, read from their logs.
    case curves([ID<Job>])
    case deployments
    /// The registry as it was; with `isServing` only the models that something served of.
    case past(Timestamp, isServing: Bool)
    case alerts
    case audit
    case verifyAudit
    case datasets
    case receivers
    /// What was told of an alert, and whether it arrived.
    case deliveries(ID<Alert>)
    /// Tells the engine what evidence was opened here; its clock says for how long.
    case opened(ID<Approval>, evidence: Digest, titles: [String])
    case order(Order)

    /// Calls of one kind replace each other: the last one asked is the one that counts.
    package enum Kind: Hashable, Sendable {
        case overview, models, model, comparison, runs, drift, histogram, driftComparison
        case approvals, lineage, jobs, jobLog, jobLogAfter, jobLogBefore, curves
        case deployments, alerts, audit, verifyAudit, datasets, order
        case found, card, past, impact, receivers, deliveries, opened
    }

    package var kind: Kind {
        switch self {
        case .overview: .overview
        case .models: .models
        case .found: .found
        case .card: .card
        case .model: .model
        case .comparison: .comparison
        case .runs: .runs
        case .drift: .drift
        case .histogram: .histogram
        case .driftComparison: .driftComparison
        case .approvals: .approvals
        case .lineage: .lineage
        case .impact: .impact
        case .jobs: .jobs
        case .jobLog: .jobLog
        case .jobLogAfter: .jobLogAfter
        case .jobLogBefore: .jobLogBefore
        case .curves: .curves
        case .deployments: .deployments
        case .past: .past
        case .alerts: .alerts
        case .audit: .audit
        case .verifyAudit: .verifyAudit
        case .datasets: .datasets
        case .receivers: .receivers
        case .deliveries: .deliveries
        case .opened: .opened
        case .order: .order
        }
    }

    /// Models that are asked for at once.
    static let modelRows = 200
    /// Runs that are asked for at once: reading them takes several times what they keep.
    static let runRows = 50
    /// Lines of a log that are asked for at once.
    static let logLines = 2_000
    /// Lines of a log that are fetched at once when one goes back in it.
    static let logPageLines = 10_000
    /// Lines of a log that are searched for rounds.
    static let curveLinesMaximum = 50_000
}

extension EngineCall.Kind {
    /// Whether a recorded change of this kind of thing can change the answer.
    func isAffected(by subject: SubjectKind) -> Bool {
        switch self {
        case .overview, .audit: true
        case .models, .model, .found, .card:
            [.model, .modelVersion, .run, .approval, .deployment, .driftReport, .alert]
                .contains(subject)
        case .comparison: subject == .modelVersion
        case .runs: [.run, .job, .modelVersion].contains(subject)
        case .drift, .histogram, .driftComparison:
            [.driftReport, .predictions, .deployment].contains(subject)
        case .approvals: [.approval, .modelVersion, .deployment].contains(subject)
        case .lineage, .impact: subject != .engine
        case .jobs, .jobLog: [.job, .run, .deployment].contains(subject)
        case .deployments: [.deployment, .approval, .modelVersion].contains(subject)
        case .alerts: [.alert, .driftReport].contains(subject)
        case .receivers, .deliveries: [.alert, .engine].contains(subject)
        case .datasets: [.datasetVersion, .file].contains(subject)
        case .curves: subject == .run
        // What was stays what it was.
        case .past, .jobLogAfter, .jobLogBefore, .verifyAudit, .opened, .order: false
        }
    }
}

/// An order that changes something, with all it names frozen when the user confirmed it.
package enum Order: Hashable, Sendable {
    case decide(
        approval: ID<Approval>,
        title: String,
        answer: Decision.Answer,
        reason: String,
        bundleDigest: Digest,
        evidenceDigest: Digest,
        reading: [EvidenceReading] = []
    )
    case train(model: String, data: ID<DatasetVersion>?, usesCollectedRows: Bool)
    case trainProject(path: String)
    case cancel(ID<Job>)
    case requestRelease(model: String, version: Int, environment: String)
    case deploy(model: String, version: Int, environment: String)
    case rollBack(model: String, environment: String, from: Int, to: Int)
    case acknowledge(ID<Alert>)
    /// For so many seconds; nil ends the muting.
    case mute(ID<Alert>, seconds: Double?)
    /// Tells a receiver of a made-up alert.
    case testReceiver(String)
    case registry(model: String, RegistryChange)
    /// One after the other; the first that is refused ends it.
    case all([Order])

    /// What is going to happen, such as `approving late-flights v2 → production`.
    package var progressWords: String {
        switch self {
        case .decide(_, let title, let answer, _, _, _, _):
            switch answer {
            case .approve: localized("approving \(title)")
            case .reject: localized("rejecting \(title)")
            case .requestChanges: localized("asking for changes to \(title)")
            case .revoke: localized("revoking \(title)")
            case .override: localized("breaking the glass for \(title)")
            }
        case .train(let model, _, _): localized("training \(model)")
        case .trainProject(let path): localized("training \(path)")
        case .cancel(let job): localized("cancelling \(job)")
        case .requestRelease(let model, let version, let environment):
            localized("asking for \(model) v\(version) → \(environment)")
        case .deploy(let model, let version, let environment):
            localized("deploying \(model) v\(version) → \(environment)")
        case .rollBack(let model, let environment, let from, let to):
            localized("rolling \(model) in \(environment) back from v\(from) to v\(to)")
        case .acknowledge(let alert): localized("acknowledging \(alert)")
        case .mute(let alert, nil): localized("ending the muting of \(alert)")
        case .mute(let alert, _): localized("muting \(alert)")
        case .testReceiver(let name): localized("sending a made-up alert to \(name)")
        case .registry(let model, let change): change.progressWords(of: model)
        case .all(let orders): orders.map(\.progressWords).joined(separator: ", ")
        }
    }

    /// Whether it leaves at once: an order that makes things safer must not wait.
    package var isUrgent: Bool {
        switch self {
        case .rollBack: true
        case .decide(_, _, let answer, _, _, _, _): answer != .approve
        default: false
        }
    }
}

extension RegistryChange {
    /// What is going to happen, such as `pointing candidate of late-flights at v3`.
    func progressWords(of model: String) -> String {
        func what(_ version: Int?) -> String { version.map { "\(model) v\($0)" } ?? model }
        return switch self {
        case .alias(let name, let version):
            version.map { localized("pointing \(name) of \(model) at v\($0)") }
                ?? localized("taking \(name) of \(model) away")
        case .protection(let name, let isProtected):
            localized("\(isProtected ? "protecting" : "unprotecting") \(name) of \(model)")
        case .tag(let version, let name, _): localized("tagging \(what(version)) with \(name)")
        case .description: localized("describing \(model)")
        case .owner(let name): localized("making \(name) the owner of \(model)")
        case .archive(let version, let isArchived):
            "\(isArchived ? "archiving" : "restoring") \(what(version))"
        case .delete(let version, _): localized("deleting \(what(version))")
        }
    }
}

/// The engine's answer to a call.
package enum EngineReply: Sendable, Equatable {
    case overview(Overview)
    case models([ModelRow])
    case found([ModelRow])
    case card(ModelCard)
    case model(ModelPage)
    case comparison(VersionComparison)
    case runs([Run])
    case drift(DriftSeries)
    case histogram(FeatureHistogram)
    case driftComparison(DriftComparison)
    case approvals([Approval])
    case lineage(Lineage)
    case impact(LineageImpact)
    case jobs([Job])
    case log(JobLog)
    case curves([LearningCurve])
    case deployments([DeploymentRow])
    case past(RegistryMoment)
    case alerts([Alert])
    case audit([AuditEvent])
    case verified(AuditVerification)
    case datasets([DatasetVersion])
    case receivers([ReceiverRow])
    case deliveries([Delivery])
    case opened
    /// An order was carried out: one sentence.
    case done(String)
    case refused(Refusal)
}

/// Asks the engine and turns whatever comes back, errors included, into an answer to show.
package func perform(
    _ call: EngineCall,
    on connection: any EngineConnection,
    language: Language = .english
) async -> EngineReply {
    do {
        return try await Language.$current.withValue(language) {
            try await answer(to: call, from: connection)
        }
    } catch let refusal as Refusal {
        return .refused(refusal)
    } catch {
        return .refused(Refusal(.fault, "The engine's answer could not be read: \(error)"))
    }
}

/// The newest runs, in parts: a run is read into far more memory than it keeps.
private func runs(newest count: Int, from engine: any EngineConnection) async throws -> [Run] {
    var runs: [Run] = []
    while runs.count < count {
        let wanted = min(EngineCall.runRows, count - runs.count)
        let part = try await engine.send(
            ListRuns(limit: wanted, before: runs.last?.id, isBrief: true)
        )
        runs += part
        if part.count < wanted { break }
    }
    return Run.sharingPipelines(runs)
}

private func answer(
    to call: EngineCall,
    from engine: any EngineConnection
) async throws -> EngineReply {
    switch call {
    case .overview: return .overview(try await engine.send(GetOverview()))
    case .models: return .models(try await engine.send(ListModels(limit: EngineCall.modelRows)))
    case .found(let query):
        let request = ListModels(query: query, limit: EngineCall.modelRows)
        return .found(try await engine.send(request))
    case .card(let model, let version):
        return .card(try await engine.send(GetModelCard(model: model, version: version)))
    case .model(let name): return .model(try await engine.send(GetModel(model: name)))
    case .comparison(let model, let base, let candidate):
        let request = CompareVersions(model: model, base: base, candidate: candidate)
        return .comparison(try await engine.send(request))
    case .runs(let count): return .runs(try await runs(newest: count, from: engine))
    case .drift(let model, let feature, let metric):
        let request = GetDrift(model: model, feature: feature, metric: metric)
        return .drift(try await engine.send(request))
    case .histogram(let model, let feature, let window):
        let request = GetHistogram(model: model, feature: feature, windowStart: window)
        return .histogram(try await engine.send(request))
    case .driftComparison(let model, let feature, let range, let reference):
        let request = CompareDrift(
            model: model,
            from: range?.lowerBound,
            to: range?.upperBound,
            reference: reference,
            feature: feature
        )
        return .driftComparison(try await engine.send(request))
    case .approvals: return .approvals(try await engine.send(ListApprovals(openOnly: false)))
    case .lineage(let subject): return .lineage(try await engine.send(GetLineage(of: subject)))
    case .impact(let subject): return .impact(try await engine.send(GetImpact(of: subject)))
    case .jobs: return .jobs(try await engine.send(ListJobs()))
    case .jobLog(let job):
        let lines = EngineCall.logLines
        return .log(try await engine.send(GetJobLog(job: job, fromLine: -lines, limit: lines)))
    case .jobLogAfter(let job, let line):
        return .log(try await engine.send(GetJobLog(job: job, fromLine: line)))
    case .jobLogBefore(let job, let line):
        let first = max(0, line - EngineCall.logPageLines)
        return .log(
            try await engine.send(GetJobLog(job: job, fromLine: first, limit: line - first))
        )
    case .curves(let jobs):
        var curves: [LearningCurve] = []
        for job in jobs { curves.append(try await learningCurve(of: job, from: engine)) }
        return .curves(curves)
    case .deployments: return .deployments(try await engine.send(ListDeployments()))
    case .past(let date, let isServing):
        let request = LookBack(
            at: date,
            isServing: isServing,
            limit: isServing ? ListModels.limitMaximum : EngineCall.modelRows
        )
        return .past(try await engine.send(request))
    case .alerts: return .alerts(try await engine.send(ListAlerts()))
    case .audit: return .audit(try await engine.send(ListAuditEvents()))
    case .verifyAudit: return .verified(try await engine.send(VerifyAudit()))
    case .datasets: return .datasets(try await engine.send(ListDatasetVersions()))
    case .receivers: return .receivers(try await engine.send(ListReceivers()))
    case .deliveries(let alert):
        return .deliveries(try await engine.send(ListDeliveries(alert: alert, limit: 20)))
    case .opened(let approval, let evidence, let titles):
        return try await noteOpened(approval, evidence, titles, on: engine)
    case .order(let order): return .done(try await carryOut(order, by: engine))
    }
}

/// Reads a log from its start, page by page, up to a length that no screen could show.
private func learningCurve(
    of job: ID<Job>,
    from engine: any EngineConnection
) async throws -> LearningCurve {
    var lines: [String] = []
    while lines.count < EngineCall.curveLinesMaximum {
        let page = try await engine.send(GetJobLog(job: job, fromLine: lines.count))
        lines += page.lines
        if page.lines.isEmpty || lines.count >= page.totalLines { break }
    }
    return LearningCurve(job: job, lines: lines)
}

/// Who may not decide reads all the same, and nothing is kept of it.
private func noteOpened(
    _ approval: ID<Approval>,
    _ evidence: Digest,
    _ titles: [String],
    on engine: any EngineConnection
) async throws -> EngineReply {
    do {
        let request = OpenEvidence(approval: approval, evidenceDigest: evidence, titles: titles)
        _ = try await engine.send(request)
    } catch let refusal as Refusal where refusal.kind == .forbidden {}
    return .opened
}

private func carryOut(_ order: Order, by engine: any EngineConnection) async throws -> String {
    switch order {
    case .decide(
        let approval,
        let title,
        let answer,
        let reason,
        let bundle,
        let evidence,
        let reading
    ):
        let request = Decide(
            approval: approval,
            answer: answer,
            reason: reason,
            bundleDigest: bundle,
            evidenceDigest: evidence,
            reading: reading
        )
        return try await decide(request, titled: title, by: engine)
    case .train(let model, let data, let usesCollectedRows):
        let request = StartTraining(
            model: model,
            data: data,
            usesCollectedRows: usesCollectedRows,
            cause: "started in the control room"
        )
        let run = try await engine.send(request)
        return localized(
            "\(run.id) of \(run.model) is \(localized(word: run.status.name)); \(run.job) has its log."
        )
    case .trainProject(let path):
        let request = StartTraining(project: path, cause: "started in the control room")
        let run = try await engine.send(request)
        return localized(
            "\(run.id) of \(run.model) is \(localized(word: run.status.name)); \(run.job) has its log."
        )
    case .cancel(let job):
        let cancelled = try await engine.send(CancelJob(job: job))
        return localized("\(cancelled.id) is \(localized(word: cancelled.status.name)).")
    case .requestRelease(let model, let version, let environment):
        let request = RequestRelease(model: model, version: version, environment: environment)
        let approval = try await engine.send(request)
        return localized("\(approval.title) is \(localized(word: approval.status.rawValue)).")
    case .deploy(let model, let version, let environment):
        let request = Deploy(model: model, version: version, environment: environment)
        let row = try await engine.send(request)
        return localized("\(row.deployment.id) serves v\(row.deployment.current.version).")
    case .rollBack(let model, let environment, let from, _):
        let request = RollBack(model: model, environment: environment, from: from)
        let row = try await engine.send(request)
        return localized("\(row.deployment.id) serves v\(row.deployment.current.version) again.")
    case .all(let orders): return try await carryOutAll(orders, by: engine)
    case .registry(let model, let change):
        _ = try await engine.change(model, change)
        return localized("Done: \(change.progressWords(of: model)).")
    case .acknowledge(let id):
        let alert = try await engine.send(AcknowledgeAlert(alert: id))
        return localized(
            "\(alert.id) is acknowledged by \(alert.acknowledgedBy?.name ?? localized("you"))."
        )
    case .mute(let id, let seconds): return try await mute(id, seconds, by: engine)
    case .testReceiver(let name): return try await testReceiver(name, by: engine)
    }
}

private func mute(
    _ id: ID<Alert>,
    _ seconds: Double?,
    by engine: any EngineConnection
) async throws -> String {
    let alert = try await engine.send(MuteAlert(alert: id, seconds: seconds))
    guard let until = alert.mutedUntil else {
        return localized("\(alert.id) is not muted any more.")
    }
    return localized("\(alert.id) is muted until \(until.dateText) \(until.timeText.prefix(5))Z.")
}

private func decide(
    _ request: Decide,
    titled title: String,
    by engine: any EngineConnection
) async throws -> String {
    let decided = try await engine.send(request)
    let missing = decided.approvalsNeeded - decided.approvals
    if decided.status == .pending, missing > 0 {
        return localized("Your approval of \(title) is recorded; \(missing) more needed.")
    }
    let own = decided.isSelfApproved ? localized(", self-approved") : ""
    return localized("\(title) is \(localized(word: decided.status.words))\(own).")
}
