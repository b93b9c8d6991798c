import ControlRoom
import Domain
import EngineAPI
import Synchronization
import Testing

/// The only code of the module that reaches the engine.
@Suite struct PerformTests {
    /// Remembers the names of the requests; answers what it was given, else refuses.
    private final class Connection: EngineConnection {
        let names = Mutex<[String]>([])
        let answer: (any Sendable)?

        init(answer: (any Sendable)? = nil) { self.answer = answer }

        func send<Request: EngineRequest>(_ request: Request) async throws -> Request.Answer {
            names.withLock { $0.append(Request.name) }
            if let answer = answer as? Request.Answer { return answer }
            throw Refusal(.unavailable, "Nobody is here.")
        }

        func events(after sequence: Int64?) async throws -> AsyncStream<EngineEvent> {
            AsyncStream { $0.finish() }
        }
    }

    private static let digest = FixtureWorld.digest("one")

    @Test(arguments: [
        (EngineCall.overview, "overview"), (.models, "models.list"), (.model("a"), "models.get"),
        (.comparison(model: "a", base: nil, candidate: 2), "models.compare"),
        (.runs(newest: 9), "runs.list"),
        (.drift(model: "a", feature: nil, metric: .psi), "drift.series"),
        (.histogram(model: "a", feature: "b", window: nil), "drift.histogram"),
        (
            .driftComparison(model: "a", feature: nil, range: nil, reference: .version(2)),
            "drift.compare"
        ),
        (.approvals, "approvals.list"), (.lineage(Subject(.run, "run-1")), "lineage"),
        (.jobs, "jobs.list"), (.jobLog(ID("job-1")), "jobs.log"),
        (.jobLogAfter(ID("job-1"), line: 3), "jobs.log"), (.deployments, "deployments.list"),
        (.alerts, "alerts.list"), (.audit, "audit.list"), (.verifyAudit, "audit.verify"),
        (.datasets, "data.list"), (.receivers, "receivers.list"),
        (.deliveries(ID("alert-1")), "deliveries.list"),
        (.opened(ID("approval-1"), evidence: digest, titles: ["metrics"]), "approvals.open"),
        (.order(.testReceiver("ops")), "receivers.test"),
        (
            .order(
                .decide(
                    approval: ID("approval-1"),
                    title: "a v1 → production",
                    answer: .approve,
                    reason: "",
                    bundleDigest: digest,
                    evidenceDigest: digest
                )
            ), "approvals.decide"
        ),
        (.order(.train(model: "a", data: nil, usesCollectedRows: false)), "runs.start"),
        (.order(.trainProject(path: "/a")), "runs.start"),
        (.order(.cancel(ID("job-1"))), "jobs.cancel"),
        (
            .order(.requestRelease(model: "a", version: 1, environment: "staging")),
            "approvals.request"
        ),
        (.order(.deploy(model: "a", version: 1, environment: "staging")), "deployments.deploy"),
        (
            .order(.rollBack(model: "a", environment: "staging", from: 2, to: 1)),
            "deployments.rollback"
        ),
        (.order(.acknowledge(ID("alert-1"))), "alerts.acknowledge"),
    ])
    func `a call is one request and its refusal is an answer`(
        call: EngineCall,
        name: String
    ) async {
        let connection = Connection()
        let reply = await perform(call, on: connection)
        #expect(connection.names.withLock { $0 } == [name])
        #expect(reply == .refused(Refusal(.unavailable, "Nobody is here.")))
    }

    @Test func `an approval that still needs others says how many`() async {
        let old = FixtureWorld.approval(3)
        let order = Order.decide(
            approval: old.id,
            title: old.title,
            answer: .approve,
            reason: "",
            bundleDigest: old.bundleDigest,
            evidenceDigest: old.evidenceDigest
        )
        let reply = await perform(.order(order), on: Connection(answer: old))
        #expect(
            reply
                == .done(
                    "Your approval of late-flights v3 → production is recorded; 1 more needed."
                )
        )
    }

    @Test func `a started run names its job`() async {
        let run = FixtureWorld.run(14, .queued, .manual, "late-flights")
        let order = Order.train(model: "late-flights", data: nil, usesCollectedRows: false)
        let reply = await perform(.order(order), on: Connection(answer: run))
        #expect(reply == .done("run-14 of late-flights is queued; job-14 has its log."))
    }

    @Test func `orders one after the other end at the first that is refused`() async {
        let engine = Connection()
        let orders = [Order.cancel(ID("job-1")), .cancel(ID("job-2"))]
        let reply = await perform(.order(.all(orders)), on: engine)
        guard case .refused(let refusal) = reply else {
            Issue.record("Nobody refused: \(reply)")
            return
        }
        #expect(refusal.message.hasPrefix("0 of 2 are done; cancelling job-1 was refused: Nobody"))
        #expect(engine.names.withLock { $0 } == ["jobs.cancel"])
    }
}
