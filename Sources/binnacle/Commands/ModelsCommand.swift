import ArgumentParser
import Domain
import EngineAPI

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List and search models, look at one, name, tag and tidy versions.",
        subcommands: [
            List.self, Search.self, Show.self, CompareCommand.self, Card.self, Release.self,
            Alias.self, Protect.self, Unprotect.self, Tag.self, Describe.self, Owner.self,
            Archive.self, Restore.self, Delete.self,
        ],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the models, by name.")

        @Option(help: "At most so many.")
        var limit = 200
        @Option(help: "Those whose names come after this one.")
        var after: String?
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            if let moment = past.moment {
                return try await options.show(
                    LookBack(at: moment.timestamp, after: after, limit: limit),
                    text: MomentText.models
                )
            }
            try await options.show(ListModels(after: after, limit: limit), text: ModelText.list)
        }
    }

    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find models by words and fields.",
            discussion: """
                binnacle models search 'owner:ops tag:team=a late'
                Fields: alias, env, name, owner, state (active, archived, deleted), tag (with or \
                without =value). A word is looked for in name, description and owner; ! before a \
                term asks for its opposite.
                """
        )

        @Argument(help: "The terms; all of them must fit.")
        var terms: [String]
        @Option(help: "At most so many.")
        var limit = 200
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let query = terms.joined(separator: " ")
            try await options.show(
                ListModels(query: query, limit: limit),
                text: { ModelText.found($0, query: query, columns: $1) }
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one model: its versions, its aliases, what serves."
        )

        @Argument(help: "The model's name.")
        var model: String
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            if let moment = past.moment {
                return try await options.show(
                    LookBack(at: moment.timestamp, model: model),
                    text: MomentText.model
                )
            }
            try await options.show(GetModel(model: model), text: ModelText.page)
        }
    }
}

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Put two versions beside each other.",
        discussion: """
            Data, columns, cleaning, parameters, code, metrics and bytes. Versions are written 2 \
            or v2, the base first. Without a base it is the version the candidate was judged \
            against.
            """,
        aliases: ["diff"]
    )

    @Argument(help: "The model's name.")
    var model: String
    @Argument(
        help: ArgumentHelp(
            "The base, if any, and the candidate.",
            valueName: "base> <candidate"
        )
    )
    var versions: [VersionNumber]
    @Flag(help: "Show only what differs.")
    var different = false
    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard (1...2).contains(versions.count) else {
            throw ValidationError("Name one or two versions, such as \"v1 v2\".")
        }
    }

    func run() async throws {
        let request = CompareVersions(
            model: model,
            base: versions.count == 2 ? versions[0].number : nil,
            candidate: versions[versions.count - 1].number
        )
        try await options.show(request) { comparison, columns in
            ComparisonText.page(comparison, isOnlyDifferences: different, columns: columns)
        }
    }
}
