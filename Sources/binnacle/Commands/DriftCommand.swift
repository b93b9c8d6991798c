import ArgumentParser
import Domain
import EngineAPI
import FoundationEssentials
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

            With --baseline training, last-week, same-month, v3 or 2013-05-01..2013-05-08 the rows \
            of the newest verdict, or those of --from and --to, are held against these instead: \
            drift late-flights --baseline last-week.

            With a file as --baseline it compares two plain files, CSV or JSON Lines, and needs no engine: \
            drift today.csv --baseline training.csv. It also names the likely cause of each drift, \
            with the evidence, the runner-up and what to do.
            """
    )

    @Argument(help: "The model's name; with --baseline, a file.")
    var model: String
    @Option(
        help: """
            What to compare with: training, last-week, same-month, a version such as v3, a range \
            such as 2013-05-01..2013-05-08; or a file, where MODEL is one.
            """
    )
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
    @Flag(help: "List the verdicts over time with their causes, newest first.")
    var history = false
    @Option(help: "Make the verdict of this window again, such as 2013-06-11 or v2@2013-06-11.")
    var replay: String?
    @Option(help: "Only windows from this time on; with --baseline, compare from here.")
    var from: String?
    @Option(help: "Only windows before this time; with --baseline, compare up to here.")
    var to: String?
    @OptionGroup var past: AsOfOption
    @OptionGroup var options: ClientOptions

    private static func time(_ text: String) throws -> Timestamp {
        guard let time = Timestamp(text.contains("T") ? text : text + "T00:00:00Z") else {
            throw ValidationError(
                "\"\(text)\" is no time. Write it as 2013-06-11 or 2013-06-11T14:00:00Z."
            )
        }
        return time
    }

    func validate() throws {
        if replay != nil, history {
            throw ValidationError("--history and --replay exclude each other.")
        }
        if baseline != nil, replay != nil || history {
            throw ValidationError("--history and --replay go without --baseline.")
        }
        if past.moment != nil, replay != nil || history || baseline != nil && reference == nil {
            throw ValidationError("--as-of goes without --history, --replay and files.")
        }
        if baseline != nil, reference == nil, from != nil || to != nil {
            throw ValidationError("--from and --to ask an engine; a file is compared as a whole.")
        }
        let (start, end) = (try from.map(Self.time), try to.map(Self.time))
        if let start, let end, start >= end { throw ValidationError("--from is not before --to.") }
        if histogram != nil, feature != nil {
            throw ValidationError("Ask for --feature or for --histogram, not both.")
        }
        if baseline == nil || reference != nil, tool != nil || markdown {
            throw ValidationError("--as and --markdown go with a file as --baseline.")
        }
        if last < 0 { throw ValidationError("--last cannot be negative.") }
    }

    /// What the engine is asked to compare with; nil where two files are compared.
    private var reference: DriftReference? {
        guard !FileManager.default.fileExists(atPath: model) else { return nil }
        return baseline.flatMap { DriftReference($0) }
    }

    func run() async throws {
        if let reference {
            let request = CompareDrift(
                model: model,
                from: try from.map(Self.time),
                to: try to.map(Self.time),
                reference: reference,
                feature: histogram ?? feature
            )
            return try await options.show(past.asOf(request), text: DriftText.comparison)
        }
        if let baseline {
            let drift = try FileDrift(of: model, against: baseline, as: tool)
            if markdown { return print(FileDriftText.markdown(drift)) }
            return try options.print(drift) {
                FileDriftText.text($0, columns: terminalColumns(of: 1))
            }
        }
        if let replay { return try await showReplay(of: replay) }
        if history {
            let request = ListDriftReports(
                model: model,
                limit: last == 0 ? 5_000 : last,
                from: try from.map(Self.time),
                to: try to.map(Self.time)
            )
            return try await options.show(request, text: VerdictText.history)
        }
        if let histogram {
            let request = GetHistogram(model: model, feature: histogram)
            return try await options.show(past.asOf(request), text: DriftText.histogram)
        }
        var request = GetDrift(model: model, feature: feature, metric: metric)
        request.from = try from.map(Self.time)
        request.to = try to.map(Self.time)
        try await options.show(past.asOf(request)) { series, columns in
            DriftText.series(series, last: last, columns: columns)
        }
    }

    /// Fails where the verdict is not the same to the last bit.
    private func showReplay(of name: String) async throws {
        let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
        var version: Int?
        if parts.count == 2 {
            guard parts[0].hasPrefix("v"), let number = Int(parts[0].dropFirst()) else {
                throw ValidationError(
                    "\"\(name)\" names no verdict. Write it as 2013-06-11 or v2@2013-06-11."
                )
            }
            version = number
        }
        let request = ReplayDriftReport(
            model: model,
            version: version,
            windowStart: try Self.time(parts.last ?? name)
        )
        let answer = try await options.engine().send(request)
        try options.show(answer, text: VerdictText.replay)
        if !answer.isIdentical { throw ExitCode(1) }
    }
}
