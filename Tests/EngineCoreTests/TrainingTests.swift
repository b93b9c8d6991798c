import Domain
import EngineAPI
import FoundationEssentials
import Storage
import Testing

@testable import EngineCore

@Suite(.timeLimit(.minutes(5))) struct `Training` {
    @Test func `goes from the queue to a registered version that waits for approval`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let run = try await workshop.train()
            #expect(run.id == ID("run-1"))
            #expect(run.status == .registered(at: noon, version: 1))
            #expect(run.trigger == .manual)
            #expect(run.cause == "started by alice")
            #expect(run.actor == alice)
            #expect(run.record?.trainerVersion == "shell 1")
            #expect(run.report?.verdict == .better)
            #expect(Set(run.artifacts.keys) == Set(ArtifactName.all))

            let page = try await workshop.send(GetModel(model: model))
            let version = try #require(page.versions.first)
            #expect(version.run == run.id)
            #expect(version.artifacts == run.artifacts)
            #expect(page.row.waiting == 1)
            #expect(page.aliases.map(\.name) == [Alias.challenger])

            let approval = try await workshop.openApproval()
            #expect(approval.title == "late-ships v1 → production")
            #expect(approval.bundleDigest == version.bundleDigest)
            #expect(approval.requester == alice)
            #expect(approval.expiresAt == noon.adding(seconds: 7 * Timestamp.day))
            #expect(
                approval.evidence.map(\.title) == [
                    "metrics", "gate", "digests", "data", "training", "monitoring", "rollback",
                    "policy",
                ]
            )
            #expect(
                try await workshop.actions() == [
                    "data.added", "run.queued", "run.started", "run.registered",
                    "version.registered", "alias.moved", "policy.adopted", "approval.requested",
                ]
            )
            let job = try await workshop.send(ListJobs()).first
            #expect(job?.status == .succeeded(at: noon))
            #expect(job?.attempts == 1)
            let staging = workshop.home + "/staging/run-1"
            #expect(!FileManager.default.fileExists(atPath: staging))
        }
    }

    @Test func `tells what it does while it runs`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try Candidate().prepare(in: workshop)
            try workshop.write("echo hello >&2\n" + waitsAtGate, to: "bench/steps")
            let gate = Gate(workshop)
            let events = try await workshop.connection().events(after: nil)
            let run = try await workshop.send(StartTraining(project: workshop.project))
            #expect(run.status == .queued)
            let progress = JobProgress(
                fraction: 0.5,
                step: "round 1 of 2",
                metric: "auc 0.7",
                secondsLeft: 3
            )
            var seen: [EngineEvent] = []
            for await event in events {
                seen.append(event)
                if case .logged = event { break }
            }
            #expect(seen.contains(.progress(job: run.job, progress: progress)))
            let job = try await workshop.send(ListJobs()).first
            #expect(job?.status == .running(since: noon))
            #expect(job?.progress == progress)
            let counters = try await workshop.send(GetOverview()).counters
            #expect(counters.runningJobs == 1)
            let log = try await workshop.send(GetJobLog(job: run.job))
            #expect(log.lines.first == "hello")
            gate.open()
            #expect(try await workshop.finished(run).status.name == "registered")
        }
    }

    @Test func `refused by the gate makes an alert for the owner and no version`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let run = try await workshop.train(Candidate(skill: 0.4))
            let reason = """
                This is the first model, but its accuracy 0.4000 is no better than the 0.5000 of \
                always answering the mean label.
                """
            #expect(run.status == .refused(at: noon, reasons: [reason]))
            #expect(run.report?.verdict == .notBetter)
            let alert = try #require(try await workshop.send(ListAlerts()).first)
            #expect(alert.rule == .refusedCandidate)
            #expect(alert.owner == "harbour")
            #expect(alert.subject == "run-1")
            #expect(alert.status == .firing)
            #expect(alert.message == "The candidate of run-1 is not better. \(reason)")
            #expect(try await workshop.send(ListModels()).isEmpty)
            #expect(try await workshop.send(ListApprovals(openOnly: false)).isEmpty)
            let job = try await workshop.send(ListJobs()).first
            #expect(job?.status == .succeeded(at: noon))
        }
    }

    @Test func `is judged against the version that serves`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try await workshop.deploy()
            let worse = Candidate(skill: 0.6, champion: (1, 0.95), name: "second")
            let run = try await workshop.train(worse)
            #expect(run.status.name == "refused")
            #expect(run.report?.championVersion == 1)
            #expect(try await workshop.send(GetModel(model: model)).versions.count == 1)
        }
    }

    @Test(arguments: [
        ("echo out of luck >&2; exit 3", "exit code 3", "out of luck"),
        ("kill -9 $$", "killed by signal 9", "Its log is empty."),
        (
            "echo '{\"refusal\":{\"kind\":\"invalid\",\"message\":\"No column wind.\"}}'; exit 1",
            "No column wind.", ""
        ),
        ("rm \"$bench\"/files/result.json", "result.json", ""),
        ("echo x > \"$bench\"/files/holdout.scores", "holds no holdout scores", ""),
        ("rm \"$bench\"/files/model.ubj", "model.ubj", ""),
    ])
    func `that fails says why, and its owner is told`(
        steps: String,
        reason: String,
        detail: String
    ) async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let run = try await workshop.train(steps: steps + "\n")
            guard case .failed(let at, let words) = run.status else {
                Issue.record("The run is \(run.status.name).")
                return
            }
            #expect(at == noon)
            #expect(words.contains(reason))
            #expect(words.contains(detail))
            let alert = try #require(try await workshop.send(ListAlerts()).first)
            #expect(alert.rule == .failure)
            #expect(alert.owner == "harbour")
            #expect(alert.message == "The run run-1 failed. \(words)")
            let job = try await workshop.send(ListJobs()).first
            #expect(job?.status == .failed(at: noon, reason: words))
            #expect(try await workshop.send(ListModels()).isEmpty)
        }
    }

    @Test func `goes on with the next run after one that failed`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            #expect(try await workshop.train(steps: "exit 1\n").status.name == "failed")
            #expect(try await workshop.train().status.name == "registered")
        }
    }

    @Test func `of data whose bytes were changed fails before anything runs`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let data = try #require(try await workshop.send(ListDatasetVersions()).first)
            let path = workshop.store.blobs.path(of: data.digest)
            try replace(Array("id,late\n1,1\n".utf8), at: path)
            let run = try await workshop.train()
            guard case .failed(_, let words) = run.status else {
                Issue.record("The run is \(run.status.name).")
                return
            }
            #expect(words.contains(data.digest.short))
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Cancelling` {
    @Test func `a queued run keeps it from ever starting`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try Candidate().prepare(in: workshop)
            try workshop.write(waitsAtGate, to: "bench/steps")
            let gate = Gate(workshop)
            let first = try await workshop.send(StartTraining(project: workshop.project))
            _ = try await workshop.event("run.started", of: first)
            try workshop.write(pipelineText(model: "early-ships"), to: "project/binnacle.yaml")
            let second = try await workshop.send(StartTraining(project: workshop.project))
            let job = try await workshop.send(CancelJob(job: second.job), as: bob)
            #expect(job.status == .cancelled(at: noon))
            let event = try await workshop.event("run.cancelled", of: second)
            #expect(event.content.actor == bob)
            gate.open()
            #expect(try await workshop.finished(first).status.name == "registered")
            #expect(try await workshop.send(GetRun(run: second.id)).status.name == "cancelled")
            let started = try await workshop.actions().count { $0 == "run.started" }
            #expect(started == 1)
        }
    }

    @Test func `a running run kills its trainer and names who asked`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try workshop.write(waitsAtGate, to: "bench/steps")
            let events = try await workshop.connection().events(after: nil)
            let run = try await workshop.send(StartTraining(project: workshop.project))
            for await event in events {
                if case .progress = event { break }
            }
            try await workshop.send(CancelJob(job: run.job), as: bob)
            #expect(try await workshop.finished(run).status == .cancelled(at: noon))
            let event = try await workshop.event("run.cancelled", of: run)
            #expect(event.content.actor == bob)
            #expect(event.content.summary == "bob cancelled run-1 of late-ships.")
            #expect(try await workshop.send(ListAlerts()).isEmpty)
            let job = try await workshop.send(ListJobs()).first
            #expect(job?.status == .cancelled(at: noon))
        }
    }

    @Test func `a run as soon as it has started is not forgotten`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try workshop.write(waitsAtGate, to: "bench/steps")
            let run = try await workshop.send(StartTraining(project: workshop.project))
            _ = try await workshop.event("run.started", of: run)
            try await workshop.send(CancelJob(job: run.job))
            #expect(try await workshop.finished(run).status == .cancelled(at: noon))
        }
    }

    @Test func `what has ended is refused`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let run = try await workshop.train()
            let refused = await workshop.refusal(of: CancelJob(job: run.job))
            let sentence = "The job \"job-1\" is succeeded; there is nothing left to cancel."
            #expect(refused == Refusal(.conflict, sentence))
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A training is not started` {
    @Test func `while one of the same model is open`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            try Candidate().prepare(in: workshop)
            try workshop.write(waitsAtGate, to: "bench/steps")
            let gate = Gate(workshop)
            let run = try await workshop.send(StartTraining(project: workshop.project))
            _ = try await workshop.event("run.started", of: run)
            let refused = await workshop.refusal(of: StartTraining(project: workshop.project))
            let sentence = """
                "late-ships" has the run "run-1", which is running. \
                Wait until it ends, or cancel its job.
                """
            #expect(refused == Refusal(.conflict, sentence))
            gate.open()
            _ = try await workshop.finished(run)
        }
    }

    @Test func `without data`() async throws {
        try await withWorkshop { workshop in
            try workshop.write(pipelineText(), to: "project/binnacle.yaml")
            let refused = await workshop.refusal(of: StartTraining(project: workshop.project))
            let sentence = """
                The pipeline of "late-ships" trains on the dataset "ships", which has no version. \
                Add one with "binnacle data add FILE --name ships".
                """
            #expect(refused == Refusal(.notFound, sentence))
            let data = StartTraining(project: workshop.project, data: ID("data-9"))
            #expect(await workshop.refusal(of: data)?.kind == .notFound)
            let collected = StartTraining(project: workshop.project, usesCollectedRows: true)
            let words = """
                "late-ships" has collected no rows yet. Deploy it and let it score, or train on a \
                dataset.
                """
            #expect(await workshop.refusal(of: collected) == Refusal(.conflict, words))
            #expect(try await workshop.send(ListRuns()).isEmpty)
        }
    }

    @Test func `from a folder without a pipeline`() async throws {
        try await withWorkshop { workshop in
            let refused = await workshop.refusal(of: StartTraining(project: workshop.project))
            let sentence = """
                There is no "binnacle.yaml" in "\(workshop.project)". Write one, or name another \
                folder.
                """
            #expect(refused == Refusal(.notFound, sentence))
        }
    }

    @Test func `with a pipeline that is wrong, and the refusal says where`() async throws {
        try await withWorkshop { workshop in
            try await workshop.addData()
            let text = pipelineText().replacing("primary: accuracy", with: "primary: rmse")
            try workshop.write(text, to: "project/binnacle.yaml")
            let refused = await workshop.refusal(of: StartTraining(project: workshop.project))
            #expect(refused?.kind == .invalid)
            let sentence = """
                "binnacle.yaml", line 6: "validate.primary" is "rmse", which is not in \
                "validate.metrics". Add it there.
                """
            #expect(refused?.message == sentence)
        }
    }

    @Test func `on columns the data does not have`() async throws {
        try await withWorkshop { workshop in
            try await workshop.addData()
            let text = pipelineText().replacing("target: late", with: "target: latte")
            try workshop.write(text, to: "project/binnacle.yaml")
            let refused = await workshop.refusal(of: StartTraining(project: workshop.project))
            #expect(refused?.kind == .invalid)
            #expect(refused?.message.contains("\"latte\"") == true)
            #expect(try await workshop.send(ListRuns()).isEmpty)
        }
    }

    @Test func `without a word on what to train, or of a model nobody knows`() async throws {
        try await withWorkshop { workshop in
            let sentence =
                "Say what to train: a project folder with a \"binnacle.yaml\", or a model's name."
            #expect(
                await workshop.refusal(of: StartTraining()) == Refusal(.invalid, sentence)
            )
            let unknown = """
                "boats" has never been trained here. Train it from its project: \
                "binnacle train FOLDER".
                """
            #expect(
                await workshop.refusal(of: StartTraining(model: "boats"))
                    == Refusal(.notFound, unknown)
            )
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Training again` {
    @Test func `by the model's name takes its last pipeline, whatever became of the file`()
        async throws
    {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let first = try await workshop.register()
            try FileManager.default.removeItem(atPath: workshop.project)
            try Candidate(champion: (1, 0.4), name: "second").prepare(in: workshop)
            let request = StartTraining(model: model, cause: "because")
            let run = try await workshop.finished(try await workshop.send(request, as: bob))
            #expect(run.status == .registered(at: noon, version: 2))
            #expect(run.pipeline == first.pipeline)
            #expect(run.pipelineDigest == first.pipelineDigest)
            #expect(run.cause == "because")
            #expect(run.actor == bob)
        }
    }

    @Test func `on a named version of the data uses that one`() async throws {
        try await withWorkshop { workshop in
            try await workshop.prepare()
            let old = try #require(try await workshop.send(ListDatasetVersions()).first)
            let new = try await workshop.addData(shipsText(rows: 50))
            #expect(try await workshop.train().data == new.id)
            try Candidate(skill: 0.2, champion: (1, 0.9)).prepare(in: workshop)
            let request = StartTraining(project: workshop.project, data: old.id)
            let run = try await workshop.finished(try await workshop.send(request))
            #expect(run.data == old.id)
            #expect(run.dataDigest == old.digest)
        }
    }
}
