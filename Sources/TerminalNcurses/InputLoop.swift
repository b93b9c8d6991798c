internal import CNcurses
internal import Glibc
package import Terminal

/// Something that the control room must answer.
package enum TerminalEvent: Hashable, Sendable {
    case input(Input)
    /// Another thread called `WakeUp.post()`; many calls may come as one event.
    case woken
    /// The process was asked to stop from outside; answer with `Screen.suspend()`.
    case stopAsked
    /// The process was stopped and continued; answer with `Screen.resume()` and a new frame.
    case continued
    /// The process was asked to end; a second request ends it at once.
    case endAsked
    /// The process was asked to read its settings anew (SIGHUP while there is a terminal), or a
    /// file in the watched folder was written.
    case reloadAsked, folderChanged
    /// The terminal is gone: nothing more comes.
    case hangUp
}

/// Wakes the input loop from any thread.
package final class WakeUp: Sendable {
    fileprivate let file: Int32

    fileprivate init(file: Int32) {
        self.file = file
    }

    deinit { close(file) }

    /// Makes the loop return a `woken` event; never waits.
    package func post() {
        var one: UInt64 = 1
        _ = unsafe write(file, &one, MemoryLayout<UInt64>.size)
    }
}

/// Waits for keys, signals and other threads in one place, and for nothing else.
///
/// An idle program is never woken: there is no timer unless an escape byte waits to be a key or
/// the caller asked for one. Confined to one thread, which it blocks: no task of a shared pool.
package final class InputLoop {
    package let wakeUp: WakeUp
    private let signalReader: Int32
    private let signalWriter: Int32
    private var parser = InputParser()
    /// When an escape byte that waits becomes a key.
    private var escapeEnd: Int?
    private var isHungUp = false
    private let input: Int32
    /// Tells of files written in the watched folder; -1 while none is watched.
    private var folderWatch: Int32 = -1

    /// How long an escape byte waits for the rest of a key.
    package static let escapeMilliseconds = 25

    /// - Parameter input: The file that keys come from; the terminal, but for tests.
    package init(input: Int32 = STDIN_FILENO) throws(TerminalProblem) {
        var ends: [Int32] = [-1, -1]
        let wake = cn_wake_file()
        guard wake >= 0, unsafe pipe2(&ends, O_NONBLOCK | O_CLOEXEC) == 0 else {
            throw TerminalProblem.noMemory
        }
        self.input = input
        wakeUp = WakeUp(file: wake)
        signalReader = ends[0]
        signalWriter = ends[1]
        Signals.tell(pipe: signalWriter)
    }

    deinit {
        Signals.tell(pipe: -1)
        close(signalReader)
        close(signalWriter)
        if folderWatch >= 0 { close(folderWatch) }
    }

    /// From now on a file that is written or renamed in this folder wakes the loop; a folder that
    /// cannot be watched never does.
    package func watch(folder: String) {
        if folderWatch < 0 { folderWatch = cn_folder_watch() }
        unsafe cn_watch_folder(folderWatch, folder)
    }

    /// Waits for the next events and returns all that are there, so that they cost one frame.
    ///
    /// - Parameter timeoutMilliseconds: The longest wait; nil waits for ever. None is returned
    ///   when the time is over.
    package func next(timeoutMilliseconds: Int? = nil) -> [TerminalEvent] {
        if isHungUp { return [.hangUp] }
        let end = timeoutMilliseconds.map { Self.now + $0 }
        while true {
            let wait = [end, escapeEnd].compactMap { $0 }.min().map { max(0, $0 - Self.now) }
            var files = [
                pollfd(fd: input, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeUp.file, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signalReader, events: Int16(POLLIN), revents: 0),
                // The kernel passes over a file that is negative.
                pollfd(fd: folderWatch, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&files, 4, wait.map { Int32(clamping: $0) } ?? -1)
            if count < 0 {
                if errno == EINTR { continue }
                isHungUp = true
                return [.hangUp]
            }
            var events: [TerminalEvent] = []
            if files[2].revents != 0 { events += readSignals() }
            if files[0].revents != 0 { events += readInput() }
            if files[1].revents != 0, drainWakeUps() { events.append(.woken) }
            if files[3].revents != 0, read(from: folderWatch) != nil {
                events.append(.folderChanged)
            }
            if count == 0, let escapeEnd, Self.now >= escapeEnd {
                events += parser.flush().map { .input($0) }
                self.escapeEnd = nil
            }
            if !events.isEmpty { return events }
            if let end, Self.now >= end { return [] }
        }
    }

    /// Milliseconds of a clock that never goes back.
    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// Forgets keys that were typed ahead, as before a question that must not be answered unread.
    package func dropTypedAhead() {
        tcflush(input, TCIFLUSH)
        parser = InputParser()
        escapeEnd = nil
    }

    private func readInput() -> [TerminalEvent] {
        let bytes = read(from: input)
        guard let bytes else {
            isHungUp = true
            return [.hangUp]
        }
        let events = parser.feed(bytes)
        escapeEnd = parser.isWaiting ? Self.now + Self.escapeMilliseconds : nil
        return events.map { .input($0) }
    }

    private func readSignals() -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        for byte in read(from: signalReader) ?? [] {
            let event: TerminalEvent? =
                switch Int32(byte) {
                case SIGWINCH: Screen.windowSize.map { .input(.resize($0)) }
                case SIGTSTP: .stopAsked
                case SIGCONT: .continued
                case SIGTERM: .endAsked
                case SIGHUP: cn_has_terminal(input) != 0 ? .reloadAsked : .hangUp
                default: nil
                }
            if let event, events.last != event { events.append(event) }
        }
        return events
    }

    private func drainWakeUps() -> Bool {
        var count: UInt64 = 0
        return unsafe Glibc.read(wakeUp.file, &count, MemoryLayout<UInt64>.size) > 0
    }

    /// What is there now; empty when nothing is, nil when the file has ended.
    private func read(from file: Int32) -> [UInt8]? {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            let length = unsafe Glibc.read(file, buffer.baseAddress, buffer.count)
            failure = length < 0 ? errno : 0
            count = max(0, length)
        }
        if !bytes.isEmpty { return bytes }
        return failure == EAGAIN || failure == EINTR ? [] : nil
    }
}
