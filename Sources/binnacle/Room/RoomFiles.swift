import ControlRoom
import Domain
import EngineCore
import FoundationEssentials
import Glibc

/// Where the control room keeps how its lists were left, in the user's home of the engine.
struct RoomMemoryFile {
    private let path: String
    /// A larger file was not written by us.
    private static let bytesMaximum = 1 << 20

    init(home: Home) {
        path = home.path + "/room.json"
    }

    /// What was kept; nothing where there is no file or none that can be read.
    func read() -> RoomMemory {
        guard let data = FileManager.default.contents(atPath: path),
            data.count <= Self.bytesMaximum,
            let memory = try? JSONDecoder().decode(RoomMemory.self, from: data)
        else { return RoomMemory() }
        return memory
    }

    /// Writes beside the file and moves it there, so that it is always whole.
    ///
    /// That it cannot be written is no reason to keep anybody from leaving.
    func write(_ memory: RoomMemory) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(memory) else { return }
        let draft = "\(path).\(getpid())"
        guard writeNew(Array(data), to: draft, mode: 0o600) == 0 else { return }
        if rename(draft, path) != 0 { unlink(draft) }
    }
}

/// Writes an export where the user said, and tells how it went; no file is overwritten.
func writeExport(_ text: String, to path: String) -> Message {
    let full = expanded(path)
    let problem = writeNew(Array(text.utf8), to: full, mode: 0o644)
    switch problem {
    case 0:
        let rows = text.utf8.count
        return .written(isDone: true, sentence: "Wrote \(rows) bytes to \(full).")
    case EEXIST:
        return .written(
            isDone: false,
            sentence: "The file \"\(full)\" exists already and was left as it is. "
                + "Export again under another name."
        )
    default:
        let reason = String(cString: strerror(problem))
        return .written(
            isDone: false,
            sentence: "The file \"\(full)\" could not be written (\(reason)). "
                + "Export again under another name."
        )
    }
}

/// An absolute path; `~/` is the user's folder.
private func expanded(_ path: String) -> String {
    if path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] {
        return home + path.dropFirst()
    }
    if path.hasPrefix("/") { return path }
    return FileManager.default.currentDirectoryPath + "/" + path
}

/// Returns 0, or the system's number of what went wrong; then no file is left.
private func writeNew(_ bytes: [UInt8], to path: String, mode: mode_t) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { return errno }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
            let problem = errno
            close(descriptor)
            unlink(path)
            return problem == 0 ? EIO : problem
        }
        rest = rest.dropFirst(count)
    }
    close(descriptor)
    return 0
}

/// Counts what frames cost.
struct FrameMeter {
    private let openedAt: Timestamp
    private var frames = 0
    private var last: Duration = .zero
    private var slowest: Duration = .zero
    private var total: Duration = .zero
    private var lastBytes = 0

    init(openedAt: Timestamp) {
        self.openedAt = openedAt
    }

    mutating func add(_ time: Duration, bytes: Int) {
        frames += 1
        last = time
        slowest = max(slowest, time)
        total += time
        lastBytes = bytes
    }

    /// - Parameter bytes: All that was sent to the terminal.
    func measures(at now: Timestamp, total bytes: Int) -> FrameMeasures {
        func milliseconds(_ time: Duration) -> Double { time / .milliseconds(1) }
        return FrameMeasures(
            frames: frames,
            lastMilliseconds: milliseconds(last),
            slowestMilliseconds: milliseconds(slowest),
            meanMilliseconds: frames == 0 ? 0 : milliseconds(total) / Double(frames),
            lastBytes: lastBytes,
            totalBytes: bytes,
            openSeconds: now.seconds(since: openedAt),
            residentBytes: residentBytes()
        )
    }
}
