import Domain
import EngineAPI
import Synchronization

@testable import ScoringServer

/// An engine in the same process: has a plan, keeps what it is told, can go away and come back.
final class FakeEngine: EngineConnection {
    private struct State {
        var plan: DeploymentPlan
        var isAway = false
        var refusesRows: Refusal?
        var loseAnswers = 0
        var reports: [DeploymentHealth] = []
        var batches: [RecordPredictions] = []
        var watchers: [AsyncStream<EngineEvent>.Continuation] = []
        var changes: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextChange = 0
        var sequence: Int64 = 0
    }

    private let state: Mutex<State>

    init(_ plan: DeploymentPlan) {
        state = Mutex(State(plan: plan))
    }

    var reports: [DeploymentHealth] { state.withLock { $0.reports } }
    var batches: [RecordPredictions] { state.withLock { $0.batches } }

    /// Every batch that was taken, in order, without those sent twice.
    func rows() throws -> [CollectedRow] {
        var seen: Set<String> = []
        return try batches.filter { seen.insert($0.batch).inserted }
            .flatMap { try CollectedRows($0.rows).all }
    }

    /// Another plan, and the audit event that tells of it.
    func deploy(_ plan: DeploymentPlan) {
        state.withLock { state in
            state.plan = plan
            state.sequence += 1
            let event = AuditEvent(
                sequence: state.sequence,
                content: AuditDraft(
                    at: Timestamp(microseconds: 0),
                    actor: .engine,
                    action: "deployment.changed",
                    subject: Subject(.deployment, plan.deployment.text),
                    summary: "Another version is deployed."
                ),
                previousHash: AuditEvent.origin,
                hash: AuditEvent.origin
            )
            for watcher in state.watchers { watcher.yield(.recorded(event)) }
        }
    }

    func goAway() {
        state.withLock { state in
            state.isAway = true
            for watcher in state.watchers { watcher.finish() }
            state.watchers = []
        }
    }

    func comeBack() {
        state.withLock { $0.isAway = false }
    }

    /// Takes the next batches, but answers with an error.
    func loseAnswers(_ count: Int) {
        state.withLock { $0.loseAnswers = count }
    }

    func refuseRows(_ refusal: Refusal) {
        state.withLock { $0.refusesRows = refusal }
    }

    func connect() throws -> any EngineConnection {
        if state.withLock({ $0.isAway }) { throw away }
        return self
    }

    private var away: Refusal { Refusal(.unavailable, "The engine is away.") }

    func send<Request: EngineRequest>(_ request: Request) async throws -> Request.Answer {
        if state.withLock({ $0.isAway }) { throw away }
        let answer = try answer(to: request)
        guard let answer = answer as? Request.Answer else {
            throw Refusal(.fault, "The fake engine does not know \"\(Request.name)\".")
        }
        return answer
    }

    private func answer(to request: any EngineRequest) throws -> any Sendable {
        let outcome: Result<any Sendable, Refusal> = state.withLock { state in
            defer { for change in state.changes.values { change.yield() } }
            switch request {
            case is GetDeploymentPlan: return .success(state.plan)
            case let report as ReportHealth: state.reports.append(report.health)
            case let batch as RecordPredictions:
                if let refusal = state.refusesRows { return .failure(refusal) }
                state.batches.append(batch)
                if state.loseAnswers > 0 {
                    state.loseAnswers -= 1
                    return .failure(Refusal(.unavailable, "The answer was lost."))
                }
            default: return .success(false)
            }
            return .success(Done())
        }
        return try outcome.get()
    }

    func events(after sequence: Int64?) async throws -> AsyncStream<EngineEvent> {
        if state.withLock({ $0.isAway }) { throw away }
        let (stream, continuation) = AsyncStream<EngineEvent>.makeStream()
        state.withLock { $0.watchers.append(continuation) }
        return stream
    }

    /// Waits until something the engine was told makes the condition true.
    func wait(until condition: (FakeEngine) throws -> Bool) async rethrows {
        let (stream, continuation) = AsyncStream<Void>.makeStream(
            bufferingPolicy: .bufferingNewest(1)
        )
        let key = state.withLock { state in
            state.nextChange += 1
            state.changes[state.nextChange] = continuation
            return state.nextChange
        }
        defer { state.withLock { $0.changes[key] = nil } }
        continuation.yield()
        for await _ in stream where try condition(self) { return }
    }
}
