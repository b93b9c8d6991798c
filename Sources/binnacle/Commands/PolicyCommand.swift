import ArgumentParser
import Domain
import EngineAPI

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Show what an environment asks before a version may go there.",
        discussion: """
            A policy stands in the project's binnacle.yaml. One that differs from the policy in \
            force counts once it is approved under that one.
            """,
        subcommands: [Show.self, History.self],
        defaultSubcommand: Show.self
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the policy in force, and a change that waits."
        )

        @OptionGroup var place: PolicyPlace
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(place.request, text: PolicyText.policy)
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every policy that ever counted, newest first."
        )

        @OptionGroup var place: PolicyPlace
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(place.request, text: PolicyText.history)
        }
    }
}

/// Whose policy is meant.
struct PolicyPlace: ParsableArguments {
    @Argument(help: "The model's name.")
    var model: String
    @Option(help: "Where.")
    var environment = "production"

    var request: GetPolicy { GetPolicy(model: model, environment: environment) }
}

struct BreakGlassCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "break-glass",
        abstract: "Put a version into an environment at once, without its quorum.",
        discussion: """
            Only where the policy has "break_glass", by the roles it names. It is recorded, shown \
            to everybody, ends after the policy's time, and its review is asked for by itself.
            """
    )

    @Argument(help: "The model's name.")
    var model: String
    @Argument(help: "The version, such as v2.")
    var version: VersionNumber
    @Argument(help: "Where to.")
    var environment: String
    @Option(help: "What happens, in three words or more.")
    var reason: String
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let request = BreakGlass(
            model: model,
            version: version.number,
            environment: environment,
            reason: reason
        )
        try await options.show(request, text: ReleaseText.approval)
    }
}

/// Policies as text.
enum PolicyText {
    static func policy(_ state: PolicyState, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        if let record = state.history.first { add(record, to: &page) }
        if let change = state.change {
            page.heading("A change waits for its approval (\(change.id)):")
            for item in change.evidence {
                for line in item.lines { page.sentence(line, mark: "  ") }
            }
        }
        return page.text
    }

    static func history(_ state: PolicyState, columns: Int?) -> String {
        var page = TextPage(columns: columns)
        for record in state.history {
            if !page.text.isEmpty { page.line("") }
            add(record, to: &page)
        }
        return page.text
    }

    private static func add(_ record: PolicyRecord, to page: inout TextPage) {
        page.line("\(record.model) → \(record.policy.name): policy \(record.digest.short)")
        let how = record.approval.map { "with \($0)" } ?? "the first, with nobody to approve it"
        page.field("since", "\(CellText.time(record.at)) by \(record.author), \(how)")
        for line in record.policy.lines { page.sentence(line, mark: "- ") }
    }
}
