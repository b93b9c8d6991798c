import ArgumentParser
import Domain
import EngineAPI

struct ApprovalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals",
        abstract: "List what waits for approval, look at a request, decide on it.",
        subcommands: [
            List.self, Show.self, ApproveCommand.self, RejectCommand.self,
            RequestChangesCommand.self, RevokeCommand.self, Export.self,
        ],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what waits for approval, newest first."
        )

        @Flag(help: "Also what was decided, superseded or expired.")
        var all = false
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                past.asOf(ListApprovals(openOnly: !all)),
                text: ReleaseText.approvals
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one request with its evidence and decisions.",
            discussion: """
                Where the policy says "evidence: opened" nobody can approve who has not had all of \
                it shown to them, here or in the control room; that it was shown is recorded.
                """
        )

        @Argument(help: "The request's id, such as approval-4.")
        var approval: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let connection = try await options.engine()
            let found = try await connection.send(GetApproval(approval: ID(approval)))
            try options.show(found, text: ReleaseText.approval)
            if found.policy.evidence == .opened { try await noteOpened(found, on: connection) }
        }
    }
}

/// Tells the engine that the user had all the evidence before them.
private func noteOpened(
    _ approval: Approval,
    on connection: some EngineConnection
) async throws {
    guard approval.status.isOpen else { return }
    let me = try await connection.send(WhoAmI())
    guard me.roles.contains(where: Permission.decide.roles.contains) else { return }
    _ = try await connection.send(
        OpenEvidence(
            approval: approval.id,
            evidenceDigest: approval.evidenceDigest,
            titles: approval.evidence.map(\.title)
        )
    )
}

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Approve a version for an environment, on the evidence it prints.",
        discussion: """
            The approval names the digests of exactly what was printed. For production the version \
            must be typed, or given with --confirm.
            """
    )

    @OptionGroup var release: ReleaseArguments
    @Option(help: "Why, for the record.")
    var reason = ""
    @Option(help: "The version again, in place of typing it.")
    var confirm: VersionNumber?
    @OptionGroup var signing: SigningOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let connection = try await signing.engine(options)
        let approval = try await release.openApproval(connection)
        showEvidence(of: approval, asJSON: options.json)
        // Where it was printed alone, the policy's demand is not met by a command that goes on.
        if approval.policy.evidence != .opened { try await noteOpened(approval, on: connection) }
        let shownAt = currentTime()
        if EnvironmentPolicy(name: approval.environment, approvals: 0).isProduction {
            try checkConfirmation(of: approval, given: confirm)
        }
        let seconds = currentTime().seconds(since: shownAt)
        let reading = approval.evidence.map { item in
            EvidenceReading(title: item.title, seconds: seconds / Double(approval.evidence.count))
        }
        let decision = decision(.approve, on: approval, reason, reading)
        let sent = try await connection.send(decision)
        try options.show(sent, text: ReleaseText.decided)
    }
}

struct RejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Reject a version for an environment, with a reason."
    )

    @OptionGroup var release: ReleaseArguments
    @Option(help: "Why, for the record and the requester.")
    var reason: String
    @OptionGroup var signing: SigningOptions
    @OptionGroup var options: ClientOptions

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) {
            throw ValidationError("A rejection needs a --reason in words.")
        }
    }

    func run() async throws {
        let connection = try await signing.engine(options)
        let approval = try await release.openApproval(connection)
        showEvidence(of: approval, asJSON: options.json)
        let decision = decision(.reject, on: approval, reason)
        let sent = try await connection.send(decision)
        try options.show(sent, text: ReleaseText.decided)
    }
}

/// Which release is meant.
struct ReleaseArguments: ParsableArguments {
    @Argument(help: "The model's name, or the id of a request such as approval-4.")
    var model: String
    @Argument(help: "The version, such as v2; not with an id.")
    var version: VersionNumber?
    @Option(help: "The environment, where the version waits for more than one.")
    var environment: String?

    /// The one open request for this release.
    func openApproval(_ connection: some EngineConnection) async throws -> Approval {
        try await request(connection) { $0.isOpen }
    }

