import ArgumentParser
import Domain
import EngineAPI

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a model's rows or its performance changed, and whether to retrain.",
        discussion: """
            The likely cause first, with its evidence, the runner-up, what to do, and why a \
            retrain is advised or not; then each feature's own cause, and what the moved inputs \
            and a changed response make of the mean score.
            """
    )

    @Argument(help: "The model's name.")
    var model: String
    @Option(help: "The day or time of a window; the newest where it is left out.")
    var at: String?
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let reports = try await options.engine().send(
            ListDriftReports(model: model, limit: 5_000)
        )
        let report = reports.first { report in
            at.map { report.windowStart.description.hasPrefix($0) } ?? true
        }
        guard let report else {
            throw Refusal(
                .notFound,
                "\"\(model)\" has no judged window \(at.map { "at \"\($0)\"" } ?? "yet"). "
                    + "\"binnacle drift \(model)\" lists the windows there are."
            )
        }
        try options.print(report) { ExplainText.report($0, columns: terminalColumns(of: 1)) }
    }
}
