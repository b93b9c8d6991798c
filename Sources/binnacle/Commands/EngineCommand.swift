import ArgumentParser
import Dispatch
import Domain
import EngineAPI
import EngineCore
import EngineSocket
import Glibc
import Logging

struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Run, look at or stop the engine of a home.",
        subcommands: [Run.self, Status.self, Stop.self]
    )

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the engine in this process until it is stopped."
        )

        @OptionGroup var home: HomeOption
        @Flag(help: "End quietly when another engine serves this home already.")
        var background = false

        func run() async throws {
            try await runEngine(home: try home.home(), isBackground: background)
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether the engine runs, where, since when and how large it is."
        )

        @OptionGroup var options: ClientOptions

        func run() async throws {
            let access = try options.access()
            let isRunning = (try? await access.dial()) != nil
            guard access.host != nil || isRunning else {
                throw Refusal(
                    .unavailable,
                    "No engine runs for \"\(access.home.path)\". \"binnacle engine run\" starts one."
                )
            }
            let status = try await access.connect().send(GetEngineStatus())
            try options.print(status) { status in
                """
                engine \(status.version) on \(status.host), process \(status.processID)
                home      \(status.home)
                since     \(status.startedAt)
                memory    \(status.residentBytes / 1_048_576) MiB
                audit     \(status.auditEvents) events, head \(status.auditHead.short)\
                \(status.auditProblem.map { ", BROKEN: \($0)" } ?? "")
                dropped   \(status.dropped.map { "\($0.key) \($0.value)" }.sorted()
                    .joined(separator: ", "))
                """
            }
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the engine, its jobs and its scoring processes."
        )

        @OptionGroup var options: ClientOptions

        func run() async throws {
            let access = try options.access()
            guard let connection = try? await access.dial() else {
                print("No engine runs for \"\(access.home.path)\".")
                return
            }
            let ended = try await connection.events(after: nil)
            _ = try await connection.send(StopEngine())
            for await _ in ended {}
            try waitUntilEngineEnded(access.home)
            print("The engine of \"\(access.home.path)\" has stopped.")
        }
    }
}

/// Waits until the process that owns the home has ended.
func waitUntilEngineEnded(_ home: Home) throws {
    let lock = open(home.lockPath, O_RDWR | O_CLOEXEC)
    guard lock >= 0 else { return }
    defer { close(lock) }
    while flock(lock, LOCK_SH) != 0 && errno == EINTR {}
}

/// Runs an engine and its socket in this process until a signal or a client stops it.
func runEngine(home: Home, isBackground: Bool) async throws {
    try home.create()
    // Never closed: the kernel frees it with the process, so that who waits for it waits for that.
    let lock = open(home.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
        throw Refusal(
            .unavailable,
            "The lock \"\(home.lockPath)\" cannot be opened. Check the folder's permissions."
        )
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
        if isBackground { return }
        throw Refusal(
            .conflict,
            """
            Another engine serves "\(home.path)" already. "binnacle engine status" shows it, \
            "binnacle engine stop" ends it.
            """
        )
    }
    if isBackground { setsid() }
    signal(SIGPIPE, SIG_IGN)
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    let log = Logger(label: "engine")
    let rules = try readAccessRules(home: home.path)
    var settings = EngineSettings(
        home: home.path,
        executable: executablePath(),
        now: currentTime,
        access: rules
    )
    settings.runsReleaseSteps = true
    settings.receivers = try configuredReceivers(home: home.path)
    let engine = try Engine(settings: settings, log: log)
    // After the store has made its files: those are closed to the group before it may pass.
    if let group = rules.socketGroup { try home.open(to: group) }
    let server = SocketServer(
        path: home.socketPath,
        group: rules.socketGroup,
        engineVersion: Engine.version,
        nameOfUser: userName(of:),
        connect: { engine.connection(for: $0) }
    )
    let signals = stopSignals { engine.requestStop() }
    // What an engine before this one left is taken up before anybody can ask for more.
    try await engine.start()
    try server.start()
    log.info("ready on \(home.socketPath)")
    await engine.waitForStop()
    for source in signals { source.cancel() }
    log.info("stopping")
    await engine.stop()
    server.stop()
}

/// Calls back on SIGTERM, SIGINT and SIGHUP in place of their default.
func stopSignals(_ action: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
    [SIGTERM, SIGINT, SIGHUP].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { action() }
        source.resume()
        return source
    }
}
