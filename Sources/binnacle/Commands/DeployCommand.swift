import ArgumentParser
import Domain
import EngineAPI

struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy an approved version, or ask for its approval.",
        discussion: "Ends when the version serves."
    )

    @Argument(help: "The model's name.")
    var model: String
    @Argument(help: "The version, such as v2.")
    var version: VersionNumber
    @Option(help: "Where to.")
    var environment = "production"
    @Option(help: "A remark for the record.")
    var note = ""
    @Flag(help: "Ask for an approval instead; what is approved is deployed by itself.")
    var request = false
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if request, !note.isEmpty {
            throw ValidationError("A request carries no --note; the approver gives a reason.")
        }
    }

    func run() async throws {
        if request {
            let release = RequestRelease(
                model: model,
                version: version.number,
                environment: environment
            )
            return try await options.show(release, text: ReleaseText.approval)
        }
        let deploy = Deploy(
            model: model,
            version: version.number,
            environment: environment,
            note: note
        )
        try await options.show(deploy, text: ReleaseText.changed)
    }
}

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to the version served before.",
        discussion: "Ends when that version serves. Its approval stands; no new one is needed."
    )

    @Argument(help: "The model's name.")
    var model: String
    @Option(help: "Where.")
    var environment = "production"
    @Option(help: "A remark for the record.")
    var note = ""
    @Option(help: "Only if this version serves now.")
    var from: VersionNumber?
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let request = RollBack(
            model: model,
            environment: environment,
            note: note,
            from: from?.number
        )
        try await options.show(request, text: ReleaseText.changed)
    }
}

struct DeploymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments",
        abstract: "List what serves, where, and how it does.",
        subcommands: [List.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the deployments, now or as of a moment.",
            discussion: """
                binnacle deployments --as-of 2013-07-01T12:00Z
                What was live then, who put it there, and on which approval and evidence.
                """
        )

        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            if let moment = past.moment {
                return try await options.show(
                    LookBack(
                        at: moment.timestamp,
                        isServing: true,
                        limit: ListModels.limitMaximum
                    ),
                    text: MomentText.deployments
                )
            }
            try await options.show(ListDeployments(), text: ReleaseText.deployments)
        }
    }
}
