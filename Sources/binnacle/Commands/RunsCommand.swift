import ArgumentParser
import Domain
import EngineAPI

struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List training runs, or look at one.",
        subcommands: [List.self, Show.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List runs, newest first.")

        @Option(help: "Only this model's.")
        var model: String?
        @Option(help: "At most so many.")
        var limit = 100
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                past.asOf(ListRuns(model: model, limit: limit)),
                text: RunText.list
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one run: what it took, how it was judged, what it gave."
        )

        @Argument(help: "The run's id, such as run-12.")
        var run: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(GetRun(run: ID(run)), text: RunText.page)
        }
    }
}
