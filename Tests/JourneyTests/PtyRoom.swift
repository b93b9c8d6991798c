import Domain
import FoundationEssentials
import Glibc
import Synchronization

/// The control room of the built program in a terminal whose other side is the test: it answers
/// what it is told to, and keeps every byte.
final class PtyRoom: Sendable {
    /// What the terminal's side answers.
    enum Answers: Sendable {
        /// Nothing at all, as a terminal of 1978.
        case nothing
        /// Its background, and that it repeats marks.
        case modern(background: String)
    }

    /// Seconds until what must come is given up.
    private static let patienceSeconds: Double = 30
    private static let glance: Duration = .milliseconds(5)

    let process: pid_t
    private let file: Int32
    private let answers: Answers
    private let heard = Mutex<[UInt8]>([])
    private let isHungUp = Flag()
    /// How the program ended, once it has: its code, or 128 and the signal's number.
    private let ending = Mutex<Int32?>(nil)

    /// Starts the control room of a home with exactly these variables beside the path.
    init(
        _ home: JourneyHome,
        _ environment: [String: String],
        arguments: [String] = [],
        columns: Int = 80,
        rows: Int = 24,
        answers: Answers = .nothing
    ) throws {
        var size = winsize()
        size.ws_col = UInt16(columns)
        size.ws_row = UInt16(rows)
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number) = (Int32(0), UInt32(0))
        // TIOCSPTLCK and TIOCGPTN, which the module does not have.
        guard master >= 0, ioctl(master, 0x4004_5431, &lock) == 0,
            ioctl(master, 0x8004_5430, &number) == 0,
            ioctl(master, UInt(TIOCSWINSZ), &size) == 0
        else { throw Refusal(.unavailable, "There is no terminal for a test.") }
        let variables = environment.merging(
            ["PATH": "/usr/bin:/bin", "HOME": home.root, "TMPDIR": home.root]
        ) { one, _ in one }
        let words = try [Program.path(), "room", "--home", home.path] + arguments
        process = try Self.start(words, variables, on: "/dev/pts/\(number)")
        file = master
        self.answers = answers
        startReading()
        startWaiting()
    }

    deinit {
        if !isHungUp.isRaised { close(file) }
    }

    private static func start(
        _ words: [String],
        _ variables: [String: String],
        on terminal: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that a new session opens becomes its own.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        closeOthers(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // POSIX_SPAWN_SETSID
        posix_spawnattr_setflags(&attributes, 0x80)
        let texts: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let pairs: [UnsafeMutablePointer<CChar>?] =
            variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in texts + pairs { free(text) } }
        var started: pid_t = 0
        guard posix_spawn(&started, words[0], &actions, &attributes, texts, pairs) == 0 else {
            throw Refusal(.unavailable, "\"\(words[0])\" cannot be started in a terminal.")
        }
        return started
    }

    /// Reads on a thread of its own until the program is gone or the terminal is closed.
    private func startReading() {
        Task {
            await onOwnThread { [self] in
                while !isHungUp.isRaised, readSome() {}
                if isHungUp.isRaised { close(file) }
            }
        }
    }

    /// False when nothing can come any more.
    private func readSome() -> Bool {
        var files = [pollfd(fd: file, events: Int16(POLLIN), revents: 0)]
        guard poll(&files, 1, 20) > 0 else { return true }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return false }
        let new = buffer.prefix(count)
        heard.withLock { $0 += new }
        if case .modern(let background) = answers {
            let text = String(decoding: new, as: UTF8.self)
            if text.contains("\u{1B}]11;?") { type("\u{1B}]11;\(background)\u{1B}\\") }
            if text.contains("\u{1B}[6n") { type("\u{1B}[2;5R") }
        }
        return true
    }

    private func startWaiting() {
        let process = process
        Task { [weak self] in
            let code = await onOwnThread {
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0 && errno == EINTR {}
                let signal = status & 0x7f
                return signal == 0 ? (status >> 8) & 0xff : 128 + signal
            }
            self?.ending.withLock { $0 = code }
        }
    }

    // MARK: - What the user does

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(file, bytes, bytes.count)
    }

    func resize(columns: Int, rows: Int) {
        var size = winsize()
        size.ws_col = UInt16(columns)
        size.ws_row = UInt16(rows)
        _ = ioctl(file, UInt(TIOCSWINSZ), &size)
    }

    /// Sends the program a signal.
    func tell(_ signal: Int32) { kill(process, signal) }

    /// Ends the terminal, as a window that is closed does.
    func hangUp() { isHungUp.raise() }

    // MARK: - What the user sees

    /// Everything that was sent so far.
    var bytes: [UInt8] { heard.withLock { $0 } }

    /// Whether the terminal echoes and collects lines, as a shell needs it.
    var isSane: Bool {
        var modes = termios()
        tcgetattr(file, &modes)
        let wanted = UInt32(ECHO | ICANON | ISIG)
        return modes.c_lflag & wanted == wanted
    }

    /// Waits until a text has come, after so many bytes; gives everything that came.
    @discardableResult
    func shows(_ text: String, after start: Int = 0) async throws -> String {
        let wanted = Array(text.utf8)
        return try await waits(for: text) { bytes in
            bytes.count >= start + wanted.count && bytes[start...].contains(wanted)
        }
    }

    /// Waits until what came is as asked; throws with its end.
    @discardableResult
    func waits(for what: String, until isRight: ([UInt8]) -> Bool) async throws -> String {
        let began = currentTime()
        while true {
            let bytes = bytes
            if isRight(bytes) { return String(decoding: bytes, as: UTF8.self) }
            let isOver = ending.withLock { $0 != nil } && bytes.count == self.bytes.count
            guard !isOver, currentTime().seconds(since: began) < Self.patienceSeconds else {
                let end = String(decoding: bytes.suffix(1_500), as: UTF8.self)
                let why = isOver ? "The program ended" : "It ends as"
                throw Refusal(
                    .fault,
                    "The terminal never showed \"\(what)\". \(why): \(end.debugDescription)"
                )
            }
            try await Task.sleep(for: Self.glance)
        }
    }

    /// Waits until the program has ended; its code, or 128 and the signal's number.
    func ends() async throws -> Int32 {
        let began = currentTime()
        while true {
            if let code = ending.withLock({ $0 }) { return code }
            guard currentTime().seconds(since: began) < Self.patienceSeconds else {
                let end = String(decoding: bytes.suffix(1_500), as: UTF8.self)
                kill(process, SIGKILL)
                throw Refusal(.fault, "The program does not end: \(end.debugDescription)")
            }
            try await Task.sleep(for: Self.glance)
        }
    }
}
