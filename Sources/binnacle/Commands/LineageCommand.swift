import ArgumentParser
import Domain
import EngineAPI

struct LineageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Show what a thing was made from and what came of it.",
        discussion: """
            binnacle lineage late-flights v2 (or late-flights/v2)
            binnacle lineage run-12          (also data-3, deployment-1, approval-4, alert-2, job-7)
            binnacle lineage deployment-1/v2 (the rows it scored)
            binnacle lineage predictions ID  (one row that was scored)
            binnacle lineage data-3 --impact (how far it reached: runs, versions, rows scored)
            """
    )

    @Argument(help: "A model and a version; an id; or a kind and an id.")
    var thing: [String]
    @Option(help: "Steps to go in each direction, at most 32.")
    var depth = 12
    @Flag(help: "Count what was made from it, and the rows that were scored with it.")
    var impact = false
    @Option(
        help: ArgumentHelp("With --impact: only rows of this time and later.", valueName: "time")
    )
    var since: Moment?
    @OptionGroup var past: AsOfOption
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if since != nil, !impact {
            throw ValidationError("--since belongs to --impact: it counts rows from then on.")
        }
        guard (1...2).contains(thing.count) else {
            throw ValidationError("Name a thing in one or two words, such as \"late-flights v2\".")
        }
        if thing.count == 1, LineageCommand.subject(ofID: thing[0]) == nil {
            throw ValidationError(
                """
                "\(thing[0])" does not tell its kind. Write the kind before it: \
                \(LineageCommand.kindWords).
                """
            )
        }
        if thing.count == 2, LineageCommand.kind(named: thing[0]) == nil,
            VersionNumber(argument: thing[1]) == nil
        {
            throw ValidationError(
                """
                "\(thing[1])" is no version and "\(thing[0])" no kind of thing. \
                Kinds are \(LineageCommand.kindWords).
                """
            )
        }
    }

    func run() async throws {
        let connection = try await options.engine()
        let root = try await subject(connection)
        if impact {
            let found = try await connection.send(
                past.asOf(GetImpact(of: root, since: since?.timestamp))
            )
            return try options.show(found, text: LineageText.impact)
        }
        let lineage = try await connection.send(past.asOf(GetLineage(of: root, depth: depth)))
        try options.show(lineage, text: LineageText.page)
    }

    private static var kindWords: String {
        SubjectKind.allCases.filter { ![.engine, .silence, .delivery].contains($0) }
            .map(\.word).joined(separator: ", ")
    }

    private func subject(_ connection: some EngineConnection) async throws -> Subject {
        if thing.count == 2 {
            if let version = VersionNumber(argument: thing[1]) {
                let page = try await connection.send(GetModel(model: thing[0]))
                guard let found = page.versions.first(where: { $0.number == version.number })
                else {
                    throw Refusal(
                        .notFound,
                        """
                        "\(thing[0])" has no version \(version.number). \
                        "binnacle models show \(thing[0])" lists those there are.
                        """
                    )
                }
                return Subject(.modelVersion, found.id.text)
            }
            if let kind = LineageCommand.kind(named: thing[0]) { return Subject(kind, thing[1]) }
        }
        guard let subject = LineageCommand.subject(ofID: thing[0]) else {
            throw Refusal(.invalid, "\"\(thing[0])\" does not tell its kind.")
        }
        return subject
    }

    private static func kind(named name: String) -> SubjectKind? {
        SubjectKind.allCases.first { $0.word == name || $0.rawValue == name }
    }

    /// The kind an id tells by how it is written; nil where it tells none.
    static func subject(ofID id: String) -> Subject? {
        if id.hasPrefix("/") { return Subject(.file, id) }
        let words = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if words.count > 1 {
            // "late-flights/v2" is a version, "deployment-1/v2" the rows one deployment scored.
            let isVersion =
                words.count == 2 && words[1].hasPrefix("v")
                && VersionNumber(argument: words[1]) != nil
                && subject(ofID: words[0])?.kind != .deployment
            return Subject(isVersion ? .modelVersion : .predictions, id)
        }
        let parts = id.split(separator: "-")
        guard parts.count == 2, Int(parts[1]) != nil, let kind = kind(named: String(parts[0]))
        else { return nil }
        return Subject(kind, id)
    }
}
