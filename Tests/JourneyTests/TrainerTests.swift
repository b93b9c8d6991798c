import Domain
import EngineAPI
import EngineSocket
import FoundationEssentials
import Glibc
import Testing

/// A trainer of the user's own that starts a helper in the background and never ends by itself.
///
/// Trainer and helper hold a pipe's writing end: opening it for reading waits until the trainer
/// runs, and reading ends when the last of them is gone.
private struct EndlessTrainer {
    let pipe: String

    init(in home: JourneyHome) throws {
        pipe = home.project + "/alive"
        guard mkfifo(pipe, 0o600) == 0 else {
            throw Refusal(.unavailable, "The pipe \"\(pipe)\" cannot be made.")
        }
        let script = """
            #!/bin/sh
            exec 3> "\(pipe)"
            sleep 3600 &
            echo "the helper is started"
            wait

            """
        let path = home.project + "/train.sh"
        try Data(script.utf8).write(to: URL(filePath: path))
        chmod(path, 0o700)
    }

    static let training = """
        trainer: command
          command: [./train.sh]
        """

    /// Waits until the trainer runs; the descriptor by which its end is noticed.
    func started() async -> Int32 {
        let pipe = pipe
        return await withTaskCancellationHandler {
            await onOwnThread { open(pipe, O_RDONLY | O_CLOEXEC) }
        } onCancel: {
            // A writer of our own lets the reader go on.
            close(open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC))
        }
    }

    /// Waits until neither the trainer nor its helper lives.
    func gone(_ descriptor: Int32) async {
        await onOwnThread {
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) > 0 || errno == EINTR {}
            close(descriptor)
        }
    }
}

extension JourneyTests {
    @Suite
    struct TrainerTests {
        @Test(.timeLimit(.minutes(3)))
        func `a killed trainer fails its run in words, and the next training works`() async throws {
            try await JourneyHome.lend { home in
                var market = Market(seed: 6)
                let trainer = try EndlessTrainer(in: home)
                let story = try await Story.begin(
                    in: home,
                    pipeline: Market.pipeline(training: EndlessTrainer.training),
                    rows: market.rows(400)
                )
                let started = try await story.connection.send(
                    StartTraining(project: home.project)
                )
                let pipe = await trainer.started()
                let process = try #require(home.processes(.trainer).first)
                kill(process.id, SIGKILL)
                let failed = try await story.ended(started.id)
                guard case .failed(_, let reason) = failed.status else {
                    Issue.record("the run is \(failed.status)")
                    return
                }
                #expect(reason.hasPrefix("The training process was killed by signal 9"))
                await trainer.gone(pipe)
                let alerts = try await story.connection.send(ListAlerts(openOnly: true))
                #expect(alerts.map(\.rule) == [.failure])

                try Story.writeProject(Market.pipeline(), in: home)
                #expect(try await story.train().status.name == "registered")
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `cancelling a job ends its trainer and the trainer's helpers`() async throws {
            try await JourneyHome.lend { home in
                var market = Market(seed: 7)
                let trainer = try EndlessTrainer(in: home)
                let story = try await Story.begin(
                    in: home,
                    pipeline: Market.pipeline(training: EndlessTrainer.training),
                    rows: market.rows(400)
                )
                let run = try await story.connection.send(StartTraining(project: home.project))
                let pipe = await trainer.started()
                _ = try await story.connection.send(CancelJob(job: run.job))
                #expect(try await story.ended(run.id).status.name == "cancelled")
                await trainer.gone(pipe)
                #expect(home.processes(.trainer) == [])
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `a trainer that hangs is ended when its time is over, and the run says so`()
            async throws
        {
            try await JourneyHome.lend { home in
                var market = Market(seed: 9)
                let trainer = try EndlessTrainer(in: home)
                let story = try await Story.begin(
                    in: home,
                    pipeline: Market.pipeline(
                        training: EndlessTrainer.training + "\n  time_limit: 1s"
                    ),
                    rows: market.rows(400)
                )
                let run = try await story.connection.send(StartTraining(project: home.project))
                let pipe = await trainer.started()
                guard case .failed(_, let reason) = try await story.ended(run.id).status else {
                    Issue.record("the run did not fail")
                    return
                }
                #expect(reason.contains("took longer than 1 seconds"))
                await trainer.gone(pipe)
                #expect(home.processes(.trainer) == [])
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `a job is cancelled however soon after its start`() async throws {
            try await JourneyHome.lend { home in
                var market = Market(seed: 8)
                _ = try EndlessTrainer(in: home)
                let story = try await Story.begin(
                    in: home,
                    pipeline: Market.pipeline(training: EndlessTrainer.training),
                    rows: market.rows(400)
                )
                for _ in 0..<3 {
                    let run = try await story.connection.send(
                        StartTraining(project: home.project)
                    )
                    _ = try await story.connection.send(CancelJob(job: run.job))
                    #expect(try await story.ended(run.id).status.name == "cancelled")
                }
                #expect(home.processes(.trainer) == [])
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `a killed engine's trainer ends, and the next engine trains again`() async throws {
            try await JourneyHome.lend { home in
                var market = Market(seed: 9)
                let trainer = try EndlessTrainer(in: home)
                var story = try await Story.begin(
                    in: home,
                    pipeline: Market.pipeline(training: EndlessTrainer.training),
                    rows: market.rows(400)
                )
                let run = try await story.connection.send(StartTraining(project: home.project))
                var pipe = await trainer.started()
                for attempt in 1...3 {
                    #expect(await home.killEngine())
                    await trainer.gone(pipe)
                    story = try await story.goingOn()
                    if attempt < 3 { pipe = await trainer.started() }
                }
                let ended = try await story.ended(run.id)
                guard case .failed(_, let reason) = ended.status else {
                    Issue.record("the run is \(ended.status)")
                    return
                }
                #expect(reason == "The engine stopped 3 times while this job ran.")
                let alerts = try await story.connection.send(ListAlerts(openOnly: true))
                #expect(alerts.map(\.rule) == [.failure], "and the owner is told")
                let left = try FileManager.default.contentsOfDirectory(
                    atPath: home.path + "/staging"
                )
                #expect(left == [], "what the killed trainings had written is removed")
            }
        }
    }
}
