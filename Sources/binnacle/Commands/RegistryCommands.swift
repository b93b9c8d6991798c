import ArgumentParser
import Domain
import EngineAPI

/// What people say of models; each is one change with one audit event.
extension ModelsCommand {
    struct Card: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the model card: purpose, data, metrics, limits, approvals."
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The version; else the champion, else the newest.")
        var version: VersionNumber?
        @Flag(help: "Print it as Markdown.")
        var markdown = false
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let request = GetModelCard(model: model, version: version?.number)
            try await options.show(request) { card, columns in
                markdown ? card.markdown : ModelText.card(card, columns: columns)
            }
        }
    }

    struct Alias: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Point a name at a version, or take it away.",
            discussion: """
                binnacle models alias late-flights candidate v3
                binnacle models alias late-flights candidate --remove
                The champion is what serves: "binnacle deploy" moves it.
                """
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The alias.")
        var name: String
        @Argument(help: "The version it points at.")
        var version: VersionNumber?
        @Flag(help: "Take the alias away.")
        var remove = false
        @OptionGroup var options: ClientOptions

        func validate() throws {
            guard remove != (version != nil) else {
                throw ValidationError("Name a version to point at, or write --remove.")
            }
        }

        func run() async throws {
            try await options.change(model, .alias(name: name, version: version?.number))
        }
    }

    struct Protect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let nobody set an alias by hand."
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The alias.")
        var name: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.change(model, .protection(alias: name, isProtected: true))
        }
    }

    struct Unprotect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an alias be set by hand again."
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The alias.")
        var name: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.change(model, .protection(alias: name, isProtected: false))
        }
    }

    struct Tag: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tag a model or one version: NAME=VALUE sets, NAME- takes away."
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(
            help: ArgumentHelp(
                "A version, where the tags are of one; then team=a, or team- to take it away.",
                valueName: "tag"
            )
        )
        var words: [String]
        @OptionGroup var options: ClientOptions

        private var version: VersionNumber? { words.first.flatMap(VersionNumber.init(argument:)) }

        private var tags: [String] { version == nil ? words : Array(words.dropFirst()) }

        func validate() throws {
            if tags.isEmpty { throw ValidationError("Write a tag such as team=a.") }
            for tag in tags where !tag.contains("=") && !tag.hasSuffix("-") {
                throw ValidationError("\"\(tag)\" is no tag: write NAME=VALUE, or NAME- to remove.")
            }
        }

        func run() async throws {
            let engine = try await options.engine()
            var entry: ModelEntry?
            for tag in tags {
                let equals = tag.firstIndex(of: "=")
                let change = RegistryChange.tag(
                    version: version?.number,
                    name: equals.map { String(tag[..<$0]) } ?? String(tag.dropLast()),
                    value: equals.map { String(tag[tag.index(after: $0)...]) }
                )
                entry = try await engine.change(model, change)
            }
            if let entry { try options.show(entry, text: ModelText.entry) }
        }
    }

    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what a model is for.")

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "A sentence or two.")
        var text: String
        @OptionGroup var options: ClientOptions

        func run() async throws { try await options.change(model, .description(text)) }
    }

    struct Owner: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Name who answers for a model, whatever its pipeline file says."
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "A user or a team.")
        var owner: String
        @OptionGroup var options: ClientOptions

        func run() async throws { try await options.change(model, .owner(owner)) }
    }

    struct Archive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hide a model or a version; \"restore\" shows it again."
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The version; else the whole model.")
        var version: VersionNumber?
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.change(model, .archive(version: version?.number, isArchived: true))
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an archived model or version again."
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The version; else the whole model.")
        var version: VersionNumber?
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.change(model, .archive(version: version?.number, isArchived: false))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Leave only a tombstone of a model or a version.",
            discussion: """
                Refused for what serves, what an alias points at and what has a standing \
                approval. The name is free at once; the bytes go with "binnacle gc --apply".
                """
        )

        @Argument(help: "The model's name.")
        var model: String
        @Argument(help: "The version; else the whole model.")
        var version: VersionNumber?
        @Option(help: "Why, in three words or more.")
        var reason: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let change = RegistryChange.delete(version: version?.number, reason: reason)
            try await options.change(model, change)
        }
    }
}

extension ClientOptions {
    fileprivate func change(_ model: String, _ change: RegistryChange) async throws {
        try show(try await engine().change(model, change), text: ModelText.entry)
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every byte back: versions, data, store and audit chain; ends 1 when bad."
    )

    @OptionGroup var options: ClientOptions

    func run() async throws {
        let found = try await options.engine().send(VerifyStore())
        try options.show(found, text: HousekeepingText.verified)
        guard found.problems.isEmpty else { throw ExitCode(1) }
    }
}

struct GarbageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Say which bytes nothing needs, by reason; --apply frees them.",
        discussion: """
            Never goes: what a version, dataset, run, approval, alias or deployment names. Files \
            younger than an hour stay too: a training may be about to name them.
            """
    )

    @Flag(help: "Free the bytes; else they are only counted.")
    var apply = false
    @Option(help: "Also let predictions go that are older than so many days.")
    var keepPredictions: Int?
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let request = CollectGarbage(isApplied: apply, predictionDays: keepPredictions)
        try await options.show(request, text: HousekeepingText.garbage)
    }
}
