import ControlRoom
import Domain
import EngineAPI
import EngineSocket
import Subprocess
import Synchronization

/// Messages on their way to the control room's thread, from any other.
final class Mailbox: Sendable {
    private let waiting = Mutex<[Message]>([])
    private let wakeUp: @Sendable () -> Void

    init(wakeUp: @escaping @Sendable () -> Void) {
        self.wakeUp = wakeUp
    }

    func post(_ message: Message) {
        waiting.withLock { $0.append(message) }
        wakeUp()
    }

    func takeAll() -> [Message] {
        waiting.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}

/// The room's connection to its engine: kept open, tried again when it is lost.
actor EngineLine {
    /// Seconds between two tries; the last repeats.
    private static let retrySeconds: [Double] = [0.1, 0.3, 1, 2, 5]

    /// Seconds after which a subcommand that nobody sees is ended.
    private static let patienceSeconds = 300
    /// Most bytes a subcommand may write to be read here.
    private static let outputBytes = 4_000_000

    private let access: EngineAccess
    private let mailbox: Mailbox
    private let language: Language
    private var connection: (any EngineConnection)?
    private var waiting: [CheckedContinuation<(any EngineConnection)?, Never>] = []
    private var isClosed = false

    init(access: EngineAccess, mailbox: Mailbox, language: Language) {
        self.access = access
        self.mailbox = mailbox
        self.language = language
    }

    func ask(_ call: EngineCall) async -> EngineReply {
        guard let connection = await openConnection() else {
            return .refused(
                Refusal(.unavailable, "The engine does not answer. It is tried again by itself.")
            )
        }
        let keys = UserKeys(path: nil, mayAsk: false)
        let signing = SigningConnection(base: connection, keys: keys)
        return await ControlRoom.perform(call, on: signing, language: language)
    }

    /// Runs a subcommand of this program on the same engine; it reads nothing and has no terminal.
    nonisolated func run(_ words: [String], columns: Int) async -> EndedSubcommand {
        do {
            let outcome = try await Subprocess.run(
                .name("timeout"),
                arguments: Arguments(
                    ["\(EngineLine.patienceSeconds)", executablePath()] + words + access.arguments
                ),
                environment: .inherit.updating([
                    .init(stringLiteral: pageColumnsVariable): "\(columns)"
                ]),
                input: .none,
                output: .string(limit: EngineLine.outputBytes),
                error: .string(limit: EngineLine.outputBytes)
            )
            let status: Int32 =
                switch outcome.terminationStatus {
                case .exited(let code): code
                case .signaled(let signal): 128 + signal
                }
            var parts = [outcome.standardOutput, outcome.standardError].filter { !$0.isEmpty }
            // What `timeout` ends with where it ended it.
            if status == 124 {
                parts.append(
                    "It was ended after \(EngineLine.patienceSeconds) s. Run it in a shell."
                )
            }
            return EndedSubcommand(
                words: words,
                text: parts.joined(separator: "\n"),
                status: status
            )
        } catch {
            let text = """
                It could not be run, or wrote more than \(EngineLine.outputBytes) bytes: \(error). \
                Run it in a shell.
                """
            return EndedSubcommand(words: words, text: text, status: 1)
        }
    }

    /// Connects, passes events on, and connects again whenever the line is lost.
    func keepOpen() async {
        var failures = 0
        var wasLost = false
        while !isClosed {
            do {
                let opened = try await access.connect()
                let events = try await opened.events(after: nil)
                connection = opened
                failures = 0
                if wasLost { mailbox.post(.connectionRestored) }
                answerWaiting(opened)
                for await event in events { mailbox.post(.event(event)) }
            } catch {
                answerWaiting(nil)
                if !wasLost { mailbox.post(.connectionLost(reason: "\(error)")) }
            }
            if isClosed { return }
            if connection != nil {
                mailbox.post(.connectionLost(reason: "The engine went away. It is tried again."))
            }
            connection = nil
            wasLost = true
            let pause = Self.retrySeconds[min(failures, Self.retrySeconds.count - 1)]
            failures += 1
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    func close() {
        isClosed = true
        connection = nil
        answerWaiting(nil)
    }

    /// The open connection; the first asker waits for the first try, later ones get what is there.
    private func openConnection() async -> (any EngineConnection)? {
        if let connection { return connection }
        if isClosed { return nil }
        return await withCheckedContinuation { waiting.append($0) }
    }

    private func answerWaiting(_ connection: (any EngineConnection)?) {
        for each in waiting { each.resume(returning: connection) }
        waiting = []
    }
}