    /// The one request for this release whose state fits.
    func request(
        _ connection: some EngineConnection,
        where fits: (ApprovalStatus) -> Bool
    ) async throws -> Approval {
        guard let version else {
            guard model.hasPrefix("approval-") else {
                throw ValidationError("Name a version such as v2, or a request such as approval-4.")
            }
            return try await connection.send(GetApproval(approval: ID(model)))
        }
        let waiting = try await connection.send(ListApprovals(openOnly: false)).filter {
            fits($0.status) && $0.kind == .release
                && $0.model == model && $0.version == version.number
                && (environment == nil || $0.environment == environment)
        }
        guard let found = waiting.first else {
            let place = environment.map { " to \"\($0)\"" } ?? ""
            throw Refusal(
                .notFound,
                """
                No request to release "\(model) v\(version.number)"\(place) waits. \
                "binnacle approvals --all" shows what was decided; "binnacle deploy --request" \
                asks for one.
                """
            )
        }
        guard waiting.count == 1 else {
            let names = waiting.map { "\"\($0.environment)\"" }.joined(separator: ", ")
            throw ValidationError(
                "\"\(model) v\(version.number)\" waits for \(names). Name one with --environment."
            )
        }
        return found
    }
}

/// Prints all that a decision rests on, beside the answer where that goes to a program.
private func showEvidence(of approval: Approval, asJSON: Bool) {
    if asJSON {
        complain(ReleaseText.approval(approval, columns: terminalColumns(of: 2)) + "\n")
    } else {
        writeOut(ReleaseText.approval(approval, columns: terminalColumns()) + "\n\n")
    }
}

/// Has the version typed, so that nobody approves for production by a slip of the hand.
private func checkConfirmation(of approval: Approval, given: VersionNumber?) throws {
    if let given {
        guard given.number == approval.version else {
            throw ValidationError(
                "--confirm names v\(given.number), and v\(approval.version) is to be approved."
            )
        }
        return
    }
    guard isTerminal(0) else {
        throw ValidationError(
            """
            \(approval.title) needs a confirmation and standard input is no terminal. \
            Say "--confirm v\(approval.version)".
            """
        )
    }
    ask("Type v\(approval.version) to approve it for \(approval.environment): ")
    let typed = readLine().flatMap { VersionNumber(argument: $0) }
    guard typed?.number == approval.version else {
        throw Refusal(.invalid, "Not approved: \"v\(approval.version)\" was not typed.")
    }
}

private func decision(
    _ answer: Decision.Answer,
    on approval: Approval,
    _ reason: String,
    _ reading: [EvidenceReading] = []
) -> Decide {
    Decide(
        approval: approval.id,
        answer: answer,
        reason: reason,
        bundleDigest: approval.bundleDigest,
        evidenceDigest: approval.evidenceDigest,
        reading: reading
    )
}

struct RequestChangesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request-changes",
        abstract: "Send a request back for changes, with a reason."
    )

    @OptionGroup var release: ReleaseArguments
    @Option(help: "What has to change, for the record and the requester.")
    var reason: String
    @OptionGroup var signing: SigningOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let connection = try await signing.engine(options)
        let approval = try await release.openApproval(connection)
        let sent = try await connection.send(decision(.requestChanges, on: approval, reason))
        try options.show(sent, text: ReleaseText.decided)
    }
}

struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take an approval or a request back, with a reason.",
        discussion: """
            Before the version is deployed that cancels it; afterwards it alerts the owner, and \
            "binnacle rollback" goes back.
            """
    )

    @OptionGroup var release: ReleaseArguments
    @Option(help: "Why, for the record.")
    var reason: String
    @OptionGroup var signing: SigningOptions
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let connection = try await signing.engine(options)
        let approval = try await release.request(connection) {
            $0.isOpen || [.approved, .deploying, .live].contains($0)
        }
        let sent = try await connection.send(decision(.revoke, on: approval, reason))
        try options.show(sent, text: ReleaseText.decided)
    }
}
