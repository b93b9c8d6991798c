internal import CNcurses
internal import Glibc
package import Terminal

/// The terminal while it is in the hands of the program: raw keys, the alternate screen, frames.
///
/// Confined to the thread that made it. `close()`, the end of its life and a crash all give the
/// terminal back as it was.
@safe
package final class Screen {
    package struct Options: Hashable, Sendable {
        package var isMouseOn: Bool
        /// Frames are wrapped in the marks of synchronised output, which terminals that do not
        /// know them ignore.
        package var isSynchronised: Bool
        /// The depth that the user asked for; nil lets the environment decide.
        package var depth: ColourDepth?
        /// Whether the user asked for ASCII whatever the locale says.
        package var isASCII: Bool

        package init(
            isMouseOn: Bool = true,
            isSynchronised: Bool = true,
            depth: ColourDepth? = nil,
            isASCII: Bool = false
        ) {
            self.isMouseOn = isMouseOn
            self.isSynchronised = isSynchronised
            self.depth = depth
            self.isASCII = isASCII
        }
    }

    package let traits: TerminalTraits
    /// The glyphs that frames for this terminal must be drawn with.
    package let glyphs: GlyphSet
    package private(set) var size: Size
    package private(set) var isMouseOn: Bool
    /// Bytes written since the start.
    package private(set) var writtenBytes = 0
    private var renderer: Renderer
    private let options: Options
    private let modesBefore: termios
    private var isOpen = true

    /// The longest text that is copied, in bytes; terminals refuse longer ones.
    package static let copyMaximum = 74_994

    private static let synchronise = "\u{1B}[?2026h"
    private static let endSynchronise = "\u{1B}[?2026l"
    private static let mouseOn = "\u{1B}[?1002h\u{1B}[?1006h"
    private static let mouseOff = "\u{1B}[?1002l\u{1B}[?1006l"
    private static let modesOn = "\u{1B}[22;0t\u{1B}[?2004h"
    private static let modesOff = "\u{1B}[?2004l\u{1B}[23;0t"

    /// Takes the terminal over; throws a sentence for the user when there is none to take.
    package init(
        environment: [String: String],
        theme: Theme,
        options: Options = Options()
    ) throws(TerminalProblem) {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw TerminalProblem.notInteractive
        }
        traits = try TerminalTraits(environment: environment, depth: options.depth)
        glyphs = options.isASCII ? .ascii : traits.glyphs
        self.options = options
        isMouseOn = options.isMouseOn
        size = Self.windowSize ?? Size(columns: 80, rows: 24)
        var modes = termios()
        unsafe tcgetattr(STDIN_FILENO, &modes)
        modesBefore = modes
        renderer = try Renderer(traits: traits, size: size, theme: theme)
        Signals.ignorePipeBreaks()
        Signals.arm(modes: modesBefore, bytes: Self.restoreBytes(traits))
        enter()
    }

    deinit { close() }

    /// How many colours frames are shown with.
    package var depth: ColourDepth { renderer.depth }

    /// Shows a frame; writes the differences in one piece, and nothing when there are none.
    package func show(_ grid: CellGrid) {
        guard isOpen, !grid.bounds.isEmpty else { return }
        let bytes = renderer.bytes(for: grid)
        guard !bytes.isEmpty else { return }
        guard options.isSynchronised, traits.hasModes else {
            write(bytes)
            return
        }
        write(Array(Self.synchronise.utf8) + bytes + Array(Self.endSynchronise.utf8))
    }

    /// Reads the size of the terminal anew, after the input loop told that it changed.
    package func resize(to size: Size) {
        guard size != self.size, size.columns > 0, size.rows > 0 else { return }
        self.size = size
        renderer.resize(to: size)
    }

    /// Writes the next frame whole, because something else has written on the terminal.
    package func repaint() { renderer.invalidate() }

    package func use(_ theme: Theme) { renderer.use(theme) }

    package func setMouse(isOn: Bool) {
        guard isOn != isMouseOn else { return }
        isMouseOn = isOn
        writeMode(isOn ? Self.mouseOn : Self.mouseOff)
    }

    /// Clears the screen and asks the terminal what it is like: its background, and whether it
    /// repeats marks. The answers, if they come, are input events for `take(_:)`.
    ///
    /// - Returns: Whether an answer can be expected.
    package func ask() -> Bool {
        guard traits.hasModes, size.rows > 1 else { return false }
        show(CellGrid(size: size, glyphs: glyphs))
        // Three more marks move the cursor only where they are repeated. It has to be a mark: some
        // terminals (tmux 3.3) repeat what is ASCII and nothing else.
        let probe =
            glyphs.isASCII
            ? "\u{1B}[6n"
            : "\u{1B}[2;1H─\u{1B}[3b\u{1B}[6n\u{1B}[2;1H    \u{1B}[\(size.rows);1H"
        writeMode("\u{1B}]11;?\u{1B}\\" + probe)
        return true
    }

    /// Takes over what the terminal answered about itself.
    ///
    /// - Returns: Whether it was the last of the answers.
    package func take(_ reply: TerminalReply) -> Bool {
        guard case .cursor(let place) = reply else { return false }
        renderer.repeatMarks(place == Point(column: 4, row: 1))
        return true
    }

    package func setTitle(_ title: String) {
        writeMode("\u{1B}]0;\(SafeText.cleaned(title))\u{07}")
    }

    package func ringBell() { write([0x07]) }

    /// Puts a text on the clipboard of the machine that the user sits at.
    ///
    /// - Returns: False when the text is too long for terminals; then nothing is copied.
    package func copy(_ text: String) -> Bool {
        let encoded = Base64.encoded(Array(text.utf8))
        guard encoded.utf8.count <= Self.copyMaximum else { return false }
        if traits.isTmux { copyThroughTmux(text) }
        writeMode("\u{1B}]52;c;\(encoded)\u{07}")
        return true
    }

    /// Gives the terminal back, stops until the user continues the program, takes it again.
    package func suspend() {
        guard isOpen else { return }
        leave()
        Signals.stop()
        enter()
        resume()
    }

    /// Takes the terminal again after the program was stopped and continued from outside.
    package func resume() {
        guard isOpen else { return }
        setRawModes()
        if let now = Self.windowSize { resize(to: now) }
        renderer.invalidate()
    }

    /// Gives the terminal back for a while, such as for an editor or a pager.
    package func whileReleased<Result>(_ body: () throws -> Result) rethrows -> Result {
        leave()
        defer {
            enter()
            resume()
        }
        return try body()
    }

    package func close() {
        guard isOpen else { return }
        leave()
        isOpen = false
        Signals.disarm()
    }

    /// The size that the terminal says it has.
    package static var windowSize: Size? {
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard unsafe cn_window_size(STDOUT_FILENO, &columns, &rows) == 0, columns > 0, rows > 0
        else { return nil }
        return Size(columns: Int(columns), rows: Int(rows))
    }

    private func enter() {
        setRawModes()
        writeMode(Self.modesOn + (isMouseOn ? Self.mouseOn : ""))
    }

    private func leave() {
        writeMode(Self.mouseOff + Self.modesOff)
        write(renderer.stop())
        var modes = modesBefore
        unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
    }

    private func setRawModes() {
        var modes = modesBefore
        modes.c_iflag &= ~UInt32(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON | IXOFF)
        modes.c_lflag &= ~UInt32(ECHO | ECHONL | ICANON | ISIG | IEXTEN)
        modes.c_cflag = (modes.c_cflag & ~UInt32(CSIZE | PARENB)) | UInt32(CS8)
        // Output stays processed: a message of a library then still begins at the left.
        unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
    }

    private func writeMode(_ text: String) {
        guard traits.hasModes, isOpen else { return }
        write(Array(text.utf8))
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(STDOUT_FILENO, buffer.baseAddress, buffer.count)
            }
            if count > 0 {
                writtenBytes += count
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&ready, 1, -1)
            } else if errno != EINTR {
                // The terminal is gone; the input loop tells it.
                return
            }
        }
    }

    /// tmux drops what programs send to the clipboard, but takes it as a buffer of its own.
    private func copyThroughTmux(_ text: String) {
        guard let pipe = unsafe popen("tmux load-buffer -w - 2>/dev/null", "w") else { return }
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { buffer in
            _ = unsafe fwrite(buffer.baseAddress, 1, buffer.count, pipe)
        }
        unsafe pclose(pipe)
    }

    /// What a crash writes: everything that may be on is turned off.
    private static func restoreBytes(_ traits: TerminalTraits) -> [UInt8] {
        let modes = traits.hasModes ? endSynchronise + mouseOff + modesOff : ""
        let rest =
            traits.name.hasPrefix("vt")
            ? "\u{1B}[0m\u{1B}[H\u{1B}[J\r\n" : "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l\r\n"
        return Array((modes + rest).utf8)
    }
}
