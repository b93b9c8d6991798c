import ArgumentParser
import Domain
import EngineAPI
import FoundationEssentials
import ScoringServer

extension ModelsCommand {
    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show the steps of a version's release, from its check to what it answers with.",
            discussion: """
                A registration starts check, package, profile and request, a deployment deploy and \
                verify. \
                Each is a job: "binnacle logs JOB" has its log.
                """
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The version, such as v2.")
        var version: VersionNumber
        @Flag(
            name: .customLong("run"),
            help: "Queue the steps that are not there or have failed."
        )
        var isQueued = false
        @OptionGroup var options: ClientOptions

        func run() async throws {
            if isQueued {
                let request = RunRelease(model: model, version: version.number)
                return try await options.show(request, text: ReleaseText.steps)
            }
            let request = GetRelease(model: model, version: version.number)
            try await options.show(request, text: ReleaseText.steps)
        }
    }
}

/// Measures one version; the engine starts it, and it can be run by hand on a plan file.
struct ProfileWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile-worker",
        abstract: "Measure a version as a plan file says (the engine starts this).",
        shouldDisplay: false
    )

    @Argument(help: "The plan file.")
    var plan: String

    func run() throws {
        let bytes = try Data(contentsOf: URL(filePath: plan))
        let plan = try JSONDecoder().decode(DeploymentPlan.self, from: bytes)
        print(try jsonText(try profileModel(plan)))
    }
}
