import ArgumentParser
import Domain
import EngineAPI
import Terminal

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a candidate and let the gate judge it.",
        discussion: """
            Uses the "binnacle.yaml" of a project folder, or with --model the pipeline of that \
            model's last run. With --wait it ends 0 only when a version was registered.
            """
    )

    @Argument(help: "The folder with \"binnacle.yaml\", on the engine's machine (default: .).")
    var folder: String?
    @Option(help: "Train this model again with its last pipeline.")
    var model: String?
    @Option(help: "The data version to train on, such as data-3; else the newest.")
    var data: String?
    @Flag(help: "Train on collected rows that have labels.")
    var collected = false
    @Flag(help: "Wait for the end, of the steps up to the request too, and show the progress.")
    var wait = false
    @Option(help: "Why, for the record.")
    var cause = ""
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if folder != nil, model != nil {
            throw ValidationError("Name a folder or --model, not both.")
        }
        if data != nil, collected {
            throw ValidationError("Train on --data or on --collected rows, not both.")
        }
    }

    func run() async throws {
        let request = StartTraining(
            project: model == nil ? try options.enginePath(folder ?? ".") : nil,
            model: model,
            data: data.map { ID($0) },
            usesCollectedRows: collected,
            cause: cause
        )
        let connection = try await options.engine()
        guard wait else {
            let run = try await connection.send(request)
            return try options.show(run) { run, _ in
                SafeText.cleaned(
                    "\(run.id) of \(run.model) is queued as \(run.job). "
                        + "\"binnacle logs \(run.job) --follow\" shows what it says."
                )
            }
        }
        // From before the start, so that nothing can happen unseen.
        let events = try await connection.events(after: nil)
        let started = try await connection.send(request)
        let ended = try await follow(started, events, connection)
        if case .registered(_, let version) = ended.status {
            let steps = try await release(of: ended.model, version, events, connection)
            if !options.json {
                for step in steps where step.status.name != "cancelled" {
                    print(SafeText.cleaned("\(step.title): \(Self.words(of: step))"))
                }
            }
        }
        try report(ended)
    }

    /// Most seconds that the steps after a registration are waited for.
    private static let releaseSeconds = 180.0

    private static func words(of step: ReleaseStep) -> String {
        if case .failed(_, let reason) = step.status { return "failed. \(reason)" }
        return step.outcome?.sentence ?? step.status.name
    }

    /// Waits until a registered version was checked, measured and asked for.
    private func release(
        of model: String,
        _ version: Int,
        _ events: AsyncStream<EngineEvent>,
        _ connection: some EngineConnection
    ) async throws -> [ReleaseStep] {
        let line = ProgressLine()
        defer { line.clear() }
        let request = GetRelease(model: model, version: version)
        let deadline = ContinuousClock.now + .seconds(Self.releaseSeconds)
        func isOver(_ steps: [ReleaseStep]) -> Bool {
            !steps.isEmpty && !steps.contains { $0.status.isOpen }
        }
        var steps = try await connection.send(request)
        if isOver(steps) { return steps }
        for await event in events where ContinuousClock.now < deadline {
            guard case .recorded(let recorded) = event,
                recorded.content.action.hasPrefix("release.")
            else { continue }
            steps = try await connection.send(request)
            if let open = steps.first(where: { $0.status.isOpen }) { line.show(open.title) }
            if isOver(steps) { break }
        }
        return steps
    }

    /// Waits for the end of a run by what the engine tells; shows its progress on one line.
    private func follow(
        _ started: Run,
        _ events: AsyncStream<EngineEvent>,
        _ connection: some EngineConnection
    ) async throws -> Run {
        let line = ProgressLine()
        defer { line.clear() }
        line.show("\(started.id) of \(started.model) is queued")
        for await event in events {
            switch event {
            case .progress(let job, let progress) where job == started.job:
                line.show("\(started.id)  " + ActivityText.progress(progress))
            case .recorded(let event) where concerns(event.content.subject, started): fallthrough
            case .missed:
                let run = try await connection.send(GetRun(run: started.id))
                if !run.status.isOpen { return run }
            default: break
            }
        }
        throw Refusal(
            .unavailable,
            """
            The engine went away while "\(started.id)" was under way; the run is queued again at \
            its next start. "binnacle runs show \(started.id)" says how it went.
            """
        )
    }

    private func concerns(_ subject: Subject, _ run: Run) -> Bool {
        subject.id == run.id.text || subject.id == run.job.text
    }

    private func report(_ run: Run) throws {
        if case .registered = run.status { return try options.show(run, text: RunText.page) }
        if options.json { try options.show(run, text: RunText.page) }
        let reasons = RunText.reasons(run).map { "\n- " + SafeText.cleaned($0) }
        throw Refusal(
            .conflict,
            "\"\(run.id)\" made no version: it \(run.status.ending)." + reasons.joined()
        )
    }
}

extension RunStatus {
    /// For a sentence: `was refused`.
    fileprivate var ending: String {
        switch self {
        case .failed: "failed"
        default: "was \(name)"
        }
    }
}
