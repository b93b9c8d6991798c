import ArgumentParser
import Domain
import EngineAPI
import Statistics

extension DriftMetric: ExpressibleByArgument {}
extension ToolConvention: ExpressibleByArgument {}

struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Show how production rows differ from the training rows.",
        discussion: """
            Without a feature it is the share of drifted features over time. Below stands the \
            newest report, the most drifted feature first.

            With --baseline it compares two plain files, CSV or JSON Lines, and needs no engine: \
            drift today.csv --baseline training.csv. It also names the likely cause of each drift, \
            with the evidence, the runner-up and what to do.
            """
    )

    @Argument(help: "The model's name; with --baseline, a file.")
    var model: String
    @Option(help: "Compare the file with this one instead of asking the engine.")
    var baseline: String?
    @Option(name: .customLong("as"), help: "With --baseline, say also what this tool would.")
    var tool: ToolConvention?
    @Flag(help: "With --baseline, print a Markdown table.")
    var markdown = false
    @Option(help: "The feature to follow.")
    var feature: String?
    @Option(help: "How to measure the feature.")
    var metric: DriftMetric = .psi
    @Option(help: "Show this feature's shares in baseline and newest window, bin by bin.")
    var histogram: String?
    @Option(help: "List so many of the newest windows; 0 lists all.")
    var last = 40
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if histogram != nil, feature != nil {
            throw ValidationError("Ask for --feature or for --histogram, not both.")
        }
        if baseline == nil, tool != nil || markdown {
            throw ValidationError("--as and --markdown go with --baseline.")
        }
        if last < 0 { throw ValidationError("--last cannot be negative.") }
    }

    func run() async throws {
        if let baseline {
            let drift = try FileDrift(of: model, against: baseline, as: tool)
            if markdown { return print(FileDriftText.markdown(drift)) }
            return try options.print(drift) {
                FileDriftText.text($0, columns: terminalColumns(of: 1))
            }
        }
        if let histogram {
            let request = GetHistogram(model: model, feature: histogram)
            return try await options.show(request, text: DriftText.histogram)
        }
        let request = GetDrift(model: model, feature: feature, metric: metric)
        try await options.show(request) { series, columns in
            DriftText.series(series, last: last, columns: columns)
        }
    }
}
