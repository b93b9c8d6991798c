import ControlRoom
import Domain
import EngineAPI
import Synchronization

/// Plays the year behind the control room; the user decides, pauses and sets the pace.
final class LiveDemonstration: Sendable {
    /// Days a second that the keys step through.
    private static let speeds: [Double] = [0.5, 1, 2, 4, 8, 16, 32]
    /// While a run trains or a person has to decide, the year goes no faster than this.
    private static let patientPace = 0.2

    private struct State {
        var speedStep = 2
        var isPaused = false
        /// What holds the year back, as a sentence; nil while nothing does.
        var waitingFor: String?
        var caption = "The first model trains on January and February…"
    }

    private let project: DemonstrationProject
    private let data: FlightData
    private let connection: any EngineConnection
    private let replay: Replay
    private let state = Mutex(State())
    private let tasks = Mutex<[Task<Void, Never>]>([])

    init(project: DemonstrationProject, data: FlightData, connection: any EngineConnection) {
        self.project = project
        self.data = data
        self.connection = connection
        replay = Replay(data: data, model: DemonstrationProject.model, connection: connection)
    }

    /// Starts playing; statuses go to the control room.
    func start(telling mailbox: Mailbox) {
        let playing = Task { await play(telling: mailbox) }
        let watching = Task { await watch(telling: mailbox) }
        tasks.withLock { $0 = [playing, watching] }
    }

    func stop() {
        replay.stop()
        for task in tasks.withLock({ $0 }) { task.cancel() }
    }

    func control(_ control: DemonstrationControl) {
        state.withLock { state in
            let last = LiveDemonstration.speeds.count - 1
            switch control {
            case .pauseOrGoOn: state.isPaused.toggle()
            case .slower: state.speedStep = max(0, state.speedStep - 1)
            case .faster: state.speedStep = min(last, state.speedStep + 1)
            }
        }
        setPace()
        mailboxNow.withLock { $0 }.map(tell)
    }

    private let mailboxNow = Mutex<Mailbox?>(nil)

    private func play(telling mailbox: Mailbox) async {
        mailboxNow.withLock { $0 = mailbox }
        tell(mailbox)
        do {
            let run = try await project.begin(data, over: connection)
            _ = try await project.ending(of: run.id, over: connection)
            say("Press 5: v1 waits for you; e reads the evidence, A approves.", mailbox)
            _ = try await project.servingPort(over: connection)
            say("Press 4: the year begins; watch the drift.", mailbox)
            setPace()
            let project = project
            let connection = connection
            try await replay.run(
                onPort: { try await project.servingPort(over: connection) },
                from: try await lastDay(),
                changed: { [self] _ in tell(mailbox) }
            )
            say("The year is over. Everything stays; q leaves, demo --fresh starts again.", mailbox)
        } catch is CancellationError {
            return
        } catch {
            say("The replay stopped: \(error)", mailbox)
        }
    }

    /// Where an earlier sitting left off: the day after the last judged window.
    private func lastDay() async throws -> Timestamp? {
        let reports = try await connection.send(
            ListDriftReports(model: DemonstrationProject.model, limit: 1)
        )
        return reports.first?.windowEnd
    }

    /// Holds the year back while a run trains or somebody has to decide.
    private func watch(telling mailbox: Mailbox) async {
        guard let events = try? await connection.events(after: nil) else { return }
        for await event in events {
            guard case .recorded(let recorded) = event else { continue }
            switch recorded.content.subject.kind {
            case .run, .job, .approval, .deployment: break
            default: continue
            }
            guard let overview = try? await connection.send(GetOverview()) else { continue }
            let waiting = overview.needs.first { $0.kind == .approval }
            let running = overview.jobs.first { $0.status.isOpen }
            state.withLock { state in
                if let waiting {
                    state.waitingFor = "Press 5: \(waiting.title) waits for you."
                } else if let running {
                    state.waitingFor = "Press 7: \(running.title) is running."
                } else {
                    state.waitingFor = nil
                }
            }
            setPace()
            tell(mailbox)
        }
    }

    private func setPace() {
        let pace = state.withLock { state in
            let speed = LiveDemonstration.speeds[state.speedStep]
            if state.isPaused { return 0.0 }
            return state.waitingFor == nil
                ? speed : min(speed, LiveDemonstration.patientPace)
        }
        replay.pace.withLock { $0 = pace }
    }

    private func say(_ caption: String, _ mailbox: Mailbox) {
        state.withLock { $0.caption = caption }
        tell(mailbox)
    }

    private func tell(_ mailbox: Mailbox) {
        let progress = replay.progress
        let status = state.withLock { state in
            DemonstrationStatus(
                day: progress.day.dateText,
                fraction: Double(progress.daysDone) / Double(max(1, progress.daysInAll)),
                speed: LiveDemonstration.speeds[state.speedStep],
                isPaused: state.isPaused,
                caption: state.waitingFor ?? state.caption
            )
        }
        mailbox.post(.demonstration(status))
    }
}
