import ControlRoom
import Domain
import EngineAPI
import Terminal

/// A user at the control room: presses keys, and an engine that answers from the fixture world.
struct Journey {
    private(set) var state: RoomState
    /// Everything that was asked for, in order.
    private(set) var effects: [Effect] = []

    init(
        columns: Int = 100,
        rows: Int = 30,
        holdSeconds: Double = 8,
        armSeconds: Double = 0,
        isReadOnly: Bool = false,
        isEmpty: Bool = false,
        followSeconds: Double = 0,
        memory: RoomMemory = RoomMemory(),
        language: Language = .english
    ) {
        state = RoomState(
            settings: RoomSettings(
                user: "ana",
                host: "ml-box",
                holdSeconds: holdSeconds,
                armSeconds: armSeconds,
                isReadOnly: isReadOnly,
                followSeconds: followSeconds,
                language: language
            ),
            size: Size(columns: columns, rows: rows),
            now: FixtureWorld.now,
            memory: memory
        )
        self.isEmpty = isEmpty
        carryOut(state.start())
    }

    private let isEmpty: Bool

    var orders: [Order] {
        effects.compactMap { effect in
            if case .send(.order(let order)) = effect { return order }
            return nil
        }
    }

    var calls: [EngineCall] {
        effects.compactMap { effect in
            if case .send(let call) = effect { return call }
            return nil
        }
    }

    mutating func forgetEffects() { effects = [] }

    mutating func send(_ message: Message) { carryOut(state.update(message)) }

    /// Presses keys one after the other, written as the key table writes them.
    mutating func press(_ names: String...) {
        for name in names {
            guard let key = Key(name) else { continue }
            send(.input(.key(key)))
        }
    }

    mutating func type(_ text: String) {
        for character in text { send(.input(.key(.character(character)))) }
    }

    /// Lets time go by, a tick a second.
    mutating func wait(seconds: Int) {
        for _ in 0..<seconds { send(.tick(state.now.adding(seconds: 1))) }
    }

    func grid(glyphs: GlyphSet = .unicode) -> CellGrid {
        var grid = CellGrid(size: state.size, glyphs: glyphs)
        state.draw(into: &grid)
        return grid
    }

    var text: String { grid().plainText }
    var lines: [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    /// The row above the hints.
    var status: String { lines[lines.count - 2] }

    private mutating func carryOut(_ new: [Effect]) {
        effects += new
        for effect in new {
            guard case .send(let call) = effect, let reply = FixtureEngine.reply(to: call, isEmpty)
            else {
                continue
            }
            carryOut(state.update(.answer(to: call, reply)))
        }
    }
}

/// Answers as the engine would; orders stay unanswered.
enum FixtureEngine {
    static func reply(to call: EngineCall, _ isEmpty: Bool) -> EngineReply? {
        if case .asOf(let date, let present) = call {
            return reply(to: present, isEmpty).map { past($0, at: date) }
        }
        return isEmpty ? emptyReply(to: call) : fullReply(to: call)
    }

    /// Lists as the engine gives them for a moment that has passed.
    private static func past(_ reply: EngineReply, at date: Timestamp) -> EngineReply {
        switch reply {
        case .runs(let runs): .runs(runs.compactMap { $0.past(at: date) })
        case .jobs(let jobs): .jobs(jobs.compactMap { $0.past(at: date) })
        case .alerts(let alerts): .alerts(alerts.compactMap { $0.past(at: date) })
        case .approvals(let approvals): .approvals(approvals.compactMap { $0.asOf(date) })
        case .audit(let events): .audit(events.filter { $0.content.at <= date })
        case .datasets(let versions): .datasets(versions.filter { $0.createdAt <= date })
        default: reply
        }
    }

