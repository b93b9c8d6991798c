import Domain
import Storage
import Testing

struct RunTests {
    private let home: Home
    private var store: Store { home.store }

    init() throws {
        home = try Home()
    }

    @Test
    func `a run is queued with its job, an edge from its data and one event`() async throws {
        let data = try await home.data()
        let queued = try await store.enqueueTraining(at: noon) { run, job in
            makeRun(run, job, model: "late-flights", data: data)
        }
        let run = queued.value
        #expect(run.id.text == "run-1")
        #expect(run.job.text == "job-1")
        #expect(run.status == .queued)
        #expect(try await store.run(run.id) == run)
        #expect(try await store.job(run.job).status == .queued)
        #expect(queued.events.actions == ["run.queued"])
        #expect(queued.events.first?.content.actor == alice)
        let lineage = try await store.lineage(
            of: Subject(.run, "run-1"),
            depth: 1,
            limit: 10
        )
        #expect(lineage.edges.map(\.input.id) == ["data-1"])
        #expect(lineage.edges.map(\.relation) == ["trained"])
    }

    @Test
    func `a model with an open run gets no second one, another model does`() async throws {
        let first = try await home.queuedRun()
        await expectRefusal(.conflict, "has the run \"run-1\", which is queued") {
            try await home.queuedRun()
        }
        _ = try await store.startRun(first.id, at: noon)
        await expectRefusal(.conflict, "which is running") { try await home.queuedRun() }
        #expect(try await home.queuedRun("other").id.text == "run-2")
    }

    @Test
    func `a refused run uses up no number and leaves nothing`() async throws {
        _ = try await home.data()
        let before = try await store.auditHead()
        await expectRefusal(.invalid, "not today") {
            try await store.enqueueTraining(at: noon) { _, _ in
                throw Refusal(.invalid, "not today")
            }
        }
        #expect(try await store.auditHead() == before)
        #expect(try await home.queuedRun().id.text == "run-1")
    }

    @Test
    func `a run on data that is not there, or is other data, is refused`() async throws {
        let data = try await home.data()
        let gone = DatasetVersion(
            id: ID("data-9"),
            dataset: data.dataset,
            number: 9,
            digest: data.digest,
            format: data.format,
            bytes: 1,
            rows: 1,
            badRows: 0,
            columns: [],
            source: "x",
            createdAt: noon,
            actor: alice
        )
        await expectRefusal(.notFound, "no dataset version \"data-9\"") {
            try await store.enqueueTraining(at: noon) { run, job in
                makeRun(run, job, model: "late-flights", data: gone)
            }
        }
        let other = DatasetVersion(
            id: data.id,
            dataset: data.dataset,
            number: 1,
            digest: sha256("other"),
            format: data.format,
            bytes: 1,
            rows: 1,
            badRows: 0,
            columns: [],
            source: "x",
            createdAt: noon,
            actor: alice
        )
        await expectRefusal(.conflict, "Start it again") {
            try await store.enqueueTraining(at: noon) { run, job in
                makeRun(run, job, model: "late-flights", data: other)
            }
        }
    }

    @Test
    func `the run that waited longest starts first`() async throws {
        #expect(try await store.nextQueuedRun() == nil)
        let first = try await home.queuedRun("a")
        let second = try await home.queuedRun("b")
        #expect(try await store.nextQueuedRun() == first)
        let started = try await store.startRun(first.id, at: noon)
        #expect(started.value.status == .running(since: noon))
        #expect(started.events.actions == ["run.started"])
        #expect(try await store.job(first.job).status == .running(since: noon))
        #expect(try await store.job(first.job).attempts == 1)
        #expect(try await store.nextQueuedRun() == second)
        await expectRefusal(.conflict, "is running, so it cannot start") {
            try await store.startRun(first.id, at: noon)
        }
    }

    @Test
    func `runs and jobs are listed newest first, up to the limit`() async throws {
        for model in ["a", "b", "c"] { _ = try await home.queuedRun(model) }
        #expect(try await store.runs(of: nil, limit: 2).map(\.id.text) == ["run-3", "run-2"])
        #expect(try await store.runs(of: "a", limit: 9).map(\.id.text) == ["run-1"])
        let second = try #require(try await store.runs(of: nil, limit: 2).last?.id)
        let rest = try await store.runs(of: nil, before: second, limit: 9)
        #expect(rest.map(\.id.text) == ["run-1"])
        #expect(try await store.runs(of: nil, before: ID("run-99"), limit: 9) == [])
        #expect(try await store.runs(of: "none", limit: 9) == [])
        #expect(try await store.jobs(limit: 2).map(\.id.text) == ["job-3", "job-2"])
    }

