internal import CNcurses
internal import Glibc
internal import Terminal

/// Turns frames into the bytes that change what a terminal shows.
///
/// The terminal library keeps what the terminal shows and writes differences into a file in
/// memory, not to the terminal: so a frame is one write, nothing is written when nothing changed,
/// and the bytes can be counted. Its state is global: one renderer at a time, on one thread.
@safe
struct Renderer: ~Copyable {
    private let screen: OpaquePointer
    private let memory: Int32
    private let output: UnsafeMutablePointer<FILE>
    private let input: UnsafeMutablePointer<FILE>
    private var size: Size
    private var shown: CellGrid?
    private var isCursorShown = true
    private var isStopped = false
    private var looks: [Style: DrawnLook] = [:]
    private var filter = LookFilter()
    private var pairs: [Pair: Int32] = [:]
    private var theme: Theme
    /// Whether what the library takes for the terminal's own colours are the theme's: then blanks
    /// equal what an erased screen shows, and need no bytes. Asks for a terminal that erases with
    /// the current background.
    private let standsForTheme: Bool
    /// What the terminal and the user's wish leave.
    let depth: ColourDepth

    private struct Pair: Hashable {
        var foreground: Int32
        var background: Int32
    }

    private struct DrawnLook {
        let attributes: UInt32
        let pair: Int32
    }

    /// Colour pairs kept at a time; more than any theme needs.
    private static let pairMaximum = 4000

    init(traits: TerminalTraits, size: Size, theme: Theme) throws(TerminalProblem) {
        unsafe setlocale(LC_CTYPE, traits.isUTF8 ? "C.UTF-8" : "C")
        let memory = cn_memory_file()
        guard memory >= 0, let output = unsafe fdopen(memory, "w+"),
            let input = unsafe fopen("/dev/null", "r")
        else { throw TerminalProblem.noMemory }
        var kept = cn_keep_signals()
        let opened = unsafe Self.open(traits, output, input)
        unsafe cn_put_back_signals(&kept)
        guard let opened = unsafe opened else {
            unsafe fclose(output)
            unsafe fclose(input)
            throw TerminalProblem.unknown(traits.name)
        }
        unsafe screen = opened
        self.memory = memory
        unsafe self.output = output
        unsafe self.input = input
        self.size = size
        self.theme = theme
        start_color()
        use_default_colors()
        typeahead(-1)
        cn_no_scroll()
        depth = traits.depth(offered: Int(cn_colors()))
        filter.takesAttributesBack = traits.hasModes
        standsForTheme = depth != .monochrome && cn_erases_with_ground() != 0
        resizeterm(Int32(size.rows), Int32(size.columns))
        setBackground()
    }

    deinit {
        unsafe delscreen(screen)
        unsafe fclose(output)
        unsafe fclose(input)
    }

    private static func open(
        _ traits: TerminalTraits,
        _ output: UnsafeMutablePointer<FILE>,
        _ input: UnsafeMutablePointer<FILE>
    ) -> OpaquePointer? {
        for source in traits.sources {
            switch source {
            case .installed:
                // The library ends the process when asked to open what it does not know.
                guard unsafe cn_knows(traits.name) != 0 else { continue }
                if let screen = unsafe newterm(traits.name, output, input) { return unsafe screen }
            case .embedded(let name, let entry):
                let before = unsafe getenv("TERMINFO").map { unsafe String(cString: $0) }
                unsafe setenv("TERMINFO", entry, 1)
                let isKnown = unsafe cn_knows(name) != 0
                let screen = isKnown ? unsafe newterm(name, output, input) : nil
                // Pagers and editors started later must not inherit it.
                if let before {
                    unsafe setenv("TERMINFO", before, 1)
                } else {
                    unsafe unsetenv("TERMINFO")
                }
                if let screen = unsafe screen { return unsafe screen }
            }
        }
        return nil
    }

    /// The bytes that turn what is shown into this frame; none when it is shown already.
    mutating func bytes(for grid: CellGrid) -> [UInt8] {
        if !isStopped, grid == shown { return [] }
        isStopped = false
        if grid.size != size { resize(to: grid.size) }
        let before = shown?.size == grid.size ? shown : nil
        let grid = before.map(grid.keepingHeld) ?? grid
        if before == nil { cn_erase() }
        for row in 0..<grid.size.rows where before.map({ grid.isRow(row, sameIn: $0) }) != true {
            drawRow(row, of: grid)
        }
        shown = grid
        let isShown = grid.cursor != nil
        if isShown != isCursorShown {
            curs_set(isShown ? 1 : 0)
            isCursorShown = isShown
        }
        let cursor = grid.cursor ?? Point(column: 0, row: grid.size.rows - 1)
        cn_flush(
            Int32(min(max(0, cursor.row), grid.size.rows - 1)),
            Int32(min(max(0, cursor.column), grid.size.columns - 1))
        )
        return filter.filtered(takeBytes())
    }