    private static func fullReply(to call: EngineCall) -> EngineReply? {
        switch call {
        case .asOf: return nil
        case .overview: return .overview(FixtureWorld.overview)
        case .models: return .models(FixtureWorld.modelRows)
        case .model(let name): return name == FixtureWorld.model ? .model(FixtureWorld.page) : nil
        case .comparison: return .comparison(FixtureWorld.comparison)
        case .runs: return .runs(FixtureWorld.runs)
        case .drift(_, let feature, let metric):
            var series = FixtureWorld.series
            series.feature = feature
            series.metric = metric
            return .drift(series)
        case .histogram: return .histogram(FixtureWorld.histogram)
        case .driftComparison(_, let feature, _, let reference):
            return .driftComparison(FixtureWorld.comparison(with: reference, feature))
        case .approvals: return .approvals(FixtureWorld.approvals)
        case .lineage(let subject):
            let (nodes, edges) = (FixtureWorld.lineage.nodes, FixtureWorld.lineage.edges)
            return .lineage(Lineage(root: subject, nodes: nodes, edges: edges, isTruncated: false))
        case .impact(let subject): return .impact(FixtureWorld.impact(of: subject))
        case .jobs: return .jobs(FixtureWorld.jobs)
        case .jobLog: return .log(FixtureWorld.log)
        case .jobLogAfter(_, let line):
            let more = JobLog(firstLine: line, lines: ["one more line"], totalLines: line + 1)
            return .log(more)
        case .jobLogBefore(_, let line):
            let lines = (0..<line).map { "line \($0)" }
            return .log(JobLog(firstLine: 0, lines: lines, totalLines: line))
        case .curves(let jobs):
            return .curves(
                jobs.enumerated().map { index, job in
                    let lines = (1...40).map {
                        "round \($0): inner auc 0.\(6_000 + $0 * (40 - index * 12))"
                    }
                    return LearningCurve(job: job, lines: lines)
                }
            )
        case .deployments: return .deployments(FixtureWorld.deployments)
        case .past(let date, _): return .past(FixtureWorld.moment(at: date))
        case .alerts: return .alerts(FixtureWorld.alerts)
        case .audit: return .audit(FixtureWorld.audit)
        case .verifyAudit:
            let head = FixtureWorld.digest("audit147")
            return .verified(
                AuditVerification(events: 147, head: head, firstBad: nil, problem: nil)
            )
        case .datasets: return .datasets(FixtureWorld.datasets)
        case .receivers: return .receivers(FixtureWorld.receivers)
        case .deliveries(let alert):
            return .deliveries(
                FixtureWorld.deliveries.filter {
                    $0.notification.alerts.contains { $0.id == alert }
                }
            )
        case .found(let query):
            if query.hasSuffix(":") { return .refused(Refusal(.invalid, "Say what to look for.")) }
            return .found(query.contains("ops") ? [] : FixtureWorld.modelRows)
        case .card(let model, let version):
            return .card(card(of: model, version))
        case .opened: return .opened
        case .order: return nil
        }
    }

    private static func card(of model: String, _ version: Int) -> ModelCard {
        ModelCard(
            model: model,
            version: version,
            stage: .deployment,
            sections: [
                ModelCard.Section(
                    "Business purpose and intended use",
                    sentences: ["Says which flights will be late."],
                    facts: [ModelCard.Fact("intended use", "planning of crews")]
                )
            ]
        )
    }

    private static func emptyReply(to call: EngineCall) -> EngineReply? {
        switch call {
        case .overview:
            var overview = FixtureWorld.overview
            overview.needs = []
            overview.models = []
            overview.jobs = []
            overview.alerts = []
            overview.recent = []
            overview.counters = Counters(
                inbox: 0,
                criticalAlerts: 0,
                warningAlerts: 0,
                runningJobs: 0,
                drifting: 0
            )
            return .overview(overview)
        case .models: return .models([])
        case .runs: return .runs([])
        case .approvals: return .approvals([])
        case .jobs: return .jobs([])
        case .deployments: return .deployments([])
        case .alerts: return .alerts([])
        case .audit: return .audit([])
        case .datasets: return .datasets([])
        case .receivers: return .receivers([])
        default: return nil
        }
    }
}
