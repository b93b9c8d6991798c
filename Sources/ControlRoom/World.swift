import Domain
import EngineAPI
import Terminal

/// What the engine said last; nil is not asked yet.
struct World: Sendable, Equatable {
    /// The time of the last tick: what "an hour ago" in a filter is measured from.
    var now = Timestamp(microseconds: 0)
    /// Counts the answers, so that what was made of them can be remembered.
    private(set) var revision = 0
    var overview: Overview?
    var models: [ModelRow]?
    /// What the engine found for a search of the list.
    var found: FoundModels?
    var page: ModelPage?
    var card: ModelCard?
    var comparison: VersionComparison?
    var runs: [Run]?
    var series: DriftSeries?
    var histogram: FeatureHistogram?
    var driftComparison: DriftComparison?
    var approvals: [Approval]?
    var lineage: Lineage?
    var impact: LineageImpact?
    var jobs: [Job]?
    var log: ShownLog?
    var curves: [ID<Job>: LearningCurve] = [:]
    var deployments: [DeploymentRow]?
    /// The moment that every view shows; nil is now.
    var pastDate: Timestamp?
    var pastModels: RegistryMoment?
    var pastServing: RegistryMoment?
    var alerts: [Alert]?
    var audit: [AuditEvent]?
    var verification: AuditVerification?
    var datasets: [DatasetVersion]?
    var receivers: [ReceiverRow]?
    /// Of the alert under the cursor, newest first.
    var deliveries: [Delivery]?
    /// Why there is no answer of a kind, as a sentence for the pane that would show it.
    var refusals: [EngineCall.Kind: String] = [:]

    /// The models as far as they are known, from the list or from the overview.
    var knownModels: [ModelRow] { models ?? overview?.models ?? [] }

    var counters: Counters? { overview?.counters }

    /// What an empty list says: what to do about it, or that there was nothing at the moment looked
    /// back to.
    func empty(_ hint: String) -> String {
        pastDate == nil ? hint : localized("There was nothing here then.")
    }

    /// What does not fit in the audit log, by the newest verification that is known here.
    var brokenLog: BrokenLog? {
        if let verification, let problem = verification.problem {
            return BrokenLog(firstBad: verification.firstBad, problem: problem)
        }
        guard let engine = overview?.engine, let problem = engine.auditProblem else { return nil }
        return BrokenLog(firstBad: engine.auditFirstBad, problem: problem)
    }

    /// Forgets what is here: from now on the answers are those of another moment.
    mutating func turn(to date: Timestamp?) {
        var world = World()
        world.now = now
        world.pastDate = date
        // Who remembers what was made of an answer must not take the new ones for it.
        world.revision = revision + 1
        self = world
    }

    /// Takes an answer, unless it is of another moment than the one looked at.
    mutating func take(_ reply: EngineReply, to asked: EngineCall) {
        var call = asked
        if case .asOf(let date, let present) = asked {
            guard date == pastDate else { return }
            call = present
        } else if pastDate != nil, asked.kind.looksBack {
            return
        }
        refusals[call.kind] = nil
        revision += 1
        switch reply {
        case .overview(let answer): overview = answer
        case .models(let answer): models = answer
        case .found(let answer):
            if case .found(let query) = call { found = FoundModels(query: query, rows: answer) }
        case .card(let answer): card = answer
        case .model(let answer): page = answer
        case .comparison(let answer): comparison = answer
        case .runs(let answer): runs = answer
        case .drift(let answer): series = answer
        case .histogram(let answer): histogram = answer
        case .driftComparison(let answer): driftComparison = answer
        case .approvals(let answer): approvals = answer
        case .lineage(let answer): lineage = answer
        case .impact(let answer): impact = answer
        case .jobs(let answer): jobs = answer
        case .log(let answer): take(answer, to: call)
        case .curves(let answer):
            curves = Dictionary(answer.map { ($0.job, $0) }) { $1 }
        case .deployments(let answer): deployments = answer
        case .past(let answer):
            guard case .past(_, let isServing) = call else { return }
            if isServing { pastServing = answer } else { pastModels = answer }
        case .alerts(let answer): alerts = answer
        case .audit(let answer): audit = answer
        case .verified(let answer): verification = answer
        case .datasets(let answer): datasets = answer
        case .receivers(let answer): receivers = answer
        case .deliveries(let answer): deliveries = answer
        case .refused(let refusal): refusals[call.kind] = refusal.message
        case .opened, .done: break
        }
    }

