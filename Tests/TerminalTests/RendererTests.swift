import Glibc
import Terminal
import Testing

@testable import TerminalNcurses

/// The terminal library and the answers to signals have one state for the whole process.
@Suite(.serialized) struct ProcessTests {}

extension ProcessTests {
    @Suite struct RendererTests {
        private func renderer(
            _ environment: [String: String] = ["TERM": "xterm-256color", "LANG": "C.UTF-8"],
            size: Size = Size(columns: 20, rows: 4)
        ) throws -> Renderer {
            try Renderer(
                traits: TerminalTraits(environment: environment),
                size: size,
                theme: .dark
            )
        }

        private func frame(_ text: String, _ style: Style = .text, columns: Int = 20) -> CellGrid {
            var grid = CellGrid(size: Size(columns: columns, rows: 4))
            grid.put(text, at: Point(column: 0, row: 1), style: style)
            return grid
        }

        @Test func `an unchanged frame is no bytes and a small change is few`() throws {
            var renderer = try renderer()
            let first = String(decoding: renderer.bytes(for: frame("accuracy")), as: UTF8.self)
            #expect(first.contains("\u{1B}[?1049h"))
            #expect(first.contains("accuracy"))
            let unchanged = renderer.bytes(for: frame("accuracy"))
            #expect(unchanged.isEmpty)
            let change = String(decoding: renderer.bytes(for: frame("accurate")), as: UTF8.self)
            #expect(change.contains("te"))
            #expect(!change.contains("accura"))
            #expect(change.utf8.count < 30)
        }

        @Test(arguments: [
            (["TERM": "xterm-256color", "LANG": "C.UTF-8"], ColourDepth.indexed256, "38;5;"),
            (["TERM": "xterm-unheard-of", "LANG": "C.UTF-8"], .indexed256, "38;5;"),
            (["TERM": "xterm-ghostty", "LANG": "C.UTF-8"], .direct, "38;2;255;123;114"),
            (["TERM": "screen", "COLORTERM": "truecolor"], .direct, "38;2;255;123;114"),
            (["TERM": "linux"], .eight, "\u{1B}[3"),
        ])
        func `colours come in the depth of the terminal`(
            environment: [String: String],
            depth: ColourDepth,
            colour: String
        ) throws {
            var renderer = try renderer(environment)
            #expect(renderer.depth == depth)
            let bytes = String(decoding: renderer.bytes(for: frame("x", .bad)), as: UTF8.self)
            #expect(bytes.contains(colour))
            #expect(getenv("TERMINFO") == nil)
        }

        @Test(arguments: [
            ["TERM": "vt100"], ["TERM": "xterm-kitty", "NO_COLOR": "1"],
            ["TERM": "xterm-256color", "NO_COLOR": "1"],
        ])
        func `without colours no colour is sent`(environment: [String: String]) throws {
            var renderer = try renderer(environment)
            #expect(renderer.depth == .monochrome)
            let bytes = String(decoding: renderer.bytes(for: frame("x", .bad)), as: UTF8.self)
            #expect(!bytes.contains("38;5;"))
            #expect(!bytes.contains("[31m"))
            #expect(!bytes.contains("[39"))
        }

        @Test func `wide and marked characters reach the terminal whole`() throws {
            var renderer = try renderer()
            let bytes = String(
                decoding: renderer.bytes(for: frame("専 e\u{301} 👍 ╭⣿")),
                as: UTF8.self
            )
            for piece in ["専", "e\u{301}", "👍", "╭", "⣿"] {
                #expect(bytes.contains(piece), "\(piece)")
            }
        }

        @Test func `a new size is drawn whole`() throws {
            var renderer = try renderer()
            _ = renderer.bytes(for: frame("accuracy"))
            let bytes = String(
                decoding: renderer.bytes(for: frame("accuracy", columns: 30)),
                as: UTF8.self
            )
            #expect(bytes.contains("accuracy"))
        }

        @Test func `after a stop the frame is drawn whole again`() throws {
            var renderer = try renderer()
            _ = renderer.bytes(for: frame("accuracy", .bad))
            let stop = String(decoding: renderer.stop(), as: UTF8.self)
            #expect(stop.contains("\u{1B}[?1049l"))
            let second = renderer.stop()
            #expect(second.isEmpty)
            let again = String(
                decoding: renderer.bytes(for: frame("accuracy", .bad)),
                as: UTF8.self
            )
            #expect(again.contains("\u{1B}[?1049h"))
            #expect(again.contains("accuracy"))
        }

        @Test func `the cursor is shown where the frame puts it`() throws {
            var renderer = try renderer()
            var grid = frame("accuracy")
            let hidden = String(decoding: renderer.bytes(for: grid), as: UTF8.self)
            #expect(hidden.contains("\u{1B}[?25l"))
            grid.cursor = Point(column: 3, row: 1)
            let shown = String(decoding: renderer.bytes(for: grid), as: UTF8.self)
            #expect(shown.contains("\u{1B}[2;4H"))
            #expect(shown.contains("\u{1B}[?25h") || shown.contains("\u{1B}[34h"))
        }

