import ArgumentParser
import ControlRoom
import Dispatch
import Domain
import EngineCore
import FoundationEssentials
import Glibc
import TerminalNcurses

/// How the control room looks and behaves.
struct RoomOptions: ParsableArguments {
    @Option(help: "A theme's name or file; \"dark\" and \"light\" are built in.")
    var theme: String?
    @Flag(name: .customLong("read-only"), help: "Show everything, change nothing.")
    var isReadOnly = false
    @Flag(name: .customLong("no-mouse"), help: "Leave the mouse to the terminal.")
    var hasNoMouse = false
    @Flag(name: .customLong("ascii"), help: "Draw with ASCII only.")
    var isASCII = false
    @Flag(
        name: .customLong("slow"),
        help: "For a slow line: show what the engine changes once a second."
    )
    var isSlow = false
    @Flag(
        name: .customLong("plain"),
        help: "Line by line, for screen readers: commands in, sentences out."
    )
    var isPlain = false
    @Option(help: "The language: en or zh_TW; else LC_ALL, LC_MESSAGES or LANG decides.")
    var language: RoomLanguage?
    @Option(
        name: .customLong("hold"),
        help: "Seconds a confirmed order is held before it leaves."
    )
    var holdSeconds: Double = 8

    func chosenLanguage() -> Language {
        let environment = ProcessInfo.processInfo.environment
        return language?.language ?? Language(environment: environment)
    }

    func screenOptions() -> Screen.Options {
        Screen.Options(isMouseOn: !hasNoMouse, isASCII: isASCII)
    }
}

struct RoomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room",
        abstract: "Open the control room (what happens without a subcommand)."
    )

    @OptionGroup var home: HomeOption
    @Option(help: "Watch the engine on another machine, through ssh: user@box.")
    var host: String?
    @OptionGroup var look: RoomOptions

    func run() async throws {
        let home = try home.home()
        try await openRoom(
            access: EngineAccess(home: home, host: host, client: "control room"),
            look: look,
            demonstration: nil,
            ready: { _ in }
        )
    }
}

/// Whether standard output is a terminal that can move its cursor.
private func hasScreen() -> Bool {
    let term = ProcessInfo.processInfo.environment["TERM"] ?? ""
    return isTerminal(1) && !["", "dumb", "unknown"].contains(term)
}

/// Shows the control room on this terminal until the user leaves it.
func openRoom(
    access: EngineAccess,
    look: RoomOptions,
    demonstration: (@Sendable (DemonstrationControl) -> Void)?,
    ready: @escaping @Sendable (Mailbox) -> Void
) async throws {
    let settings = RoomSettings(
        user: userName(of: getuid()),
        host: access.host ?? hostName(),
        holdSeconds: max(0, look.holdSeconds),
        isReadOnly: look.isReadOnly,
        isMouseOn: !look.hasNoMouse,
        followSeconds: look.isSlow ? 1 : 0.1,
        isSlow: look.isSlow,
        language: look.chosenLanguage()
    )
    if look.isPlain || !hasScreen() {
        // Without --plain a pipe gets the overview and nothing waits for input.
        await PlainDriver(
            settings: settings,
            access: access,
            readsInput: look.isPlain || (isTerminal(0) && isTerminal(1)),
            demonstration: demonstration,
            ready: ready
        ).run()
        return
    }
    let colours = try ThemeChoice(
        named: look.theme,
        home: access.home,
        environment: ProcessInfo.processInfo.environment
    )
    let options = look.screenOptions()
    SpareMemory.usePoolForAllThreads()
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
        DispatchQueue(label: "binnacle.room").async {
            let outcome = Result {
                try RoomDriver(
                    settings: settings,
                    access: access,
                    colours: colours,
                    options: options,
                    demonstration: demonstration,
                    ready: ready
                ).run()
            }
            done.resume(
                with: outcome.mapError { problem in
                    (problem as? TerminalProblem).map { Refusal(.invalid, $0.description) }
                        ?? problem
                }
            )
        }
    }
}

/// A language as people type it: `en`, `zh_TW`, `zh-Hant`.
struct RoomLanguage: ExpressibleByArgument {
    let language: Language

    init?(argument: String) {
        guard let language = Language(name: argument) else { return nil }
        self.language = language
    }
}
