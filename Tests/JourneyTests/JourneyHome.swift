import Domain
import EngineSocket
import FoundationEssentials
import Glibc
import Synchronization

/// A home of one test's own, and every process that lives in it.
final class JourneyHome: Sendable {
    /// What a process of a home does, by its command line.
    enum Role: String, Sendable, CaseIterable {
        case engine, scorer, trainer
    }

    struct Process: Sendable, Equatable {
        let id: pid_t
        let commandLine: String

        var role: Role? {
            if commandLine.contains(" engine run ") { return .engine }
            if commandLine.contains(" score --deployment ") { return .scorer }
            if commandLine.contains(" train-worker ") { return .trainer }
            return nil
        }
    }

    /// Seconds a client asks for an engine before it gives up.
    private static let patienceSeconds: Double = 60

    /// The folder of the whole test; short, because the path of a socket may have 107 bytes.
    let root: String
    private let starts = Mutex<[Child]>([])

    /// The folder the engine owns.
    var path: String { root + "/home" }
    /// A folder for a `binnacle.yaml`.
    var project: String { root + "/project" }
    var socketPath: String { path + "/engine.sock" }
    var logPath: String { path + "/engine.log" }

    private init() throws {
        var name = Array("/tmp/bj-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw Refusal(.unavailable, "No folder can be made in \"/tmp\".")
        }
        root = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for folder in [path, project] {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        }
    }

    /// Lends a new home; whatever happens, no process of it is left and its folder is removed.
    static func lend<Value: Sendable>(
        _ body: (JourneyHome) async throws -> Value
    ) async throws -> Value {
        let home = try JourneyHome()
        return try await withTaskCancellationHandler {
            do {
                let value = try await body(home)
                await home.end()
                return value
            } catch {
                print("The engine's log ends:\n\(home.endOfLog())")
                await home.end()
                throw error
            }
        } onCancel: {
            // Whoever waits for an answer of theirs goes on with an error.
            home.killAll()
        }
    }

    func endOfLog() -> String {
        text(ofFileAt: logPath).split(separator: "\n").suffix(30).joined(separator: "\n")
    }

    private func end() async {
        killAll()
        await waitForLocks()
        try? FileManager.default.removeItem(atPath: root)
    }

    // MARK: - Processes

    /// Every process whose command line names this home's folder; none that has ended.
    func processes() -> [Process] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let id = pid_t(name), id != getpid() else { return nil }
            let line = text(ofFileAt: "/proc/\(name)/cmdline")
                .split(separator: "\0").joined(separator: " ")
            return line.contains(root) ? Process(id: id, commandLine: line) : nil
        }
    }

    func processes(_ role: Role) -> [Process] {
        processes().filter { $0.role == role }
    }

    /// Kills what lives in this home, again until a look finds nothing that could start more.
    func killAll() {
        for _ in 0..<10 {
            let living = processes()
            if living.isEmpty { return }
            for process in living { kill(process.id, SIGKILL) }
        }
    }

    /// Kills the engine and waits until it is gone; false where none ran.
    func killEngine() async -> Bool {
        let engines = processes(.engine)
        for engine in engines { kill(engine.id, SIGKILL) }
        await waitForLock(path + "/engine.lock")
        return !engines.isEmpty
    }

    /// Kills the engine and keeps any other from starting meanwhile.
    func withoutEngine(_ body: () async throws -> Void) async throws {
        let lock = open(path + "/engine.lock", O_RDWR | O_CLOEXEC)
        defer { close(lock) }
        // A client may have started another before the lock is ours: then that one goes as well.
        await onOwnThread {
            while flock(lock, LOCK_EX | LOCK_NB) != 0 {
                for engine in self.processes(.engine) { kill(engine.id, SIGKILL) }
                usleep(1_000)
            }
        }
        try await body()
    }

    /// Waits until no engine and no scoring process holds its lock.
    private func waitForLocks() async {
        let folder = path + "/deployments"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let locks = names.filter { $0.hasSuffix(".lock") }.map { folder + "/" + $0 }
        for lock in locks + [path + "/engine.lock"] { await waitForLock(lock) }
    }

    /// Waits until no process holds this lock; the kernel frees it with its process.
    func waitForLock(_ path: String) async {
        await onOwnThread {
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
            close(descriptor)
        }
    }

    // MARK: - The engine

    /// Starts `engine run --background`, as every client of the program does.
    @discardableResult
    func startEngine() throws -> Child {
        let engine = try Child(
            Program.path(),
            ["engine", "run", "--background", "--home", path],
            outputPath: logPath,
            errorPath: logPath
        )
        starts.withLock { $0.append(engine) }
        return engine
    }

    /// Every engine that was started here, whether it won the home or not.
    var started: [Child] { starts.withLock { $0 } }

    /// Connects to an engine that runs, or throws.
    func dial() async throws -> SocketConnection {
        try await SocketConnection.connect(path: socketPath, client: "journey test")
    }

    /// Connects; starts the engine where none answers, and again where the started one ended.
    func connect() async throws -> SocketConnection {
        if let connection = try? await dial() { return connection }
        let began = currentTime()
        var problem: (any Error)?
        while currentTime().seconds(since: began) < JourneyHome.patienceSeconds {
            let engine = try startEngine()
            let hasEnded = Flag()
            let end = Task {
                _ = await engine.ending()
                hasEnded.raise()
            }
            defer { end.cancel() }
            while !hasEnded.isRaised {
                do {
                    return try await dial()
                } catch {
                    problem = error
                    // A socket that nobody has bound yet has no event to wait for.
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        throw problem ?? Refusal(.unavailable, "No engine answered in \"\(path)\".")
    }
}