        @Test(arguments: [
            (
                "\u{1B}[38;5;75m\u{1B}[48;5;233ma\u{1B}[38;5;75m\u{1B}[48;5;233mb",
                "\u{1B}[38;5;75;48;5;233mab"
            ),
            ("\u{1B}[1ma\u{1B}[0;1mb", "\u{1B}[1mab"),
            ("\u{1B}[1ma\u{1B}[m\u{1B}[31mb", "\u{1B}[1ma\u{1B}[22;31mb"),
            ("\u{1B}[1;31ma\u{1B}[mb", "\u{1B}[1;31ma\u{1B}[0mb"),
            // A blank shows its ground alone.
            ("\u{1B}[31ma\u{1B}[32m \u{1B}[31mb", "\u{1B}[31ma b"),
            ("\u{1B}[31ma\u{1B}[32;44m b", "\u{1B}[31ma\u{1B}[44m \u{1B}[32mb"),
            ("\u{1B}[4ma\u{1B}[m b", "\u{1B}[4ma\u{1B}[0m b"),
            ("\u{1B}[1ma\u{1B}(B\u{1B}[m\u{1B}(B\u{1B}[1mb", "\u{1B}[1ma\u{1B}(Bb"),
            ("\u{1B}[7ma\u{1B}[27m\u{1B}[3;4H", "\u{1B}[7ma\u{1B}[3;4H"),
            ("\u{1B}[41m\u{1B}[2Jx\u{1B}[49m\u{1B}[K", "\u{1B}[41m\u{1B}[2Jx\u{1B}[49m\u{1B}[K"),
            ("\u{1B}[38;2;1;2;3ma\u{1B}[39mb", "\u{1B}[38;2;1;2;3ma\u{1B}[39mb"),
            ("\u{1B}(B\u{1B}[?25lé\u{1B}[99mz", "\u{1B}(B\u{1B}[?25lé\u{1B}[99mz"),
        ])
        func `changes of looks that change nothing are left out`(bytes: String, kept: String) {
            var filter = LookFilter()
            #expect(String(decoding: filter.filtered(Array(bytes.utf8)), as: UTF8.self) == kept)
            for cut in 0...bytes.utf8.count {
                var filter = LookFilter()
                let all = Array(bytes.utf8)
                let pieces =
                    filter.filtered(Array(all[..<cut])) + filter.filtered(Array(all[cut...]))
                #expect(String(decoding: pieces, as: UTF8.self) == kept)
            }
        }

        @Test func `an old terminal is told to end all attributes at once`() {
            var filter = LookFilter()
            filter.takesAttributesBack = false
            let bytes = filter.filtered(Array("\u{1B}[1;4ma\u{1B}[m\u{1B}[4mb".utf8))
            #expect(String(decoding: bytes, as: UTF8.self) == "\u{1B}[1;4ma\u{1B}[0;4mb")
        }

        @Test(arguments: [
            ("──────", "─\u{1B}[5b"), ("──", "──"), ("───x", "─\u{1B}[2bx"), ("⣿⣿⣿⣿", "⣿\u{1B}[3b"),
            ("───\u{1B}[31m───", "─\u{1B}[2b\u{1B}[31m─\u{1B}[2b"), ("…………", "…………"),
            ("───\u{1B}[1;1H───", "─\u{1B}[2b\u{1B}[1;1H─\u{1B}[2b"), ("aaaaaaaa", "aaaaaaaa"),
            ("───\u{0301}", "─\u{1B}[2b\u{0301}"), ("─═─", "─═─"), ("ééé──", "ééé──"),
            ("a       b", "a \u{1B}[6bb"), ("a     b", "a     b"),
            ("    \u{1B}[41m    x", "    \u{1B}[41m    x"),
            ("      ──────", " \u{1B}[5b─\u{1B}[5b"),
            ("\u{1B}[4m        x", "\u{1B}[4m        x"),
        ])
        func `a terminal that repeats marks is told how often`(bytes: String, sent: String) {
            var filter = LookFilter()
            filter.repeatsMarks = true
            #expect(String(decoding: filter.filtered(Array(bytes.utf8)), as: UTF8.self) == sent)
            var whole = LookFilter()
            #expect(String(decoding: whole.filtered(Array(bytes.utf8)), as: UTF8.self) == bytes)
        }

        @Test func `a run of blanks goes on where only the colour of text changes`() {
            var filter = LookFilter()
            filter.repeatsMarks = true
            let bytes = filter.filtered(Array("   \u{1B}[31m    x".utf8))
            #expect(String(decoding: bytes, as: UTF8.self) == " \u{1B}[6b\u{1B}[31mx")
        }

        @Test func `what the filter held back is sent before the terminal is given away`() {
            var filter = LookFilter()
            _ = filter.filtered(Array("\u{1B}[1;31mx\u{1B}[m".utf8))
            #expect(String(decoding: filter.flushed(), as: UTF8.self) == "\u{1B}[0m")
            #expect(filter.flushed().isEmpty)
        }
    }
}