    @Test
    func `what there is not is refused with its id`() async {
        await expectRefusal(.notFound, "no run \"run-5\"") { try await store.run(ID("run-5")) }
        await expectRefusal(.notFound, "no job \"job-5\"") { try await store.job(ID("job-5")) }
        await expectRefusal(.notFound, "no run \"run-5\"") {
            try await store.startRun(ID("run-5"), at: noon)
        }
        await expectRefusal(.notFound, "no run \"run-5\"") {
            try await store.completeRun(ID("run-5"), .cancelled, by: bob, at: noon)
        }
    }

    @Test
    func `progress is kept while a job runs, without an event`() async throws {
        let run = try await home.queuedRun()
        let progress = JobProgress(fraction: 0.5, step: "round 10 of 20", metric: "auc 0.7")
        await expectRefusal(.conflict, "is queued, so it has no progress") {
            try await store.saveProgress(progress, of: run.job)
        }
        _ = try await store.startRun(run.id, at: noon)
        let head = try await store.auditHead()
        try await store.saveProgress(progress, of: run.job)
        #expect(try await store.job(run.job).progress == progress)
        #expect(try await store.auditHead() == head)
        _ = try await store.completeRun(run.id, .cancelled, by: bob, at: noon)
        await expectRefusal(.conflict, "is cancelled") {
            try await store.saveProgress(progress, of: run.job)
        }
        await expectRefusal(.notFound, "no job \"job-9\"") {
            try await store.saveProgress(progress, of: ID("job-9"))
        }
    }

    // MARK: - Endings

