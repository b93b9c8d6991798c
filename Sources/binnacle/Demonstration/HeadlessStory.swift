import Domain
import EngineAPI
import Synchronization
import Tables

/// The whole story lived unattended: every step is really taken, printed with its real numbers,
/// and checked; a step that did not happen ends the program with 1.
final class HeadlessStory: Sendable {
    /// Days a second while nothing is being decided; while a run trains and its version is released
    /// the year goes slowly, so that the version is swapped in between two requests of one day.
    private static let fastPace = 1_000.0
    private static let slowPace = 0.2
    /// How long a day's rows may take to reach the engine before the year goes on without them.
    private static let collectionSeconds = 30.0
    private static let reason = "decided by the demonstration, unattended"

    private let project: DemonstrationProject
    private let data: FlightData
    private let connection: any EngineConnection
    private let replay: Replay
    /// Rows the engine has taken in since the replay began.
    private let collected = Mutex(0)
    private let began = currentTime()

    init(project: DemonstrationProject, data: FlightData, connection: any EngineConnection) {
        self.project = project
        self.data = data
        self.connection = connection
        replay = Replay(data: data, model: DemonstrationProject.model, connection: connection)
    }

    func run() async throws {
        say("Flights from New York in 2013: \(data.table.rowCount) rows, \(data.days.count) days.")
        try await trainFirst()
        let watcher = Task { try await decideWhatComes() }
        let replaying = Task { try await replayYear() }
        do {
            try await replaying.value
            try await settle()
            watcher.cancel()
        } catch {
            watcher.cancel()
            replaying.cancel()
            throw error
        }
        try await checkTheStory()
    }

    // MARK: - The steps

    private func trainFirst() async throws {
        var run = try await project.begin(data, over: connection)
        run = try await project.ending(of: run.id, over: connection)
        guard case .registered(_, let number) = run.status, let report = run.report else {
            throw Refusal(.fault, "The first model was not registered: \(describe(run)).")
        }
        say("Trained on January and February: v\(number) registered. \(values(report))")
        try await approve(try await firstRequest())
    }

    /// The first version is checked and measured before its approval is asked for.
    private func firstRequest() async throws -> Approval {
        let events = try await connection.events(after: nil)
        if let found = try await connection.send(ListApprovals()).first { return found }
        for await event in events {
            guard case .recorded(let recorded) = event, recorded.content.subject.kind == .approval
            else { continue }
            if let found = try await connection.send(ListApprovals()).first { return found }
        }
        throw Refusal(.fault, "Registering v1 opened no approval request.")
    }

    private func replayYear() async throws {
        replay.pace.withLock { $0 = HeadlessStory.fastPace }
        let project = project
        let connection = connection
        let events = try await connection.events(after: nil)
        let counting = Task {
            for await event in events {
                guard case .collected(_, let rows, _) = event else { continue }
                collected.withLock { $0 += rows }
            }
        }
        defer { counting.cancel() }
        try await replay.run(
            onPort: { try await project.servingPort(over: connection) },
            from: nil,
            changed: { progress in try await self.endDay(progress) }
        )
        let progress = replay.progress
        say(
            "The year is replayed: \(progress.requests) requests, \(progress.failures) failed, "
                + "answered by "
                + progress.answeredBy.sorted { $0.key < $1.key }
                .map { "v\($0.key) \($0.value)" }.joined(separator: ", ") + "."
        )
    }

    /// Lets a day end only when the engine has all of its rows and nothing is left to decide.
    ///
    /// Otherwise it would be up to the machine how many days lie between the rows of a window and
    /// its verdict, which labels are known by then and on which day a version is swapped in: the
    /// story would be another one each time.
    private func endDay(_ progress: Replay.Progress) async throws {
        let limit = currentTime().adding(seconds: HeadlessStory.collectionSeconds)
        let answered = progress.requests - progress.failures
        while collected.withLock({ $0 }) < answered, currentTime() < limit {
            try await Task.sleep(for: .milliseconds(5))
        }
        // Few days need to be waited for: a stream of events is only asked for then.
        if try await !isSettled() { try await settle() }
        replay.pace.withLock { $0 = HeadlessStory.fastPace }
    }

