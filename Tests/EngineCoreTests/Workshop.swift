import Domain
import EngineAPI
import FoundationEssentials
import Glibc
import Logging
import Storage
import Synchronization
import Testing

@testable import EngineCore

let noon = Timestamp(microseconds: 1_400_000_000_000_000)
let alice = Actor(uid: 1_001, name: "alice")
let bob = Actor(uid: 1_002, name: "bob")
let carol = Actor(uid: 1_003, name: "carol")

/// A clock that stands still until a test moves it.
final class Clock: Sendable {
    private let time = Mutex(noon)

    var now: Timestamp { time.withLock { $0 } }

    func advance(seconds: Double) {
        time.withLock { $0 = $0.adding(seconds: seconds) }
    }
}

/// One folder for all tests of this process, removed when it exits.
private let root: String = {
    var name = Array((FileManager.default.temporaryDirectory.path + "/engine-XXXXXX").utf8CString)
    mkdtemp(&name)
    atexit { try? FileManager.default.removeItem(atPath: root) }
    return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}()

/// What stands in for the program: it takes what the test has prepared beside the home.
///
/// It is written once, before anything is started: a program that is open for writing while
/// another test starts a process cannot be run.
private let program: Result<String, any Error> = Result {
    let path = root + "/program"
    let script = """
        #!/bin/sh
        case "$1" in
        train-worker)
            out="${2%/*}"
            bench="${2%/home/*}/bench"
            . "$bench/steps"
            cp "$bench"/files/* "$out"/
            ;;
        profile-worker)
            bench="${2%/home/*}/bench"
            . "$bench/profile"
            ;;
        score)
            bench="${5%/home}/bench"
            . "$bench/scoring"
            ;;
        esac

        """
    try Data(script.utf8).write(to: URL(filePath: path))
    chmod(path, 0o700)
    return path
}

/// An engine in a folder of its own, with trainers that are shell scripts.
final class Workshop: Sendable {
    let folder: String
    let clock = Clock()
    private let servesDeployments: Bool
    private let runsReleaseSteps: Bool
    private let access: AccessRules
    private let engines = Mutex<[Engine]>([])

    fileprivate init(
        servesDeployments: Bool,
        runsReleaseSteps: Bool,
        access: AccessRules
    ) throws {
        self.runsReleaseSteps = runsReleaseSteps
        folder = root + "/\(UUID())"
        self.access = access
        self.servesDeployments = servesDeployments
        for part in ["", "/project", "/bench", "/bench/files"] {
            try FileManager.default.createDirectory(
                atPath: folder + part,
                withIntermediateDirectories: true
            )
        }
        try write("", to: "bench/steps")
        try write("", to: "bench/scoring")
        for gate in ["gate", "door"] { mkfifo(folder + "/bench/" + gate, 0o600) }
    }

    var home: String { folder + "/home" }
    var project: String { folder + "/project" }

    /// The engine that was opened last.
    var engine: Engine { engines.withLock { $0[$0.count - 1] } }

    var store: Store { engine.store }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    // MARK: - The engine

    /// Starts an engine on the home; what an earlier one left is taken up.
    func open() async throws {
        let clock = clock
        var settings = EngineSettings(
            home: home,
            executable: try program.get(),
            now: { clock.now },
            servesDeployments: servesDeployments,
            access: access
        )
        settings.runsReleaseSteps = runsReleaseSteps
        let engine = try Engine(
            settings: settings,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        engines.withLock { $0.append(engine) }
        try await engine.start()
    }

    /// Stops the engine; what it leaves in the home is changed by hand before the next one opens.
    func reopen(after change: (Store) async throws -> Void = { _ in }) async throws {
        await engine.stop()
        let store = try Store(folder: home, now: clock.now)
        try await change(store)
        await store.close()
        try await open()
    }

    fileprivate func close() async {
        for engine in engines.withLock({ $0 }) { await engine.stop() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    func connection(_ actor: Actor = alice) -> any EngineConnection {
        engine.connection(for: Caller(actor: actor, client: "test"))
    }

    @discardableResult
    func send<Request: EngineRequest>(
        _ request: Request,
        as actor: Actor = alice
    ) async throws -> Request.Answer {
        try await connection(actor).send(request)
    }

    /// What a request is refused with; nil where it is answered.
    func refusal(of request: some EngineRequest, as actor: Actor = alice) async -> Refusal? {
        do {
            _ = try await send(request, as: actor)
            return nil
        } catch {
            return error as? Refusal ?? Refusal(.fault, "No refusal: \(error)")
        }
    }

    // MARK: - Waiting

    /// The first recorded event of an action, from the beginning of the home; waits for it.
    @discardableResult
    func event(_ action: String, about subject: Subject? = nil) async throws -> AuditEvent {
        for await event in try await connection().events(after: 0) {
            guard case .recorded(let recorded) = event, recorded.content.action == action
            else { continue }
            if subject == nil || recorded.content.subject == subject { return recorded }
        }
        throw Refusal(.unavailable, "The engine stopped before \"\(action)\" was recorded.")
    }

    func event(_ action: String, of run: Run) async throws -> AuditEvent {
        try await event(action, about: Subject(.run, run.id.text))
    }

    /// All actions that were recorded, oldest first.
    func actions() async throws -> [String] {
        try await send(ListAuditEvents(after: 0)).map(\.content.action)
    }
}

/// Rules under which the people of the tests have every role.
let everybody: AccessRules = {
    let more = (2_000..<2_010).map { "user \($0)" }
    let grant = AccessRules.Grant(users: ["alice", "bob", "carol"] + more)
    return AccessRules(
        owner: getuid(),
        grants: Dictionary(uniqueKeysWithValues: UserRole.allCases.map { ($0, grant) })
    )
}()

/// Runs a test with an engine and stops it whatever comes.
func withWorkshop(
    servesDeployments: Bool = false,
    runsReleaseSteps: Bool = false,
    access: AccessRules = everybody,
    _ body: (Workshop) async throws -> Void
) async throws {
    let workshop = try Workshop(
        servesDeployments: servesDeployments,
        runsReleaseSteps: runsReleaseSteps,
        access: access
    )
    do {
        try await workshop.open()
        try await body(workshop)
    } catch {
        await workshop.close()
        throw error
    }
    // Whatever a test has done: every link of the chain fits, and nothing contradicts.
    let problems = try await workshop.store.checkInvariants()
    #expect(problems == [])
    await workshop.close()
}

/// Holds a trainer back until the test lets it go on.
struct Gate: ~Copyable {
    private let descriptor: CInt

    /// Opened for both ways, so that opening waits for nobody.
    init(_ workshop: Workshop) {
        descriptor = Glibc.open(workshop.folder + "/bench/gate", O_RDWR | O_CLOEXEC)
    }

    deinit { close(descriptor) }

    func open() {
        let line: [UInt8] = [10]
        #expect(Glibc.write(descriptor, line, 1) == 1)
    }
}

/// The steps of a trainer that waits at the gate.
let waitsAtGate = """
    echo '{"progress":{"fraction":0.5,"step":"round 1 of 2","metric":"auc 0.7","secondsLeft":3}}'
    read line < "$bench/gate"

    """

/// Puts other bytes in a file's place, also where the file itself may not be written.
func replace(_ bytes: [UInt8], at path: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(filePath: path))
}
