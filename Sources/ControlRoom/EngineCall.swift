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
    /// The same as of a moment that has passed.
    indirect case asOf(Timestamp, EngineCall)

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
        case .asOf(_, let call): call.kind
        }
    }

    /// The call for what was at a moment; itself where that is the same then as now.
    func asOf(_ date: Timestamp) -> EngineCall { kind.looksBack ? .asOf(date, self) : self }

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
    /// Whether the answer was another one at a moment that has passed.
    var looksBack: Bool {
        switch self {
        case .overview, .models, .runs, .drift, .histogram, .driftComparison, .approvals, .lineage,
            .impact, .jobs, .alerts, .audit, .datasets:
            true
        default: false
        }
    }

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
private func runs(
    newest count: Int,
    asOf date: Timestamp?,
    from engine: any EngineConnection
) async throws -> [Run] {
    var runs: [Run] = []
    while runs.count < count {
        let wanted = min(EngineCall.runRows, count - runs.count)
        let request = ListRuns(limit: wanted, before: runs.last?.id, isBrief: true)
        let part = try await engine.send(request.lookingBack(to: date))
        runs += part
        if part.count < wanted { break }
    }
    return Run.sharingPipelines(runs)
}

private func answer(
    to call: EngineCall,
    from engine: any EngineConnection
) async throws -> EngineReply {
    if case .asOf(let date, let call) = call {
        return try await answer(to: call, asOf: date, from: engine)
    }
    return try await answer(to: call, asOf: nil, from: engine)
}

/// What differs from one moment to another, and below it what does not.
private func answer(
    to call: EngineCall,
    asOf date: Timestamp?,
    from engine: any EngineConnection
) async throws -> EngineReply {
    func then<Request: LookingBack>(_ request: Request) async throws -> Request.Answer {
        try await engine.send(request.lookingBack(to: date))
    }
    switch call {
    case .overview: return .overview(try await then(GetOverview()))
    case .models: return .models(try await then(ListModels(limit: EngineCall.modelRows)))
    case .runs(let count): return .runs(try await runs(newest: count, asOf: date, from: engine))
    case .drift(let model, let feature, let metric):
        return .drift(try await then(GetDrift(model: model, feature: feature, metric: metric)))
    case .histogram(let model, let feature, let window):
        let request = GetHistogram(model: model, feature: feature, windowStart: window)
        return .histogram(try await then(request))
    case .driftComparison(let model, let feature, let range, let reference):
        let request = CompareDrift(
            model: model,
            from: range?.lowerBound,
            to: range?.upperBound,
            reference: reference,
            feature: feature
        )
        return .driftComparison(try await then(request))
    case .approvals: return .approvals(try await then(ListApprovals(openOnly: false)))
    case .lineage(let subject): return .lineage(try await then(GetLineage(of: subject)))
    case .impact(let subject): return .impact(try await then(GetImpact(of: subject)))
    case .jobs: return .jobs(try await then(ListJobs()))
    case .alerts: return .alerts(try await then(ListAlerts()))
    case .audit: return .audit(try await then(ListAuditEvents()))
    case .datasets: return .datasets(try await then(ListDatasetVersions()))
    default: return try await timelessAnswer(to: call, from: engine)
    }
}

private func timelessAnswer(
    to call: EngineCall,
    from engine: any EngineConnection
) async throws -> EngineReply {
    switch call {
    case .found(let query):
        let request = ListModels(query: query, limit: EngineCall.modelRows)
        return .found(try await engine.send(request))
    case .card(let model, let version):
        return .card(try await engine.send(GetModelCard(model: model, version: version)))
    case .model(let name): return .model(try await engine.send(GetModel(model: name)))
    case .comparison(let model, let base, let candidate):
        let request = CompareVersions(model: model, base: base, candidate: candidate)
        return .comparison(try await engine.send(request))
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
    case .verifyAudit: return .verified(try await engine.send(VerifyAudit()))
    case .receivers: return .receivers(try await engine.send(ListReceivers()))
    case .deliveries(let alert):
        return .deliveries(try await engine.send(ListDeliveries(alert: alert, limit: 20)))
    case .opened(let approval, let evidence, let titles):
        return try await noteOpened(approval, evidence, titles, on: engine)
    case .order(let order): return .done(try await carryOut(order, by: engine))
    default: throw Refusal(.fault, "\"\(call.kind)\" has no answer that is the same at any time.")
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
