import ArgumentParser
import Attestation
import Domain
import EngineAPI

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Enroll, list and revoke the keys that decisions are signed with.",
        discussion: """
            Decisions are signed by your own ssh-keygen with a key in your agent or in ~/.ssh; \
            the engine gets the public half and the signature. An environment asks for them with \
            "signature: optional" or "signature: required" in its policy.
            """,
        subcommands: [List.self, Enroll.self, Revoke.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List every key.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(ListKeys(), text: KeyText.keys)
        }
    }

    struct Enroll: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enroll an SSH key of yours, which signs that it is yours."
        )

        @OptionGroup var signing: SigningOptions
        @Option(help: ArgumentHelp("When it ends, such as 2027-06-30.", valueName: "time"))
        var until: Moment?
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let connection = try await options.engine()
            guard let found = try await signing.keys.candidates().first else {
                throw Refusal(
                    .notFound,
                    """
                    Neither your agent nor ~/.ssh has a key that can sign. "ssh-keygen -t ed25519" \
                    makes one; --key names one that lies elsewhere.
                    """
                )
            }
            let comment = found.key.comment.isEmpty ? "" : " " + found.key.comment
            let statement = EnrollmentStatement(
                publicKey: found.key.text + comment,
                owner: try await connection.send(WhoAmI()).actor,
                expiresAt: until?.timestamp,
                at: currentTime()
            )
            let signed = try await signing.keys.sign(
                try canonicalStatement(statement),
                in: EnrollmentStatement.namespace,
                with: found
            )
            let key = try await connection.send(EnrollKey(signed: signed))
            try options.show(key) { key, columns in KeyText.keys([key], columns: columns) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key of yours; an administrator may end anybody's.",
            discussion: """
                Requests that need signatures and were approved with it, but are not deployed \
                yet, are void and must be asked for again.
                """
        )

        @Argument(help: "The key's id, such as key-2.")
        var key: String
        @Option(help: "Why, for the record.")
        var reason: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(RevokeKey(key: ID(key), reason: reason)) { key, columns in
                KeyText.keys([key], columns: columns)
            }
        }
    }
}

/// Which of the user's keys signs.
struct SigningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Sign with this SSH key; else one of the agent's or of ~/.ssh.",
            valueName: "file"
        )
    )
    var key: String?

    var keys: UserKeys { UserKeys(path: key, mayAsk: isTerminal(0)) }

    /// A connection that signs decisions where their policy wants it.
    func engine(_ options: ClientOptions) async throws -> any EngineConnection {
        SigningConnection(base: try await options.engine(), keys: keys)
    }
}

/// Keys as text.
enum KeyText {
    static func keys(_ keys: [SigningKey], columns: Int?) -> String {
        var page = TextPage(columns: columns)
        guard !keys.isEmpty else {
            page.line("No key is enrolled. \"binnacle keys enroll\" enrolls one of yours.")
            return page.text
        }
        var table = TextTable([
            .left("id"), .left("owner"), .flexible("key"), .left("name").optional,
            .left("enrolled"), .left("expires"), .flexible("state"),
        ])
        for key in keys {
            table.add([
                key.id.text, key.owner.name, key.fingerprint, key.name,
                CellText.time(key.enrolledAt), key.expiresAt.map { CellText.time($0) } ?? "never",
                state(key),
            ])
        }
        page.table(table)
        return page.text
    }

    private static func state(_ key: SigningKey) -> String {
        if let revocation = key.revocation {
            return
                "revoked by \(revocation.by) \(CellText.time(revocation.at)): \(revocation.reason)"
        }
        return key.obstacle(at: currentTime()) == nil ? "valid" : "expired"
    }
}