    @Test
    func `a better candidate becomes a version, its alias and its request in one step`()
        async throws
    {
        let run = try await home.startedRun()
        let version = try home.version(of: run, number: 1)
        let record = makeRecord()
        let done = try await store.completeRun(
            run.id,
            .registered(
                version: version,
                record: record,
                approval: try home.approvalDraft(for: version)
            ),
            by: .engine,
            at: noon
        )
        #expect(done.value.status == .registered(at: noon, version: 1))
        #expect(done.value.record == record)
        #expect(done.value.artifacts == version.artifacts)
        #expect(
            done.events.actions == [
                "run.registered", "version.registered", "alias.moved", "policy.adopted",
                "approval.requested",
            ]
        )
        #expect(done.events.map(\.content.actor) == Array(repeating: .engine, count: 5))
        #expect(try await store.job(run.job).status == .succeeded(at: noon))
        #expect(try await store.modelVersion(model: "late-flights", number: 1) == version)
        #expect(try await store.approvals(openOnly: true, limit: 9).map(\.version) == [1])
        #expect(try await store.checkInvariants() == [])
    }

    @Test
    func `a refused candidate is kept with its report and tells the owner`() async throws {
        let run = try await home.startedRun()
        let report = makeReport(.notBetter)
        let artifacts = ["report": try home.store.blobs.put([1])]
        let done = try await store.completeRun(
            run.id,
            .refused(
                record: makeRecord(),
                report: report,
                artifacts: artifacts,
                alert: makeAlert(.refusedCandidate)
            ),
            by: .engine,
            at: noon
        )
        #expect(done.value.status == .refused(at: noon, reasons: report.reasons))
        #expect(done.value.report == report)
        #expect(done.value.artifacts == artifacts)
        #expect(done.events.actions == ["run.refused", "alert.opened"])
        #expect(try await store.job(run.job).status == .succeeded(at: noon))
        #expect(try await store.alerts(openOnly: true, limit: 9).map(\.rule) == [.refusedCandidate])
        #expect(try await store.models() == [])
        #expect(try await home.queuedRun().id.text == "run-2")
    }

    @Test
    func `a failed run fails its job with the same reason`() async throws {
        let run = try await home.startedRun()
        let done = try await store.completeRun(
            run.id,
            .failed(reason: "out of memory", alert: makeAlert(.failure)),
            by: .engine,
            at: noon
        )
        #expect(done.value.status == .failed(at: noon, reason: "out of memory"))
        #expect(done.events.actions == ["run.failed", "alert.opened"])
        let job = try await store.job(run.job)
        #expect(job.status == .failed(at: noon, reason: "out of memory"))
    }

    @Test
    func `a waiting run can be cancelled, but neither registered nor refused nor failed`()
        async throws
    {
        let run = try await home.queuedRun()
        let version = try home.version(of: run, number: 1)
        for completion: RunCompletion in [
            .registered(version: version, record: makeRecord(), approval: nil),
            .refused(
                record: makeRecord(),
                report: makeReport(.failed),
                artifacts: [:],
                alert: makeAlert()
            ),
            .failed(reason: "x", alert: nil),
        ] {
            await expectRefusal(.conflict, "is queued, so it cannot finish as") {
                try await store.completeRun(run.id, completion, by: .engine, at: noon)
            }
        }
        let done = try await store.completeRun(run.id, .cancelled, by: bob, at: noon)
        #expect(done.value.status == .cancelled(at: noon))
        #expect(done.events.actions == ["run.cancelled"])
        #expect(done.events.first?.content.summary == "bob cancelled run-1 of late-flights.")
        #expect(try await store.job(run.job).status == .cancelled(at: noon))
        #expect(try await store.models() == [])
        #expect(try await store.alerts(openOnly: false, limit: 9) == [])
    }

    @Test
    func `an ended run ends no second time`() async throws {
        let run = try await home.startedRun()
        _ = try await store.completeRun(run.id, .cancelled, by: bob, at: noon)
        let head = try await store.auditHead()
        await expectRefusal(.conflict, "is cancelled, so it cannot finish as failed") {
            try await store.completeRun(
                run.id,
                .failed(reason: "x", alert: nil),
                by: .engine,
                at: noon
            )
        }
        #expect(try await store.auditHead() == head)
    }

    @Test
    func `a version that is not whole is not registered and its run goes on`() async throws {
        let run = try await home.startedRun()
        let good = try home.version(of: run, number: 1)
        let wrongBundle = altered(good, bundleDigest: sha256("other"))
        let missing = good.artifacts.merging(["model": sha256("never filed")]) { $1 }
        let noBytes = altered(
            good,
            artifacts: missing,
            bundleDigest: sha256(ModelVersion.bundleText(of: missing))
        )
        let cases: [(ModelVersion, Refusal.Kind, String)] = [
            (wrongBundle, .corrupt, "by its artifacts"),
            (noBytes, .corrupt, "\"model\" of \"late-flights/v1\" are not in the blob store"),
            (altered(good, number: 2), .conflict, "gets v1 next"),
            (altered(good, id: ID("v1")), .conflict, "gets v1 next, not \"v1\""),
            (altered(good, model: "other"), .fault, "is not of the run"),
            (altered(good, run: ID("run-9")), .fault, "is not of the run"),
        ]
        for (version, kind, words) in cases {
            await expectRefusal(kind, words) {
                try await store.completeRun(
                    run.id,
                    .registered(version: version, record: makeRecord(), approval: nil),
                    by: .engine,
                    at: noon
                )
            }
        }
        #expect(try await store.run(run.id).status == .running(since: noon))
        #expect(try await store.checkInvariants() == [])
    }

    // MARK: - After a crash

    @Test
    func `what ran when the engine died is queued again, and fails after three times`()
        async throws
    {
        let run = try await home.queuedRun()
        let waiting = try await home.queuedRun("other")
        for attempt in 1...3 {
            _ = try await store.startRun(run.id, at: noon)
            try await store.saveProgress(JobProgress(fraction: 0.1, step: "x"), of: run.job)
            let recovered = try await store.recoverInterrupted(at: noon)
            #expect(recovered.value.map(\.id) == [run.job])
            #expect(recovered.value.first?.attempts == attempt)
            #expect(recovered.value.first?.progress == nil)
            let isLast = attempt == 3
            #expect(recovered.events.actions == [isLast ? "run.failed" : "run.requeued"])
            #expect(try await store.run(run.id).status.name == (isLast ? "failed" : "queued"))
            #expect(try await store.job(run.job).status.name == (isLast ? "failed" : "queued"))
        }
        #expect(try await store.run(waiting.id).status == .queued)
        #expect(try await store.recoverInterrupted(at: noon).value == [])
        #expect(try await store.checkInvariants() == [])
    }

    private func altered(
        _ version: ModelVersion,
        id: ID<ModelVersion>? = nil,
        model: String? = nil,
        number: Int? = nil,
        run: ID<Run>? = nil,
        artifacts: [String: Digest]? = nil,
        bundleDigest: Digest? = nil
    ) -> ModelVersion {
        ModelVersion(
            id: id ?? .version(number ?? version.number, of: model ?? version.model),
            model: model ?? version.model,
            number: number ?? version.number,
            run: run ?? version.run,
            artifacts: artifacts ?? version.artifacts,
            bundleDigest: bundleDigest ?? version.bundleDigest,
            signature: version.signature,
            report: version.report,
            createdAt: version.createdAt,
            actor: version.actor
        )
    }
}