    private mutating func take(_ answer: JobLog, to call: EngineCall) {
        switch call {
        case .jobLog(let job):
            // The same log told anew joins what is here, so that nobody who reads it is moved.
            if let log, log.job == job, log.joins(answer) {
                self.log?.append(answer)
            } else {
                log = ShownLog(job: job, log: answer)
            }
        case .jobLogAfter(let job, _) where log?.job == job: log?.append(answer)
        case .jobLogBefore(let job, _) where log?.job == job: log?.prepend(answer)
        default: break
        }
    }

    mutating func take(_ progress: JobProgress, of job: ID<Job>) {
        if let index = jobs?.firstIndex(where: { $0.id == job }) {
            jobs?[index].progress = progress
        }
        if let index = overview?.jobs.firstIndex(where: { $0.id == job }) {
            overview?.jobs[index].progress = progress
        }
    }

    /// Returns whether the deployment is known, so that the change is on the screen.
    mutating func take(_ health: DeploymentHealth, of deployment: ID<Deployment>) -> Bool {
        guard let index = deployments?.firstIndex(where: { $0.deployment.id == deployment })
        else { return false }
        deployments?[index].health = health
        if let name = deployments?[index].deployment.model {
            let environment = deployments?[index].deployment.environment
            let row = overview?.models.firstIndex {
                $0.name == name && $0.environment == environment
            }
            if let row { overview?.models[row].health = health }
        }
        return true
    }
}

/// The models that fit a search.
struct FoundModels: Sendable, Equatable {
    let query: String
    let rows: [ModelRow]
}

/// Why the audit log cannot be trusted.
struct BrokenLog: Sendable, Equatable {
    let firstBad: Int64?
    let problem: String
}

/// The lines of one job's log that are here.
struct ShownLog: Sendable, Equatable {
    let job: ID<Job>
    private(set) var firstLine: Int
    private(set) var lines: [String]
    private(set) var totalLines: Int
    /// Numbers of the lines that tell of an error, counted as the log counts them.
    private(set) var errors: [Int]

    /// Lines kept; the oldest go first.
    static let capacity = 100_000

    init(job: ID<Job>, log: JobLog) {
        self.job = job
        firstLine = log.firstLine
        lines = log.lines
        totalLines = log.totalLines
        errors = Self.errors(in: log)
    }

    var errorLines: [String] { errors.map { lines[$0 - firstLine] } }

    private static func errors(in log: JobLog) -> [Int] {
        log.lines.indices.filter { LogLine(reading: log.lines[$0]).role == .bad }
            .map { $0 + log.firstLine }
    }

    var lineAfter: Int { firstLine + lines.count }

    /// Whether an answer goes on with these lines; a log that was begun anew is shorter.
    func joins(_ answer: JobLog) -> Bool {
        answer.totalLines >= totalLines && (firstLine...lineAfter).contains(answer.firstLine)
    }

    /// Whether earlier lines can still be fetched.
    var hasEarlier: Bool { firstLine > 0 && lines.count < Self.capacity }

    /// Joins the lines that stand right before those that are here.
    mutating func prepend(_ earlier: JobLog) {
        totalLines = max(totalLines, earlier.totalLines)
        guard earlier.firstLine < firstLine,
            earlier.firstLine + earlier.lines.count == firstLine
        else { return }
        let room = max(0, Self.capacity - lines.count)
        let kept = JobLog(
            firstLine: firstLine - min(room, earlier.lines.count),
            lines: Array(earlier.lines.suffix(room)),
            totalLines: earlier.totalLines
        )
        errors = Self.errors(in: kept) + errors
        lines = kept.lines + lines
        firstLine = kept.firstLine
    }

    /// Joins newer lines; where they overlap, what came later counts.
    mutating func append(_ more: JobLog) {
        totalLines = max(totalLines, more.totalLines)
        guard more.firstLine >= firstLine, more.firstLine <= lineAfter else { return }
        lines.removeLast(lineAfter - more.firstLine)
        lines += more.lines
        errors.removeAll { $0 >= more.firstLine }
        errors += Self.errors(in: more)
        let excess = lines.count - Self.capacity
        if excess > 0 {
            lines.removeFirst(excess)
            firstLine += excess
            errors.removeAll { $0 < firstLine }
        }
    }
}
