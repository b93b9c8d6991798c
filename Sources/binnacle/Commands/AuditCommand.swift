import ArgumentParser
import Attestation
import Domain
import EngineAPI
import FoundationEssentials

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Read, verify, prove and export the audit log.",
        discussion: """
            The log is a Merkle tree (RFC 6962) whose head the engine signs with every change. \
            A head that was given out, by "checkpoint" or to a witness, shows ever after whether \
            the log still begins with the same events.
            """,
        subcommands: [
            List.self, Verify.self, Close.self, Checkpoint.self, Prove.self, Consistency.self,
            Export.self,
            WitnessCommand.self,
        ],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List events, newest first."
        )

        @Option(help: "At most so many.")
        var limit = 50
        @Option(help: "In order, from after this event's number on.")
        var after: Int64?
        @OptionGroup var past: AsOfOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                past.asOf(ListAuditEvents(after: after, limit: limit)),
                text: ActivityText.audit
            )
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replay the whole log; ends 1 at the first event that does not fit.",
            discussion: """
                Checks the chain of hashes, the tree, the signed heads, that no event is backdated, \
                and that what is current follows from the log.
                """
        )

        @Option(help: "A file with a checkpoint that was kept elsewhere; a witness's file is one.")
        var checkpoint: String?
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let note = try checkpoint.map(textOfFile)
            let found = try await options.engine().send(VerifyAudit(checkpoint: note))
            guard let problem = found.problem else {
                return try options.show(found, text: AuditText.verified)
            }
            if options.json { try options.show(found, text: AuditText.verified) }
            let place = found.firstBad.map { " at event \($0)" } ?? ""
            if let finding = found.finding {
                throw Refusal(
                    .corrupt,
                    """
                    The audit log verifies now, but it broke\(place) as event \(finding) records: \
                    \(problem) An administrator who knows what happened ends this with "binnacle \
                    audit close \(finding) --reason WORDS".
                    """
                )
            }
            throw Refusal(
                .corrupt,
                """
                The audit log breaks\(place): \(problem) \
                Keep the home as it is and look at who wrote to its store.
                """
            )
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a finding of a log that verifies again, and say why.",
            discussion: """
                A log that once did not verify is shown as broken, after it was mended too, \
                until an administrator closes the finding. The log keeps who did and why.
                """
        )

        @Argument(help: "The event that records the finding.")
        var event: Int64
        @Option(help: "What happened, in a sentence.")
        var reason: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(
                CloseFinding(event: event, reason: reason),
                text: AuditText.closed
            )
        }
    }

    struct Checkpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the log's newest signed head, to be kept elsewhere.",
            discussion: """
                The text is a C2SP tlog-checkpoint: the log's name, its size, its root, and a \
                signature. "--json" adds the key that checks it.
                """
        )

        @OptionGroup var options: ClientOptions

        func run() async throws {
            let answer = try await options.engine().send(GetCheckpoint())
            if options.json { return try options.show(answer) { _, _ in "" } }
            writeOut(answer.note)
        }
    }

    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that an event is in the signed log.",
            discussion: """
                The path leads from the event to the signed root by SHA-256 alone (RFC 6962); \
                it is checked here before it is printed.
                """
        )

        @Argument(help: "The event's number.")
        var event: Int64
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let proof = try await options.engine().send(ProveEvent(sequence: event))
            try check(proof)
            try options.show(proof, text: AuditText.proof)
        }

        /// The engine's word is not taken for it.
        private func check(_ proof: EventProof) throws {
            let root = MerkleProof.root(
                of: MerkleHash.leaf(proof.leaf.utf8),
                at: proof.index,
                in: proof.size,
                path: proof.path
            )
            let note = SignedNote(proof.checkpoint)
            let keys = [NoteVerifier(proof.verifierKey)].compactMap { $0 }
            guard let note, note.isSigned(byAnyOf: keys), note.checkpoint?.root == root,
                note.checkpoint?.size == proof.size
            else {
                throw Refusal(
                    .corrupt,
                    """
                    The proof of event \(event) does not lead to the signed root. \
                    "binnacle audit verify" says what was changed.
                    """
                )
            }
        }
    }

    struct Consistency: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prove that the log of one size begins with the log of a smaller one."
        )

        @Argument(help: "How many events the log had before, or a file with a checkpoint.")
        var old: String
        @Argument(help: "How many it had later, or a file; else it is the newest signed head.")
        var new: String?
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let (first, second) = (try LogState(old), try new.map { try LogState($0) })
            let proof = try await options.engine().send(
                ProveConsistency(old: first.size, new: second?.size)
            )
            let isConsistent = MerkleProof.isConsistent(
                (proof.oldSize, first.root ?? proof.oldRoot),
                with: (proof.newSize, second?.root ?? proof.newRoot),
                proof: proof.path
            )
            guard isConsistent else {
                throw Refusal(
                    .corrupt,
                    """
                    The log forked: its \(proof.newSize) events do not begin with the \
                    \(proof.oldSize) that were signed before. Keep the home as it is and look at \
                    who wrote to its store.
                    """
                )
            }
            try options.show(proof, text: AuditText.consistency)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write events as JSON Lines, oldest first."
        )

        @Option(help: "From this moment on, such as 2026-03-01 or 2026-03-01T14:00Z.")
        var since: Moment?
        @Option(help: "Up to this moment, which is not in it.")
        var until: Moment?
        @Option(help: "Only of this thing, such as run-12, approval-4 or late-flights/v2.")
        var subject: SubjectName?
        @OptionGroup var options: ClientOptions

        private static let page = 1_000

        func run() async throws {
            let connection = try await options.engine()
            let filter = AuditFilter(
                since: since?.timestamp,
                until: until?.timestamp,
                subject: subject?.subject
            )
            var last: Int64 = 0
            while true {
                let events = try await connection.send(
                    ListAuditEvents(after: last, limit: Export.page, filter: filter)
                )
                for event in events {
                    guard let line = compactJSON(event) else { continue }
                    writeOut(line + "\n")
                }
                guard events.count == Export.page, let end = events.last else { return }
                last = end.sequence
            }
        }
    }
}

