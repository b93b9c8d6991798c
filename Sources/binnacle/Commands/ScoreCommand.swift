import ArgumentParser
import Domain
import EngineAPI
import FoundationEssentials
import ScoringServer

/// The scoring process of one deployment; the engine starts it, and it can be run by hand.
struct ScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Serve a deployment over HTTP on loopback (the engine starts this).",
        shouldDisplay: false
    )

    @OptionGroup var home: HomeOption
    @Option(help: "The deployment's id, such as deployment-1.")
    var deployment: String

    /// How long collected rows may gather before the engine gets them; 1...60,000.
    static let collectVariable = "BINNACLE_COLLECT_MILLISECONDS"

    func run() async throws {
        let home = try home.home()
        let access = EngineAccess(home: home, host: nil, client: "scoring process")
        var options = ScoringOptions()
        if let text = ProcessInfo.processInfo.environment[Self.collectVariable] {
            guard let delay = Int(text), 1...60_000 ~= delay else {
                throw Refusal(
                    .invalid,
                    "\(Self.collectVariable) is \"\(text)\"; set it to 1 to 60000, or not at all."
                )
            }
            options.collectorDelayMilliseconds = delay
        }
        let ending = try await serveDeployment(
            ID(deployment),
            connection: { try await access.dial() },
            lockFolder: home.path + "/deployments",
            options: options
        )
        complain(ending.sentence)
    }
}
