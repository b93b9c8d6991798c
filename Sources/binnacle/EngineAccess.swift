import Domain
import EngineAPI
import EngineCore
import EngineSocket
import FoundationEssentials
import Glibc

/// How a command reaches its engine.
struct EngineAccess: Sendable {
    let home: Home
    /// `user@box` for an engine on another machine.
    let host: String?
    /// What this program calls itself.
    let client: String

    /// The options that lead another call of this program to the same engine.
    var arguments: [String] { host.map { ["--host", $0] } ?? ["--home", home.path] }

    /// Seconds to wait for an engine that was just started.
    private static let startSeconds: Double = 10

    /// Connects; starts the engine of this home in the background where none runs.
    func connect() async throws -> SocketConnection {
        if let host { return try await connect(overSSHTo: host) }
        if let connection = try? await dial() { return connection }
        try requireOwnHome()
        try home.create()
        var engine = try startEngine()
        let deadline = currentTime().adding(seconds: EngineAccess.startSeconds)
        while currentTime() < deadline {
            do {
                return try await dial()
            } catch let refusal as Refusal where refusal.kind != .unavailable {
                throw refusal
            } catch {
                if let isRefused = hasEndedBadly(engine) {
                    if isRefused { break }
                    // Another engine had the home: it starts too, or it is stopping. Try again.
                    try await Task.sleep(for: .milliseconds(50))
                    engine = try startEngine()
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        throw Refusal(
            .unavailable,
            """
            The engine of "\(home.path)" did not start. Its log "\(home.logPath)" ends: \
            \(lastLogLine() ?? "it is empty")
            """
        )
    }

    /// Nobody starts an engine on a home that is another user's: its files would be theirs.
    private func requireOwnHome() throws {
        var information = stat()
        guard stat(home.path, &information) == 0 else {
            guard errno == EACCES else { return }
            throw Refusal(
                .forbidden,
                "You may not enter the home \"\(home.path)\". Ask its owner for a role in its engine."
            )
        }
        guard information.st_uid != getuid() else { return }
        let owner = userName(of: information.st_uid)
        let mayPass =
            access(home.path, X_OK) == 0
            && (access(home.socketPath, W_OK) == 0 || errno != EACCES)
        throw Refusal(
            mayPass ? .unavailable : .forbidden,
            mayPass
                ? """
                No engine that lets you in answers in "\(home.path)", which belongs to "\(owner)". \
                They start it with "binnacle engine run".
                """
                : """
                The home "\(home.path)" belongs to "\(owner)", and its engine serves them alone. \
                They can grant roles in the file "engine.yaml" there.
                """
        )
    }

    private func startEngine() throws -> pid_t {
        try startDetached(
            executablePath(),
            ["engine", "run", "--background", "--home", home.path],
            logPath: home.logPath
        )
    }

    /// Whether a started engine that has ended has failed; nil while it runs.
    private func hasEndedBadly(_ engine: pid_t) -> Bool? {
        var status: Int32 = 0
        guard waitpid(engine, &status, WNOHANG) == engine else { return nil }
        return status != 0
    }

    /// Connects to an engine that runs, or throws.
    func dial() async throws -> SocketConnection {
        try await SocketConnection.connect(path: home.socketPath, client: client)
    }

    private func connect(overSSHTo host: String) async throws -> SocketConnection {
        let toChild = try makePipe()
        let fromChild = try makePipe()
        let program = ProcessInfo.processInfo.environment["BINNACLE_SSH"] ?? "ssh"
        _ = try start(
            program,
            ["-T", host, "binnacle", "dial-stdio"],
            input: toChild.reader,
            output: fromChild.writer,
            error: 2
        )
        close(toChild.reader)
        close(fromChild.writer)
        do {
            return try await SocketConnection.connect(
                input: fromChild.reader,
                output: toChild.writer,
                client: client
            )
        } catch let refusal as Refusal where refusal.kind == .unavailable {
            throw Refusal(
                .unavailable,
                """
                No engine answered over "ssh -T \(host) binnacle dial-stdio". Try that command \
                by hand: ssh must log in without asking, and binnacle must be in the PATH there.
                """
            )
        }
    }

    private func lastLogLine() -> String? {
        guard let data = FileManager.default.contents(atPath: home.logPath) else { return nil }
        return data.split(separator: 10).last.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A pipe that children do not inherit unless it is given to them.
private func makePipe() throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
        throw Refusal(.unavailable, "No pipe can be made: too many files are open.")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}