    /// Follows the engine's events: says what happens, slows the year down while a run trains, and
    /// takes the decisions a person would.
    private func decideWhatComes() async throws {
        for await event in try await connection.events(after: nil) {
            guard case .recorded(let recorded) = event else { continue }
            let content = recorded.content
            switch content.subject.kind {
            case .alert: try await tellAlert(content)
            case .run: try await tellRun(content)
            case .approval:
                let open = try await connection.send(ListApprovals())
                if let approval = open.first(where: { $0.id.text == content.subject.id }) {
                    try await approve(approval)
                }
            case .deployment:
                if content.action.hasPrefix("deployment.") { say(content.summary) }
                if content.action == "deployment.deployed" {
                    replay.pace.withLock { $0 = HeadlessStory.fastPace }
                }
            default: break
            }
        }
    }

    private func tellAlert(_ content: AuditDraft) async throws {
        guard content.action == "alert.opened" || content.action == "alert.resolved" else { return }
        say("\(replay.progress.day.dateText)  \(content.summary)")
    }

    private func tellRun(_ content: AuditDraft) async throws {
        let run = try await connection.send(GetRun(run: ID(content.subject.id)))
        // What is registered is approved and deployed before the year goes on.
        let isDecided = !run.status.isOpen && registeredVersion(of: run) == nil
        replay.pace.withLock {
            $0 = isDecided ? HeadlessStory.fastPace : HeadlessStory.slowPace
        }
        switch run.status {
        case .queued: break
        case .running:
            guard content.action == "run.started" else { return }
            say("\(replay.progress.day.dateText)  \(run.id) trains: \(run.cause)")
        default:
            say("\(replay.progress.day.dateText)  \(describe(run))")
            if let report = run.report { say("            \(values(report))") }
        }
    }

    private func approve(_ approval: Approval) async throws {
        let decided = try await connection.send(
            Decide(
                approval: approval.id,
                answer: .approve,
                reason: HeadlessStory.reason,
                bundleDigest: approval.bundleDigest,
                evidenceDigest: approval.evidenceDigest
            )
        )
        let items = approval.evidence.count
        say(
            "\(approval.title): \(decided.status.rawValue) on \(items) items of evidence, bundle "
                + "\(approval.bundleDigest.short) (\(HeadlessStory.reason))."
        )
    }

    /// Waits until no run is open, no step of a release, and no approval waits.
    private func settle() async throws {
        let events = try await connection.events(after: nil)
        if try await isSettled() { return }
        for await _ in events where try await isSettled() { return }
    }

    private func isSettled() async throws -> Bool {
        let runs = try await connection.send(ListRuns(model: DemonstrationProject.model))
        let approvals = try await connection.send(ListApprovals(openOnly: false))
        let jobs = try await connection.send(ListJobs())
        // A version is checked and measured before its approval is asked for.
        let asked = Set(approvals.map(\.version))
        let isEachAsked = runs.compactMap(registeredVersion).allSatisfy(asked.contains)
        let underWay: Set<ApprovalStatus> = [.checks, .pending, .approved, .deploying]
        return isEachAsked && !approvals.contains { underWay.contains($0.status) }
            && !runs.contains { $0.status.isOpen } && !jobs.contains { $0.status.isOpen }
    }

    private func registeredVersion(of run: Run) -> Int? {
        guard case .registered(_, let version) = run.status else { return nil }
        return version
    }

    // MARK: - What must have happened

