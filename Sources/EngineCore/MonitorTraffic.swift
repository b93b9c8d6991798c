import Domain
import EngineAPI
import Logging
import Monitoring
import Storage

/// What is known of the requests a deployment gets, from one report of its process to the next.
struct Traffic {
    private(set) var health: DeploymentHealth
    private(set) var reportedAt: Timestamp
    /// When requests last came; where none was seen yet, when the process was first heard of.
    private(set) var busyAt: Timestamp
    /// Whether a request was seen since this engine started.
    private(set) var hasRequests = false
    /// Requests a minute between the last two reports; nil after one report.
    private(set) var requestsPerMinute: Double?

    init(_ health: DeploymentHealth, at date: Timestamp) {
        self.health = health
        reportedAt = date
        busyAt = date
    }

    /// Takes the next report in. Counts begin at 0 with each process: a lower one is a new process,
    /// and says of requests only what it counts itself.
    mutating func take(_ next: DeploymentHealth, at date: Timestamp) {
        let isSameProcess =
            next.requests >= health.requests && next.startedAt == health.startedAt
        let new = isSameProcess ? next.requests - health.requests : next.requests
        let seconds = date.seconds(since: reportedAt)
        if seconds > 0 { requestsPerMinute = Double(new) / seconds * 60 }
        if new > 0 {
            busyAt = date
            hasRequests = true
        }
        health = next
        reportedAt = date
    }
}

extension Monitor {
    /// Rules that tell these alerts from others about the same deployment.
    static let absenceRule = "absence"
    static let answeringRule = "answering"
    /// Requests below this number say nothing of a share of errors.
    private static let requestsForShare = 50

    /// Takes in what is known of a scoring process, and alerts its owner when it does not answer,
    /// and when no request has come for as long as the pipeline's `monitor.absence` allows.
    ///
    /// What cannot be read is in the log: a process that tells of itself is never refused for it.
    func watch(_ health: DeploymentHealth, of deployment: Deployment) async {
        let now = settings.now()
        let before = traffic[deployment.id]
        var known = before ?? Traffic(health, at: now)
        known.take(health, at: now)
        traffic[deployment.id] = known
        do {
            let state = try await versionState(deployment.model, deployment.current.version)
            // An alert that an earlier engine opened is looked for at the first report.
            if before?.health.state != health.state {
                try await alertOnFailure(health, of: deployment, owner: state.owner, at: now)
            }
            if let limit = state.policy.absenceSeconds {
                try await alertOnAbsence(
                    known,
                    of: deployment,
                    limit: limit,
                    owner: state.owner,
                    at: now
                )
            }
        } catch {
            log.error("The service of \(deployment.id) could not be judged: \(error)")
        }
    }

    /// Looks for requests that stay away also where the process itself says nothing any more.
    func watchSilence() async {
        for (id, known) in traffic {
            do {
                let deployment = try await store.deployment(id)
                let state = try await versionState(deployment.model, deployment.current.version)
                guard let limit = state.policy.absenceSeconds else { continue }
                try await alertOnAbsence(
                    known,
                    of: deployment,
                    limit: limit,
                    owner: state.owner,
                    at: settings.now()
                )
            } catch {
                log.error("The traffic of \(id) could not be judged: \(error)")
            }
        }
    }

    private func alertOnFailure(
        _ health: DeploymentHealth,
        of deployment: Deployment,
        owner: String,
        at now: Timestamp
    ) async throws {
        switch health.state {
        case .failed:
            let message = """
                \(deployment.model) in \(deployment.environment) does not answer. \
                \(health.problem ?? "Look at the deployment's log.")
                """
            try await open(Monitor.answeringRule, message, of: deployment, owner: owner, at: now)
        case .ready: try await close(Monitor.answeringRule, of: deployment, at: now)
        case .starting, .restarting, .stopped: break
        }
    }

    private func alertOnAbsence(
        _ known: Traffic,
        of deployment: Deployment,
        limit: Double,
        owner: String,
        at now: Timestamp
    ) async throws {
        let silence = now.seconds(since: known.busyAt)
        if silence >= limit {
            let message = """
                No request has come to \(deployment.model) in \(deployment.environment) for \
                \(durationText(limit)). Look at what sends them.
                """
            try await open(Monitor.absenceRule, message, of: deployment, owner: owner, at: now)
        } else if known.hasRequests {
            // One that an earlier engine opened stays open until a request is seen.
            try await close(Monitor.absenceRule, of: deployment, at: now)
        }
    }

    private func openAlert(_ rule: String, of deployment: Deployment) async throws -> Alert? {
        try await store.alerts(openOnly: true, limit: 10_000).first {
            $0.subject == deployment.id.text && $0.ruleName == rule
        }
    }

    /// Opens an alert unless one of this rule is open already.
    private func open(
        _ rule: String,
        _ message: String,
        of deployment: Deployment,
        owner: String,
        at now: Timestamp
    ) async throws {
        let name = [deployment.id.text, rule]
        guard opening.insert(name).inserted else { return }
        defer { opening.remove(name) }
        guard try await openAlert(rule, of: deployment) == nil else { return }
        let committed = try await store.openAlert(
            AlertDraft(
                rule: .failure,
                severity: .critical,
                model: deployment.model,
                subject: deployment.id.text,
                owner: owner,
                startedAt: now,
                dataTime: now,
                message: message,
                status: .firing,
                name: rule,
                news: AlertNews(message: message, cause: DriftCause.Kind.technical.rawValue)
            )
        )
        events.publish(committed.events)
    }

    private func close(
        _ rule: String,
        of deployment: Deployment,
        at now: Timestamp
    ) async throws {
        guard let open = try await openAlert(rule, of: deployment) else { return }
        let committed = try await store.resolveAlert(open.id, by: .engine, at: now)
        events.publish(committed.events)
    }

    /// What is known of the service of a deployment; nil before it was heard of.
    func service(of deployment: ID<Deployment>) -> ServiceFacts? {
        guard let health = traffic[deployment]?.health else { return nil }
        return ServiceFacts(
            isAnswering: health.state != .failed,
            errorShare: health.requests < Monitor.requestsForShare
                ? 0 : Double(health.errors) / Double(health.requests),
            problem: health.problem
        )
    }
}
