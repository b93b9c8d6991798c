import Dispatch
import Domain
import FoundationEssentials
import Glibc

/// The built program, as a user's shell would start it.
enum Program {
    /// How one call of the program ended.
    struct Ending: Sendable {
        /// 128 and the signal's number where a signal ended it, as in a shell.
        let code: Int32
        let output: String
        let error: String
    }

    /// `BINNACLE_EXECUTABLE`, else `binnacle` beside this test bundle.
    static func path() throws -> String {
        let named = ProcessInfo.processInfo.environment["BINNACLE_EXECUTABLE"]
        let found = named ?? folderOfThisBundle() + "/binnacle"
        guard access(found, X_OK) == 0 else {
            throw Refusal(
                .notFound,
                """
                There is no program "\(found)" to test. Build the product "binnacle" first, or \
                name one with BINNACLE_EXECUTABLE.
                """
            )
        }
        return found
    }

    private static func folderOfThisBundle() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let bytes = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return URL(filePath: String(decoding: bytes, as: UTF8.self))
            .deletingLastPathComponent().path
    }

    /// Runs the program to its end, with these variables beside this process's own; cancelling the
    /// task kills it.
    static func run(
        _ arguments: [String],
        in home: JourneyHome,
        environment: [String: String] = [:]
    ) async throws -> Ending {
        let variables = environment.map { "\($0.key)=\($0.value)" }
        return try await call("/usr/bin/env", variables + [path()] + arguments, in: home)
    }

    /// Runs any program to its end; cancelling the task kills it.
    static func call(
        _ executable: String,
        _ arguments: [String],
        in home: JourneyHome
    ) async throws -> Ending {
        let name = "\(home.root)/call-\(UUID().uuidString)"
        let child = try Child(
            executable,
            arguments,
            outputPath: name + ".out",
            errorPath: name + ".err"
        )
        let code = await withTaskCancellationHandler {
            await child.ending()
        } onCancel: {
            kill(child.process, SIGKILL)
        }
        return Ending(
            code: code,
            output: text(ofFileAt: name + ".out"),
            error: text(ofFileAt: name + ".err")
        )
    }
}

/// A started program whose end can be awaited.
final class Child: Sendable {
    let process: pid_t
    private let end: Task<Int32, Never>

    /// Starts it with these files, which are appended to, as its output and error.
    init(
        _ executable: String,
        _ arguments: [String],
        outputPath: String,
        errorPath: String
    ) throws {
        let output = try Child.openLog(outputPath)
        defer { close(output) }
        let error = try Child.openLog(errorPath)
        defer { close(error) }
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, null, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        closeOthers(&actions)
        let words: [UnsafeMutablePointer<CChar>?] =
            ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, executable, &actions, nil, words, environ)
        guard status == 0 else {
            let why = String(cString: strerror(status))
            throw Refusal(.unavailable, "\"\(executable)\" cannot be started: \(why).")
        }
        let started = process
        self.process = started
        end = Task { await onOwnThread { Child.wait(for: started) } }
    }

    /// Waits for its end; the exit code, or 128 and the signal's number.
    func ending() async -> Int32 { await end.value }

    private static func openLog(_ path: String) throws -> Int32 {
        let log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw Refusal(.unavailable, "\"\(path)\" cannot be written.") }
        return log
    }

    private static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

/// Runs what blocks on a thread of its own, so that the cooperative pool stays free.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "journey.work").async { continuation.resume(returning: work()) }
    }
}

/// The text of a file; empty where it cannot be read.
func text(ofFileAt path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// The wall clock.
func currentTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}

/// Sockets of other tests stay here: held open by a program, a closed port would still answer.
func closeOthers(_ actions: inout posix_spawn_file_actions_t) {
    for file in 3..<min(getdtablesize(), 4_096) {
        posix_spawn_file_actions_addclose(&actions, file)
    }
}
