import ArgumentParser
import Domain
import EngineAPI
import Terminal

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List what the engine does in the background, or cancel it.",
        subcommands: [List.self, Cancel.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs, newest first.")

        @Option(help: "At most so many.")
        var limit = 100
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(past.asOf(ListJobs(limit: limit)), text: ActivityText.jobs)
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a job that waits or runs."
        )

        @Argument(help: "The job's id, such as job-7.")
        var job: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(CancelJob(job: ID(job)), text: ActivityText.cancelled)
        }
    }
}

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what a job wrote."
    )

    @Argument(help: "The job's id, such as job-7.")
    var job: String
    @Flag(help: "Go on until the job has ended.")
    var follow = false
    @OptionGroup var options: ClientOptions

    private static let linesAtOnce = 10_000

    func validate() throws {
        if follow, options.json {
            throw ValidationError("A log that is followed is text: leave out --json.")
        }
    }

    func run() async throws {
        let connection = try await options.engine()
        if options.json {
            let log = try await connection.send(GetJobLog(job: ID(job)))
            return try options.show(log) { _, _ in "" }
        }
        guard follow else {
            _ = try await printLines(from: 0, connection)
            return
        }
        // From before the first read, so that no line can come unseen.
        let events = try await connection.events(after: nil)
        let isOver = try await hasEnded(connection)
        var next = try await printLines(from: 0, connection)
        if isOver { return }
        for await event in events {
            switch event {
            case .logged(let written, _) where written.text == job:
                next = try await printLines(from: next, connection)
            case .recorded, .missed:
                let isOver = try await hasEnded(connection)
                next = try await printLines(from: next, connection)
                if isOver { return }
            default: break
            }
        }
        throw Refusal(
            .unavailable,
            "The engine went away. \"binnacle logs \(job) --follow\" reads on when it is back."
        )
    }

    /// Prints every line there is from a number on and returns the number of the next one.
    private func printLines(
        from first: Int,
        _ connection: some EngineConnection
    ) async throws -> Int {
        var next = first
        while true {
            let log = try await connection.send(
                GetJobLog(job: ID(job), fromLine: next, limit: LogsCommand.linesAtOnce)
            )
            let lines = log.lines.map { SafeText.cleaned($0) + "\n" }
            writeOut(lines.joined())
            next = log.firstLine + log.lines.count
            if log.lines.isEmpty || next >= log.totalLines { return next }
        }
    }

    private func hasEnded(_ connection: some EngineConnection) async throws -> Bool {
        let jobs = try await connection.send(ListJobs())
        return !(jobs.first { $0.id.text == job }?.status.isOpen ?? false)
    }
}