    private func checkTheStory() async throws {
        let model = DemonstrationProject.model
        let runs = try await connection.send(ListRuns(model: model))
        let alerts = try await connection.send(ListAlerts())
        let page = try await connection.send(GetModel(model: model))
        let deployments = try await connection.send(ListDeployments())
        let audit = try await connection.send(VerifyAudit())
        let progress = replay.progress
        let served = deployments.flatMap { $0.deployment.revisions.map(\.version) }
        let autumn = runs.contains { run in
            guard run.trigger == .alert, case .refused = run.status else { return false }
            return (run.report?.holdoutEnd?.dateText ?? "") >= "2013-09-15"
        }
        let reports = try await connection.send(ListDriftReports(model: model, limit: 1_000))
        let report = reports.first
        let seasons = reports.count { $0.causes?.first?.likely.kind == .season }
        let causes = Set(runs.filter { $0.trigger == .alert }.map(\.cause))
        let reasons = alerts.filter { causes.contains($0.id.text) }.map(\.rule)
        let lineage = try await connection.send(
            GetLineage(of: Subject(.modelVersion, "\(model)/v\(served.last ?? 1)"))
        )
        let kinds = Set(lineage.nodes.map(\.subject.kind))
        let trail: Set<SubjectKind> = [
            .file, .datasetVersion, .run, .modelVersion, .approval, .deployment, .predictions,
        ]
        let checks: [(String, Bool)] = [
            ("every request was answered", progress.failures == 0 && progress.requests > 50_000),
            ("version 1 was approved and served", served.first == 1),
            ("the warm season was named as one in \(seasons) windows", seasons > 20),
            (
                "a measured loss, never the season alone, started each retrain",
                !reasons.isEmpty && reasons.allSatisfy { $0 == .performance }
            ),
            ("a retrain was better and registered", page.versions.count >= 2),
            ("it was approved and swapped in under traffic", Set(served).count >= 2),
            ("each swap changed the answers once", progress.swaps == Set(served).count - 1),
            ("a retrain of the autumn was refused by the gate", autumn),
            ("the owner was alerted to it", alerts.contains { $0.rule == .refusedCandidate }),
            ("windows were judged with true labels", report?.performance != nil),
            ("lineage goes from the file to the predictions", trail.isSubset(of: kinds)),
            ("the audit chain verifies", audit.problem == nil && audit.events > 100),
        ]
        for (text, isTrue) in checks { say("\(isTrue ? "✔" : "✖") \(text)") }
        say("\(audit.events) audit events, head \(audit.head.short).")
        let failed = checks.filter { !$0.1 }.map(\.0)
        guard failed.isEmpty else {
            let list = failed.joined(separator: "; ")
            throw Refusal(.fault, "The story did not happen as it must: not \(list).")
        }
        say("The whole story happened.")
    }

    // MARK: - Words

    private func say(_ text: String) {
        let seconds = Int(currentTime().seconds(since: began))
        let clock = String(repeating: " ", count: max(0, 4 - String(seconds).count)) + "\(seconds)"
        complain("\(clock) s  \(text)", to: 1)
    }

    private func values(_ report: ValidationReport) -> String {
        guard let primary = report.comparison(report.primary) else { return "" }
        let name = report.primary.rawValue
        let value = fixed(primary.candidate, 4)
        guard let champion = primary.champion, let difference = primary.difference,
            let interval = primary.differenceInterval
        else { return "\(name) \(value) on \(report.holdoutRows) holdout rows." }
        return "\(name) \(fixed(champion, 4)) → \(value), \(fixed(difference, 4)) "
            + "[\(fixed(interval.low, 4)), \(fixed(interval.high, 4))] on \(report.holdoutRows) rows."
    }

    private func describe(_ run: Run) -> String {
        switch run.status {
        case .registered(_, let version): "\(run.id) is better: registered as v\(version)."
        case .refused(_, let reasons): "\(run.id) is not better: \(reasons.first ?? "")"
        case .failed(_, let reason): "\(run.id) failed: \(reason)"
        default: "\(run.id) is \(run.status.name)."
        }
    }
}

/// A number with so many decimals.
func fixed(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let digits = String(Int64((abs(value) * scale).rounded()))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return (value < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
}
