import ArgumentParser
import Domain
import EngineAPI

struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Add datasets, list them, look at their columns.",
        subcommands: [List.self, Add.self, Show.self],
        defaultSubcommand: List.self
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a file into an immutable, profiled dataset version."
        )

        @Argument(help: "CSV or JSON Lines, plain or gzip, on the engine's machine.")
        var file: String
        @Option(help: "The dataset's name.")
        var name: String
        @Option(help: "Rows that may be bad before the file is refused.")
        var badRows = 100
        @OptionGroup var options: ClientOptions

        func validate() throws {
            if badRows < 0 { throw ValidationError("--bad-rows cannot be negative.") }
        }

        func run() async throws {
            let path = try options.enginePath(file)
            try await options.show(
                AddDataset(path: path, dataset: name, badRowLimit: badRows),
                text: DataText.page
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all versions of a dataset, or of all."
        )

        @Argument(help: "A dataset's name; all without it.")
        var name: String?
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                past.asOf(ListDatasetVersions(dataset: name)),
                text: DataText.list
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one dataset version: its columns and what they hold."
        )

        @Argument(help: "A version's id such as data-3, or a dataset's name for its newest.")
        var data: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let all = try await options.engine().send(ListDatasetVersions())
            let found = all.first { $0.id.text == data } ?? all.first { $0.dataset == data }
            guard let found else {
                throw Refusal(
                    .notFound,
                    "There is no data \"\(data)\". \"binnacle data\" lists what there is."
                )
            }
            try options.show(found, text: DataText.page)
        }
    }
}