    /// Whether runs of a mark may be told by their length.
    mutating func repeatMarks(_ isKnown: Bool) { filter.repeatsMarks = isKnown }

    /// Forgets what the terminal shows: the next frame is written whole.
    mutating func invalidate() {
        shown = nil
        cn_clear_all()
    }

    mutating func resize(to size: Size) {
        self.size = size
        resizeterm(Int32(size.rows), Int32(size.columns))
        invalidate()
    }

    mutating func use(_ theme: Theme) {
        self.theme = theme
        looks.removeAll()
        setBackground()
        invalidate()
    }

    /// The bytes that leave the alternate screen; the next frame enters it again.
    mutating func stop() -> [UInt8] {
        guard !isStopped else { return [] }
        endwin()
        isStopped = true
        isCursorShown = true
        shown = nil
        let bytes = filter.filtered(takeBytes())
        return bytes + filter.flushed()
    }

    /// A blank that shows its ground alone takes the look of text there, whatever its role: so it
    /// equals what an erased cell shows, and a change of roles around it sends nothing.
    private mutating func drawRow(_ row: Int, of grid: CellGrid) {
        for column in 0..<grid.size.columns {
            let cell = grid[column, row]
            guard cell.width > 0 else { continue }
            let isBlank =
                cell.character == " " && cell.style.attributes.isDisjoint(with: .seenOnBlanks)
            let style = isBlank ? Style(.text, on: cell.style.ground) : cell.style
            draw(cell, look(of: style), column, row)
        }
    }

    private func draw(_ cell: Cell, _ look: DrawnLook, _ column: Int, _ row: Int) {
        var codes = cell.character.unicodeScalars.map(\.value)
        if codes[0] >= 0x80, Int(cn_columns(Int32(bitPattern: codes[0]))) != Int(cell.width) {
            // A character that the C library is too old for, or counts otherwise.
            codes = [cell.width == 1 ? 0x3F : 0x3000]
        }
        unsafe codes.withUnsafeBufferPointer { buffer in
            _ = unsafe cn_draw(
                Int32(row),
                Int32(column),
                buffer.baseAddress,
                Int32(buffer.count),
                look.attributes,
                look.pair
            )
        }
    }

    private mutating func look(of style: Style) -> DrawnLook {
        if let known = looks[style] { return known }
        let look = theme.look(style, at: depth)
        var attributes: UInt32 = 0
        if look.attributes.contains(.bold) { attributes |= cn_bold() }
        if look.attributes.contains(.underline) { attributes |= cn_underline() }
        if look.attributes.contains(.reverse) { attributes |= cn_reverse() }
        if look.attributes.contains(.dim) { attributes |= cn_dim() }
        let pair = depth == .monochrome ? 0 : pair(look.foreground, look.background)
        let drawn = DrawnLook(attributes: attributes, pair: pair)
        looks[style] = drawn
        return drawn
    }

    private mutating func pair(_ foreground: Paint, _ background: Paint) -> Int32 {
        var wanted = Pair(foreground: Self.number(foreground), background: Self.number(background))
        if standsForTheme {
            let text = theme.look(.text, at: depth)
            if foreground == text.foreground { wanted.foreground = -1 }
            if background == text.background { wanted.background = -1 }
            if wanted == Pair(foreground: -1, background: -1) { return 0 }
        }
        if let known = pairs[wanted] { return known }
        if pairs.count >= Self.pairMaximum {
            reset_color_pairs()
            pairs.removeAll()
            looks.removeAll()
        }
        // A refused pair would be drawn black on black.
        let made = alloc_pair(wanted.foreground, wanted.background)
        pairs[wanted] = max(0, made)
        return max(0, made)
    }

    private static func number(_ paint: Paint) -> Int32 {
        switch paint {
        case .standard: -1
        case .indexed(let index): Int32(index)
        case .direct(let colour): Int32(colour.value)
        }
    }

    private mutating func setBackground() {
        let text = theme.look(.text, at: depth)
        if standsForTheme { filter.useStandard(text.foreground, on: text.background) }
        cn_set_background(look(of: .text).pair)
    }

    /// Empties the file that the library writes to.
    private func takeBytes() -> [UInt8] {
        unsafe fflush(output)
        let length = Int(lseek(memory, 0, SEEK_CUR))
        guard length > 0 else { return [] }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = unsafe max(0, pread(memory, buffer.baseAddress, length, 0))
        }
        ftruncate(memory, 0)
        lseek(memory, 0, SEEK_SET)
        return bytes
    }
}
