package import Domain
import EngineAPI

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
    case breakGlass(model: String, version: Int, environment: String, reason: String)
    case rollBack(model: String, environment: String, from: Int, to: Int)
    case acknowledge(ID<Alert>)
    /// For so many seconds; nil ends the muting.
    case mute(ID<Alert>, seconds: Double?)
    /// Tells a receiver of a made-up alert.
    case testReceiver(String)
    case registry(model: String, RegistryChange)
    /// A subcommand of the command line, which runs beside the room.
    case subcommand([String])
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
        case .breakGlass(let model, let version, let environment, _):
            localized("breaking the glass for \("\(model) v\(version) → \(environment)")")
        case .subcommand(let words): localized("running \(Subcommand(words: words).text)")
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

func carryOut(_ order: Order, by engine: any EngineConnection) async throws -> String {
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
        return try await train(request, by: engine)
    case .trainProject(let path):
        let request = StartTraining(project: path, cause: "started in the control room")
        return try await train(request, by: engine)
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
    case .breakGlass(let model, let version, let environment, let reason):
        let request = BreakGlass(
            model: model,
            version: version,
            environment: environment,
            reason: reason
        )
        return try await breakGlass(request, by: engine)
    case .subcommand: throw Refusal(.fault, "A subcommand is run beside the room, not sent.")
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

private func train(
    _ request: StartTraining,
    by engine: any EngineConnection
) async throws -> String {
    let run = try await engine.send(request)
    return localized(
        "\(run.id) of \(run.model) is \(localized(word: run.status.name)); \(run.job) has its log."
    )
}

private func breakGlass(
    _ request: BreakGlass,
    by engine: any EngineConnection
) async throws -> String {
    let approval = try await engine.send(request)
    return localized(
        "\(approval.title) is \(localized(word: approval.status.words)); its review waits in the inbox."
    )
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
