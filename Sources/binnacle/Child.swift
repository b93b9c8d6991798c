import Domain
import Glibc

/// Starts a program that goes on without us, its output in a log file, and returns its process id;
/// it leaves our session itself.
func startDetached(
    _ executable: String,
    _ arguments: [String],
    logPath: String
) throws -> pid_t {
    let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer {
        close(log)
        close(null)
    }
    guard log >= 0, null >= 0 else {
        throw Refusal(
            .unavailable,
            "The log \"\(logPath)\" cannot be opened. Check the folder's permissions."
        )
    }
    return try start(executable, arguments, input: null, output: log, error: log)
}

/// Starts a program with these descriptors as its standard ones and returns its process id.
func start(
    _ executable: String,
    _ arguments: [String],
    input: Int32,
    output: Int32,
    error: Int32
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, error, 2)
    // Locks and sockets of whoever called stay with them.
    for file in 3..<min(getdtablesize(), 4_096) {
        posix_spawn_file_actions_addclose(&actions, file)
    }
    let words: [UnsafeMutablePointer<CChar>?] =
        ([executable] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let status = posix_spawnp(&process, executable, &actions, nil, words, environ)
    guard status == 0 else {
        let why = String(cString: strerror(status))
        throw Refusal(.unavailable, "\"\(executable)\" cannot be started: \(why).")
    }
    return process
}