/// A size of the log, and its root where it is known from outside.
private struct LogState {
    let size: Int64
    let root: Domain.Digest?

    init(_ text: String) throws {
        if let size = Int64(text) {
            self.size = size
            root = nil
            return
        }
        guard let checkpoint = SignedNote(try textOfFile(text))?.checkpoint else {
            throw Refusal(.invalid, "The file \"\(text)\" holds no checkpoint.")
        }
        size = checkpoint.size
        root = checkpoint.root
    }
}

/// A thing by its id, which tells its kind.
struct SubjectName: ExpressibleByArgument {
    let subject: Subject

    init?(argument: String) {
        let words = argument.split(separator: " ", maxSplits: 1)
        if words.count == 2 {
            let kind = SubjectKind.allCases.first { $0.word == words[0] || $0.rawValue == words[0] }
            guard let kind else { return nil }
            subject = Subject(kind, String(words[1]))
            return
        }
        if argument.contains("/v"), !argument.hasPrefix("/") {
            subject = Subject(.modelVersion, argument)
            return
        }
        guard let found = LineageCommand.subject(ofID: argument) else { return nil }
        subject = found
    }
}

func textOfFile(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw Refusal(.notFound, "The file \"\(path)\" cannot be read.")
    }
    return String(decoding: data, as: UTF8.self)
}

// MARK: - Witnesses

struct WitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness",
        abstract: "Say who outside is told of the log's heads.",
        discussion: """
            Who can write this machine's disk can change the log, but not what a witness has of \
            it. A file gets every head, a git remote one a minute at most, a mail address one a day.
            """,
        subcommands: [List.self, Add.self, Remove.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the witnesses.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(ListWitnesses(), text: AuditText.witnesses)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a witness.")

        @Argument(help: "file, git or mail.")
        var kind: Witness.Kind
        @Argument(help: "A path on the engine's machine, a git remote, or an e-mail address.")
        var target: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(AddWitness(kind: kind, target: target)) { witness, columns in
                AuditText.witnesses([witness], columns: columns)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tell a witness no more.")

        @Argument(help: "The witness's id, such as witness-1.")
        var witness: String
        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await options.show(RemoveWitness(witness: ID(witness))) { witness, columns in
                AuditText.removed(witness, columns: columns)
            }
        }
    }
}

extension Witness.Kind: ExpressibleByArgument {}
